using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Rfc6749;

public sealed class Section_4_1_3_Codes
{
    internal const string Redirect = "http://localhost:3000/back";
    private const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    [Fact]
    public async Task A_code_is_refused_the_second_time_and_what_it_gave_ends()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var code = await CodeAsync(realm);
        var tokens = await ExchangeAsync(realm, code);
        Assert.Equal(200, tokens.Status);
        (await ExchangeAsync(realm, code)).Refuses(400, "invalid_grant", "Code not valid");
        (await realm.RefreshAsync(tokens.Refresh, "web")).Refuses(400, "invalid_grant");
        Assert.Equal(401, (await realm.UserInfoAsync(tokens.Access)).Status);
    }

    [Fact]
    public async Task Of_parallel_uses_at_most_one_wins()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var code = await CodeAsync(realm);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ExchangeAsync(realm, code)));

        // Whoever comes second ends what the code gave (§4.1.2), which may be before the first has had its answer.
        Assert.InRange(answers.Count(a => a.Status == 200), 0, 1);
        Assert.All(answers.Where(a => a.Status != 200), a => a.Refuses(400, "invalid_grant"));
    }

    [Fact]
    public async Task A_code_of_one_client_is_refused_to_another_and_stays_spent()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var code = await CodeAsync(realm);
        (await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Redirect)]))
            .Refuses(400, "invalid_grant", "Auth error: Found different client_id in clientSession");
        (await ExchangeAsync(realm, code)).Refuses(400, "invalid_grant", "Code not valid");
    }

    [Theory]
    [InlineData("S256", null, "PKCE code verifier not specified")]
    [InlineData("S256", "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong", "PKCE verification failed: Code mismatch")]
    [InlineData("S256", "short", "PKCE verification failed: Invalid code verifier")]
    [InlineData(null, Verifier, "PKCE code verifier specified but challenge not present in authorization")]
    public async Task A_verifier_that_does_not_fit_is_refused(string? method, string? verifier, string why)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var code = await CodeAsync(realm, c => method is null ? c : c with { CodeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", CodeChallengeMethod = method });
        (await ExchangeAsync(realm, code, verifier)).Refuses(400, "invalid_grant", why);
    }

    [Fact]
    public async Task The_verifier_of_the_example_in_RFC_7636_is_taken()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var code = await CodeAsync(realm, c => c with { CodeChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", CodeChallengeMethod = "S256" });
        Assert.Equal(200, (await ExchangeAsync(realm, code, Verifier)).Status);
    }

    [Fact]
    public async Task Another_redirect_uri_is_refused()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        (await realm.PostAsync("token", ("client_id", "web"), ("grant_type", "authorization_code"), ("code", await CodeAsync(realm)), ("redirect_uri", Redirect + "/")))
            .Refuses(400, "invalid_grant", "Incorrect redirect_uri");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_code_that_is_too_old_or_whose_session_is_over_is_none(bool old)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var code = await CodeAsync(realm, life: old ? TimeSpan.Zero : null);
        if (!old)
        {
            await realm.Server.Sessions.DeleteByRealmAsync((await realm.NowAsync()).Id);
        }

        (await ExchangeAsync(realm, code)).Refuses(400, "invalid_grant", "Code not valid");
    }

    [Fact]
    public async Task A_redirect_uri_that_was_not_asked_for_may_be_named_all_the_same()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        Assert.Equal(200, (await ExchangeAsync(realm, await CodeAsync(realm, c => c with { RedirectUri = null }))).Status);
    }

    [Fact]
    public async Task A_wrong_redirect_uri_is_seen_before_a_wrong_client()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        (await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "authorization_code"), ("code", await CodeAsync(realm)), ("redirect_uri", Redirect + "/")]))
            .Refuses(400, "invalid_grant", "Incorrect redirect_uri");
    }

    [Fact]
    public async Task A_code_is_bound_to_the_key_that_the_request_promised()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        (await ExchangeAsync(realm, await CodeAsync(realm, c => c with { DPoPJkt = "some-thumbprint" }))).Refuses(400, "invalid_request", "DPoP Proof missing");
    }

    private static Task<Answer> ExchangeAsync(TestRealm realm, string code, string? verifier = null)
    {
        (string, string)[] form = [("client_id", "web"), ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Redirect)];
        return realm.PostAsync("token", verifier is null ? form : [.. form, ("code_verifier", verifier)]);
    }

    /// <summary>A session of alice and a code of it for <c>web</c>, as the authorization endpoint makes them.</summary>
    internal static async Task<string> CodeAsync(
        TestRealm realm, Func<AuthorizationCode, AuthorizationCode>? change = null, Dictionary<string, string>? notes = null, string client = "web", TimeSpan? life = null)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var picture = await realm.NowAsync();
        var owner = (await realm.Server.Services.GetRequiredService<IClients>().FindAsync(picture, client))!;
        var alice = await realm.AliceAsync();
        var session = new UserSession
        {
            Id = Core.Secret.Base64Url(18), RealmId = picture.Id, UserId = alice.Id, Started = now, LastAccess = now,
            Clients = [new ClientSession { SessionId = "", ClientId = owner.Id, Started = now, LastAccess = now, Notes = notes ?? [] }],
        };
        session = session with { Clients = [session.Clients[0] with { SessionId = session.Id }] };
        await realm.Server.Sessions.AddAsync(session);
        var code = new AuthorizationCode { UserSessionId = session.Id, ClientId = owner.Id, UserId = alice.Id, Scope = "openid", RedirectUri = Redirect };
        return await realm.Server.Services.GetRequiredService<ICodes>().AddAsync(picture.Id, change?.Invoke(code) ?? code, life ?? TimeSpan.FromMinutes(1));
    }
}
