using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;

namespace Castellan.Server.Admin.Users;

/// <summary>The sessions of a user, and what was consented to.</summary>
internal static class UserSessionRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("users/{user}/sessions", Permission.ViewUsers, UserRoutes.One(ListAsync)),
        AdminRoute.Get("users/{user}/offline-sessions/{client}", Permission.ViewUsers, UserRoutes.One(ListOfflineAsync)),
        AdminRoute.Post("users/{user}/logout", Permission.ManageUsers, UserRoutes.One(LogoutAsync)),
        AdminRoute.Get("users/{user}/consents", Permission.ViewUsers, UserRoutes.One(ConsentsAsync)),
        AdminRoute.Delete("users/{user}/consents/{client}", Permission.ManageUsers, UserRoutes.One(RevokeAsync), noCache: true),
    ];

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context, User user)
    {
        var sessions = await context.Service<ISessions>().ListByUserAsync(context.Realm.Id, user.Id, offline: false, context.Aborted);
        return await ShowAsync(context, user, sessions);
    }

    private static async ValueTask<AdminAnswer> ListOfflineAsync(AdminContext context, User user)
    {
        if (await context.Clients.FindByIdAsync(context.Realm, context.Route("client"), context.Aborted) is not { } client)
        {
            return AdminAnswer.NotFound("Client not found");
        }

        var sessions = await context.Service<ISessions>().ListByUserAsync(context.Realm.Id, user.Id, offline: true, context.Aborted);
        return await ShowAsync(context, user, sessions.Where(s => s.Client(client.Id) is not null), client);
    }

    /// <param name="of">The client whose use of the sessions is shown; when absent, that of any.</param>
    private static async ValueTask<AdminAnswer> ShowAsync(AdminContext context, User user, IEnumerable<UserSession> sessions, Client? of = null)
    {
        var shown = new List<UserSessionRepresentation>();
        foreach (var session in sessions)
        {
            var clients = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var part in session.Clients)
            {
                if (await context.Clients.FindByIdAsync(context.Realm, part.ClientId, context.Aborted) is { } client)
                {
                    clients[client.Id] = client.ClientId;
                }
            }

            shown.Add(new(session.Id, user.Username, user.Id, session.IpAddress, session.Started, of is null ? session.LastAccess : session.Client(of.Id)!.LastAccess, session.RememberMe, clients, TransientUser: false));
        }

        return AdminAnswer.Json(shown, UsersJson.Default.ListUserSessionRepresentation);
    }

    /// <summary>Ends every session, and with the user's not-before also the access tokens that are out.</summary>
    private static async ValueTask<AdminAnswer> LogoutAsync(AdminContext context, User user)
    {
        var changed = UserRepresentations.Copy(user.Representation);
        changed.NotBefore = (int)(context.Now / 1000);
        await context.ApplyAsync(new PutUser(changed));
        foreach (var session in await context.Service<ISessions>().DeleteByUserAsync(context.Realm.Id, user.Id, offline: false, context.Aborted))
        {
            await SessionEnd.TellAsync(context, session);
        }

        await context.RecordAsync("ACTION", "USER", $"users/{user.Id}/logout");
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> ConsentsAsync(AdminContext context, User user)
    {
        var offline = (await context.Service<ISessions>().ListByUserAsync(context.Realm.Id, user.Id, offline: true, context.Aborted))
            .SelectMany(s => s.Clients).Select(c => c.ClientId).ToHashSet(StringComparer.Ordinal);
        var consents = await context.Users.ConsentsAsync(context.Realm.Id, user.Id, context.Aborted);
        var shown = new List<ConsentView>();
        foreach (var id in consents.Select(c => c.ClientId!).Union(offline, StringComparer.Ordinal))
        {
            if (await context.Clients.FindByIdAsync(context.Realm, id, context.Aborted) is { } client)
            {
                var consent = consents.Find(c => c.ClientId == id);
                var scopes = (consent?.GrantedClientScopes ?? []).Select(s => context.Realm.FindScopeById(s)?.Name).OfType<string>();
                List<AdditionalGrant> more = offline.Contains(id) ? [new(client.Id, "Offline Token")] : [];
                shown.Add(new(client.ClientId, [.. scopes], consent?.CreatedDate, consent?.LastUpdatedDate, more));
            }
        }

        return AdminAnswer.Json(shown, UsersJson.Default.ListConsentView);
    }

    private static async ValueTask<AdminAnswer> RevokeAsync(AdminContext context, User user)
    {
        if (await context.Clients.FindAsync(context.Realm, context.Route("client"), context.Aborted) is not { } client)
        {
            return AdminAnswer.NotFound("Client not found");
        }

        var consented = (await context.Users.ConsentsAsync(context.Realm.Id, user.Id, context.Aborted)).Exists(c => c.ClientId == client.Id);
        var offline = await SessionEnd.EndOfflineAsync(context.Http, context.Realm, user, client);
        if (!consented && !offline)
        {
            return AdminAnswer.NotFound("Consent nor offline token not found");
        }

        if (consented)
        {
            await context.ApplyAsync(new DeleteConsent(user.Id, client.Id));
            await SessionEnd.SignOutOfAsync(context.Http, context.Realm, user, client);
        }

        await context.RecordAsync("ACTION", "USER", $"users/{user.Id}/consents/{client.ClientId}");
        return AdminAnswer.NoContent;
    }
}
