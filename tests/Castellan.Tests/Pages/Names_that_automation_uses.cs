using System.Text.RegularExpressions;
using Castellan.Tests.Login;

namespace Castellan.Tests.Pages;

/// <summary>Programs that drive Keycloak's pages find what they look for, by the ids and classes of its theme.</summary>
public sealed class Names_that_automation_uses
{
    private const string Password = "Correct-horse-1";

    private const string Otp = """{"type": "otp", "userLabel": "Phone", "secretData": "{\"value\":\"a-secret-of-twenty-b\"}", "credentialData": "{\"subType\":\"totp\",\"digits\":6,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}""";

    private const string Realm = $$$"""
        {
          "realm": "shop", "enabled": true, "registrationAllowed": true, "resetPasswordAllowed": true, "loginWithEmailAllowed": true,
          "internationalizationEnabled": true, "supportedLocales": ["en", "de"], "defaultLocale": "en",
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "attributes": {"oauth2.device.authorization.grant.enabled": "true"}}],
          "users": [
            {"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{{Password}}}"}]},
            {"username": "paul", "enabled": true, "email": "paul@example.org", "firstName": "P", "lastName": "P", "requiredActions": ["UPDATE_PASSWORD"], "credentials": [{"type": "password", "value": "{{{Password}}}"}]},
            {"username": "otto", "enabled": true, "email": "otto@example.org", "firstName": "O", "lastName": "O", "requiredActions": ["CONFIGURE_TOTP"], "credentials": [{"type": "password", "value": "{{{Password}}}"}]},
            {"username": "dora", "enabled": true, "email": "dora@example.org", "firstName": "D", "lastName": "D", "credentials": [{"type": "password", "value": "{{{Password}}}"}, {{{Otp}}}]}]
        }
        """;

    /// <summary>Text of the element that an id names.</summary>
    private static string Words(TestBrowser browser, string id) =>
        Regex.Match(browser.Text, $"<(\\w+)[^>]* id=\"{id}\"[^>]*>(.*?)</\\1>", RegexOptions.Singleline) is { Success: true } found
            ? System.Net.WebUtility.HtmlDecode(Regex.Replace(found.Groups[2].Value, "<[^>]*>", "")).Trim() : "";

    private static string Tag(TestBrowser browser, string id) => Regex.Match(browser.Text, $"<\\w+[^>]* id=\"{id}\"[^>]*>").Value;

    private static async Task<TestBrowser> SignInAsync(SignInServer server, string name, params (string, string)[] parameters)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop", parameters);
        await browser.SubmitAsync(("username", name), ("password", Password));
        return browser;
    }

    [Fact]
    public async Task What_is_wrong_with_a_field_stands_beside_it_by_the_name_that_the_field_has()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var wrong = server.Browser();
        await wrong.OpenAsync("shop");
        await wrong.SubmitAsync(("username", "alice"), ("password", "nope"));
        Assert.Equal("Invalid username or password.", Words(wrong, "input-error-username"));

        using var again = await SignInAsync(server, "alice");
        await again.OpenAsync("shop", ("prompt", "login"));
        await again.SubmitAsync(("password", "nope"));
        Assert.Equal("Invalid password.", Words(again, "input-error-password"));
        Assert.Contains("aria-describedby=\"input-error-password\"", Tag(again, "password"), StringComparison.Ordinal);
        Assert.Contains("autocomplete=\"username\"", Tag(again, "kc-attempted-username"), StringComparison.Ordinal);

        using var changes = await SignInAsync(server, "paul");
        Assert.Contains("value=\"paul\" autocomplete=\"username\" readonly hidden>", changes.Text, StringComparison.Ordinal);
        await changes.SubmitAsync(("password-new", ""), ("password-confirm", ""));
        Assert.Equal("Please specify password.", Words(changes, "input-error-password-new"));
        Assert.Contains("type=\"submit\"", Tag(changes, "kc-submit"), StringComparison.Ordinal);
        await changes.SubmitAsync(("password-new", "one"), ("password-confirm", "two"));
        Assert.Equal("Passwords don't match.", Words(changes, "input-error-password-confirm"));

        using var sets = await SignInAsync(server, "otto");
        await sets.SubmitAsync(("totp", "123"), ("userLabel", ""));
        Assert.Equal("Invalid authenticator code.", Words(sets, "input-error-otp-code"));
        Assert.Contains("aria-describedby=\"input-error-otp-code\"", Tag(sets, "totp"), StringComparison.Ordinal);

        using var proves = await SignInAsync(server, "dora");
        await proves.SubmitAsync(("otp", "000"));
        Assert.Equal("Invalid authenticator code.", Words(proves, "input-error-otp"));
        Assert.Equal("Sign In", Words(proves, "kc-page-title"));
    }

    [Fact]
    public async Task Messages_stand_in_a_box_of_their_kind()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.GetAsync("/realms/shop/device");
        await browser.SubmitAsync(("device_user_code", "WRNG-CODE"));
        Assert.Matches("<div class=\"pf-v5-c-alert [^\"]*pf-m-danger\" role=\"alert\"><span class=\"kc-feedback-text\">Invalid code, please try again.<", browser.Text);
        Assert.Contains("aria-invalid=\"true\"", Tag(browser, "device-user-code"), StringComparison.Ordinal);

        using var warned = await SignInAsync(server, "paul");
        Assert.Matches("<div class=\"pf-v5-c-alert [^\"]*pf-m-warning\" role=\"status\">", warned.Text);
        using var told = await SignInAsync(server, "alice");
        await told.OpenAsync("shop", ("prompt", "login"));
        Assert.Matches("<div class=\"pf-v5-c-alert [^\"]*pf-m-info\" role=\"status\">", told.Text);
    }

    [Theory]
    [InlineData("/realms/shop/protocol/openid-connect/registrations?client_id=web&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback", "Register")]
    [InlineData("/realms/shop/device", "Submit")]
    public async Task Forms_that_are_sent_by_an_input_have_one(string path, string words)
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.GetAsync(path);
        await browser.FollowAsync();
        Assert.Matches($"<input[^>]* type=\"submit\"[^>]* value=\"{words}\"", browser.Text);
    }

    [Fact]
    public async Task Languages_are_options_of_a_list_and_links_where_scripts_do_not_run()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        var list = Regex.Match(browser.Text, "<select id=\"login-select-toggle\" aria-label=\"Languages\".*?</select>").Value;
        Assert.Equal(["Deutsch", "English"], Regex.Matches(list, "<option[^>]*>([^<]*)<").Select(m => m.Groups[1].Value));
        var german = System.Net.WebUtility.HtmlDecode(Regex.Match(list, "<option value=\"([^\"]*)\" lang=\"de\"").Groups[1].Value);
        Assert.Contains($"href=\"{System.Net.WebUtility.HtmlEncode(german)}\"", Regex.Match(browser.Text, "<noscript>.*?</noscript>").Value, StringComparison.Ordinal);
        Assert.Contains("castellan.js", browser.Text, StringComparison.Ordinal);

        await browser.GetAsync("/realms/shop/protocol/openid-connect/auth" + german);
        await browser.FollowAsync();
        Assert.Contains("<html lang=\"de\"", browser.Text, StringComparison.Ordinal);
        Assert.Matches("<option[^>]* lang=\"de\" selected", browser.Text);
    }
}
