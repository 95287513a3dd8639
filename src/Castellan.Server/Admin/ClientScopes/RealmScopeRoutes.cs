using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.ClientScopes;

/// <summary>The client scopes that new clients of the realm get, by default or on request.</summary>
internal static class RealmScopeRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        .. Of("default-default-client-scopes", s => s.DefaultDefaultClientScopes ??= [], s => s.DefaultOptionalClientScopes ??= []),
        .. Of("default-optional-client-scopes", s => s.DefaultOptionalClientScopes ??= [], s => s.DefaultDefaultClientScopes ??= []),
    ];

    private static IEnumerable<AdminRoute> Of(string path, Func<RealmRepresentation, List<string>> list, Func<RealmRepresentation, List<string>> other)
    {
        yield return AdminRoute.Get(path, Permission.ViewClientScopes, c => new(List(c, list)));
        yield return AdminRoute.Put(path + "/{scope}", Permission.ManageClients, c => ChangeAsync(c, "CREATE", path, (settings, name) =>
        {
            other(settings).Remove(name);
            if (!list(settings).Contains(name))
            {
                list(settings).Add(name);
            }
        }), noCache: true);
        yield return AdminRoute.Delete(path + "/{scope}", Permission.ManageClients, c => ChangeAsync(c, "DELETE", path, (settings, name) =>
        {
            // A scope that is taken away is of no default any more, by whichever of the two paths it is named.
            list(settings).Remove(name);
            other(settings).Remove(name);
        }), noCache: true);
    }

    private static AdminAnswer List(AdminContext context, Func<RealmRepresentation, List<string>> list)
    {
        var names = list(context.Realm.Settings.Copy(AdminJson.Default.RealmRepresentation));
        return AdminAnswer.Json(
            [.. names.Select(context.Realm.FindScope).OfType<Core.Clients.ClientScope>().Select(s => new ClientScopeRepresentation { Id = s.Id, Name = s.Name, Protocol = s.Representation.Protocol })],
            AdminJson.Default.ListClientScopeRepresentation);
    }

    private static async ValueTask<AdminAnswer> ChangeAsync(AdminContext context, string operation, string path, Action<RealmRepresentation, string> change)
    {
        if (context.Realm.FindScopeById(context.Route("scope")) is not { } scope)
        {
            return AdminAnswer.NotFound("Client scope not found");
        }

        var settings = context.Realm.Settings.Copy(AdminJson.Default.RealmRepresentation);
        change(settings, scope.Name);
        await context.ApplyAsync(new PutRealm(settings));
        await context.RecordAsync(operation, "CLIENT_SCOPE", $"{path}/{scope.Id}");
        return AdminAnswer.NoContent;
    }
}
