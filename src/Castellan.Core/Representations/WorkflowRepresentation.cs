using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.Core.Representations;

/// <summary>A workflow: when something happens to a user or client, these steps follow, some of them later.</summary>
public sealed class WorkflowRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public bool? Enabled { get; set; }

    /// <summary>The events that start it, as an expression.</summary>
    public string? On { get; set; }
    public WorkflowScheduleRepresentation? Schedule { get; set; }
    public WorkflowConcurrencyRepresentation? Concurrency { get; set; }

    /// <summary>What must hold besides, as an expression.</summary>
    public string? If { get; set; }
    public List<WorkflowStepRepresentation>? Steps { get; set; }
    public JsonElement? State { get; set; }
}

/// <summary>When a workflow is started without an event.</summary>
public sealed class WorkflowScheduleRepresentation
{
    public string? After { get; set; }
    [JsonPropertyName("batch-size")]
    public int? BatchSize { get; set; }
}

/// <summary>What happens to an execution when its workflow would start again.</summary>
public sealed class WorkflowConcurrencyRepresentation
{
    [JsonPropertyName("cancel-in-progress")]
    public string? CancelInProgress { get; set; }
    [JsonPropertyName("restart-in-progress")]
    public string? RestartInProgress { get; set; }
}

/// <summary>A step of a workflow.</summary>
public sealed class WorkflowStepRepresentation
{
    /// <summary>The kind of step.</summary>
    public string? Uses { get; set; }

    /// <summary>How long it waits.</summary>
    public string? After { get; set; }

    /// <summary>Taken and never shown: steps follow each other as they stand.</summary>
    public string? Priority { get; set; }

    /// <summary>Its settings: each a text or a list of texts.</summary>
    public Dictionary<string, JsonElement>? With { get; set; }
}
