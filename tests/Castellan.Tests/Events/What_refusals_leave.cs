using Castellan.Core.Events;
using Castellan.Tests.Rfc6749;
using Castellan.Tests.Rfc7662;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Events;

/// <summary>The events of refused requests at the token, introspection, userinfo and revocation endpoints: error, whose they are, and details, as in Keycloak.</summary>
public sealed class What_refusals_leave
{
    /// <summary>Details that say how somebody asked, and ids that differ each time.</summary>
    private static readonly string[] s_usual = ["grant_type", "auth_method", "client_auth_method", "token_id", "refresh_token_id", "refresh_token_sub", "code_id"];

    private static readonly string[] s_types = ["INTROSPECT_TOKEN", "USER_INFO_REQUEST", "REVOKE_GRANT", "REFRESH_TOKEN", "CODE_TO_TOKEN", "CLIENT_LOGIN", "LOGIN"];

    // What is done, and the event: error, client, whether there is a user (U) and a session (S), details.
    public static TheoryData<string, string> Acts => new()
    {
        { "introspect nothing", "invalid_request api -- detail=Token not provided." },
        { "introspect as web", "invalid_request web -- detail=Client not allowed." },
        { "introspect another kind", "invalid_request api -- detail=Unsupported token type [x]." },
        { "introspect garbage", "invalid_token api -- reason=Access token JWT check failed" },
        { "introspect", "- api US token_issued_for=api token_type=Bearer" },
        { "client off, introspect", "client_disabled api -- reason=Client with clientId web is disabled token_issued_for=web token_type=Bearer" },
        { "user off, introspect", "user_disabled api US reason=Could not find valid user from user session S token_issued_for=api token_type=Bearer" },
        { "revoked, introspect", "invalid_token api -- reason=Introspection access token for api client: JWT check failed token_issued_for=api token_type=Bearer" },
        { "session over, introspect", "user_session_not_found api -S reason=Introspection access token for api client: user_session_not_found token_issued_for=api token_type=Bearer" },
        { "userinfo of nobody", "invalid_token - -- reason=Missing token" },
        { "userinfo with garbage", "invalid_token - -- reason=Failed to parse JWT" },
        { "userinfo with a refresh token", "invalid_token - -- reason=Token type is incorrect. Expected '[Bearer, DPoP]' but was 'Refresh'" },
        { "userinfo without openid", "access_denied - -- reason=Missing openid scope" },
        { "client off, userinfo", "client_disabled web --" },
        { "user off, userinfo", "user_disabled api US username=alice" },
        { "session over, userinfo", "user_session_not_found api -S" },
        { "realm revoked, userinfo", "invalid_token - -- reason=Stale token" },
        { "bound, userinfo", "not_allowed api US reason=Client certificate missing, or its thumbprint and one in the refresh token did NOT match username=alice" },
        { "revoke nothing", "invalid_request api -- reason=Token not provided" },
        { "revoke garbage", "invalid_token api --" },
        { "revoke an id token", "invalid_token_type api -- reason=Unsupported token type" },
        { "revoke as web", "invalid_request web -- reason=Unmatching clients" },
        { "session over, revoke", "user_session_not_found api --" },
        { "revoke an access token", "- api U-" },
        { "revoke a refresh token", "- api US refresh_token_type=Refresh revoked_client=api" },
        { "refresh as web", "invalid_token web -- reason=Invalid refresh token. Token client and authorized client don't match" },
        { "user off, refresh", "invalid_token api -S reason=User disabled refresh_token_type=Refresh" },
        { "session over, refresh", "invalid_token api -S reason=Session not active refresh_token_type=Refresh" },
        { "refresh nothing", "no event" },
        { "code of another address", "invalid_redirect_uri web US reason=Parameter 'redirect_uri' did not match originally saved redirect URI used in initial OIDC request. Saved redirectUri: http://localhost:3000/back, redirectUri parameter: null" },
        { "code without its verifier", "code_verifier_missing web US reason=PKCE code verifier not specified" },
        { "code with a wrong verifier", "pkce_verification_failed web US reason=Code mismatch" },
        { "code with a short verifier", "invalid_code_verifier web US reason=Invalid code verifier" },
        { "code of no session", "invalid_code web -S" },
        { "a proof that is none", "invalid_dpop_proof api -- reason=DPoP header verification failure" },
        { "a parameter twice", "no event" },
        { "a wrong password", "invalid_user_credentials api U- username=ALICE" },
    };

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task Is_an_event_that_says_why(string act, string expected)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            (file.EventsEnabled, file.EnabledEventTypes) = (true, [.. s_types.SelectMany(t => new[] { t, t + "_ERROR" })]);
            file.Clients![0].ProtocolMappers = [Hints.Audience];
            file.Clients[1].ProtocolMappers = [Hints.Audience];
        });
        var tokens = await realm.SignInAsync(act == "userinfo without openid" ? "profile" : "openid", act.StartsWith("client off", StringComparison.Ordinal) ? "web" : "api");
        var store = realm.Server.Services.GetRequiredService<IEventStore>();
        var at = act.Split(", ")[0];
        await (at switch
        {
            "client off" => realm.SetClientAsync("web", c => c.Enabled = false),
            "user off" => realm.SetAliceAsync(u => u.Enabled = false),
            "realm revoked" => realm.SetAsync(r => r.NotBefore = (int)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60),
            "bound" => realm.SetClientAsync("api", c => c.Attributes = new() { ["tls.client.certificate.bound.access.tokens"] = "true" }),
            "session over" => realm.Server.Sessions.DeleteByRealmAsync((await realm.NowAsync()).Id).AsTask(),
            "revoked" => realm.PostAsync("revoke", [.. TestRealm.Credentials("api"), ("token", tokens.Access)]),
            _ => Task.CompletedTask,
        });
        await store.DeleteEventsAsync((await realm.NowAsync()).Id);
        await DoAsync(realm, tokens, act.Split(", ")[^1]);
        var left = await store.ListAsync((await realm.NowAsync()).Id, new EventQuery(Max: 10));
        Assert.Equal(expected, left is [] ? "no event" : Said(Assert.Single(left), tokens["session_state"]!));
    }

    private static async Task DoAsync(TestRealm realm, Answer tokens, string act)
    {
        var (api, code) = (TestRealm.Credentials("api"), act.StartsWith("code", StringComparison.Ordinal));
        var challenged = code && act != "code of another address" && act != "code of no session";
        var given = !code ? "" : act == "code of no session" ? $"{Guid.NewGuid()}.nowhere.{Guid.NewGuid()}"
            : await Section_4_1_3_Codes.CodeAsync(realm, challenged ? c => c with { CodeChallenge = new('a', 43), CodeChallengeMethod = "plain" } : null);
        (string, string)[] exchange = [("client_id", "web"), ("grant_type", "authorization_code"), ("code", given)];
        (string, string)[] back = [.. exchange, ("redirect_uri", "http://localhost:3000/back")];
        await (act switch
        {
            "introspect nothing" => realm.PostAsync("token/introspect", api),
            "introspect as web" => realm.PostAsync("token/introspect", ("client_id", "web"), ("token", "x")),
            "introspect another kind" => realm.IntrospectAsync("x", ("token_type_hint", "x")),
            "introspect garbage" => realm.IntrospectAsync("x"),
            "introspect" => realm.IntrospectAsync(tokens.Access),
            "userinfo of nobody" => realm.PostAsync("userinfo"),
            "userinfo with garbage" => realm.UserInfoAsync("garbage"),
            "userinfo with a refresh token" => realm.UserInfoAsync(tokens.Refresh),
            "userinfo" or "userinfo without openid" => realm.UserInfoAsync(tokens.Access),
            "revoke nothing" => realm.PostAsync("revoke", api),
            "revoke garbage" => realm.PostAsync("revoke", [.. api, ("token", "x")]),
            "revoke an id token" => realm.PostAsync("revoke", [.. api, ("token", tokens["id_token"]!)]),
            "revoke as web" => realm.PostAsync("revoke", ("client_id", "web"), ("token", tokens.Access)),
            "revoke" or "revoke an access token" => realm.PostAsync("revoke", [.. api, ("token", tokens.Access)]),
            "revoke a refresh token" => realm.PostAsync("revoke", [.. api, ("token", tokens.Refresh)]),
            "refresh as web" => realm.RefreshAsync(tokens.Refresh, "web"),
            "refresh" => realm.RefreshAsync(tokens.Refresh),
            "refresh nothing" => realm.PostAsync("token", [.. api, ("grant_type", "refresh_token")]),
            "code of another address" => realm.PostAsync("token", exchange),
            "code without its verifier" or "code of no session" => realm.PostAsync("token", back),
            "code with a wrong verifier" => realm.PostAsync("token", [.. back, ("code_verifier", new('b', 43))]),
            "code with a short verifier" => realm.PostAsync("token", [.. back, ("code_verifier", "short")]),
            "a proof that is none" => realm.PostAsync("token", r => r.Headers.Add("DPoP", "x"), [.. api, ("grant_type", "client_credentials")]),
            "a wrong password" => realm.PostAsync("token", [.. api, ("grant_type", "password"), ("username", "ALICE"), ("password", "wrong")]),
            "a parameter twice" => realm.PostAsync("token", [.. api, ("grant_type", "client_credentials"), ("x", "1"), ("x", "2")]),
            _ => throw new ArgumentException(act),
        });
    }

    private static string Said(LoginEvent left, string session)
    {
        var details = (left.Details ?? []).Where(d => !s_usual.Contains(d.Key)).OrderBy(d => d.Key, StringComparer.Ordinal)
            .Select(d => $"{d.Key}={d.Value.Replace(session, "S", StringComparison.Ordinal)}");
        return string.Join(' ', [left.Error ?? "-", left.ClientId ?? "-", (left.UserId is null ? "-" : "U") + (left.SessionId is null ? "-" : "S"), .. details]);
    }
}
