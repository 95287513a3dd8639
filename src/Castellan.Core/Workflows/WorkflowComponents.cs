using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Workflows;

/// <summary>Workflows as they are stored and as realm files have them: a component, with a component below it for each step.</summary>
public static class WorkflowComponents
{
    public const string WorkflowType = "org.keycloak.models.workflow.WorkflowProvider";

    public const string StepType = "org.keycloak.models.workflow.WorkflowStepProvider";

    /// <summary>The workflows of a realm, by name.</summary>
    public static IEnumerable<WorkflowRepresentation> Of(Realm realm) =>
        realm.Data.Components.Where(c => c.ProviderType == WorkflowType).Select(c => Read(realm, c)).OrderBy(w => w.Name, StringComparer.Ordinal);

    public static WorkflowRepresentation? Find(Realm realm, string id) =>
        realm.Data.Components.FirstOrDefault(c => c.ProviderType == WorkflowType && c.Id == id) is { } component ? Read(realm, component) : null;

    /// <summary>The components of a workflow, itself first.</summary>
    public static IEnumerable<ComponentRepresentation> Write(WorkflowRepresentation workflow, string realmId)
    {
        var config = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        Put("name", workflow.Name);
        Put("enabled", workflow.Enabled is { } enabled ? enabled ? "true" : "false" : null);
        Put("on", workflow.On);
        Put("conditions", workflow.If);
        Put("schedule.after", workflow.Schedule?.After);
        Put("schedule.batch-size", workflow.Schedule?.BatchSize?.ToString(CultureInfo.InvariantCulture));
        Put("cancel-in-progress", workflow.Concurrency?.CancelInProgress);
        Put("restart-in-progress", workflow.Concurrency?.RestartInProgress);
        yield return new() { Id = workflow.Id, ProviderId = "default", ProviderType = WorkflowType, ParentId = realmId, Config = config };
        var priority = 0;
        foreach (var step in workflow.Steps ?? [])
        {
            var settings = (step.With ?? []).ToDictionary(w => w.Key, w => Texts(w.Value), StringComparer.Ordinal);
            settings["priority"] = [(++priority).ToString(CultureInfo.InvariantCulture)];
            if (step.After is { } after)
            {
                settings["after"] = [after];
            }

            yield return new() { Id = Ids.New(), ProviderId = step.Uses, ProviderType = StepType, ParentId = workflow.Id, Config = settings };
        }

        void Put(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                config[name] = [value];
            }
        }
    }

    /// <summary>The ids of a workflow's components.</summary>
    public static IEnumerable<string> Parts(Realm realm, string id) =>
        realm.Data.Components.Where(c => c.Id == id || (c.ParentId == id && c.ProviderType == StepType)).Select(c => c.Id!);

    private static WorkflowRepresentation Read(Realm realm, ComponentRepresentation component)
    {
        var (after, batch) = (Text(component, "schedule.after"), Text(component, "schedule.batch-size"));
        var (cancel, restart) = (Text(component, "cancel-in-progress"), Text(component, "restart-in-progress"));
        return new()
        {
            Id = component.Id,
            Name = Text(component, "name") ?? component.Name,
            Enabled = Text(component, "enabled") is { } enabled ? enabled == "true" : null,
            On = Text(component, "on"),
            If = Text(component, "conditions"),
            Schedule = after is null && batch is null
                ? null
                : new() { After = after, BatchSize = int.TryParse(batch, CultureInfo.InvariantCulture, out var size) ? size : null },
            Concurrency = cancel is null && restart is null ? null : new() { CancelInProgress = cancel, RestartInProgress = restart },
            Steps =
            [
                .. realm.Data.Components.Where(c => c.ParentId == component.Id && c.ProviderType == StepType)
                    .OrderBy(c => int.TryParse(Text(c, "priority"), CultureInfo.InvariantCulture, out var priority) ? priority : 0).Select(Step),
            ],
        };
    }

    private static WorkflowStepRepresentation Step(ComponentRepresentation component)
    {
        var settings = (component.Config ?? []).Where(c => c.Key is not ("after" or "priority") && c.Value is { Count: > 0 }).ToDictionary(c => c.Key, c => Value(c.Value), StringComparer.Ordinal);
        return new()
        {
            Uses = component.ProviderId, After = Text(component, "after"), With = settings.Count == 0 ? null : settings,
        };
    }

    private static string? Text(ComponentRepresentation component, string name) =>
        component.Config?.GetValueOrDefault(name) is [{ Length: > 0 } value, ..] ? value : null;

    private static List<string> Texts(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => v.ToString())] : [value.ToString()];

    private static JsonElement Value(List<string> texts)
    {
        JsonNode node = texts is [var one] ? JsonValue.Create(one) : new JsonArray([.. texts.Select(t => (JsonNode)JsonValue.Create(t))]);
        using var document = JsonDocument.Parse(node.ToJsonString());
        return document.RootElement.Clone();
    }
}
