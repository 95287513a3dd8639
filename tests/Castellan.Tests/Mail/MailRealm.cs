using System.Net;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Mail;

/// <summary>A realm whose mails go to a real mail server, and what people do with them in the steps of a browser.</summary>
internal static class MailRealm
{
    public const string Password = "Correct-horse-1";
    public const string NewPassword = "Another-horse-2";

    public static string Realm(int port, string more = "") => $$"""
        {
          "realm": "shop", "displayName": "The <Shop>", "enabled": true, "resetPasswordAllowed": true, "loginWithEmailAllowed": true,
          "smtpServer": {"host": "127.0.0.1", "port": "{{port}}", "from": "shop@example.org", "fromDisplayName": "Shöp", "envelopeFrom": "bounces@example.org"},
          "internationalizationEnabled": true, "supportedLocales": ["en", "de"], "defaultLocale": "en",{{more}}
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "emailVerified": true, "credentials": [{"type": "password", "value": "{{Password}}"}]},
                    {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "requiredActions": ["VERIFY_EMAIL"], "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    public static async Task<(SmtpSink Sink, SignInServer Server)> StartAsync(string more = "")
    {
        var sink = new SmtpSink();
        return (sink, await SignInServer.StartAsync(Realm(sink.Port, more)));
    }

    public static async Task<TestBrowser> ForgetAsync(SignInServer server, string username)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.GetAsync(browser.Links.First(l => l.Contains("reset-credentials", StringComparison.Ordinal)));
        await browser.SubmitAsync(("username", username));
        Assert.Equal("login", browser.PageId);
        Assert.Contains("You should receive an email shortly", browser.Text, StringComparison.Ordinal);
        return browser;
    }

    public static async Task<TestBrowser> SignInAsync(SignInServer server, string username, string password, params (string, string)[] query)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop", query);
        await browser.SubmitAsync(("username", username), ("password", password));
        return browser;
    }

    public static async Task OpenAsync(TestBrowser browser, string link)
    {
        await browser.GetAsync(link);
        await browser.FollowAsync();
    }

    public static async Task<User> UserAsync(SignInServer server, string username)
    {
        var realm = await server.Services.GetRequiredService<IRealms>().FindAsync("shop");
        return (await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm!.Id, username))!;
    }
}
