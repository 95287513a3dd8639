using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Server.Admin.Groups;
using Castellan.Server.Admin.Users;

namespace Castellan.Server.Admin.Clients;

/// <summary>The sessions that a client takes part in, and the nodes it runs on.</summary>
internal static class ClientSessionRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("clients/{client}/session-count", Permission.ViewClients, ClientRoutes.One((c, client) => CountAsync(c, client, offline: false))),
        AdminRoute.Get("clients/{client}/offline-session-count", Permission.ViewClients, ClientRoutes.One((c, client) => CountAsync(c, client, offline: true))),
        AdminRoute.Get("clients/{client}/user-sessions", Permission.ViewClients, ClientRoutes.One((c, client) => ListAsync(c, client, offline: false))),
        AdminRoute.Get("clients/{client}/offline-sessions", Permission.ViewClients, ClientRoutes.One((c, client) => ListAsync(c, client, offline: true))),
        AdminRoute.Post("clients/{client}/push-revocation", Permission.ManageClients, ClientRoutes.One(PushRevocationAsync)),
        AdminRoute.Get("clients/{client}/test-nodes-available", Permission.ManageClients, ClientRoutes.One(TestNodesAsync)),
        AdminRoute.Post("clients/{client}/nodes", Permission.ManageClients, ClientRoutes.One(AddNodeAsync)),
        AdminRoute.Delete("clients/{client}/nodes/{node}", Permission.ManageClients, ClientRoutes.One(RemoveNodeAsync), noCache: true),
    ];

    private static async ValueTask<AdminAnswer> CountAsync(AdminContext context, Client client, bool offline)
    {
        var counts = await context.Service<ISessions>().CountByClientAsync(context.Realm.Id, offline, context.Rights.ShownUsers, context.Aborted);
        return AdminAnswer.Json(new CountRepresentation { Count = counts.GetValueOrDefault(client.Id) }, AdminApiJson.Default.CountRepresentation);
    }

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context, Client client, bool offline)
    {
        var sessions = await context.Service<ISessions>().ListByClientAsync(context.Realm.Id, client.Id, offline, context.First, context.Max(otherwise: 100), context.Rights.ToldUsers, context.Aborted);
        var shown = new List<UserSessionRepresentation>(sessions.Count);
        foreach (var session in sessions)
        {
            var clients = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var part in session.Clients)
            {
                if (await context.Clients.FindByIdAsync(context.Realm, part.ClientId, context.Aborted) is { } taking)
                {
                    clients[taking.Id] = taking.ClientId;
                }
            }

            var user = await context.Users.FindAsync(context.Realm.Id, session.UserId, context.Aborted);
            shown.Add(new(session.Id, user?.Username ?? session.LoginUsername ?? "", session.UserId, session.IpAddress, session.Started, session.LastAccess, session.RememberMe, clients, TransientUser: false));
        }

        return AdminAnswer.Json(shown, UsersJson.Default.ListUserSessionRepresentation);
    }

    private static async ValueTask<AdminAnswer> PushRevocationAsync(AdminContext context, Client client)
    {
        await context.RecordAsync("ACTION", "CLIENT", $"clients/{client.Id}/push-revocation");
        return Adapters.Answer(await context.AskAsync(client, AdapterAction.PushNotBefore, client.Representation.NotBefore ?? 0));
    }

    private static async ValueTask<AdminAnswer> TestNodesAsync(AdminContext context, Client client)
    {
        var result = await context.AskAsync(client, AdapterAction.TestAvailable);
        await context.RecordAsync("ACTION", "CLUSTER_NODE", $"clients/{client.Id}/test-nodes-available", result, AdminApiJson.Default.GlobalRequestResult);
        return Adapters.Answer(result);
    }

    private static async ValueTask<AdminAnswer> AddNodeAsync(AdminContext context, Client client)
    {
        if (!(await context.ReadAsync(Core.Representations.AdminJson.Default.DictionaryStringString)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given.GetValueOrDefault("node") is not { Length: > 0 } node)
        {
            return AdminAnswer.Error(400, "Node not found in params");
        }

        if (ReservedCharacters.Refuse(node) is { } reserved)
        {
            return reserved;
        }

        var changed = client.Representation.Copy(Core.Representations.AdminJson.Default.ClientRepresentation);
        (changed.RegisteredNodes ??= [])[node] = context.Now / 1000;
        await context.ApplyAsync(new PutClient(changed));
        await context.RecordAsync("CREATE", "CLUSTER_NODE", $"clients/{client.Id}/nodes/{node}");
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> RemoveNodeAsync(AdminContext context, Client client)
    {
        var node = context.Route("node");
        if (client.Representation.RegisteredNodes?.ContainsKey(node) is not true)
        {
            return AdminAnswer.NotFound("Client does not have node ");
        }

        var changed = client.Representation.Copy(Core.Representations.AdminJson.Default.ClientRepresentation);
        changed.RegisteredNodes!.Remove(node);
        await context.ApplyAsync(new PutClient(changed));
        await context.RecordAsync("DELETE", "CLUSTER_NODE", $"clients/{client.Id}/nodes/{node}");
        return AdminAnswer.NoContent;
    }
}
