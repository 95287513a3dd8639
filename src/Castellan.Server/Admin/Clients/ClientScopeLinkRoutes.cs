using Castellan.Core.Authorization.Administration;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Clients;

/// <summary>The client scopes that a client has, by default or on request.</summary>
internal static class ClientScopeLinkRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } = [.. Of("default-client-scopes", c => c.DefaultScopes, isDefault: true), .. Of("optional-client-scopes", c => c.OptionalScopes, isDefault: false)];

    private static IEnumerable<AdminRoute> Of(string name, Func<Client, IReadOnlyList<ClientScope>> scopes, bool isDefault)
    {
        var path = $"clients/{{client}}/{name}";
        yield return AdminRoute.Get(path, Permission.ViewClients, ClientRoutes.One((c, client) => new(AdminAnswer.Json(
            [.. (c.Rights.All(AdminObjects.Clients, "view") ? scopes(client) : []).Select(s => new ClientScopeRepresentation { Id = s.Id, Name = s.Name })], AdminJson.Default.ListClientScopeRepresentation))));
        yield return AdminRoute.Put(path + "/{scope}", Permission.ManageClients, ClientRoutes.One((c, client) => LinkAsync(c, client, name, isDefault)), noCache: true);
        yield return AdminRoute.Delete(path + "/{scope}", Permission.ManageClients, ClientRoutes.One((c, client) => UnlinkAsync(c, client, name)), noCache: true);
    }

    private static async ValueTask<AdminAnswer> LinkAsync(AdminContext context, Client client, string name, bool isDefault)
    {
        if (context.Realm.FindScopeById(context.Route("scope")) is not { } scope)
        {
            return AdminAnswer.NotFound("Client scope not found");
        }

        // Who may manage this client alone may not manage client scopes.
        if (!context.Rights.All(AdminObjects.Clients, "manage"))
        {
            return AdminAnswer.Forbidden;
        }

        // A scope that the client has already stays where it is: to move it, it must be taken away first.
        if (!client.DefaultScopes.Contains(scope) && !client.OptionalScopes.Contains(scope))
        {
            var changed = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
            ((isDefault ? changed.DefaultClientScopes ??= [] : changed.OptionalClientScopes ??= [])).Add(scope.Name);
            await context.ApplyAsync(new PutClient(changed));
        }

        await context.RecordAsync("CREATE", "CLIENT_SCOPE_CLIENT_MAPPING", $"clients/{client.Id}/{name}/{scope.Id}");
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> UnlinkAsync(AdminContext context, Client client, string name)
    {
        if (context.Realm.FindScopeById(context.Route("scope")) is not { } scope)
        {
            return AdminAnswer.NotFound("Client scope not found");
        }

        // Who may manage this client alone may not manage client scopes.
        if (!context.Rights.All(AdminObjects.Clients, "manage"))
        {
            return AdminAnswer.Forbidden;
        }

        var changed = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        if ((changed.DefaultClientScopes?.Remove(scope.Name) ?? false) | (changed.OptionalClientScopes?.Remove(scope.Name) ?? false))
        {
            await context.ApplyAsync(new PutClient(changed));
        }

        await context.RecordAsync("DELETE", "CLIENT_SCOPE_CLIENT_MAPPING", $"clients/{client.Id}/{name}/{scope.Id}");
        return AdminAnswer.NoContent;
    }
}
