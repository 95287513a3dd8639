using Castellan.Core.Federation;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Admin.UserFederation;

/// <summary>The name of a federation, as lists of people show it.</summary>
internal sealed record FederationName(string Id, string Name);

/// <summary>What came of a sync.</summary>
internal sealed record SyncRepresentation(bool Ignored, int Added, int Updated, int Removed, int Failed, string Status);

/// <summary>A sync as events tell it.</summary>
internal sealed record SyncEvent(string Action, SyncRepresentation Result);

/// <summary>User federation beside its components: tests of the connection, and what is done with one of them.</summary>
internal static class UserStorageRoutes
{
    private const string ChangedUsers = "triggerChangedUsersSync";

    private static readonly string[] s_actions = ["triggerFullSync", ChangedUsers];

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Post("testLDAPConnection", Permission.ManageRealm, TestAsync, noCache: true),
        AdminRoute.Post("ldap-server-capabilities", Permission.ManageRealm, CapabilitiesAsync, noCache: true),
        AdminRoute.Get("user-storage/{id}/name", Permission.QueryUsers, One((_, component) =>
            new(AdminAnswer.Json(new FederationName(component.Id!, component.Name ?? ""), AdminApiJson.Default.FederationName)))),
        AdminRoute.Post("user-storage/{id}/sync", Permission.ManageUsers, One(SyncAsync), noCache: true),
        AdminRoute.Post("user-storage/{id}/mappers/{mapper}/sync", Permission.ManageUsers, SyncMapperAsync, noCache: true),
        AdminRoute.Post("user-storage/{id}/remove-imported-users", Permission.ManageUsers, One(RemoveAsync), noCache: true),
        AdminRoute.Post("user-storage/{id}/unlink-users", Permission.ManageUsers, One(UnlinkAsync), noCache: true),
    ];

    private static AdminHandler One(Func<AdminContext, ComponentRepresentation, ValueTask<AdminAnswer>> then) => context =>
        context.Realm.Data.Components.FirstOrDefault(c => c.Id == context.Route("id")) is not { } component ? new(AdminAnswer.NotFound("Could not find component"))
        : component.ProviderType != ComponentViews.UserStorage ? new(AdminAnswer.NotFound("found, but not a UserStorageProvider"))
        : then(context, component);

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

    private static async ValueTask<AdminAnswer> SyncAsync(AdminContext context, ComponentRepresentation component)
    {
        switch (context.Query("action"))
        {
            case null or "":
                return AdminAnswer.Error(400, "Missing action");
            case var action when !s_actions.Contains(action):
                return AdminAnswer.Error(400, $"Unknown action: {action}");
            case var action:
                return await DoAsync(
                    context, component, action, (federations, federation) => federations.Sync.RunAsync(context.Realm, federation, onlyChanged: action == ChangedUsers, context.Aborted),
                    static _ => AdminAnswer.Message(503, "The directory cannot be reached. Check the server logs for more details."));
        }
    }

    private static async ValueTask<AdminAnswer> SyncMapperAsync(AdminContext context)
    {
        var components = context.Realm.Data.Components;
        if (components.FirstOrDefault(c => c.Id == context.Route("id")) is not { } component)
        {
            return AdminAnswer.NotFound("Parent model not found");
        }

        if (components.FirstOrDefault(c => c.Id == context.Route("mapper") && c.ParentId == component.Id) is not { } mapper)
        {
            return AdminAnswer.NotFound("Mapper model not found");
        }

        return context.Query("direction") is "fedToKeycloak" or "keycloakToFed"
            ? await DoAsync(
                context, component, context.Query("direction")!,
                async (federations, federation) => await federations.Sync.RunAsync(context.Realm, federation, mapper.Id!, context.Query("direction") == "fedToKeycloak", context.Aborted)
                    ?? SyncResult.OfPeople(0, 0, 0),
                static e => AdminAnswer.Message(400, LdapTest.Word(e)))
            : AdminAnswer.Error(400, $"Unknown direction: {(context.Query("direction") is { Length: > 0 } direction ? direction : "null")}");
    }

    private static async ValueTask<AdminAnswer> RemoveAsync(AdminContext context, ComponentRepresentation component)
    {
        if (Find(context, component) is var (federations, federation))
        {
            await federations.Sync.RemoveAsync(context.Realm, federation, context.Aborted);
        }

        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> UnlinkAsync(AdminContext context, ComponentRepresentation component)
    {
        if (Find(context, component) is var (federations, federation))
        {
            await federations.Sync.UnlinkAsync(context.Realm, federation, context.Aborted);
        }

        return AdminAnswer.NoContent;
    }

    /// <summary>The federation of a component; null for one of a kind that does not work here.</summary>
    private static (Federations Federations, LdapFederation Federation)? Find(AdminContext context, ComponentRepresentation component) =>
        context.Http.RequestServices.GetService<Federations>() is { } federations && RealmFederations.Of(context.Realm).Find(component.Id) is { } federation
            ? (federations, federation)
            : null;

    private static async ValueTask<AdminAnswer> DoAsync(
        AdminContext context, ComponentRepresentation component, string action, Func<Federations, LdapFederation, ValueTask<SyncResult?>> run, Func<DirectoryException, AdminAnswer> refuse)
    {
        if (Find(context, component) is not var (federations, federation))
        {
            return AdminAnswer.NotEnabled;
        }

        try
        {
            var came = await run(federations, federation) is { } result
                ? new SyncRepresentation(false, result.Added, result.Updated, result.Removed, result.Failed, result.Status)
                : new SyncRepresentation(true, 0, 0, 0, 0, "Synchronization ignored as it's already in progress");
            var path = $"user-storage/{component.Id}" + (context.Route("mapper") is { } mapper ? $"/mappers/{mapper}/sync" : "/sync");
            await context.RecordAsync("ACTION", "REALM", path, new SyncEvent(action, came), AdminApiJson.Default.SyncEvent);
            return AdminAnswer.Json(came, AdminApiJson.Default.SyncRepresentation);
        }
        catch (DirectoryException e)
        {
            federations.Reports.Tell($"The federation {federation.Name} of the realm {context.Realm.Name} could not be synchronized. {e.Message}");
            return refuse(e);
        }
    }
}
