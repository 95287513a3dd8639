using System.Net;
using System.Text;
using Castellan.AspNetCore;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc7515;
using Xunit;

namespace Castellan.Tests.AspNetCore;

public sealed class Introspected
{
    private const HttpStatusCode Ok = HttpStatusCode.OK;
    private const HttpStatusCode Unauthorized = HttpStatusCode.Unauthorized;

    [Fact]
    public async Task A_token_is_good_as_long_as_the_realm_says_so()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await StartAsync(realm, TimeSpan.Zero);
        var token = realm.Token();
        realm.IntrospectionAnswer = Answer(realm, token);
        Assert.Equal(Ok, await api.StatusAsync("/users", token));
        Assert.Equal(HttpStatusCode.Forbidden, await api.StatusAsync("/payers", token));
        Assert.Equal("Basic " + Convert.ToBase64String("my-api:s%2Becret%3A"u8), realm.IntrospectionCredentials);
        realm.IntrospectionAnswer = """{"active":false}""";
        Assert.Equal(Unauthorized, await api.StatusAsync("/users", token));
    }

    [Fact]
    public async Task An_answer_is_remembered_for_as_long_as_allowed()
    {
        await using var realm = await FakeRealm.StartAsync();
        var clock = new MovableClock();
        await using var api = await StartAsync(realm, TimeSpan.FromSeconds(5), clock);
        var token = realm.Token();
        realm.IntrospectionAnswer = Answer(realm, token);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Ok, await api.StatusAsync("/users", token));
        }

        Assert.Equal(1, realm.Introspections);
        realm.IntrospectionAnswer = """{"active":false}""";
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(Unauthorized, await api.StatusAsync("/users", token));
        Assert.Equal(Unauthorized, await api.StatusAsync("/users", token));
        Assert.Equal(3, realm.Introspections);
    }

    [Fact]
    public async Task An_answer_that_is_remembered_does_not_outlive_its_token()
    {
        await using var realm = await FakeRealm.StartAsync();
        var clock = new MovableClock();
        await using var api = await StartAsync(realm, TimeSpan.FromHours(1), clock);
        var token = realm.Token();
        realm.IntrospectionAnswer = Answer(realm, token);
        Assert.Equal(Ok, await api.StatusAsync("/users", token));
        clock.Advance(TimeSpan.FromSeconds(290));
        Assert.Equal(Ok, await api.StatusAsync("/users", token));
        Assert.Equal(1, realm.Introspections);
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(Unauthorized, await api.StatusAsync("/users", token));
        Assert.Equal(2, realm.Introspections);
    }

    [Fact]
    public async Task What_the_answer_lacks_is_missed()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await StartAsync(realm, TimeSpan.Zero);
        var token = realm.Token();
        var good = Answer(realm, token);
        foreach (var (from, to) in new[]
        {
            ("\"active\":true", "\"active\":\"true\""), ("\"active\":true", "\"active\":1"), ("\"my-api\",", ""), ("\"typ\":\"Bearer\"", "\"typ\":\"Refresh\""),
            ("\"typ\":\"Bearer\",", ""), ("\"iss\":", "\"issuer\":"), ("\"exp\":", "\"expires\":"), ("\"azp\":\"web\"", "\"cnf\":{\"jkt\":\"x\"}"), ("\"active\":true", "\"active\":false,\"active\":true"),
        })
        {
            realm.IntrospectionAnswer = good.Replace(from, to, StringComparison.Ordinal);
            Assert.NotEqual(good, realm.IntrospectionAnswer);
            Assert.Equal((to, Unauthorized), (to, await api.StatusAsync("/me", token)));
        }

        realm.IntrospectionAnswer = good;
        Assert.Equal(Ok, await api.StatusAsync("/me", token));
    }

    [Fact]
    public async Task When_the_realm_cannot_be_asked_the_answer_is_503_and_what_is_forged_is_not_asked_about()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await StartAsync(realm, TimeSpan.Zero);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await api.StatusAsync("/me", realm.Token()));
        Assert.Equal(1, realm.Introspections);
        Assert.Equal(Unauthorized, await api.StatusAsync("/me", realm.Token(key: new SigningKey(TestKeys.Rsa(1), SignatureAlgorithm.RS256, realm.Key.Kid))));
        Assert.Equal(Unauthorized, await api.StatusAsync("/me", "x"));
        Assert.Equal(1, realm.Introspections);
    }

    private static Task<ProtectedApi> StartAsync(FakeRealm realm, TimeSpan cacheFor, TimeProvider? time = null) =>
        ProtectedApi.StartAsync(realm, time, options => options.Introspection = new CastellanIntrospection("my-api", "s+ecret:") { CacheFor = cacheFor });

    private static string Answer(FakeRealm _, string token)
    {
        Jws.TryParse(token, out var jws);
        return Encoding.UTF8.GetString(jws!.Payload.Span).Insert(1, "\"active\":true,");
    }
}
