using Castellan.Core;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authentication;

/// <summary>Flows as a whole.</summary>
internal static class FlowRoutes
{
    private static readonly AdminAnswer s_unknown = AdminAnswer.NotFound("Could not find flow with id");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("authentication/flows", Permission.Any("view-realm", "manage-realm", "view-clients", "manage-clients", "view-identity-providers", "manage-identity-providers"), List),
        AdminRoute.Post("authentication/flows", Permission.ManageRealm, CreateAsync, noCache: true),
        AdminRoute.Get("authentication/flows/{flow}", Permission.ViewRealm, c => new(c.Realm.Data.Flows.FirstOrDefault(f => f.Id == c.Route("flow")) is { } flow
            ? AdminAnswer.Json(Show(flow), AdminJson.Default.AuthenticationFlowRepresentation)
            : s_unknown)),
        AdminRoute.Put("authentication/flows/{flow}", Permission.ManageRealm, UpdateAsync, noCache: true),
        AdminRoute.Delete("authentication/flows/{flow}", Permission.ManageRealm, DeleteAsync, noCache: true),
        AdminRoute.Post("authentication/flows/{flow}/copy", Permission.ManageRealm, CopyAsync, noCache: true),
    ];

    /// <summary>A flow as it is shown: without the ids of its steps, which have routes of their own.</summary>
    private static AuthenticationFlowRepresentation Show(AuthenticationFlowRepresentation flow)
    {
        var shown = flow.Copy(AdminJson.Default.AuthenticationFlowRepresentation);
        shown.AuthenticationExecutions = [.. FlowEdit.Steps(shown)];
        foreach (var step in shown.AuthenticationExecutions)
        {
            step.Id = null;
        }

        return shown;
    }

    private static ValueTask<AdminAnswer> List(AdminContext context) => new(AdminAnswer.Json(
        [.. context.Realm.Data.Flows.Where(f => f.TopLevel is true && f.Alias != DefaultFlows.SamlEcp).Select(Show)], AdminJson.Default.ListAuthenticationFlowRepresentation));

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.AuthenticationFlowRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (string.IsNullOrEmpty(given.Alias))
        {
            return AdminAnswer.Message(409, "Failed to create flow with empty alias name");
        }

        var edit = new FlowEdit(context.Realm);
        if (edit.Find(given.Alias) is not null)
        {
            return AdminAnswer.Message(409, $"Flow {given.Alias} already exists");
        }

        if (ReservedCharacters.Refuse(given.Alias) is { } reserved)
        {
            return reserved;
        }

        var flow = edit.Add(new()
        {
            Id = given.Id, Alias = given.Alias, Description = given.Description ?? "", ProviderId = given.ProviderId ?? "basic-flow",
            TopLevel = given.TopLevel ?? false, BuiltIn = false,
        });
        await context.ApplyAsync(edit.Changes);
        await context.RecordAsync("CREATE", "AUTH_FLOW", $"authentication/flows/{flow.Id}",
            new AuthenticationFlowRepresentation
            {
                Id = flow.Id, Alias = flow.Alias, Description = flow.Description, ProviderId = flow.ProviderId, TopLevel = flow.TopLevel, BuiltIn = flow.BuiltIn,
            },
            AdminJson.Default.AuthenticationFlowRepresentation);
        return AdminAnswer.Created(context.Address($"authentication/flows/{flow.Id}"));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.AuthenticationFlowRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var edit = new FlowEdit(context.Realm);
        if (edit.FindById(context.Route("flow")) is not { } flow)
        {
            return s_unknown;
        }

        if (string.IsNullOrEmpty(given.Alias))
        {
            return AdminAnswer.Message(409, "Failed to update flow with empty alias name");
        }

        if (given.Alias != flow.Alias)
        {
            // Only another name is looked at: a flow that a file brought may have one that can be given no more.
            if (ReservedCharacters.Refuse(given.Alias) is { } reserved)
            {
                return reserved;
            }

            if (edit.Find(given.Alias) is not null)
            {
                return AdminAnswer.Message(409, "Flow alias name already exists");
            }

            edit.Rename(flow, given.Alias);
        }

        flow.Description = given.Description ?? flow.Description;
        edit.Touch(flow);
        await context.ApplyAsync(edit.Changes);
        await context.RecordAsync("UPDATE", "AUTH_FLOW", $"authentication/flows/{flow.Id}", given, AdminJson.Default.AuthenticationFlowRepresentation);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context)
    {
        var edit = new FlowEdit(context.Realm);
        if (edit.FindById(context.Route("flow")) is not { } flow)
        {
            return AdminAnswer.NotFound("Flow not found");
        }

        if (flow.BuiltIn is true)
        {
            return AdminAnswer.Error(400, "Can't delete built in flow");
        }

        if (FlowBindings.IsUsed(context.Realm, flow))
        {
            return AdminAnswer.Error(400, "invalid_request", "Cannot remove authentication flow, it is currently in use");
        }

        edit.Remove(flow);
        await context.ApplyAsync(edit.Changes);
        await context.RecordAsync("DELETE", "AUTH_FLOW", $"authentication/flows/{flow.Id}");
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> CopyAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.DictionaryStringString)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var edit = new FlowEdit(context.Realm);
        if (edit.Find(context.Route("flow")) is not { } flow)
        {
            return AdminAnswer.NotFound("Flow not found");
        }

        if (given.GetValueOrDefault("newName") is not { Length: > 0 } name)
        {
            return AdminAnswer.Message(409, "Failed to create flow with empty alias name");
        }

        if (edit.Find(name) is not null)
        {
            return AdminAnswer.Message(409, "New flow alias name already exists");
        }

        var copy = Copy(edit, flow, name, name);
        await context.ApplyAsync(edit.Changes);
        given["id"] = copy.Id!;
        await context.RecordAsync("CREATE", "AUTH_FLOW", $"authentication/flows/{flow.Alias}/copy", given, AdminJson.Default.DictionaryStringString);
        return AdminAnswer.Created(context.AddressBelow(copy.Id!));
    }

    /// <summary>Copies a flow with everything below it; what is below, and the settings of steps, are called after the new name.</summary>
    private static AuthenticationFlowRepresentation Copy(FlowEdit edit, AuthenticationFlowRepresentation from, string alias, string prefix)
    {
        var copy = edit.Add(new() { Alias = alias, Description = from.Description, ProviderId = from.ProviderId, TopLevel = from.TopLevel, BuiltIn = false });
        foreach (var step in FlowEdit.Steps(from))
        {
            var below = step.FlowAlias is { } sub && edit.Find(sub) is { } flow ? Copy(edit, flow, $"{prefix} {sub}", prefix).Alias : null;
            var made = edit.AddStep(copy, step.Authenticator, below, step.Priority, step.Requirement!);
            if (step.AuthenticatorConfig is { } name && edit.Configs.Find(c => c.Alias == name) is { } config)
            {
                made.AuthenticatorConfig = $"{prefix} {name}";
                edit.PutConfig(new() { Id = Ids.New(), Alias = made.AuthenticatorConfig, Config = config.Config });
            }
        }

        return copy;
    }
}
