using Castellan.Core.Sessions;

namespace Castellan.Server.Admin.UiExt;

/// <summary>The lists of sessions, of the whole realm and of one client: those of people whom the caller may see.</summary>
internal static class SessionList
{
    private const int MaxSessions = 1_000;

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("ui-ext/sessions", Permission.ViewRealm, OfRealmAsync, noCache: false),
        AdminRoute.Get("ui-ext/sessions/client", Permission.ViewClients, OfClientAsync, noCache: false),
    ];

    private static async ValueTask<AdminAnswer> OfRealmAsync(AdminContext context)
    {
        var only = context.Rights.ToldUsers;
        var found = new List<(UserSession Session, string Type)>();
        foreach (var (offline, type) in Types(context))
        {
            var counts = await context.Service<ISessions>().CountByClientAsync(context.Realm.Id, offline, ct: context.Aborted);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var client in counts.Keys)
            {
                var sessions = await context.Service<ISessions>().ListByClientAsync(context.Realm.Id, client, offline, 0, MaxSessions, only, context.Aborted);
                found.AddRange(sessions.Where(s => seen.Add(s.Id)).Select(s => (s, type)));
            }
        }

        return await ShowAsync(context, found);
    }

    private static async ValueTask<AdminAnswer> OfClientAsync(AdminContext context)
    {
        var only = context.Rights.ToldUsers;
        var found = new List<(UserSession Session, string Type)>();
        foreach (var (offline, type) in Types(context))
        {
            var sessions = await context.Service<ISessions>().ListByClientAsync(context.Realm.Id, context.Query("clientId") ?? "", offline, 0, MaxSessions, only, context.Aborted);
            found.AddRange(sessions.Select(s => (s, type)));
        }

        return await ShowAsync(context, found);
    }

    private static IEnumerable<(bool Offline, string Type)> Types(AdminContext context) => context.Query("type") switch
    {
        "REGULAR" => [(false, "REGULAR")],
        "OFFLINE" => [(true, "OFFLINE")],
        _ => [(false, "REGULAR"), (true, "OFFLINE")],
    };

    private static async ValueTask<AdminAnswer> ShowAsync(AdminContext context, List<(UserSession Session, string Type)> found)
    {
        var search = context.Query("search") ?? "";
        var shown = new List<ListedSession>();
        foreach (var (session, type) in found.OrderByDescending(f => f.Session.Started))
        {
            var user = await context.Users.FindAsync(context.Realm.Id, session.UserId, context.Aborted);
            var username = user?.Username ?? session.LoginUsername ?? "";
            if (search.Length > 0 && !username.Contains(search, StringComparison.OrdinalIgnoreCase) && session.IpAddress != search)
            {
                continue;
            }

            var clients = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var part in session.Clients)
            {
                if (await context.Clients.FindByIdAsync(context.Realm, part.ClientId, context.Aborted) is { } client)
                {
                    clients[client.Id] = client.ClientId;
                }
            }

            shown.Add(new(session.Id, username, session.UserId, session.IpAddress, session.Started, session.LastAccess, type, clients, TransientUser: false));
        }

        return AdminAnswer.Json([.. context.Page(shown)], UiExtJson.Default.ListListedSession);
    }
}
