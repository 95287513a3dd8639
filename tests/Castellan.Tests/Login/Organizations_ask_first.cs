using System.Net;
using System.Text.RegularExpressions;

namespace Castellan.Tests.Login;

/// <summary>Realms with organizations: who comes, for which organization; and that nothing of it proves anything.</summary>
public sealed class Organizations_ask_first
{
    private const string Password = "Correct-horse-1";

    private const string Realm = $$"""
        {
          "realm": "orgs", "enabled": true, "organizationsEnabled": true, "registrationAllowed": true, "loginWithEmailAllowed": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "optionalClientScopes": ["organization"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{Password}}"}]},
                    {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "credentials": [{"type": "password", "value": "{{Password}}"}]},
                    {"username": "olga", "enabled": true, "email": "olga@example.org", "firstName": "O", "lastName": "O", "credentials": [{"type": "password", "value": "{{Password}}"}]},
                    {"username": "carol", "enabled": false, "credentials": [{"type": "password", "value": "{{Password}}"}]}],
          "organizations": [
            {"name": "Acme", "alias": "acme", "enabled": true, "domains": [{"name": "acme.example"}], "members": [{"username": "alice", "membershipType": "UNMANAGED"}, {"username": "bob", "membershipType": "UNMANAGED"}]},
            {"name": "Globex", "alias": "globex", "enabled": true, "domains": [{"name": "globex.example"}], "members": [{"username": "alice", "membershipType": "UNMANAGED"}]},
            {"name": "Off", "alias": "off", "enabled": false, "domains": [{"name": "off.example"}], "members": [{"username": "bob", "membershipType": "UNMANAGED"}]}]
        }
        """;

    /// <summary>Who is entered, which page answers, and whether the password is asked for there.</summary>
    [Theory]
    [InlineData("", "login-username", false), InlineData("   ", "login-username", false), InlineData("alice", "login", true), InlineData("ALICE@example.org", "login", true)]
    [InlineData("nobody", "login", true), InlineData("nobody@elsewhere.example", "login", true), InlineData("nobody@off.example", "login", true)]
    [InlineData("nobody@acme.example", "login-username", false), InlineData("nobody@ACME.example", "login-username", false), InlineData("carol", "error", false)]
    public async Task Whoever_is_entered_is_answered(string entered, string page, bool asksPassword)
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.OpenAsync("orgs");
        Assert.Equal("login-username", browser.PageId);
        await browser.SubmitAsync(("username", entered));
        Assert.Equal(page, browser.PageId);
        Assert.Equal(asksPassword, browser.Text.Contains("name=\"password\"", StringComparison.Ordinal));
        Assert.DoesNotContain("id=\"username\"", asksPassword ? browser.Text : "", StringComparison.Ordinal);
        Assert.Null(browser.Code);
    }

    [Theory, InlineData("nobody"), InlineData("alice")]
    public async Task A_wrong_password_says_the_same_of_everybody(string name)
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await EnterAsync(server, name);
        await browser.SubmitAsync(("password", "wrong"));
        Assert.Contains("Invalid username or password.", browser.Text, StringComparison.Ordinal);
        Assert.Null(browser.Code);
    }

    [Fact]
    public async Task A_member_of_several_chooses_before_the_password_and_may_choose_again()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await EnterAsync(server, "alice", ("scope", "openid organization"));
        Assert.Equal("select-organization", browser.PageId);
        Assert.Equal(["acme", "globex"], Regex.Matches(browser.Text, "name=\"kc.org\" value=\"([^\"]*)\"").Select(m => m.Groups[1].Value));
        await browser.SubmitAsync(("kc.org", "nobody"));
        Assert.Equal("select-organization", browser.PageId);
        await browser.SubmitAsync(("kc.org", "off"));
        Assert.Equal("select-organization", browser.PageId);
        await browser.SubmitAsync(("kc.org", "acme"));
        Assert.Equal("login", browser.PageId);
        await browser.PostAsync(browser.Actions[^1], ("switchOrganization", "true"));
        await browser.FollowAsync();
        Assert.Equal("select-organization", browser.PageId);
        await browser.SubmitAsync(("kc.org", "globex"));
        await browser.PostAsync(browser.Actions[0], ("password", Password));
        Assert.Equal("globex", await OrganizationAsync(server, browser));
    }

    [Theory, InlineData("bob", "openid organization", "acme"), InlineData("alice", "openid organization:globex", "globex"), InlineData("olga", "openid organization", ""), InlineData("bob", "openid organization:globex", "")]
    public async Task Whoever_has_no_choice_is_not_asked(string name, string scope, string claim)
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await EnterAsync(server, name, ("scope", scope));
        Assert.Equal("login", browser.PageId);
        await browser.SubmitAsync(("password", Password));
        Assert.Equal(claim, await OrganizationAsync(server, browser));
    }

    [Fact]
    public async Task Single_sign_on_asks_for_the_organization_alone()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await EnterAsync(server, "alice");
        await browser.SubmitAsync(("password", Password));
        Assert.NotNull(browser.Code);
        await browser.OpenAsync("orgs", ("scope", "openid organization"));
        await browser.FollowAsync();
        Assert.Equal("select-organization", browser.PageId);
        await browser.SubmitAsync(("kc.org", "globex"));
        Assert.Equal("globex", await OrganizationAsync(server, browser));

        await browser.OpenAsync("orgs", ("scope", "openid organization:acme"));
        Assert.Equal("acme", await OrganizationAsync(server, browser));
        await browser.OpenAsync("orgs", ("scope", "openid organization"), ("prompt", "none"));
        Assert.Contains("error=login_required", browser.Location, StringComparison.Ordinal);
    }

    /// <summary>The choice alone proves nothing: behind no session, and behind one that was ended while the page stood open.</summary>
    [Fact]
    public async Task A_choice_without_a_session_leads_to_the_password()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var stranger = await EnterAsync(server, "alice", ("scope", "openid organization"));
        await stranger.SubmitAsync(("kc.org", "acme"));
        Assert.Equal("login", stranger.PageId);
        Assert.Null(stranger.Code);

        using var browser = await EnterAsync(server, "alice");
        await browser.SubmitAsync(("password", Password));
        await browser.OpenAsync("orgs", ("scope", "openid organization"));
        await browser.FollowAsync();
        browser.Forget("KEYCLOAK_IDENTITY");
        await browser.SubmitAsync(("kc.org", "acme"));
        Assert.Null(browser.Code);
        Assert.Equal("login", browser.PageId);
    }

    [Theory, InlineData("olga", "openid", "User is not a member of any organization"), InlineData("bob", "openid organization:globex", "User is not a member of the organization Globex"), InlineData("bob", "openid", null)]
    public async Task Members_only_where_the_administrator_says_so(string name, string scope, string? refusal)
    {
        await using var server = await SignInServer.StartAsync(Realm);
        await TestFlows.UseAsync(server, "orgs", ("top", ["A auth-cookie", "A > first", "A > entry"]), ("first", ["A organization @ requiresUserMembership=true"]), ("entry", ["R auth-username-password-form"]));
        using var browser = await EnterAsync(server, name, ("scope", scope));
        Assert.Equal(refusal is null ? HttpStatusCode.OK : HttpStatusCode.Forbidden, browser.Status);
        Assert.Contains(refusal ?? "name=\"password\"", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_realm_without_an_organization_asks_as_ever()
    {
        await using var server = await SignInServer.StartAsync(Regex.Replace(Realm, ",\\s*\"organizations\": .*\\]\\}\\]", "", RegexOptions.Singleline));
        using var browser = server.Browser();
        await browser.OpenAsync("orgs");
        Assert.Equal("login", browser.PageId);
        Assert.Contains("id=\"username\"", browser.Text, StringComparison.Ordinal);
    }

    /// <summary>Buttons of an organization's providers stand where it is known, or where none is; never where another one is.</summary>
    [Theory]
    [InlineData("olga", "everybody hidden-unless-known of-acme")]
    [InlineData("nobody", "everybody of-acme of-globex")]
    [InlineData("bob", "everybody hidden-unless-known of-acme")]
    [InlineData("linked", "of-globex")]
    public async Task Providers_are_offered_by_the_organization_that_is_known(string name, string buttons)
    {
        const string Providers = """
            , "identityProviders": [
              {"alias": "everybody", "providerId": "oidc", "enabled": true, "config": {}},
              {"alias": "of-acme", "providerId": "oidc", "enabled": true, "organizationId": "acme-id", "config": {}},
              {"alias": "hidden-unless-known", "providerId": "oidc", "enabled": true, "organizationId": "acme-id", "config": {"kc.org.broker.login.hide-when-org-unknown": "true"}},
              {"alias": "of-globex", "providerId": "oidc", "enabled": true, "organizationId": "globex-id", "config": {}},
              {"alias": "of-off", "providerId": "oidc", "enabled": true, "organizationId": "off-id", "config": {}}]
            }
            """;
        var realm = Regex.Replace(Realm.TrimEnd()[..^1] + Providers, "\"alias\": \"(acme|globex|off)\", \"enabled\"", "\"id\": \"$1-id\", \"alias\": \"$1\", \"enabled\"")
            .Replace("{\"username\": \"carol\"", "{\"username\": \"linked\", \"enabled\": true, \"email\": \"l@example.org\", \"federatedIdentities\": [{\"identityProvider\": \"of-globex\", \"userId\": \"1\", \"userName\": \"1\"}], \"credentials\": [{\"type\": \"password\", \"value\": \"x\"}]}, {\"username\": \"carol\"", StringComparison.Ordinal);
        await using var server = await SignInServer.StartAsync(realm.Replace("olga@example.org", "olga@acme.example", StringComparison.Ordinal));
        using var browser = await EnterAsync(server, name);
        Assert.Equal("login", browser.PageId);
        Assert.Equal(buttons, string.Join(' ', Regex.Matches(browser.Text, "id=\"social-([^\"]*)\"").Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal)));
    }

    private static async Task<TestBrowser> EnterAsync(SignInServer server, string name, params (string, string)[] query)
    {
        var browser = server.Browser();
        await browser.OpenAsync("orgs", query);
        await browser.SubmitAsync(("username", name));
        return browser;
    }

    /// <summary>What the token says of the organization; empty for nothing.</summary>
    private static async Task<string> OrganizationAsync(SignInServer server, TestBrowser browser)
    {
        Assert.NotNull(browser.Code);
        var tokens = await server.TokensAsync("orgs", browser.Code);
        var claims = Tokens.Payload(tokens.GetProperty("access_token").GetString()!);
        return claims.TryGetProperty("organization", out var organizations) ? string.Join(' ', organizations.EnumerateArray()) : "";
    }
}
