using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Protocol.Messages;
using Castellan.Tests.Login;

namespace Castellan.Tests.Brokering;

/// <summary>Services that must be asked before a browser can go there: OpenShift for its addresses, X for a token (OAuth 1.0).</summary>
public sealed class Services_that_are_asked_first
{
    private const string Cluster = "https://api.cluster.example:6443";
    private const string Gate = "https://oauth.cluster.example/oauth";
    private const string X = "https://api.twitter.com";

    private static FetchAnswer Json(string body) => new(200, "application/json", Encoding.UTF8.GetBytes(body));

    private static FetchAnswer Words(string body) => new(200, "text/html", Encoding.UTF8.GetBytes(body));

    private static async Task<BrokerRoom> OpenAsync(string kind, params (string Name, string Value)[] config)
    {
        var room = await BrokerRoom.OpenAsync();
        var realm = await room.RealmAsync();
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutPart(PartKind.IdentityProvider, "id-service", "service", new IdentityProviderRepresentation
        {
            Alias = "service", InternalId = "id-service", ProviderId = kind, Enabled = true, StoreToken = true,
            Config = new(config.Select(c => new KeyValuePair<string, string?>(c.Name, c.Value))) { ["clientId"] = FakeProvider.ClientId, ["clientSecret"] = FakeProvider.Secret },
        })));
        return room;
    }

    private static async Task<TestBrowser> LeaveAsync(BrokerRoom room)
    {
        var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "service"));
        await browser.GetAsync(browser.Location!);
        return browser;
    }

    private static async Task<BrokerRoom> ClusterAsync()
    {
        var room = await OpenAsync("openshift-v4", ("baseUrl", Cluster + "/"));
        room.Up.Elsewhere[$"{Cluster}/.well-known/oauth-authorization-server"] = _ => Json($$"""{"issuer": "{{Gate}}", "authorization_endpoint": "{{Gate}}/authorize", "token_endpoint": "{{Gate}}/token"}""");
        room.Up.Elsewhere[$"{Gate}/token"] = request => request.Form!.Any(f => f is { Key: "code", Value: "a-code" }) ? Json("""{"access_token": "sha256~one", "token_type": "Bearer"}""") : null;
        room.Up.Elsewhere[$"{Cluster}/apis/user.openshift.io/v1/users/~"] = request => request.Authorization == "Bearer sha256~one"
            ? Json("""{"kind": "User", "apiVersion": "user.openshift.io/v1", "metadata": {"name": "nina", "uid": "762e9fc7"}, "fullName": "Nina Node", "groups": ["ops"]}""") : null;
        return room;
    }

    [Fact]
    public async Task OpenShift_says_itself_where_its_people_sign_in()
    {
        await using var room = await ClusterAsync();
        using var browser = await LeaveAsync(room);
        Assert.StartsWith($"{Gate}/authorize?scope=user%3Ainfo&state=", browser.Location, StringComparison.Ordinal);
        await browser.GetAsync(room.Answer(browser));
        await browser.FollowAsync();

        // The cluster knows no address: the person is asked for it.
        Assert.Equal("idp-review-user-profile", browser.PageId);
        await browser.SubmitAsync(("username", "nina"), ("email", "nina@example.org"), ("firstName", "Nina"), ("lastName", "Node"));
        Assert.NotNull(browser.Code);
        Assert.Equal(("762e9fc7", "nina"), (await room.LinksAsync("nina")) is [var link] ? (link.UserId, link.UserName) : default);
        using var again = await LeaveAsync(room);
        Assert.Single(room.Up.Asked, a => a.EndsWith("/oauth-authorization-server", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("no JSON")]
    [InlineData("no address")]
    [InlineData("an address that is no web page")]
    public async Task Where_a_cluster_does_not_say_it_nobody_is_sent_anywhere(string what)
    {
        await using var room = await ClusterAsync();
        room.Up.Elsewhere[$"{Cluster}/.well-known/oauth-authorization-server"] = _ => what switch
        {
            "nothing" => null,
            "no JSON" => Json("<html>"),
            "no address" => Json("""{"issuer": "x"}"""),
            _ => Json("""{"authorization_endpoint": "javascript:alert(1)", "token_endpoint": "https://x.example/"}"""),
        };
        using var browser = await LeaveAsync(room);
        Assert.Equal((HttpStatusCode.BadGateway, "error"), (browser.Status, browser.PageId));
    }

    private static string Of(FetchRequest request, string name) =>
        Regex.Match(request.Authorization!, $"{name}=\"([^\"]*)\"") is { Success: true } found ? Uri.UnescapeDataString(found.Groups[1].Value) : "";

    /// <summary>X, as far as we ask: it checks each signature.</summary>
    private static async Task<BrokerRoom> XAsync(List<string>? callbacks = null)
    {
        var room = await OpenAsync("twitter");
        bool Signed(FetchRequest request, string method, string? token, string? secret, params string[] more)
        {
            var parameters = more.Select(m => new KeyValuePair<string, string>(m, Of(request, m)));
            return request.Authorization == new OAuth1(FakeProvider.ClientId, FakeProvider.Secret, token, secret).Authorize(
                method, request.Address, parameters, Of(request, "oauth_nonce"), long.Parse(Of(request, "oauth_timestamp"), System.Globalization.CultureInfo.InvariantCulture));
        }

        room.Up.Elsewhere[$"{X}/oauth/request_token"] = request =>
        {
            callbacks?.Add(Of(request, "oauth_callback"));
            return Signed(request, "POST", null, null, "oauth_callback") ? Words("oauth_token=asked&oauth_token_secret=asked-secret&oauth_callback_confirmed=true") : null;
        };
        room.Up.Elsewhere[$"{X}/oauth/access_token"] = request => Signed(request, "POST", "asked", "asked-secret", "oauth_verifier") && Of(request, "oauth_verifier") == "good"
            ? Words("oauth_token=given&oauth_token_secret=given-secret&user_id=12&screen_name=xena") : null;
        room.Up.Elsewhere[$"{X}/1.1/account/verify_credentials.json?include_email=true"] = request => Signed(request, "GET", "given", "given-secret")
            ? Json("""{"id": 12, "id_str": "12", "screen_name": "Xena", "name": "Xena Of Example", "email": "xena@example.org"}""") : null;
        return room;
    }

    [Fact]
    public async Task Somebody_from_X_signs_in()
    {
        var callbacks = new List<string>();
        await using var room = await XAsync(callbacks);
        using var browser = await LeaveAsync(room);
        Assert.Equal($"{X}/oauth/authenticate?oauth_token=asked", browser.Location);
        var callback = Assert.Single(callbacks);
        Assert.StartsWith($"{room.Issuer}/broker/service/endpoint?state=", callback, StringComparison.Ordinal);
        await browser.GetAsync($"{callback}&oauth_token=asked&oauth_verifier=good");
        await browser.FollowAsync();
        Assert.NotNull(browser.Code);
        var realm = await room.RealmAsync();
        var xena = (await room.Users.FindByUsernameAsync(realm.Id, "xena"))!;
        Assert.Equal(("xena@example.org", "Xena Of", "Example", false), (xena.Email, xena.Representation.FirstName, xena.Representation.LastName, xena.Representation.EmailVerified ?? false));
        Assert.Equal("12", Assert.Single(await room.LinksAsync("xena")).UserId);
        Assert.Contains("\"oauth_token\":\"given\"", await room.Users.FederatedTokenAsync(realm.Id, xena.Id, "service"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("&denied=asked", HttpStatusCode.OK, "login")]
    [InlineData("&oauth_token=asked&oauth_verifier=bad", HttpStatusCode.BadGateway, "error")]
    [InlineData("&code=good", HttpStatusCode.BadRequest, "error")]
    [InlineData("", HttpStatusCode.BadRequest, "error")]
    public async Task Any_other_answer_of_X_signs_nobody_in(string answer, HttpStatusCode status, string page)
    {
        var callbacks = new List<string>();
        await using var room = await XAsync(callbacks);
        using var browser = await LeaveAsync(room);
        await browser.GetAsync(callbacks[0] + answer);
        await browser.FollowAsync();
        Assert.Equal((status, page), (browser.Status, browser.PageId));
        Assert.Equal(1, await room.CountAsync());

        // The state is spent: what comes after it is not looked at.
        await browser.GetAsync($"{callbacks[0]}&oauth_token=asked&oauth_verifier=good");
        await browser.FollowAsync();
        Assert.Null(browser.Code);
    }

    [Fact]
    public async Task The_answer_of_X_counts_in_the_browser_that_left_only()
    {
        var callbacks = new List<string>();
        await using var room = await XAsync(callbacks);
        using var browser = await LeaveAsync(room);
        using var other = await LeaveAsync(room);
        await other.GetAsync($"{callbacks[0]}&oauth_token=asked&oauth_verifier=good");
        await other.FollowAsync();
        Assert.Null(other.Code);
        Assert.Equal(1, await room.CountAsync());
    }

    [Theory]
    [InlineData("oauth_token=asked&oauth_token_secret=s")]
    [InlineData("oauth_token=asked&oauth_token_secret=s&oauth_callback_confirmed=false")]
    [InlineData("oauth_token_secret=s&oauth_callback_confirmed=true")]
    public async Task A_token_that_is_none_sends_nobody_anywhere(string answer)
    {
        await using var room = await XAsync();
        room.Up.Elsewhere[$"{X}/oauth/request_token"] = _ => Words(answer);
        using var browser = await LeaveAsync(room);
        Assert.Equal((HttpStatusCode.BadGateway, "error"), (browser.Status, browser.PageId));
    }
}
