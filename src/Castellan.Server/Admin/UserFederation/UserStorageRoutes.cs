using Castellan.Core.Representations;
using Castellan.Server.Admin.Components;

namespace Castellan.Server.Admin.UserFederation;

/// <summary>The name of a federation, as lists of people show it.</summary>
internal sealed record FederationName(string Id, string Name);

/// <summary>User federation beside its components: tests of the connection, and what is done with one of them.</summary>
internal static class UserStorageRoutes
{
    private static readonly string[] s_actions = ["triggerFullSync", "triggerChangedUsersSync"];

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Post("testLDAPConnection", Permission.ManageRealm, TestAsync, noCache: true),
        AdminRoute.Post("ldap-server-capabilities", Permission.ManageRealm, CapabilitiesAsync, noCache: true),
        AdminRoute.Get("user-storage/{id}/name", Permission.QueryUsers, One((_, component) =>
            new(AdminAnswer.Json(new FederationName(component.Id!, component.Name ?? ""), AdminApiJson.Default.FederationName)))),
        AdminRoute.Post("user-storage/{id}/sync", Permission.ManageUsers, One(Sync)),
        AdminRoute.Post("user-storage/{id}/mappers/{mapper}/sync", Permission.ManageUsers, One(SyncMapper)),
        AdminRoute.Post("user-storage/{id}/remove-imported-users", Permission.ManageUsers, One(ImportedUsers.RemoveAsync), noCache: true),
        AdminRoute.Post("user-storage/{id}/unlink-users", Permission.ManageUsers, One(ImportedUsers.UnlinkAsync), noCache: true),
    ];

    private static AdminHandler One(Func<AdminContext, ComponentRepresentation, ValueTask<AdminAnswer>> then) => context =>
        context.Realm.Data.Components.FirstOrDefault(c => c.Id == context.Route("id") && c.ProviderType == ComponentViews.UserStorage) is { } component
            ? then(context, component)
            : new(AdminAnswer.NotFound("Could not find component"));

    private static async ValueTask<AdminAnswer> TestAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.TestLdapConnectionRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        Unmask(context, given);
        return await LdapTest.RunAsync(given, context.Aborted) is { } problem ? AdminAnswer.Message(400, problem) : AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> CapabilitiesAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.TestLdapConnectionRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        Unmask(context, given);
        return await LdapTest.CapabilitiesAsync(given, context.Aborted) is { } found
            ? AdminAnswer.Json(found, AdminApiJson.Default.ListLdapCapability)
            : AdminAnswer.Message(400, "ldapServerCapabilities error");
    }

    /// <summary>Stars stand for the password that is stored; it goes to the address it was stored for and to no other.</summary>
    private static void Unmask(AdminContext context, TestLdapConnectionRepresentation given)
    {
        if (given is { BindCredential: Masks.Secret, ComponentId: { Length: > 0 } id }
            && context.Realm.Data.Components.FirstOrDefault(c => c.Id == id)?.Config is { } config
            && config.GetValueOrDefault("connectionUrl") is [var url, ..] && url == given.ConnectionUrl
            && config.GetValueOrDefault("bindCredential") is [var stored, ..])
        {
            given.BindCredential = stored;
        }
    }

    private static ValueTask<AdminAnswer> Sync(AdminContext context, ComponentRepresentation component) => new(context.Query("action") switch
    {
        null or "" => AdminAnswer.Error(400, "Missing action"),
        var action when !s_actions.Contains(action) => AdminAnswer.Error(400, $"Unknown action: {action}"),
        _ => AdminAnswer.NotEnabled,
    });

    private static ValueTask<AdminAnswer> SyncMapper(AdminContext context, ComponentRepresentation component)
    {
        if (context.Realm.Data.Components.All(c => c.Id != context.Route("mapper") || c.ParentId != component.Id))
        {
            return new(AdminAnswer.NotFound("Mapper model not found"));
        }

        return new(context.Query("direction") is "fedToKeycloak" or "keycloakToFed"
            ? AdminAnswer.NotEnabled
            : AdminAnswer.Error(400, $"Unknown direction: {(context.Query("direction") is { Length: > 0 } direction ? direction : "null")}"));
    }
}
