using Castellan.Core;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authentication;

/// <summary>The settings of steps, and what kinds of steps there are.</summary>
internal static class AuthenticatorConfigRoutes
{
    private static readonly AdminAnswer s_unknown = AdminAnswer.NotFound("Could not find authenticator config");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Post("authentication/executions/{execution}/config", Permission.ManageRealm, CreateAsync, noCache: true),
        AdminRoute.Get("authentication/executions/{execution}/config/{config}", Permission.ViewRealm, One),
        AdminRoute.Post("authentication/config", Permission.ManageRealm, CreateLooseAsync, noCache: true),
        AdminRoute.Get("authentication/config/{config}", Permission.ViewRealm, One),
        AdminRoute.Put("authentication/config/{config}", Permission.ManageRealm, UpdateAsync, noCache: true),
        AdminRoute.Delete("authentication/config/{config}", Permission.ManageRealm, DeleteAsync, noCache: true),
        AdminRoute.Get("authentication/authenticator-providers", Permission.ViewRealm, _ => new(List(Authenticator.AllSteps))),
        AdminRoute.Get("authentication/client-authenticator-providers", Permission.Any("view-realm", "manage-realm", "view-clients", "manage-clients"), _ => new(List(Authenticator.AllClients))),
        AdminRoute.Get("authentication/form-action-providers", Permission.ViewRealm, _ => new(List(Authenticator.AllFormActions))),
        AdminRoute.Get("authentication/form-providers", Permission.ViewRealm, _ => new(List(Authenticator.AllForms))),
        AdminRoute.Get("authentication/config-description/{provider}", Permission.ViewRealm, Describe),
        AdminRoute.Get("authentication/per-client-config-description", Permission.Any("view-realm", "manage-realm", "view-clients", "manage-clients"), _ => new(AdminAnswer.Json(Authenticator.PerClient, AdminApiJson.Default.DictionaryStringJsonElement))),
    ];

    private static AdminAnswer List(List<AuthenticatorSummary> providers) => AdminAnswer.Json(providers, AdminApiJson.Default.ListAuthenticatorSummary);

    private static ValueTask<AdminAnswer> Describe(AdminContext context)
    {
        if (Authenticator.Find(context.Route("provider")) is not { Entry: { } entry } authenticator)
        {
            return new(AdminAnswer.NotFound("Could not find authenticator provider"));
        }

        return new(AdminAnswer.Json(
            new AuthenticatorDescription { Name = authenticator.Name, ProviderId = authenticator.Id, HelpText = entry.GetProperty("helpText").GetString(), Properties = entry.GetProperty("properties") },
            AdminApiJson.Default.AuthenticatorDescription));
    }

    private static AuthenticatorConfigRepresentation? Find(AdminContext context) =>
        context.Realm.Data.AuthenticatorConfigs.FirstOrDefault(c => c.Id == context.Route("config"));

    private static ValueTask<AdminAnswer> One(AdminContext context) =>
        new(Find(context) is { } config ? AdminAnswer.Json(StepSecrets.Masked(config), AdminJson.Default.AuthenticatorConfigRepresentation) : s_unknown);

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await NamedAsync(context)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var edit = new FlowEdit(context.Realm);
        if (edit.FindStep(context.Route("execution")) is not var (flow, step))
        {
            return AdminAnswer.NotFound("Illegal execution");
        }

        // The settings that the step has make room for the new ones, and for their name.
        var before = edit.Configs.Find(c => c.Alias == step.AuthenticatorConfig);
        if (edit.Configs.Any(c => c != before && c.Alias == given.Alias))
        {
            return Exists(given.Alias!);
        }

        if (before is not null)
        {
            edit.RemoveConfig(before);
        }

        given.Id = Ids.New();
        var sent = StepSecrets.Masked(given);
        given.Config = StepSecrets.Stored(given.Config, null);
        edit.PutConfig(given);
        step.AuthenticatorConfig = given.Alias;
        edit.Touch(flow);
        await context.ApplyAsync(edit.Changes);
        await context.RecordAsync("CREATE", "AUTHENTICATOR_CONFIG", $"authentication/executions/{step.Id}/config", sent, AdminJson.Default.AuthenticatorConfigRepresentation);
        return AdminAnswer.Created(context.AddressBelow(given.Id));
    }

    /// <summary>Settings that no step has yet.</summary>
    private static async ValueTask<AdminAnswer> CreateLooseAsync(AdminContext context)
    {
        if (!(await NamedAsync(context)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var edit = new FlowEdit(context.Realm);
        if (edit.Configs.Any(c => c.Alias == given.Alias))
        {
            return Exists(given.Alias!);
        }

        var sent = StepSecrets.Masked(given);
        given.Id = Ids.New();
        given.Config = StepSecrets.Stored(given.Config, null);
        edit.PutConfig(given);
        await context.ApplyAsync(edit.Changes);
        await context.RecordAsync("CREATE", "AUTHENTICATOR_CONFIG", $"authentication/config/{given.Id}", sent, AdminJson.Default.AuthenticatorConfigRepresentation);
        return AdminAnswer.Created(context.AddressBelow(given.Id));
    }

    /// <summary>New settings, which must have a name that they can have.</summary>
    private static async ValueTask<Read<AuthenticatorConfigRepresentation>> NamedAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.AuthenticatorConfigRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        return string.IsNullOrEmpty(given.Alias) ? AdminAnswer.Message(409, "Failed to create authentication execution configuration with empty alias name")
            : ReservedCharacters.Refuse(given.Alias) is { } reserved ? reserved
            : given;
    }

    /// <summary>A step knows its settings by their name, as a realm file does.</summary>
    private static AdminAnswer Exists(string alias) => AdminAnswer.Message(409, $"Authentication execution configuration {alias} already exists");

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.AuthenticatorConfigRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (Find(context) is not { } existing)
        {
            return s_unknown;
        }

        var edit = new FlowEdit(context.Realm);
        var changed = new AuthenticatorConfigRepresentation { Id = existing.Id, Alias = given.Alias ?? existing.Alias, Config = StepSecrets.Stored(given.Config ?? existing.Config, existing.Config) };
        if (changed.Alias != existing.Alias)
        {
            if (ReservedCharacters.Refuse(changed.Alias!) is { } reserved)
            {
                return reserved;
            }

            if (edit.Configs.Any(c => c.Alias == changed.Alias))
            {
                return Exists(changed.Alias!);
            }

            foreach (var flow in edit.Flows)
            {
                foreach (var step in (flow.AuthenticationExecutions ?? []).Where(e => e.AuthenticatorConfig == existing.Alias))
                {
                    step.AuthenticatorConfig = changed.Alias;
                    edit.Touch(flow);
                }
            }
        }

        edit.PutConfig(changed);
        await context.ApplyAsync(edit.Changes);
        await context.RecordAsync("UPDATE", "AUTHENTICATOR_CONFIG", $"authentication/config/{existing.Id}", StepSecrets.Masked(given), AdminJson.Default.AuthenticatorConfigRepresentation);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context)
    {
        if (Find(context) is not { } existing)
        {
            return s_unknown;
        }

        var edit = new FlowEdit(context.Realm);
        edit.RemoveConfig(existing);
        await context.ApplyAsync(edit.Changes);
        await context.RecordAsync("DELETE", "AUTHENTICATOR_CONFIG", $"authentication/config/{existing.Id}");
        return AdminAnswer.NoContent;
    }
}
