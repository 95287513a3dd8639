using System.Net;
using Castellan.AspNetCore;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc7515;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Castellan.Tests.AspNetCore;

public sealed class TokensAccepted
{
    private const HttpStatusCode Ok = HttpStatusCode.OK;
    private const HttpStatusCode Unauthorized = HttpStatusCode.Unauthorized;
    private const HttpStatusCode Forbidden = HttpStatusCode.Forbidden;

    [Fact]
    public async Task A_good_token_opens_what_its_roles_and_scopes_allow()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(realm);
        var token = realm.Token();
        foreach (var (path, status) in new[]
        {
            ("/", Ok), ("/me", Ok), ("/users", Ok), ("/either", Ok), ("/payers", Forbidden), ("/orders", Ok), ("/others", Forbidden), ("/email", Ok), ("/phone", Forbidden),
            ("/clerk-and-payer", Forbidden), ("/viewer-and-clerk", Ok), ("/attribute", Ok), ("/attribute-client-role", Forbidden),
        })
        {
            // Twice: verified the first time, remembered the second.
            Assert.Equal((path, status), (path, await api.StatusAsync(path, token)));
            Assert.Equal((path, status), (path, await api.StatusAsync(path, token)));
        }
    }

    [Fact]
    public async Task Refusals_are_told_as_RFC_6750_has_it()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(realm);
        Assert.Equal(Ok, await api.StatusAsync("/"));
        Assert.Equal(Ok, await api.StatusAsync("/", "nonsense"));
        Assert.Equal(Unauthorized, await api.StatusAsync("/users"));
        Assert.Equal("Bearer realm=\"myrealm\"", await api.ChallengeAsync("/users"));
        Assert.Equal("Bearer realm=\"myrealm\", error=\"invalid_token\", error_description=\"The token is malformed\"", await api.ChallengeAsync("/users", "x"));
        Assert.Equal("Bearer realm=\"myrealm\", error=\"insufficient_scope\", error_description=\"The token does not allow this\"", await api.ChallengeAsync("/payers", realm.Token()));
        Assert.Equal("Bearer realm=\"myrealm\", error=\"insufficient_scope\", error_description=\"The token does not allow this\", scope=\"email phone\"", await api.ChallengeAsync("/phone", realm.Token()));

        var two = await api.SendRawAsync($"GET /users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {realm.Token()}\r\nAuthorization: Bearer {realm.Token()}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", two, StringComparison.Ordinal);
        Assert.Contains("error=\"invalid_request\"", two, StringComparison.Ordinal);
        using var basic = await api.SendAsync("/users", "Basic YTpi");
        Assert.Equal("Bearer realm=\"myrealm\"", basic.Headers.WwwAuthenticate.ToString());
        using var lower = await api.SendAsync("/users", $"bearer {realm.Token()}");
        Assert.Equal(Ok, lower.StatusCode);
    }

    public static TheoryData<string> Wrongs => [.. s_wrongs.Keys];

    private static readonly Dictionary<string, Func<FakeRealm, string>> s_wrongs = new()
    {
        ["expired"] = realm => realm.Token(claims => claims["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1),
        ["expires now"] = realm => realm.Token(claims => claims["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds()),
        ["no exp"] = realm => realm.Token(claims => claims["exp"] = null),
        ["exp as text"] = realm => realm.Token(claims => claims["exp"] = "99999999999"),
        ["exp before the epoch"] = realm => realm.Token(claims => claims["exp"] = -5L),
        ["not valid yet"] = realm => realm.Token(claims => claims["nbf"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60),
        ["nbf as text"] = realm => realm.Token(claims => claims["nbf"] = "0"),
        ["another audience"] = realm => realm.Token(claims => claims["aud"] = "account"),
        ["audience with a prefix"] = realm => realm.Token(claims => claims["aud"] = "my-api-2"),
        ["no audience"] = realm => realm.Token(claims => claims["aud"] = null),
        ["empty audiences"] = realm => realm.Token(claims => claims["aud"] = Array.Empty<string>()),
        ["another issuer"] = realm => realm.Token(claims => claims["iss"] = "https://evil.example/realms/myrealm"),
        ["issuer with a slash"] = realm => realm.Token(claims => claims["iss"] = realm.Url + "/"),
        ["no issuer"] = realm => realm.Token(claims => claims["iss"] = null),
        ["ID token"] = realm => realm.Token(claims => claims["typ"] = "ID"),
        ["refresh token"] = realm => realm.Token(claims => claims["typ"] = "Refresh"),
        ["offline token"] = realm => realm.Token(claims => claims["typ"] = "Offline"),
        ["logout token"] = realm => realm.Token(claims => claims["typ"] = "Logout"),
        ["logout token by its header"] = realm => realm.Token(typ: "logout+jwt"),
        ["DPoP proof"] = realm => realm.Token(typ: "dpop+jwt"),
        ["ID token that says at+jwt"] = realm => realm.Token(claims => claims["typ"] = "ID", typ: "at+jwt"),
        ["no type"] = realm => realm.Token(claims => claims["typ"] = null),
        ["typ as a list"] = realm => realm.Token(claims => claims["typ"] = new[] { "Bearer" }),
        ["bound by DPoP"] = realm => realm.Token(claims => { claims["typ"] = "DPoP"; claims["cnf"] = new Dictionary<string, object?> { ["jkt"] = "x" }; }),
        ["bound by mutual TLS"] = realm => realm.Token(claims => claims["cnf"] = new Dictionary<string, object?> { ["x5t#S256"] = "x" }),
        ["another key under the same name"] = realm => realm.Token(key: new SigningKey(TestKeys.Rsa(1), SignatureAlgorithm.RS256, realm.Key.Kid)),
        ["another algorithm of the same key"] = realm => realm.Token(key: new SigningKey(realm.Key.Key, SignatureAlgorithm.PS256, realm.Key.Kid)),
        ["the public key as HMAC secret"] = realm => realm.Token(key: new SigningKey(new OctKey(realm.Key.Key.SubjectPublicKeyInfo()), SignatureAlgorithm.HS256, realm.Key.Kid)),
        ["a demand that is not understood"] = realm => realm.TokenUnder($$"""{"alg":"RS256","typ":"JWT","kid":"{{realm.Key.Kid}}","crit":["x"],"x":1}"""),
        ["a demand that says nothing"] = realm => realm.TokenUnder($$"""{"alg":"RS256","typ":"JWT","kid":"{{realm.Key.Kid}}","crit":[]}"""),
        ["no algorithm"] = realm => realm.TokenUnder($$"""{"alg":"none","typ":"JWT","kid":"{{realm.Key.Kid}}"}"""),
        ["an unknown key"] = realm => realm.Token(key: new SigningKey(TestKeys.Rsa(1), SignatureAlgorithm.RS256, "invented")),
        ["no signature"] = realm => realm.Token()[..(realm.Token().LastIndexOf('.') + 1)],
        ["half a token"] = realm => realm.Token()[..400],
        ["a token and a space within"] = realm => realm.Token().Insert(50, " "),
        ["nothing"] = _ => "",
        ["dots"] = _ => new string('.', 10_000),
    };

    [Theory, MemberData(nameof(Wrongs))]
    public async Task A_token_that_is_wrong_in_one_thing_is_refused(string what)
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(realm);
        Assert.Equal(Ok, await api.StatusAsync("/me", realm.Token()));
        var token = s_wrongs[what](realm);
        Assert.Equal(Unauthorized, await api.StatusAsync("/me", token));
        Assert.Equal(Unauthorized, await api.StatusAsync("/me", token));
        Assert.Contains("error=\"invalid_token\"", await api.ChallengeAsync("/me", token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_signature_is_told_before_the_expiry()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(realm);
        var token = realm.Token(claims => claims["exp"] = 1L, key: new SigningKey(TestKeys.Rsa(1), SignatureAlgorithm.RS256, realm.Key.Kid));
        Assert.Contains("signature", await api.ChallengeAsync("/me", token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("at+jwt", null)]
    [InlineData("application/at+jwt", null)]
    [InlineData("AT+JWT", "Bearer")]
    [InlineData(null, "Bearer")]
    [InlineData(null, "bearer")]
    public async Task An_access_token_may_say_so_in_either_place(string? header, string? claim)
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(realm);
        Assert.Equal(Ok, await api.StatusAsync("/me", realm.Token(claims => claims["typ"] = claim, header)));
    }

    [Theory, InlineData("ES256"), InlineData("PS384"), InlineData("EdDSA"), InlineData("ES512")]
    public async Task Every_asymmetric_algorithm_is_taken(string name)
    {
        await using var realm = await FakeRealm.StartAsync();
        realm.Key = FakeRealm.NewKey(SignatureAlgorithm.Find(name)!);
        realm.Publish(realm.Key);
        await using var api = await ProtectedApi.StartAsync(realm);
        Assert.Equal(Ok, await api.StatusAsync("/me", realm.Token()));
    }

    [Fact]
    public async Task A_remembered_token_does_not_outlive_itself()
    {
        await using var realm = await FakeRealm.StartAsync();
        var clock = new MovableClock();
        await using var api = await ProtectedApi.StartAsync(realm, clock);
        var token = realm.Token();
        Assert.Equal(Ok, await api.StatusAsync("/me", token));
        clock.Advance(TimeSpan.FromSeconds(290));
        Assert.Equal(Ok, await api.StatusAsync("/me", token));
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("expired", await api.ChallengeAsync("/me", token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_policies_share_no_verdict()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var one = await ProtectedApi.StartAsync(realm);
        await using var other = await ProtectedApi.StartAsync(options => options.AddIssuer(realm.Url, "other-api"));
        await using var both = await ProtectedApi.StartAsync(
            options => options.AddIssuer(realm.Url, "other-api"),
            more: services => services.AddAuthentication().AddCastellan("second", options => options.AddIssuer(realm.Url, "my-api")));
        var token = realm.Token();
        Assert.Equal(Ok, await one.StatusAsync("/me", token));
        Assert.Equal(Unauthorized, await other.StatusAsync("/me", token));
        Assert.Equal(Unauthorized, await both.StatusAsync("/me", token));
    }

    [Fact]
    public async Task Several_realms_are_kept_apart()
    {
        await using var staff = await FakeRealm.StartAsync("staff");
        await using var customers = await FakeRealm.StartAsync("customers");
        customers.Key = FakeRealm.NewKey(SignatureAlgorithm.ES256);
        customers.Publish(customers.Key);
        await using var api = await ProtectedApi.StartAsync(options => options.AddIssuer(staff.Url, "my-api").AddIssuer(customers.Url, "shop"));
        Assert.Equal(Ok, await api.StatusAsync("/me", staff.Token()));
        Assert.Equal(Ok, await api.StatusAsync("/me", customers.Token(claims => claims["aud"] = "shop")));
        // Each with the audience of the other, with the keys of the other.
        Assert.Equal(Unauthorized, await api.StatusAsync("/me", customers.Token()));
        Assert.Equal(Unauthorized, await api.StatusAsync("/me", staff.Token(claims => claims["aud"] = "shop")));
        Assert.Equal(Unauthorized, await api.StatusAsync("/me", staff.Token(claims => claims["aud"] = "shop", key: customers.Key)));
        Assert.Equal(Unauthorized, await api.StatusAsync("/me", staff.Token(claims => { claims["aud"] = "shop"; claims["iss"] = customers.Url; })));
        Assert.Equal("Bearer", await api.ChallengeAsync("/me"));
    }

    [Fact]
    public async Task Claims_have_their_names_and_roles_are_roles()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(realm);
        using var response = await api.GetAsync("/claims", realm.Token());
        var claims = (await response.Content.ReadAsStringAsync()).Split('\n');
        foreach (var claim in new[] { "sub=f3a1", "azp=web", "aud=my-api", "aud=account", "email_verified=true", "scope=profile email", "preferred_username=alice" })
        {
            Assert.Contains(claim, claims);
        }

        Assert.Contains("http://schemas.microsoft.com/ws/2008/06/identity/claims/role=user-viewer", claims);
        Assert.DoesNotContain("http://schemas.microsoft.com/ws/2008/06/identity/claims/role=clerk", claims);
        Assert.Contains("""resource_access={"my-api":{"roles":["clerk"]}}""", claims);
        using var me = await api.GetAsync("/me", realm.Token());
        Assert.Equal("alice", await me.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_an_application_adds_to_an_identity_stays_with_its_request()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(
            options => options.AddIssuer(realm.Url, "my-api"), more: services => services.AddSingleton<IClaimsTransformation, AddingTransformation>());
        var token = realm.Token();
        for (var i = 0; i < 3; i++)
        {
            using var response = await api.GetAsync("/claims", token);
            var claims = (await response.Content.ReadAsStringAsync()).Split('\n');
            Assert.Single(claims, "department=stock");
            Assert.Contains("sub=f3a1", claims);
        }
    }

    [Fact]
    public async Task A_cache_of_few_places_or_none_answers_the_same()
    {
        await using var realm = await FakeRealm.StartAsync();
        foreach (var places in (int[])[0, 1, 8])
        {
            await using var api = await ProtectedApi.StartAsync(realm, more: options => options.CachedTokens = places);
            var tokens = Enumerable.Range(0, 40).Select(_ => realm.Token()).ToList();
            for (var round = 0; round < 2; round++)
            {
                foreach (var token in tokens)
                {
                    Assert.Equal(Ok, await api.StatusAsync("/me", token));
                    Assert.Equal(Unauthorized, await api.StatusAsync("/me", token[..^2]));
                }
            }
        }
    }
}
