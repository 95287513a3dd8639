using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Brokering;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Tests.Login;

namespace Castellan.Tests.Brokering;

/// <summary>Services of the public name what they know each in their own way, and are asked each in their own way.</summary>
public sealed class What_services_say
{
    private static FetchAnswer Json(string body) => new(200, "application/json", Encoding.UTF8.GetBytes(body));

    private static async Task<BrokerRoom> OpenAsync(string kind, string token, string info, string said, params (string Name, string Value)[] config)
    {
        var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => (p.ProviderId, p.TrustEmail, p.Config) = (kind, true, new(config.Select(c => new KeyValuePair<string, string?>(c.Name, c.Value))) { ["clientId"] = FakeProvider.ClientId, ["clientSecret"] = "s" }));
        room.Up.Elsewhere[token] = _ => Json("""{"access_token": "a", "token_type": "Bearer"}""");
        room.Up.Elsewhere[info] = _ => Json(said);
        return room;
    }

    private static async Task<TestBrowser> ArriveAsync(BrokerRoom room)
    {
        var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "up"));
        await browser.FollowAsync();
        await browser.GetAsync(room.Answer(browser));
        await browser.FollowAsync();
        return browser;
    }

    private static async Task<UserRepresentation> PersonAsync(BrokerRoom room, string username) =>
        (await room.Users.FindByUsernameAsync((await room.RealmAsync()).Id, username))?.Representation ?? throw new InvalidOperationException($"There is no {username}.");

    [Theory]
    [InlineData("google", null, "openid profile email")]
    [InlineData("google", "profile", "openid profile")]
    [InlineData("gitlab", "api", "openid api")]
    [InlineData("gitlab", "openid", "openid read_user")]
    [InlineData("linkedin-openid-connect", "profile", "openid profile")]
    [InlineData("github", "repo", "repo")]
    [InlineData("openshift-v4", null, "user:info")]
    public void Who_answers_with_an_id_token_is_asked_for_it(string kind, string? set, string scope) =>
        Assert.Equal(scope, new IdentityProvider(new IdentityProviderRepresentation { Alias = "a", ProviderId = kind, Config = new() { ["defaultScope"] = set } }, []).Scope);

    [Fact]
    public async Task An_account_at_Stack_Overflow_is_named_by_its_page()
    {
        await using var room = await OpenAsync(
            "stackoverflow", "https://stackexchange.com/oauth/access_token/json", "https://api.stackexchange.com/2.2/me?order=desc&sort=name&site=stackoverflow&access_token=a&key=k",
            """{"items": [{"user_id": 12, "display_name": "Una O&#39;Hara", "link": "https://stackoverflow.com/users/12/una-o-hara"}]}""", ("key", "k"));
        using var browser = await ArriveAsync(room);
        Assert.Equal("idp-review-user-profile", browser.PageId);
        foreach (var value in (string[])["una-o-hara", "Una", "O&#39;Hara"])
        {
            Assert.Contains($"value=\"{value}\"", browser.Text.Replace("&#x27;", "&#39;", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_account_at_PayPal_has_the_first_of_its_addresses(bool confirmed)
    {
        await using var room = await OpenAsync(
            "paypal", "https://api.paypal.com/v1/oauth2/token", "https://api.paypal.com/v1/identity/oauth2/userinfo?schema=paypalv1.1",
            $$"""{"user_id": "u-1", "name": "Una N", "emails": [{"value": "old@example.org", "primary": false, "confirmed": true}, {"value": "una@example.org", "primary": true, "confirmed": {{(confirmed ? "true" : "false")}} }]}""");
        using var browser = await ArriveAsync(room);
        Assert.NotNull(browser.Code);
        Assert.Equal(confirmed, (await PersonAsync(room, "una@example.org")).EmailVerified ?? false);
    }

    /// <summary>The address is the account's all the same; only nobody has seen that it is the person's.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_address_that_GitHub_has_not_verified_is_taken_and_not_trusted(bool verified)
    {
        await using var room = await OpenAsync(
            "github", "https://github.com/login/oauth/access_token", "https://api.github.com/user", """{"id": 12, "login": "una", "name": "Una N", "email": null}""", ("disableUserInfo", "true"));
        room.Up.Elsewhere["https://api.github.com/user/emails"] = _ => Json($$"""[{"email": "una@example.org", "primary": true, "verified": {{(verified ? "true" : "false")}} }]""");
        using var browser = await ArriveAsync(room);
        Assert.NotNull(browser.Code);
        var una = await PersonAsync(room, "una");
        Assert.Equal(("una@example.org", verified), (una.Email, una.EmailVerified ?? false));
    }

    [Fact]
    public async Task Further_fields_of_Facebook_are_asked_for_without_blanks()
    {
        await using var room = await OpenAsync(
            "facebook", "https://graph.facebook.com/oauth/access_token", "https://graph.facebook.com/me?fields=id,name,email,first_name,last_name,birthday,gender",
            """{"id": "12", "email": "una@example.org", "first_name": "Una", "last_name": "N"}""", ("fetchedFields", "birthday, gender"));
        using var browser = await ArriveAsync(room);
        Assert.NotNull(browser.Code);
    }

    [Fact]
    public async Task Who_set_a_cluster_up_has_no_id_there()
    {
        await using var room = await OpenAsync(
            "openshift-v4", "https://gate.example/token", "https://cluster.example/apis/user.openshift.io/v1/users/~", """{"kind": "User", "metadata": {"name": "kube:admin"}}""", ("baseUrl", "https://cluster.example"));
        room.Up.Elsewhere["https://cluster.example/.well-known/oauth-authorization-server"] = _ => Json("""{"authorization_endpoint": "https://gate.example/authorize", "token_endpoint": "https://gate.example/token"}""");
        using var browser = await ArriveAsync(room);
        Assert.Equal("idp-review-user-profile", browser.PageId);
    }

    /// <summary>Services that are older than RFC 6749 answer a form.</summary>
    [Fact]
    public async Task A_token_may_come_in_a_form()
    {
        await using var room = await OpenAsync(
            "oauth2", "https://old.example/token", "https://old.example/me", """{"sub": "12", "preferred_username": "una", "email": "una@example.org", "given_name": "U", "family_name": "N"}""",
            ("authorizationUrl", "https://old.example/auth"), ("tokenUrl", "https://old.example/token"), ("userInfoUrl", "https://old.example/me"));
        room.Up.Elsewhere["https://old.example/token"] = _ => new(200, "application/x-www-form-urlencoded", "access_token=a&scope=me"u8.ToArray());
        using var browser = await ArriveAsync(room);
        Assert.NotNull(browser.Code);
    }

    /// <summary>The access token came with the ID token, and is believed as that is: also where no signature is checked.</summary>
    [Theory]
    [InlineData("true", true)]
    [InlineData("false", true)]
    [InlineData("false", false)]
    public async Task What_the_access_token_says_reaches_mappers(string validated, bool named)
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => (p.ProviderId, p.Config!["validateSignature"]) = ("keycloak-oidc", validated));
        await room.Realms.ApplyAsync(new ChangeSet((await room.RealmAsync()).Id).Add(new PutPart(PartKind.IdentityProviderMapper, "m", "m", new IdentityProviderMapperRepresentation
        {
            Id = "m", Name = "m", IdentityProviderAlias = "up", IdentityProviderMapper = "oidc-user-attribute-idp-mapper",
            Config = new() { ["syncMode"] = "FORCE", ["claim"] = "only_there", ["user.attribute"] = "firstName" },
        })));
        var access = new JsonObject { ["iss"] = FakeProvider.Issuer, ["only_there"] = "Ursula" };
        if (named)
        {
            access["sub"] = "subject-1";
        }

        room.Up.ChangeAnswer = answer => answer["access_token"] = FakeProvider.Sign(access);
        using var browser = await room.ArriveAsync();
        Assert.NotNull(browser.Code);
        Assert.Equal("Ursula", (await PersonAsync(room, "una")).FirstName);
    }

    /// <summary>A claim's name is one name before it is a path.</summary>
    [Theory]
    [InlineData("staff", HttpStatusCode.OK)]
    [InlineData("guest", HttpStatusCode.BadGateway)]
    public async Task An_essential_claim_may_have_dots_in_its_name(string value, HttpStatusCode status)
    {
        await using var room = await BrokerRoom.OpenAsync();
        const string Name = "https://up.example/kind";
        await room.ChangeAsync("up", p => (p.Config!["filteredByClaim"], p.Config["claimFilterName"], p.Config["claimFilterValue"]) = ("true", Name, "staff"));
        room.Up.Change = token => token[Name] = value;
        using var browser = await room.ArriveAsync();
        Assert.Equal(status, browser.Code is null ? browser.Status : HttpStatusCode.OK);
    }
}
