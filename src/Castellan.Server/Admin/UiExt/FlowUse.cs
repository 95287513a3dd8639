using Castellan.Core.Realms;
using Castellan.Server.Admin.Authentication;

namespace Castellan.Server.Admin.UiExt;

/// <summary>The authentication pages: flows with what uses them, required actions with whether they can be configured.</summary>
internal static class FlowUse
{
    private const int ShownUsers = 10;

    // Nothing can be bound to it: clients that speak ECP find it by its name.
    private const string EcpFlow = "saml ecp";

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("ui-ext/authentication-management/flows", Permission.ViewRealm, FlowsAsync, noCache: false),
        AdminRoute.Get("ui-ext/authentication-management/required-actions", Permission.ViewRealm, RequiredActions),
        AdminRoute.Get("ui-ext/authentication-management/{type}/{id}", Permission.ViewRealm, UsersAsync, noCache: false),
    ];

    private static async ValueTask<AdminAnswer> FlowsAsync(AdminContext context)
    {
        var clients = await context.Store.ListClientsAsync(context.Realm.Id, new ClientQuery(), ct: context.Aborted);
        var shown = context.Realm.Data.Flows.Where(f => f.TopLevel == true && f.Alias != EcpFlow).Select(flow =>
        {
            var overrides = clients.Where(c => Overrides(c, flow.Id!)).Select(c => c.Representation.ClientId!).Take(ShownUsers).ToList();
            var providers = Providers(context.Realm, flow.Alias!).Take(ShownUsers).ToList();
            var use = overrides.Count > 0 ? new FlowUsedBy("SPECIFIC_CLIENTS", overrides)
                : providers.Count > 0 ? new FlowUsedBy("SPECIFIC_PROVIDERS", providers)
                : IsBound(context.Realm, flow.Alias!) ? new FlowUsedBy("DEFAULT", [flow.Alias!])
                : null;
            return new FlowWithUse(flow.Id!, flow.Alias!, flow.BuiltIn ?? false, flow.Description, use);
        });
        return AdminAnswer.Json([.. shown.OrderBy(f => f.Alias, StringComparer.Ordinal)], UiExtJson.Default.ListFlowWithUse);
    }

    /// <summary>The clients or identity providers that use one flow, page by page.</summary>
    private static async ValueTask<AdminAnswer> UsersAsync(AdminContext context)
    {
        if (context.Realm.Data.Flows.FirstOrDefault(f => f.Id == context.Route("id")) is not { } flow)
        {
            return AdminAnswer.NotFound("Could not find flow");
        }

        IEnumerable<string> users;
        switch (context.Route("type"))
        {
            case "clients":
                var clients = await context.Store.ListClientsAsync(context.Realm.Id, new ClientQuery(), ct: context.Aborted);
                users = clients.Where(c => Overrides(c, flow.Id!)).Select(c => c.Representation.ClientId!);
                break;
            case "idp":
                users = Providers(context.Realm, flow.Alias!);
                break;
            default:
                return AdminAnswer.Error(400, "Invalid type");
        }

        var search = context.Query("search") ?? "";
        return AdminAnswer.Json([.. context.Page(users.Where(u => u.Contains(search, StringComparison.OrdinalIgnoreCase)))], UiExtJson.Default.ListString);
    }

    private static ValueTask<AdminAnswer> RequiredActions(AdminContext context)
    {
        var actions = context.Realm.Data.RequiredActions.Select(a => new RequiredActionWithConfig(
            a.Alias!, a.Name, a.ProviderId, a.Enabled ?? false, a.DefaultAction ?? false, a.Priority ?? 0, a.Config ?? [], RequiredActionRoutes.IsConfigurable(a)));
        return new(AdminAnswer.Json([.. actions.OrderBy(a => a.Priority)], UiExtJson.Default.ListRequiredActionWithConfig));
    }

    private static bool Overrides(ClientData client, string flowId) =>
        client.Representation.AuthenticationFlowBindingOverrides?.ContainsValue(flowId) ?? false;

    private static IEnumerable<string> Providers(Realm realm, string alias) => realm.Data.IdentityProviders
        .Where(p => p.FirstBrokerLoginFlowAlias == alias || p.PostBrokerLoginFlowAlias == alias).Select(p => p.Alias!);

    private static bool IsBound(Realm realm, string alias)
    {
        var s = realm.Settings;
        string?[] bound = [s.BrowserFlow, s.RegistrationFlow, s.DirectGrantFlow, s.ResetCredentialsFlow, s.ClientAuthenticationFlow, s.DockerAuthenticationFlow, s.FirstBrokerLoginFlow];
        return bound.Contains(alias);
    }
}
