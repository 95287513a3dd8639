using System.Text.Json;
using Castellan.Core;
using Castellan.Core.Representations;
using Castellan.Server.Admin.ServerInfo;

namespace Castellan.Server.Admin.Authentication;

/// <summary>The steps of flows: their order, how far they are demanded, their settings.</summary>
internal static class ExecutionRoutes
{
    private static readonly AdminAnswer s_unknownStep = AdminAnswer.NotFound("Illegal execution");
    private static readonly AdminAnswer s_unknownFlow = AdminAnswer.Error(400, "Parent flow doesn't exist");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("authentication/flows/{flow}/executions", Permission.ViewRealm, List),
        AdminRoute.Put("authentication/flows/{flow}/executions", Permission.ManageRealm, UpdateAsync, noCache: true),
        AdminRoute.Post("authentication/flows/{flow}/executions/execution", Permission.ManageRealm, AddAsync, noCache: true),
        AdminRoute.Post("authentication/flows/{flow}/executions/flow", Permission.ManageRealm, AddFlowAsync, noCache: true),
        AdminRoute.Post("authentication/executions", Permission.ManageRealm, NewStepRoute.AddAsync, noCache: true),
        AdminRoute.Get("authentication/executions/{execution}", Permission.ViewRealm, One),
        AdminRoute.Delete("authentication/executions/{execution}", Permission.ManageRealm, RemoveAsync, noCache: true),
        AdminRoute.Post("authentication/executions/{execution}/raise-priority", Permission.ManageRealm, c => MoveAsync(c, -1, "raise-priority"), noCache: true),
        AdminRoute.Post("authentication/executions/{execution}/lower-priority", Permission.ManageRealm, c => MoveAsync(c, +1, "lower-priority"), noCache: true),
    ];

    private static ValueTask<AdminAnswer> List(AdminContext context)
    {
        var edit = new FlowEdit(context.Realm);
        if (edit.Find(context.Route("flow")) is not { } flow)
        {
            return new(AdminAnswer.NotFound("Flow not found"));
        }

        var shown = new List<ExecutionInfo>();
        return new(Show(edit, flow, 0, shown)
            ? AdminAnswer.Json(shown, AdminApiJson.Default.ListExecutionInfo)
            : AdminAnswer.NotFound("Could not find authenticator provider"));
    }

    // False where a step is of a kind that there is not: a realm file may name any.
    private static bool Show(FlowEdit edit, AuthenticationFlowRepresentation flow, int level, List<ExecutionInfo> shown)
    {
        var index = 0;
        foreach (var step in FlowEdit.Steps(flow))
        {
            var info = new ExecutionInfo { Id = step.Id, Requirement = step.Requirement, Priority = step.Priority ?? 0, Level = level, Index = index++ };
            shown.Add(info);
            if (step.FlowAlias is { } alias)
            {
                var below = edit.Find(alias);
                (info.DisplayName, info.Description, info.AuthenticationFlow, info.Configurable, info.FlowId) = (alias, below?.Description, true, false, below?.Id);
                info.ProviderId = below?.ProviderId == "form-flow" ? step.Authenticator : null;
                info.RequirementChoices = [.. Authenticator.RequirementsOfFlow(below?.ProviderId)];
                if (below is not null && !Show(edit, below, level + 1, shown))
                {
                    return false;
                }

                continue;
            }

            if (Authenticator.Find(step.Authenticator) is not { } authenticator)
            {
                return false;
            }

            (info.ProviderId, info.DisplayName) = (step.Authenticator, authenticator.Name);
            info.RequirementChoices = [.. authenticator.Requirements];
            info.Configurable = authenticator.Configurable;
            if (step.AuthenticatorConfig is { } name && edit.Configs.Find(c => c.Alias == name) is { } config)
            {
                info.AuthenticationConfig = config.Id;
                info.Alias = config.Alias;
            }

            // What cannot be set up shows no name of its settings, though it keeps them.
            info.Alias = info.Configurable is true ? info.Alias : null;
        }

        return true;
    }

    private static ValueTask<AdminAnswer> One(AdminContext context)
    {
        var edit = new FlowEdit(context.Realm);
        if (edit.FindStep(context.Route("execution")) is not var (flow, step))
        {
            return new(s_unknownStep);
        }

        var shown = new ExecutionDocument
        {
            Id = step.Id, Authenticator = step.Authenticator, AuthenticatorFlow = step.AuthenticatorFlow ?? false, AutheticatorFlow = step.AutheticatorFlow ?? false,
            Requirement = step.Requirement, Priority = step.Priority ?? 0, ParentFlow = flow.Id,
            FlowId = step.FlowAlias is { } alias ? edit.Find(alias)?.Id : null,
            AuthenticatorConfig = step.AuthenticatorConfig is { } name ? edit.Configs.Find(c => c.Alias == name)?.Id : null,
        };
        return new(AdminAnswer.Json(shown, AdminApiJson.Default.ExecutionDocument));
    }

    private static async ValueTask<AdminAnswer> AddAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.DictionaryStringJsonElement)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var edit = new FlowEdit(context.Realm);
        if (edit.Find(context.Route("flow")) is not { } flow)
        {
            return s_unknownFlow;
        }

        if (flow.BuiltIn is true)
        {
            return AdminAnswer.Error(400, "It is illegal to add execution to a built in flow");
        }

        var provider = Text(given, "provider");
        if (Providers.Find(Authenticator.TypeIn(flow.ProviderId), provider) is null)
        {
            return AdminAnswer.Error(400, $"No authentication provider found for id: {provider}");
        }

        var step = edit.AddStep(flow, provider, null, Number(given, "priority"), Authenticator.FirstRequirement(provider));
        await context.ApplyAsync(edit.Changes);
        await RecordAsync(context, "AUTH_EXECUTION", $"authentication/flows/{flow.Alias}/executions/execution", given, step.Id!);
        return AdminAnswer.Created(context.Address($"authentication/executions/{step.Id}"));
    }

    private static async ValueTask<AdminAnswer> AddFlowAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.DictionaryStringJsonElement)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var edit = new FlowEdit(context.Realm);
        if (edit.Find(context.Route("flow")) is not { } flow)
        {
            return s_unknownFlow;
        }

        if (flow.BuiltIn is true)
        {
            return AdminAnswer.Error(400, "It is illegal to add sub-flow to a built in flow");
        }

        if (Text(given, "alias") is not { Length: > 0 } alias)
        {
            return AdminAnswer.Message(409, "Failed to create flow with empty alias name");
        }

        if (edit.Find(alias) is not null)
        {
            return AdminAnswer.Message(409, $"New flow alias name already exists");
        }

        var type = Text(given, "type") ?? "basic-flow";
        var below = edit.Add(new() { Alias = alias, Description = Text(given, "description"), ProviderId = type, TopLevel = false, BuiltIn = false });
        edit.AddStep(flow, type == "form-flow" ? Text(given, "provider") : null, alias, Number(given, "priority"));
        await context.ApplyAsync(edit.Changes);
        await RecordAsync(context, "AUTH_EXECUTION_FLOW", $"authentication/flows/{flow.Alias}/executions/flow", given, below.Id!);
        return AdminAnswer.Created(context.Address($"authentication/flows/{below.Id}"));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.ExecutionInfo)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var edit = new FlowEdit(context.Realm);
        if (edit.Find(context.Route("flow")) is not { } flow)
        {
            return AdminAnswer.NotFound("flow not found");
        }

        if (given.Id is null || edit.FindStep(given.Id) is not var (parent, step))
        {
            return s_unknownStep;
        }

        if (given.Requirement is not null and not ("REQUIRED" or "ALTERNATIVE" or "DISABLED" or "CONDITIONAL"))
        {
            return AdminAnswer.Error(400, "invalid_request", $"Unknown requirement {given.Requirement}");
        }

        step.Requirement = given.Requirement ?? step.Requirement;
        step.Priority = given.Priority ?? 0;
        edit.Touch(parent);
        if (step.FlowAlias is { } alias && edit.Find(alias) is { BuiltIn: not true } below && given.DisplayName is { Length: > 0 } name)
        {
            if (name != alias)
            {
                if (edit.Find(name) is not null)
                {
                    return AdminAnswer.Message(409, "Flow alias name already exists");
                }

                edit.Rename(below, name);
            }

            below.Description = given.Description ?? below.Description;
            edit.Touch(below);
        }

        await context.ApplyAsync(edit.Changes);
        await context.RecordAsync("UPDATE", "AUTH_EXECUTION", $"authentication/flows/{flow.Alias}/executions", given, AdminApiJson.Default.ExecutionInfo);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> RemoveAsync(AdminContext context)
    {
        var edit = new FlowEdit(context.Realm);
        if (edit.FindStep(context.Route("execution")) is not var (flow, step))
        {
            return s_unknownStep;
        }

        if (flow.BuiltIn is true)
        {
            return AdminAnswer.Error(400, "It is illegal to remove execution from a built in flow");
        }

        edit.RemoveStep(flow, step);
        await context.ApplyAsync(edit.Changes);
        await context.RecordAsync("DELETE", "AUTH_EXECUTION", $"authentication/executions/{step.Id}");
        return AdminAnswer.NoContent;
    }

    /// <summary>Changes places with the step before or after it.</summary>
    private static async ValueTask<AdminAnswer> MoveAsync(AdminContext context, int by, string act)
    {
        var edit = new FlowEdit(context.Realm);
        if (edit.FindStep(context.Route("execution")) is not var (flow, step))
        {
            return s_unknownStep;
        }

        if (flow.BuiltIn is true)
        {
            return AdminAnswer.Error(400, "It is illegal to modify execution in a built in flow");
        }

        var steps = FlowEdit.Steps(flow).ToList();
        var other = steps.IndexOf(step) + by;
        if (other >= 0 && other < steps.Count)
        {
            (step.Priority, steps[other].Priority) = (steps[other].Priority, step.Priority);
            edit.Touch(flow);
            await context.ApplyAsync(edit.Changes);
            await context.RecordAsync("UPDATE", "AUTH_EXECUTION", $"authentication/executions/{step.Id}/{act}");
        }

        return AdminAnswer.NoContent;
    }

    private static ValueTask RecordAsync(AdminContext context, string type, string path, Dictionary<string, JsonElement> given, string id)
    {
        given["id"] = JsonSerializer.SerializeToElement(id, AdminJson.Default.String);
        return context.RecordAsync("CREATE", type, path, given, AdminApiJson.Default.DictionaryStringJsonElement);
    }

    private static string? Text(Dictionary<string, JsonElement> given, string name) =>
        given.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(Dictionary<string, JsonElement> given, string name) =>
        given.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
