using System.Reflection;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Grants;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc9449;
using Microsoft.Extensions.DependencyInjection;
using static Castellan.Tests.Rfc8693.ExchangeRealm;

namespace Castellan.Tests.Rfc8693;

/// <summary>Each reason against an exchange (RFC 8693 §2.2.2): the words of the refusal, its event, no token, and nothing written.</summary>
public sealed class Refused_exchanges
{
    private const string Dead = "Invalid token", Unsupported = "requested_token_type unsupported", NotOwn = "Sender-constrained token exchange rejected as the token was not issued for the requesting client";
    private const string NoRefresh = "Refresh token not valid as requested_token_type because creating a new session is needed";
    private const string NoCertificate = "Client certificate missing, or its thumbprint and one in the refresh token did NOT match";

    /// <summary>A request that is refused. By itself it is one that would be granted.</summary>
    private sealed record Refused(string Error, string Description, string Event = "invalid_request", int Status = 400)
    {
        public string By { get; init; } = "gate";

        public (string, string?)[] Form { get; init; } = [];

        /// <summary>What happens in the realm when the subject token is there.</summary>
        public Func<TestRealm, Answer, Task>? After { get; init; }

        /// <summary>Another subject token.</summary>
        public Func<TestRealm, Task<string>>? Subject { get; init; }

        public Action<HttpRequestMessage>? Headers { get; init; }
    }

    private static Refused Request(string description) => new("invalid_request", description);

    private static Refused DeadBy(Func<TestRealm, Answer, Task> after) => new("invalid_request", Dead, "invalid_token") { After = after };

    private static Refused DeadBy(Func<TestRealm, Task<string>> subject) => new("invalid_request", Dead, "invalid_token") { Subject = subject };

    private static readonly Dictionary<string, Refused> s_refused = new()
    {
        // What is asked for.
        ["for a subject"] = Request("Parameter 'requested_subject' is not supported for standard token exchange") with { Form = [("requested_subject", "bob")] },
        ["into a provider"] = Request("Parameter 'requested_issuer' is not supported for standard token exchange") with { Form = [("requested_issuer", "up")] },
        ["from a provider"] = Request("Parameter 'subject_issuer' is not supported for standard token exchange") with { Form = [("subject_issuer", "up")] },
        ["without a subject token"] = Request("Parameter 'subject_token' required for standard token exchange") with { Form = [("subject_token", null)] },
        ["without its type"] = Request("Parameter 'subject_token_type' required for standard token exchange") with { Form = [("subject_token_type", null)] },
        ["of an ID token, so called"] = Request("Parameter 'subject_token' supports access tokens only") with { Form = [("subject_token_type", Kind("id_token"))] },
        ["of a JWT, so called"] = Request("Parameter 'subject_token' supports access tokens only") with { Form = [("subject_token_type", Kind("jwt"))] },
        ["for a JWT"] = Request(Unsupported) with { Form = [("requested_token_type", Kind("jwt"))] },
        ["for SAML"] = Request(Unsupported) with { Form = [("requested_token_type", Kind("saml2"))] },
        ["for an empty type"] = Request(Unsupported) with { Form = [("requested_token_type", "")] },
        ["for a refresh token that the client may not have"] = Request(Unsupported) with { Form = [("requested_token_type", Kind("refresh_token"))] },
        ["for a refresh token by a client without them"] = Request(Unsupported) with
        {
            By = "renewing",
            Form = [("requested_token_type", Kind("refresh_token"))],
            After = (realm, _) => realm.SetClientAsync("renewing", c => c.Attributes!["use.refresh.tokens"] = "false"),
        },
        ["for an offline token"] = Request("Scope offline_access not allowed for token exchange") with
        {
            By = "renewing",
            Form = [("requested_token_type", Kind("refresh_token")), ("scope", "openid offline_access")],
        },
        ["for a refresh token of a service's"] = Request(NoRefresh) with { By = "renewing", Form = [("requested_token_type", Kind("refresh_token"))], Subject = ServiceAsync },
        ["for a refresh token of an offline session"] = Request(NoRefresh) with { By = "renewing", Form = [("requested_token_type", Kind("refresh_token"))], Subject = OfflineAsync },
        ["for an unknown scope"] = new("invalid_scope", "Invalid scopes: openid nonsense") { Form = [("scope", "openid nonsense")] },
        ["for an empty scope"] = new("invalid_scope", "Invalid scopes: ") { Form = [("scope", "")] },
        ["for an unknown audience"] = new("invalid_client", "Audience not found", "client_not_found") { Form = [("audience", "target"), ("audience", "nobody")] },
        ["for an empty audience"] = new("invalid_client", "Audience not found", "client_not_found") { Form = [("audience", "")] },
        ["for a list in one audience"] = new("invalid_client", "Audience not found", "client_not_found") { Form = [("audience", "target other")] },
        ["for a disabled audience"] = new("invalid_client", "Client disabled", "client_disabled") { Form = [("audience", "shut")] },
        ["for an audience that the token would not have"] = Request("Requested audience not available: other") with { Form = [("audience", "target"), ("audience", "other")] },
        ["for a refresh token for such an audience"] = Request("Requested audience not available: other") with
        {
            By = "renewing",
            Form = [("requested_token_type", Kind("refresh_token")), ("audience", "other")],
        },
        ["for an ID token for such an audience"] = Request("Requested audience not available: other") with { Form = [("requested_token_type", Kind("id_token")), ("audience", "other")] },

        // Who asks.
        ["by a client that may not"] = Request("Standard token exchange is not enabled for the requested client") with { By = "target" },
        ["by a public client"] = new("invalid_client", "Public client is not allowed to exchange token", "invalid_client") { By = "web" },
        ["by a public client, of its own token"] = new("invalid_client", "Public client is not allowed to exchange token", "invalid_client")
        {
            By = "web", Subject = async realm => (await realm.SignInAsync(client: "web")).Access,
        },
        ["by a client outside the audience"] = new("access_denied", "Client is not within the token audience", "not_allowed", 403) { By = "stranger" },
        ["without consent"] = new("invalid_scope", "Missing consents for Token Exchange in client asks", "consent_denied") { By = "asks" },

        // What is shown.
        ["of garbage"] = DeadBy(_ => Task.FromResult("garbage")),
        ["of nothing"] = DeadBy(_ => Task.FromResult("")),
        ["of an ID token"] = DeadBy(async realm => (await realm.SignInAsync())["id_token"]!),
        ["of a refresh token"] = DeadBy(async realm => (await realm.SignInAsync()).Refresh),
        ["of a token of another realm"] = DeadBy(async _ => (await (await OpenAsync()).SignInAsync()).Access),
        ["of an expired token"] = DeadBy(async realm => await realm.ChangedAsync((await realm.SignInAsync()).Access, c => c["exp"] = Now - 1)),
        ["of a token that counts later"] = DeadBy(async realm => await realm.ChangedAsync((await realm.SignInAsync()).Access, c => c["nbf"] = Now + 60)),
        ["of a token of another issuer"] = DeadBy(async realm => await realm.ChangedAsync((await realm.SignInAsync()).Access, c => c["iss"] = "https://elsewhere.example")),
        ["of a token without a client"] = DeadBy(async realm => await realm.ChangedAsync((await realm.SignInAsync()).Access, c => c.Remove("azp"))),
        ["of a token of an unknown session"] = DeadBy(async realm => await realm.ChangedAsync((await realm.SignInAsync()).Access, c => c["sid"] = "none")),
        ["of a revoked token"] = DeadBy((realm, tokens) => realm.PostAsync("revoke", [.. TestRealm.Credentials("api"), ("token", tokens.Access)])),
        ["of a token whose refresh token was revoked"] = DeadBy((realm, tokens) => realm.PostAsync("revoke", [.. TestRealm.Credentials("api"), ("token", tokens.Refresh)])),
        ["of a token whose session ended"] = DeadBy(async (realm, _) => await realm.Server.Sessions.DeleteByRealmAsync((await realm.NowAsync()).Id)),
        ["of a token whose session was idle too long"] = DeadBy((realm, _) => AgeAsync(realm, s => s with { LastAccess = s.LastAccess - 1_900_000 })),
        ["of a token whose session is too old"] = DeadBy((realm, _) => AgeAsync(realm, s => s with { Started = s.Started - 37_000_000 })),
        ["of a token whose client is disabled"] = DeadBy((realm, _) => realm.SetClientAsync("api", c => c.Enabled = false)),
        ["of a token whose client is gone"] = DeadBy(async (realm, _) => await realm.Server.Realms.ApplyAsync(new ChangeSet((await realm.NowAsync()).Id).Add(new DeleteClient((await realm.ClientAsync("api")).Id)))),
        ["of a token of somebody disabled"] = DeadBy((realm, _) => realm.SetAliceAsync(u => u.Enabled = false)),
        ["of a token from before the realm's time"] = DeadBy((realm, _) => realm.SetAsync(s => s.NotBefore = (int)Now + 10)),
        ["of a token from before its client's time"] = DeadBy((realm, _) => realm.SetClientAsync("api", c => c.NotBefore = (int)Now + 10)),
        ["of a token from before its person's time"] = DeadBy((realm, _) => realm.SetAliceAsync(u => u.NotBefore = (int)Now + 10)),
        ["of an offline session that may not be one any more"] = DeadBy(OfflineAsync) with
        {
            After = (realm, _) => realm.SetClientAsync("api", c => c.OptionalClientScopes!.Remove("offline_access")),
        },
        ["of another client's token that is bound to a key"] = Request(NotOwn) with { Subject = async realm => (await BoundAsync(realm)).Access, Headers = null },
        ["of another client's token that is bound to a certificate"] = Request(NotOwn) with { Subject = CertifiedAsync },
        ["of its own token that is bound to a key, without it"] = new("invalid_request", "DPoP proof is missing", "invalid_dpop_proof")
        {
            By = "api", Subject = async realm => (await BoundAsync(realm)).Access, After = EnableAsync,
        },
        ["of its own token that is bound to a certificate, without it"] = Request(NoCertificate) with { By = "api", Subject = CertifiedAsync, After = EnableAsync },
        ["of its own token that is bound to a certificate, with another"] = Request(NoCertificate) with
        {
            By = "api",
            Subject = CertifiedAsync,
            After = EnableAsync,
            Headers = request => request.Headers.Add(TestServer.CertificateHeader, TestServer.Certificate()),
        },
    };

    public static TheoryData<string> All => [.. s_refused.Keys];

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    [Theory]
    [MemberData(nameof(All))]
    public async Task It_says_why_and_leaves_nothing(string what)
    {
        var (refused, realm) = (s_refused[what], await OpenAsync());
        var tokens = await realm.SignInAsync();
        var subject = refused.Subject is { } other ? await other(realm) : tokens.Access;
        if (refused.After is { } after)
        {
            await after(realm, tokens);
        }

        var before = await realm.SessionsAsync();
        var answer = await realm.ExchangeAsync(subject, refused.By, refused.Headers, refused.Form);
        answer.Refuses(refused.Status, refused.Error, refused.Description);
        Assert.All(["access_token", "refresh_token", "id_token"], member => Assert.Null(answer[member]));
        Assert.Equal(before, await realm.SessionsAsync());
        var happened = await realm.LastAsync("TOKEN_EXCHANGE_ERROR");
        Assert.Equal((refused.Event, refused.By, "token_exchange", ExchangeRealm.Grant), (happened.Error, happened.ClientId, happened.Details!["auth_method"], happened.Details["grant_type"]));
        Assert.NotEmpty(happened.Details["reason"]);
    }

    /// <summary>CVE-2025-14559, CVE-2026-1609, CVE-2026-9097: whoever was switched off since gets nothing, whatever the token is.</summary>
    [Theory]
    [InlineData("realm disabled"), InlineData("client disabled"), InlineData("switched off"), InlineData("person deleted")]
    public async Task CVE_2025_14559_and_2026_1609_for_what_is_switched_off_there_is_no_token(string what)
    {
        var realm = await OpenAsync();
        var subject = (await realm.SignInAsync()).Access;
        Assert.Equal(200, (await realm.ExchangeAsync(subject)).Status);
        await (what switch
        {
            "realm disabled" => realm.SetAsync(s => s.Enabled = false),
            "client disabled" => realm.SetClientAsync("gate", c => c.Enabled = false),
            "switched off" => realm.SetClientAsync("gate", c => c.Attributes![Enabled] = "false"),
            _ => DeleteAliceAsync(realm),
        });
        var answer = await realm.ExchangeAsync(subject);
        Assert.InRange(answer.Status, 400, 403);
        Assert.Null(answer["access_token"]);
    }

    [Fact]
    public async Task A_session_that_ends_meanwhile_is_not_joined_and_gives_no_tokens()
    {
        var realm = await OpenAsync();
        var (subject, services) = ((await realm.SignInAsync()).Access, realm.Server.Services);
        var ending = DispatchProxy.Create<ISessions, EndingSessions>();
        ((EndingSessions)(object)ending).Sessions = realm.Server.Sessions;
        var grant = new TokenExchangeGrant(
            services.GetRequiredService<AccessTokens>(), services.GetRequiredService<IClients>(), services.GetRequiredService<IUserStore>(), ending, TimeProvider.System);
        var happened = new LoginEvent { Type = EventTypes.TokenExchange };
        var answer = await services.GetRequiredService<TokenPipeline>().RunAsync(
            grant,
            new TokenRequest
            {
                Realm = await realm.NowAsync(),
                Authenticated = new(await realm.ClientAsync("renewing"), "client-secret"),
                Form = new(
                [
                    new("subject_token", subject), new("subject_token_type", Kind("access_token")), new("requested_token_type", Kind("refresh_token")),
                ]),
                Issuer = realm.Issuer,
                Event = happened,
            },
            default);
        Assert.False(answer.Ok(out _, out var error));
        Assert.Equal(("invalid_request", Dead, "invalid_token"), (error!.Code, error.Description, happened.Error));
        Assert.Empty(await realm.SessionsAsync());
    }

    /// <summary>Somebody signs out just before a client's part is written.</summary>
    public class EndingSessions : DispatchProxy
    {
        public ISessions Sessions { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(ISessions.AttachAsync))
            {
                Assert.True(Sessions.DeleteAsync((string)args![0]!, ((ClientSession)args[1]!).SessionId).AsTask().GetAwaiter().GetResult());
            }

            return targetMethod.Invoke(Sessions, args);
        }
    }

    /// <summary>RFC 9449 §5: with another key than the token's own.</summary>
    [Fact]
    public async Task A_proof_of_another_key_is_none()
    {
        var realm = await OpenAsync();
        await EnableAsync(realm, null);
        var (key, other) = (EcKey.Generate("P-256")!, EcKey.Generate("P-256")!);
        var bound = (await BoundAsync(realm, key)).Access;
        (await realm.ExchangeAsync(bound, "api", r => r.Headers.Add("DPoP", Section_5_Refresh_tokens.Proof(realm, other)))).Refuses(400, "invalid_request", "DPoP confirmation doesn't match DPoP proof");
        var answer = await realm.ExchangeAsync(bound, "api", r => r.Headers.Add("DPoP", Section_5_Refresh_tokens.Proof(realm, key)));
        Assert.Equal((200, "DPoP"), (answer.Status, answer["token_type"]));
        Assert.True(answer.Claims("access_token").TryGetProperty("cnf", out _));
    }

    private static async Task<string> ServiceAsync(TestRealm realm) => (await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")])).Access;

    private static async Task<string> OfflineAsync(TestRealm realm) => (await realm.SignInAsync("openid offline_access")).Access;

    private static Task<Answer> BoundAsync(TestRealm realm, EcKey? key = null) => realm.PostAsync(
        "token", request => request.Headers.Add("DPoP", Section_5_Refresh_tokens.Proof(realm, key ?? EcKey.Generate("P-256")!)), PasswordGrant);

    private static async Task<string> CertifiedAsync(TestRealm realm)
    {
        await realm.SetClientAsync("api", c => (c.Attributes ??= [])["tls.client.certificate.bound.access.tokens"] = "true");
        var tokens = await realm.PostAsync("token", request => request.Headers.Add(TestServer.CertificateHeader, TestServer.Certificate()), PasswordGrant);
        // What was bound stays so, whatever the client is set to later.
        await realm.SetClientAsync("api", c => c.Attributes!["tls.client.certificate.bound.access.tokens"] = "false");
        return tokens.Access;
    }

    private static (string, string)[] PasswordGrant => [.. TestRealm.Credentials("api"), ("grant_type", "password"), ("username", "alice"), ("password", "correct-horse")];

    private static Task EnableAsync(TestRealm realm, Answer? tokens) => realm.SetClientAsync("api", c => (c.Attributes ??= [])[Enabled] = "true");

    private static async Task DeleteAliceAsync(TestRealm realm) => await realm.Server.Realms.ApplyAsync(new ChangeSet((await realm.NowAsync()).Id).Add(new DeleteUser((await realm.AliceAsync()).Id)));

    private static async Task AgeAsync(TestRealm realm, Func<UserSession, UserSession> age)
    {
        var (id, alice) = ((await realm.NowAsync()).Id, (await realm.AliceAsync()).Id);
        var session = Assert.Single(await realm.Server.Sessions.ListByUserAsync(id, alice));
        await realm.Server.Sessions.DeleteAsync(id, session.Id);
        await realm.Server.Sessions.AddAsync(age(session));
    }
}
