using System.Globalization;
using System.Text.Json;
using Castellan.Core.Representations;

namespace Castellan.Core.Workflows;

/// <summary>What a workflow must be like.</summary>
public static class WorkflowRules
{
    private const string Restart = "restart";
    private const int MaxSteps = 200;

    /// <summary>What may start a workflow.</summary>
    public static readonly IReadOnlyList<string> Events =
    [
        "client-authenticated", "client-created", "user-authenticated", "user-created", "user-federated-identity-added", "user-federated-identity-removed",
        "user-group-membership-added", "user-group-membership-removed", "user-role-granted", "user-role-revoked",
    ];

    /// <summary>What may be asked of whom it is about.</summary>
    public static readonly IReadOnlyList<string> Conditions = ["has-identity-provider-link", "has-role", "has-user-attribute", "is-member-of"];

    /// <summary>What it may do.</summary>
    public static readonly IReadOnlyList<string> Steps =
    [
        "add-required-action", "delete-client", "delete-user", "disable-client", "disable-user", "grant-role", "join-group", "leave-group", "notify-user",
        "remove-required-action", "remove-user-attribute", Restart, "revoke-role", "set-user-attribute", "unlink-user",
    ];

    /// <summary>What is wrong with a workflow, or null.</summary>
    /// <param name="others">The names of the realm's other workflows.</param>
    public static string? Refuse(WorkflowRepresentation workflow, IEnumerable<string?> others)
    {
        if (string.IsNullOrWhiteSpace(workflow.Name))
        {
            return "Workflow name cannot be null or empty.";
        }

        if (others.Contains(workflow.Name))
        {
            return $"Workflow name must be unique. A workflow with name '{workflow.Name}' already exists.";
        }

        return Expression(workflow.On, Events, mayBeTrue: true)
            ?? Expression(workflow.If, Conditions, mayBeTrue: false)
            ?? Expression(workflow.Concurrency?.CancelInProgress, Events, mayBeTrue: true)
            ?? Expression(workflow.Concurrency?.RestartInProgress, Events, mayBeTrue: true)
            ?? (workflow.Schedule?.After is { } after ? Wait(after, "Schedule") : null)
            ?? (workflow.Schedule?.BatchSize is <= 0 ? "Schedule 'batch-size' must be positive." : null)
            ?? (workflow.Steps is { Count: > 0 } steps ? OfSteps(steps) : null);
    }

    private static string? Expression(string? text, IReadOnlyList<string> known, bool mayBeTrue)
    {
        if (string.IsNullOrWhiteSpace(text) || (mayBeTrue && string.Equals(text.Trim(), "true", StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        return BooleanExpression.Names(text) is not { } names
            ? $"Invalid expression: {text}"
            : names.Select(n => n.Replace('_', '-').ToLowerInvariant()).FirstOrDefault(n => !known.Contains(n)) is { } unknown ? $"Could not find provider factory with id: {unknown}" : null;
    }

    private static string? OfSteps(List<WorkflowStepRepresentation> steps)
    {
        if (steps.Count > MaxSteps)
        {
            return $"A workflow has at most {MaxSteps} steps.";
        }

        foreach (var step in steps)
        {
            if (string.IsNullOrWhiteSpace(step.Uses))
            {
                return "Step 'uses' cannot be null or empty.";
            }

            if (step.After is { } after && Wait(after, "Step") is { } wrong)
            {
                return wrong;
            }

            if (!Steps.Contains(step.Uses))
            {
                return $"Could not find step provider: {step.Uses}";
            }
        }

        return OfRestart(steps);
    }

    /// <summary>A workflow that starts again at once would never end.</summary>
    private static string? OfRestart(List<WorkflowStepRepresentation> steps)
    {
        var at = steps.FindIndex(s => s.Uses == Restart);
        if (at < 0)
        {
            return null;
        }

        if (steps.Count(s => s.Uses == Restart) > 1)
        {
            return "Workflow can have only one restart step.";
        }

        if (at != steps.Count - 1)
        {
            return "Workflow restart step must be the last step.";
        }

        var position = 0;
        if (steps[at].With?.GetValueOrDefault("position") is { ValueKind: not JsonValueKind.Undefined } given
            && !int.TryParse(given.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out position))
        {
            position = -1;
        }

        return position < 0 || position >= steps.Count
            ? $"Workflow restart step has invalid position: {position}"
            : steps.Skip(position).Any(s => s.After is { } after && WorkflowDurations.Parse(after) > TimeSpan.Zero)
                ? null
                : $"No scheduled step found if restarting at position {position}";
    }

    private static string? Wait(string after, string what) => WorkflowDurations.Parse(after) is not { } duration
        ? $"{what} 'after' configuration is not valid: {after}"
        : duration < TimeSpan.Zero ? $"{what} 'after' configuration cannot be negative." : null;
}
