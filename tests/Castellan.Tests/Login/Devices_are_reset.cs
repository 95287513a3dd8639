using System.Text.RegularExpressions;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>The step that has one-time codes set up anew does with the devices that there are what its setting says.</summary>
public sealed class Devices_are_reset
{
    private const string Password = "Correct-horse-1";

    private static string Device(string label) =>
        $$"""{"type": "otp", "userLabel": "{{label}}", "secretData": "{\"value\":\"a-secret-of-twenty-b\"}", "credentialData": "{\"subType\":\"totp\",\"digits\":6,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}""";

    private static readonly string s_realm = $$"""
        {
          "realm": "shop", "enabled": true, "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "twain", "enabled": true, "email": "t@example.org", "firstName": "T", "lastName": "T",
                     "credentials": [{"type": "password", "value": "{{Password}}"}, {{Device("Phone")}}, {{Device("Tablet")}}]}]
        }
        """;

    private static async Task<List<(string Id, string? Label)>> AllAsync(SignInServer server)
    {
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var user = (await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "twain"))!;
        return [.. (await server.Services.GetRequiredService<IUserStore>().CredentialsAsync(realm.Id, user.Id)).Where(c => c.Type == "otp").Select(c => (c.Id!, c.UserLabel))];
    }

    private static async Task<List<string?>> DevicesAsync(SignInServer server) => [.. (await AllAsync(server)).Select(d => d.Label).Order()];

    private static async Task<TestBrowser> SignInAsync(SignInServer server, string setting)
    {
        await TestFlows.UseAsync(server, "shop", ("anew", ["R auth-username-password-form", $"R reset-otp{setting}"]));
        var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "twain"), ("password", Password));
        return browser;
    }

    /// <summary>Until then they all stay: whoever walks away keeps the second factor.</summary>
    private static async Task SetUpAsync(SignInServer server, TestBrowser browser, string label)
    {
        Assert.Equal("login-config-totp", browser.PageId);
        Assert.Equal(["Phone", "Tablet"], await DevicesAsync(server));
        var secret = browser.Hidden().Single(h => h.Name == "totpSecret").Value;
        var code = new Core.Login.OneTimeCodes(System.Text.Encoding.UTF8.GetBytes(secret), false, 6, 0, 30, "HmacSHA1").Code(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
        await browser.SubmitAsync(("totp", code), ("userLabel", label));
        Assert.NotNull(browser.Code);
    }

    [Theory]
    [InlineData("", "New", "New Phone Tablet")]
    [InlineData(" @ action_on_otp_reset_flag=Remove none", "New", "New Phone Tablet")]
    [InlineData(" @ action_on_otp_reset_flag=Remove all", "Phone", "Phone")]
    [InlineData(" @ action_on_otp_reset_flag=Remove all", "", "")]
    public async Task All_stay_or_go_when_the_new_one_is_there(string setting, string label, string left)
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        using var browser = await SignInAsync(server, setting);
        await SetUpAsync(server, browser, label);
        Assert.Equal(left, string.Join(' ', await DevicesAsync(server)));
    }

    [Fact]
    public async Task One_goes_that_the_person_chooses()
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        using var browser = await SignInAsync(server, " @ action_on_otp_reset_flag=Remove one");
        Assert.Equal("login-reset-otp", browser.PageId);
        Assert.Contains("Which OTP configuration should be removed?", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(("selectedCredentialId", "not-mine"));
        Assert.Contains("Please choose an OTP configuration.", browser.Text, StringComparison.Ordinal);
        Assert.Equal(2, (await DevicesAsync(server)).Count);

        var tablet = Regex.Match(browser.Text, "value=\"([^\"]*)\"[^>]*><span class=\"pf-v5-c-tile__title\">Tablet<").Groups[1].Value;
        await browser.SubmitAsync(("selectedCredentialId", tablet));
        await SetUpAsync(server, browser, "Tablet");
        Assert.Equal(["Phone", "Tablet"], await DevicesAsync(server));
        Assert.DoesNotContain(await AllAsync(server), d => d.Id == tablet);
    }
}
