using System.Web;
using Castellan.Core.Events;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Storage;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>A realm that two providers sign people into; both are the same fake one.</summary>
internal sealed class BrokerRoom(SignInServer server, FakeProvider provider) : IAsyncDisposable
{
    public const string Password = "Correct-horse-1";
    public const string RealmName = "shop";

    private static string Provider(string alias, string more = "") => $$"""
        {"alias": "{{alias}}", "internalId": "id-{{alias}}", "providerId": "oidc", "enabled": true{{more}},
         "config": {"clientId": "{{FakeProvider.ClientId}}", "clientSecret": "{{FakeProvider.Secret}}", "clientAuthMethod": "client_secret_post", "issuer": "{{FakeProvider.Issuer}}",
           "authorizationUrl": "{{FakeProvider.Issuer}}/auth", "tokenUrl": "{{FakeProvider.Issuer}}/token", "userInfoUrl": "{{FakeProvider.Issuer}}/info", "jwksUrl": "{{FakeProvider.Issuer}}/keys",
           "logoutUrl": "{{FakeProvider.Issuer}}/logout", "useJwksUrl": "true", "validateSignature": "true", "syncMode": "IMPORT", "jwtAuthorizationGrantEnabled": "true"} }
        """;

    public SignInServer Server => server;

    public FakeProvider Up => provider;

    public string Issuer => $"{server.Base}/realms/{RealmName}";

    public IRealms Realms => server.Services.GetRequiredService<IRealms>();

    public IUserStore Users => server.Services.GetRequiredService<IUserStore>();

    public static async Task<BrokerRoom> OpenAsync(Action<IServiceCollection>? more = null, bool mail = false, DbEngine engine = DbEngine.Sqlite)
    {
        var up = new FakeProvider();
        var server = await SignInServer.StartAsync($$"""
            {
              "realm": "{{RealmName}}", "enabled": true, "smtpServer": {{{(mail ? "\"host\": \"localhost\", \"from\": \"shop@example.org\"" : "")}} },
              "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["{{SignInServer.Callback}}"]},
                {"clientId": "api", "secret": "a-secret-of-the-api", "attributes": {"oauth2.jwt.authorization.grant.enabled": "true", "oauth2.jwt.authorization.grant.idp": "up"} }],
              "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{Password}}"}] }],
              "identityProviders": [{{Provider("up")}}, {{Provider("second")}}, {{Provider("linking", ", \"linkOnly\": true")}}, {{Provider("trusted", ", \"trustEmail\": true")}}]
            }
            """, services =>
        {
            services.AddSingleton<IFetch>(up);
            more?.Invoke(services);
        }, engine);
        return new BrokerRoom(server, up);
    }

    public async Task<Realm> RealmAsync() => (await Realms.FindAsync(RealmName))!;

    public async Task<List<FederatedIdentityRepresentation>> LinksAsync(string username) => await Users.FindByUsernameAsync((await RealmAsync()).Id, username) is { } user
        ? await Users.FederatedIdentitiesAsync(user.Representation.Id is null ? "" : (await RealmAsync()).Id, user.Id) : [];

    public async Task<int> CountAsync() => await Users.CountAsync((await RealmAsync()).Id, new UserQuery());

    /// <summary>A provider with other settings.</summary>
    public async Task ChangeAsync(string alias, Action<IdentityProviderRepresentation> change)
    {
        var realm = await RealmAsync();
        var changed = realm.Data.IdentityProviders.First(p => p.Alias == alias).ShallowCopy();
        changed.Config = new(changed.Config!);
        change(changed);
        await Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutPart(PartKind.IdentityProvider, changed.InternalId!, changed.Alias, changed)));
    }

    /// <summary>A person as they are after a change.</summary>
    public async Task ChangeUserAsync(string username, Action<UserRepresentation> change)
    {
        var realm = await RealmAsync();
        var changed = UserRepresentations.Copy((await Users.FindByUsernameAsync(realm.Id, username))!.Representation);
        change(changed);
        await Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutUser(changed)));
    }

    /// <summary>The realm keeps its events from here on.</summary>
    public Task KeepEventsAsync() => ChangeRealmAsync(settings => settings.EventsEnabled = true);

    public async Task ChangeRealmAsync(Action<RealmRepresentation> change)
    {
        var realm = await RealmAsync();
        var settings = realm.Settings.ShallowCopy();
        change(settings);
        await Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
    }

    /// <summary>Failures in the order of their texts, since several may be of one millisecond: type, error, client, whether a person is named, and the details without those that differ each time.</summary>
    public async Task<List<string>> FailuresAsync()
    {
        var events = await server.Services.GetRequiredService<IEventStore>().ListAsync((await RealmAsync()).Id, new EventQuery(), TestContext.Current.CancellationToken);
        return [.. events.Where(e => e.Error is not null).Select(e =>
            $"{e.Type} {e.Error} {e.ClientId ?? "-"} {(e.UserId is null ? "-" : "user")} {string.Join(' ', (e.Details ?? []).Where(d => d.Key is not ("code_id" or "redirect_uri" or "identity_provider_broker_session_id" or "response_type" or "response_mode" or "remember_me")).Select(d => $"{d.Key}={d.Value}").Order(StringComparer.Ordinal))}".TrimEnd()).Order(StringComparer.Ordinal)];
    }

    /// <summary>Gives alice the role by which people change the links of their account.</summary>
    public async Task LetAliceLinkAsync()
    {
        var realm = await RealmAsync();
        var alice = (await Users.FindByUsernameAsync(realm.Id, "alice"))!;
        var role = realm.Roles.OfClientNamed("account").First(r => r.Name == "manage-account-links").Id;
        await Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new AddRole(RoleOwner.User, alice.Id, role)));
    }

    /// <summary>A browser that stands before the provider's door.</summary>
    public async Task<TestBrowser> LeaveAsync(string alias = "up")
    {
        var browser = server.Browser();
        await LeaveAsync(browser, alias);
        return browser;
    }

    public async Task LeaveAsync(TestBrowser browser, string alias = "up")
    {
        await browser.OpenAsync(RealmName, ("kc_idp_hint", alias));
        await browser.FollowAsync();
        Assert.StartsWith(FakeProvider.Issuer, browser.Location, StringComparison.Ordinal);
        provider.Nonce = Sent(browser, "nonce");
    }

    /// <summary>A parameter of the request that the browser carries to the provider.</summary>
    public static string? Sent(TestBrowser browser, string name) => HttpUtility.ParseQueryString(new Uri(browser.Location!).Query)[name];

    /// <summary>Where the provider sends the browser.</summary>
    public string Answer(TestBrowser browser, string code = "a-code", string? alias = null, string more = "")
    {
        var back = Sent(browser, "redirect_uri")!;
        back = alias is null ? back : System.Text.RegularExpressions.Regex.Replace(back, "/broker/[^/]+/", $"/broker/{alias}/");
        return $"{back}?state={Uri.EscapeDataString(Sent(browser, "state")!)}&code={code}{more}";
    }

    /// <summary>Through the provider and as far as pages or the client.</summary>
    public async Task<TestBrowser> ArriveAsync(string alias = "up")
    {
        var browser = await LeaveAsync(alias);
        await browser.GetAsync(Answer(browser));
        await browser.FollowAsync();
        return browser;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
