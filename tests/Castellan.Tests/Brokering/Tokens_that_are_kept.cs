using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Brokering;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Storage;
using Castellan.Tests.Storage;

namespace Castellan.Tests.Brokering;

/// <summary>The tokens of providers as they are kept with links, and handed on.</summary>
public sealed class Tokens_that_are_kept
{
    private const string Renew = FakeProvider.Issuer + "/renew";

    [Theory]
    [InlineData("""{"refresh_token":"a","refresh_expires_in":7}""", """{"access_token":"b"}""", """{"access_token":"b","refresh_token":"a","refresh_expires_in":7}""")]
    [InlineData("""{"refresh_token":"a"}""", """{"refresh_token":"b"}""", """{"refresh_token":"b"}""")]
    [InlineData("""{"access_token":"a"}""", """{"access_token":"b"}""", """{"access_token":"b"}""")]
    [InlineData("PHNhbWw+", "PHNhbWwy", "PHNhbWwy")]
    [InlineData("{nonsense", """{"access_token":"b"}""", """{"access_token":"b"}""")]
    public void A_refresh_token_stays_until_there_is_another(string before, string now, string kept) => Assert.Equal(kept, StoredTokens.Renewed(before, now));

    /// <summary>When an access token ends is known by what was kept with it; five seconds before that it is of no use.</summary>
    [Theory]
    [InlineData("""{"refresh_token":"a","accessTokenExpiration":1004}""", "a")]
    [InlineData("""{"refresh_token":"a","accessTokenExpiration":1005}""", null)]
    [InlineData("""{"refresh_token":"a","accessTokenExpiration":0}""", null)]
    [InlineData("""{"refresh_token":"a","accessTokenExpiration":"1"}""", null)]
    [InlineData("""{"refresh_token":7,"accessTokenExpiration":1}""", null)]
    [InlineData("""{"refresh_token":"a"}""", null)]
    [InlineData("""{"accessTokenExpiration":1}""", null)]
    [InlineData("PHNhbWw+", null)]
    public void An_access_token_is_renewed_when_it_ends_and_can_be(string kept, string? by) => Assert.Equal(by, StoredTokens.Renewal(kept, DateTimeOffset.FromUnixTimeSeconds(1005)));

    [Theory]
    [ClassData(typeof(Engines))]
    public async Task Of_many_who_want_a_token_that_ended_one_renews_it_for_all(DbEngine engine)
    {
        await using var room = await BrokerRoom.OpenAsync(engine: engine);
        await KeepAsync(room, Ended("old"));
        var asked = 0;
        room.Up.Elsewhere[Renew] = request =>
        {
            var form = request.Form!.ToDictionary(f => f.Key, f => f.Value);
            Assert.Equal(("refresh_token", "old", FakeProvider.ClientId, FakeProvider.Secret), (form["grant_type"], form["refresh_token"], form["client_id"], form["client_secret"]));
            return Interlocked.Increment(ref asked) == 1 ? Answer("""{"access_token":"new","expires_in":600,"refresh_token":"next","scope":"all"}""") : null;
        };
        var bearer = await BearerAsync(room);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => GetAsync(room, bearer)));
        Assert.All(answers, a =>
        {
            Assert.Equal(HttpStatusCode.OK, a.Status);
            var kept = JsonNode.Parse(a.Text)!;
            Assert.Equal(("new", "next", "an-id-token", "all"), ((string?)kept["access_token"], (string?)kept["refresh_token"], (string?)kept["id_token"], (string?)kept["scope"]));
            Assert.True((long)kept["accessTokenExpiration"]! > TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        });
        Assert.Equal(1, asked);
        Assert.Equal(answers[0].Text, await KeptAsync(room));
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_grant"}""")]
    [InlineData(200, """{"error":"bad_refresh_token"}""")]
    [InlineData(200, """{"token_type":"Bearer"}""")]
    [InlineData(200, "nothing")]
    [InlineData(0, "")]
    public async Task A_token_that_cannot_be_renewed_is_not_handed_on_and_stays(int status, string body)
    {
        await using var room = await BrokerRoom.OpenAsync();
        var kept = Ended("old");
        await KeepAsync(room, kept);
        room.Up.Elsewhere[Renew] = _ => status == 0 ? null : Answer(body, status);
        var (code, text) = await GetAsync(room, await BearerAsync(room));
        Assert.Equal((HttpStatusCode.BadGateway, """{"errorMessage":"Unable to refresh token"}"""), (code, text));
        Assert.Equal(kept, await KeptAsync(room));
    }

    [Fact]
    public async Task A_token_that_lasts_is_handed_on_as_it_is()
    {
        await using var room = await BrokerRoom.OpenAsync();
        var kept = $$"""{"access_token":"lasts","refresh_token":"r","accessTokenExpiration":{{TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds()}}}""";
        await KeepAsync(room, kept);
        var bearer = await BearerAsync(room);
        Assert.Equal((HttpStatusCode.OK, kept), await GetAsync(room, bearer));
        room.Up.Elsewhere[Renew] = _ => Answer("""{"access_token":"longer","expires_in":"86400"}""");
        await room.ChangeAsync("up", p => p.Config!["minValidityToken"] = "7200");
        var longer = JsonNode.Parse((await GetAsync(room, bearer)).Text)!;
        Assert.Equal(("longer", "r"), ((string?)longer["access_token"], (string?)longer["refresh_token"]));
    }

    private static string Ended(string refresh) => $$"""{"access_token":"old","expires_in":1,"refresh_token":"{{refresh}}","id_token":"an-id-token","accessTokenExpiration":1000}""";

    private static FetchAnswer Answer(string body, int status = 200) => new(status, "application/json", Encoding.UTF8.GetBytes(body));

    /// <summary>Links alice, who may have tokens, with one.</summary>
    private static async Task KeepAsync(BrokerRoom room, string token)
    {
        await room.ChangeAsync("up", p =>
        {
            p.StoreToken = true;
            p.Config!["tokenUrl"] = Renew;
        });
        var realm = await room.RealmAsync();
        var alice = (await room.Users.FindByUsernameAsync(realm.Id, "alice"))!;
        var role = realm.Roles.OfClientNamed("broker").First(r => r.Name == "read-token").Id;
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add([
            new AddRole(RoleOwner.User, alice.Id, role), new PutFederatedIdentity(alice.Id, new FederatedIdentityRepresentation { IdentityProvider = "up", UserId = "u", UserName = "u" }, token)]));
    }

    private static async Task<string?> KeptAsync(BrokerRoom room)
    {
        var realm = await room.RealmAsync();
        return await room.Users.FederatedTokenAsync(realm.Id, (await room.Users.FindByUsernameAsync(realm.Id, "alice"))!.Id, "up");
    }

    private static async Task<string> BearerAsync(BrokerRoom room)
    {
        using var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName);
        await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
        return (await room.Server.TokensAsync(BrokerRoom.RealmName, browser.Code!)).GetProperty("access_token").GetString()!;
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(BrokerRoom room, string bearer)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        using var answer = await client.GetAsync($"{room.Issuer}/broker/up/token");
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
