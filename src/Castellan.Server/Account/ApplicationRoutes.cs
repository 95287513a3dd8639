using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Server.Admin;
using Castellan.Server.Admin.Users;
using Castellan.Server.Http;

namespace Castellan.Server.Account;

/// <summary>The applications that a person uses, and what was granted to them.</summary>
internal static class ApplicationRoutes
{
    private static readonly string[] s_view = ["view-applications", AccountRoute.ManageAccount];
    private static readonly string[] s_viewConsent = [AccountRoute.ViewConsent, AccountRoute.ManageConsent, AccountRoute.ManageAccount];
    private static readonly string[] s_manageConsent = [AccountRoute.ManageConsent, AccountRoute.ManageAccount];

    public static IReadOnlyList<AccountRoute> All { get; } =
    [
        new("GET", "/applications", s_view, ListAsync),
        new("GET", "/applications/{client}/consent", s_viewConsent, ShowConsentAsync) { NoCache = false },
        new("POST", "/applications/{client}/consent", s_manageConsent, GrantAsync) { NoCache = false },
        new("PUT", "/applications/{client}/consent", s_manageConsent, GrantAsync) { NoCache = false },
        new("DELETE", "/applications/{client}/consent", s_manageConsent, RevokeAsync) { NoCache = false },
    ];

    /// <summary>An application as a session shows it.</summary>
    public static AccountClient Brief(Client client) => new()
    {
        ClientId = client.ClientId, ClientName = client.Representation.Name, UserConsentRequired = client.Representation.ConsentRequired ?? false,
    };

    private static async ValueTask<AdminAnswer> ListAsync(AccountContext context)
    {
        var realm = context.Realm;
        var inUse = await UsedAsync(context, offline: false);
        var offline = await UsedAsync(context, offline: true);
        var consents = (await context.Users.ConsentsAsync(realm.Id, context.User.Id, context.Aborted)).ToDictionary(c => c.ClientId!, StringComparer.Ordinal);
        var ids = inUse.Union(offline).Union(consents.Keys).ToHashSet(StringComparer.Ordinal);
        foreach (var always in await context.Service<IConfigurationStore>().ListClientsAsync(realm.Id, new ClientQuery(), ct: context.Aborted))
        {
            if (always.Representation.AlwaysDisplayInConsole == true)
            {
                ids.Add(always.Representation.Id!);
            }
        }

        var name = context.Query("name");
        var shown = new List<AccountClient>();
        foreach (var id in ids)
        {
            if (await context.Clients.FindByIdAsync(realm, id, context.Aborted) is { IsBearerOnly: false } client
                && (name is null || client.Representation.Name?.Contains(name, StringComparison.OrdinalIgnoreCase) == true))
            {
                shown.Add(Show(context, client, inUse.Contains(id), offline.Contains(id), consents.GetValueOrDefault(id)));
            }
        }

        return AdminAnswer.Json([.. shown.OrderBy(c => c.ClientId, StringComparer.Ordinal)], AccountJson.Default.ListAccountClient);
    }

    private static async ValueTask<AdminAnswer> ShowConsentAsync(AccountContext context)
    {
        if (await FindAsync(context) is not { } client)
        {
            return NotFound(context);
        }

        return await ConsentAsync(context, client) is { } consent ? AdminAnswer.Json(Show(context.Realm, consent), AccountJson.Default.AccountConsent) : AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> GrantAsync(AccountContext context)
    {
        var type = context.Http.Request.Method == "PUT" ? EventTypes.UpdateConsent : EventTypes.GrantConsent;
        if (await FindAsync(context) is not { } client)
        {
            return await NotFoundAsync(context, type);
        }

        if (!(await context.ReadAsync(AccountJson.Default.AccountConsent)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var ids = new List<string>();
        foreach (var scope in given.GrantedScopes)
        {
            if (scope.Id is null || context.Realm.FindScopeById(scope.Id) is null)
            {
                var reason = $"Scope id {scope.Id} does not exist for client {client.ClientId}.";
                await context.RecordAsync(new LoginEvent { Type = type }.With("reason", reason).Failed("invalid_scope"));
                return AdminAnswer.Message(400, reason);
            }

            ids.Add(scope.Id);
        }

        var before = await ConsentAsync(context, client);
        var consent = new UserConsentRepresentation
        {
            ClientId = client.Id, GrantedClientScopes = ids, CreatedDate = before?.CreatedDate ?? context.Now, LastUpdatedDate = context.Now,
        };
        await context.ApplyAsync(new PutConsent(context.User.Id, consent));
        await context.RecordAsync(new LoginEvent { Type = before is null ? EventTypes.GrantConsent : EventTypes.UpdateConsent }
            .With("scope", string.Join(' ', ids.Select(i => context.Realm.FindScopeById(i)!.Name))).With("granted_client", client.ClientId));
        return AdminAnswer.Json(Show(context.Realm, consent), AccountJson.Default.AccountConsent);
    }

    /// <summary>Takes consent back, and with it the sessions that rest on it.</summary>
    private static async ValueTask<AdminAnswer> RevokeAsync(AccountContext context)
    {
        if (await FindAsync(context) is not { } client)
        {
            return await NotFoundAsync(context, EventTypes.RevokeGrant);
        }

        var allowed = await ConsentAsync(context, client) is not null;
        await context.ApplyAsync(new DeleteConsent(context.User.Id, client.Id));
        await SessionEnd.EndOfflineAsync(context.Http, context.Realm, context.User, client);
        if (allowed)
        {
            await SessionEnd.SignOutOfAsync(context.Http, context.Realm, context.User, client);
        }

        await context.RecordAsync(new LoginEvent { Type = EventTypes.RevokeGrant }.With("revoked_client", client.ClientId));
        return AdminAnswer.NoContent;
    }

    private static ValueTask<Client?> FindAsync(AccountContext context) => context.Clients.FindAsync(context.Realm, context.Route("client"), context.Aborted);

    private static AdminAnswer NotFound(AccountContext context) => AdminAnswer.Message(404, Missing(context));

    /// <summary>An act about an application that is not there.</summary>
    private static async ValueTask<AdminAnswer> NotFoundAsync(AccountContext context, string type)
    {
        await context.RecordAsync(new LoginEvent { Type = type }.With("reason", Missing(context)).Failed("client_not_found"));
        return NotFound(context);
    }

    private static string Missing(AccountContext context) => $"No client with clientId: {context.Route("client")} found.";

    private static async ValueTask<UserConsentRepresentation?> ConsentAsync(AccountContext context, Client client) =>
        (await context.Users.ConsentsAsync(context.Realm.Id, context.User.Id, context.Aborted)).Find(c => c.ClientId == client.Id);

    private static async ValueTask<HashSet<string>> UsedAsync(AccountContext context, bool offline)
    {
        var now = context.Now;
        var sessions = await context.Sessions.ListByUserAsync(context.Realm.Id, context.User.Id, offline, context.Aborted);
        return [.. sessions.Where(s => SessionLifetimes.IsAlive(context.Realm, s, now)).SelectMany(s => s.Clients).Select(c => c.ClientId)];
    }

    private static AccountClient Show(AccountContext context, Client client, bool inUse, bool offline, UserConsentRepresentation? consent) => new()
    {
        ClientId = client.ClientId,
        ClientName = client.Representation.Name,
        Description = client.Representation.Description,
        UserConsentRequired = client.Representation.ConsentRequired ?? false,
        InUse = inUse,
        OfflineAccess = offline,
        RootUrl = client.Representation.RootUrl,
        BaseUrl = client.Representation.BaseUrl,
        EffectiveUrl = EffectiveUrl(client, context.Service<ServerUrls>().Addresses(context.Http, context.Realm)),
        // What one was told when asked for consent, shown to those who gave it.
        LogoUri = consent is null ? null : client.Attribute("logoUri"),
        PolicyUri = consent is null ? null : client.Attribute("policyUri"),
        TosUri = consent is null ? null : client.Attribute("tosUri"),
        Consent = consent is null ? null : Show(context.Realm, consent),
    };

    private static string? EffectiveUrl(Client client, ServerAddresses server) =>
        client.Representation.BaseUrl is { Length: > 0 } path ? server.Absolute(client, path) : null;

    private static AccountConsent Show(Realm realm, UserConsentRepresentation consent) => new()
    {
        CreatedDate = consent.CreatedDate,
        LastUpdatedDate = consent.LastUpdatedDate,
        GrantedScopes =
        [
            .. (consent.GrantedClientScopes ?? []).Select(realm.FindScopeById).OfType<ClientScope>().Select(s =>
            {
                var key = s.Attribute("consent.screen.text") is { Length: > 0 } text ? text : s.Name;
                var words = ConsoleTexts.Words(realm, key);
                return new ConsentedScope { Id = s.Id, Name = key, DisplayText = words, DisplayTest = words };
            }),
        ],
    };
}
