using System.Net;
using Castellan.AspNetCore;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc7515;
using Xunit;

namespace Castellan.Tests.AspNetCore;

public sealed class KeysFetched
{
    private const HttpStatusCode Ok = HttpStatusCode.OK;
    private const HttpStatusCode Unauthorized = HttpStatusCode.Unauthorized;

    [Fact]
    public async Task Keys_are_fetched_once_for_many_tokens()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(realm);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ => Assert.Equal(Ok, await api.StatusAsync("/me", realm.Token()))));
        Assert.Equal((1, 1), (realm.Discoveries, realm.Fetches));
    }

    [Fact]
    public async Task A_new_key_is_fetched_when_the_first_token_names_it_and_the_old_one_still_verifies()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(realm);
        var old = realm.Token();
        Assert.Equal(Ok, await api.StatusAsync("/me", old));
        var newer = new SigningKey(TestKeys.Rsa(1), SignatureAlgorithm.RS256, "newer");
        realm.Publish(realm.Key, newer);
        Assert.Equal(Ok, await api.StatusAsync("/me", realm.Token(key: newer)));
        Assert.Equal(Ok, await api.StatusAsync("/me", old));
        Assert.Equal(2, realm.Fetches);
    }

    [Fact]
    public async Task Invented_key_names_cause_a_bounded_number_of_fetches()
    {
        await using var realm = await FakeRealm.StartAsync();
        var clock = new MovableClock();
        await using var api = await ProtectedApi.StartAsync(realm, clock);
        Assert.Equal(Ok, await api.StatusAsync("/me", realm.Token()));
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(Unauthorized, await api.StatusAsync("/me", realm.Token(key: new SigningKey(TestKeys.Rsa(1), SignatureAlgorithm.RS256, $"invented-{i}"))));
        }

        Assert.InRange(realm.Fetches, 2, 8);
        var before = realm.Fetches;
        clock.Advance(TimeSpan.FromSeconds(11));
        var newer = new SigningKey(TestKeys.Rsa(1), SignatureAlgorithm.RS256, "newer");
        realm.Publish(realm.Key, newer);
        Assert.Equal(Ok, await api.StatusAsync("/me", realm.Token(key: newer)));
        Assert.Equal(before + 1, realm.Fetches);
    }

    [Fact]
    public async Task The_last_good_keys_serve_through_an_outage()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(realm, more: options => options.KeyRefreshInterval = TimeSpan.FromSeconds(1));
        Assert.Equal(Ok, await api.StatusAsync("/me", realm.Token()));
        realm.IsDown = true;
        var before = realm.Discoveries;
        await Eventually.IsAsync(() => realm.Discoveries > before);
        Assert.Equal(Ok, await api.StatusAsync("/me", realm.Token()));
        Assert.Equal(Unauthorized, await api.StatusAsync("/me", realm.Token(key: new SigningKey(TestKeys.Rsa(1), SignatureAlgorithm.RS256, "newer"))));
        Assert.Equal(Ok, await api.StatusAsync("/me", realm.Token()));
    }

    [Fact]
    public async Task A_key_that_is_withdrawn_ends_the_tokens_that_were_remembered()
    {
        await using var realm = await FakeRealm.StartAsync();
        await using var api = await ProtectedApi.StartAsync(realm, more: options => options.KeyRefreshInterval = TimeSpan.FromSeconds(1));
        var token = realm.Token();
        Assert.Equal(Ok, await api.StatusAsync("/me", token));
        realm.Publish(new SigningKey(TestKeys.Rsa(1), SignatureAlgorithm.RS256, "newer"));
        await Eventually.IsAsync(async () => await api.StatusAsync("/me", token) == Unauthorized);
    }

    [Fact]
    public async Task While_the_realm_was_never_reached_a_token_gets_503_and_later_its_answer()
    {
        await using var realm = await FakeRealm.StartAsync();
        realm.IsDown = true;
        await using var api = await ProtectedApi.StartAsync(realm);
        Assert.Equal(Unauthorized, await api.StatusAsync("/me"));
        Assert.Equal(Ok, await api.StatusAsync("/"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await api.StatusAsync("/me", realm.Token()));
        Assert.Equal(Unauthorized, await api.StatusAsync("/me", "x"));
        realm.IsDown = false;
        await Eventually.IsAsync(async () => await api.StatusAsync("/me", realm.Token()) == Ok);
    }

    [Fact]
    public async Task A_document_that_names_another_issuer_is_not_believed()
    {
        await using var realm = await FakeRealm.StartAsync();
        realm.Issuer = "https://id.example.com/realms/myrealm";
        await using var api = await ProtectedApi.StartAsync(realm);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await api.StatusAsync("/me", realm.Token()));
        await using var behind = await ProtectedApi.StartAsync(options => options.AddIssuer(new CastellanIssuer(realm.Issuer, ["my-api"]) { BackchannelUrl = realm.Url }));
        Assert.Equal(Ok, await behind.StatusAsync("/me", realm.Token(claims => claims["iss"] = realm.Issuer)));
        Assert.Equal(Unauthorized, await behind.StatusAsync("/me", realm.Token()));
    }
}
