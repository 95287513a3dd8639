using Castellan.Core.Realms;
using Castellan.Server.Pages;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.Tests.Pages;

/// <summary>Where Keycloak's pages show the markup of a text, ours do: as far as it is harmless, and never that of what is filled in.</summary>
public sealed class Texts_with_markup
{
    private const string Realm = """
        {
          "realm": "shop", "enabled": true, "resetPasswordAllowed": true, "internationalizationEnabled": true, "supportedLocales": ["en", "sk"], "defaultLocale": "en",
          "clients": [{"clientId": "web", "publicClient": true, "baseUrl": "http://localhost:3000/", "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "requiredActions": ["CONFIGURE_TOTP"], "credentials": [{"type": "password", "value": "Correct-horse-1"}]}]
        }
        """;

    /// <summary>The key, where it is shown, and what leads there.</summary>
    public static TheoryData<string, string> Places => new()
    {
        { "invalidUserMessage", "wrong password" }, { "errorTitle", "error" }, { "backToLogin", "reset" }, { "backToApplication", "logout" }, { "clientNotFoundMessage", "no client" },
        { "loginTotpStep1", "totp" }, { "loginTotpStep3", "totp" },
    };

    [Theory, MemberData(nameof(Places))]
    public async Task Markup_of_a_text_is_shown_as_far_as_it_is_harmless(string key, string place)
    {
        await using var server = await SignInServer.StartAsync(Realm);
        await SayAsync(server, key, "&laquo; a <b>bold</b> <a href=\"https://example.org\" onclick=\"x()\">word</a><script>alert(1)</script><img src=x onerror=alert(1)>");
        using var browser = await AtAsync(server, place);
        Assert.Contains("« a <b>bold</b> <a href=\"https://example.org/\" target=\"_blank\" rel=\"noopener noreferrer\">word</a>", browser.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("alert(1)", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elsewhere_a_text_is_shown_as_it_is_written()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        await SayAsync(server, "doLogIn", "<b>in</b>");
        using var browser = await AtAsync(server, "sign in");
        Assert.Contains("&lt;b&gt;in&lt;/b&gt;", browser.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<b>x</b>"), InlineData("&lt;b&gt;x"), InlineData("<a href=https://evil.example>x</a>"), InlineData("&#60;script&#62;"), InlineData("\" onmouseover=\"x")]
    public void What_is_filled_in_is_words(string argument)
    {
        var realm = BareRealm.Named("shop");
        var messages = new Messages(realm, new ThemeFolder(new ThemeOptions(), TimeProvider.System, NullLogger<ThemeFolder>.Instance).Login(realm, null), "en");
        Assert.Equal(Html.Of($"<strong>{argument}</strong> Impersonate User"), messages.Rich("impersonateTitleHtml", argument));
    }

    /// <summary>What the profile finds that the package of words does not name.</summary>
    [Theory]
    [InlineData("error-non-ascii-local-part-email"), InlineData("updateReadOnlyAttributesRejectedMessage")]
    public void Every_fault_of_a_profile_has_words(string key) => Assert.All(["en", "de"], locale => Assert.True(MessageBundles.Of(locale).ContainsKey(key)));

    private static async Task SayAsync(SignInServer server, string key, string text)
    {
        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync("shop"))!;
        var settings = realm.Settings.ShallowCopy();
        settings.LocalizationTexts = new() { ["en"] = new() { [key] = text } };
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
    }

    private static async Task<TestBrowser> AtAsync(SignInServer server, string place)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop", ("client_id", place == "no client" ? "nobody" : "web"));
        switch (place)
        {
            case "wrong password":
                await browser.SubmitAsync(("username", "alice"), ("password", "wrong"));
                break;
            case "totp":
                await browser.SubmitAsync(("username", "alice"), ("password", "Correct-horse-1"));
                break;
            case "reset":
                await browser.GetAsync(browser.Links.First(l => l.Contains("reset-credentials", StringComparison.Ordinal)));
                break;
            case "logout":
                await browser.GetAsync("/realms/shop/protocol/openid-connect/logout?client_id=web");
                break;
            case "error":
                await browser.GetAsync("/realms/shop/login-actions/action-token?key=broken&client_id=web");
                break;
        }

        return browser;
    }
}
