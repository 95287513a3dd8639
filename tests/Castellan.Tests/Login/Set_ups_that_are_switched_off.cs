using System.Net;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Tests.Mail;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>
/// A part of the flow that somebody passes by setting a factor up is not passed when the realm takes the possibility away in the meantime. Keycloak
/// leaves out what is switched off and lets the person in.
/// </summary>
public sealed class Set_ups_that_are_switched_off
{
    private const string Password = "Correct-horse-1";

    private static string Realm(int port) => $$"""
        {
          "realm": "shop", "enabled": true, "resetPasswordAllowed": true, "smtpServer": {"host": "127.0.0.1", "port": "{{port}}", "from": "shop@example.org"},
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "directAccessGrantsEnabled": true},
                      {"clientId": "asks", "publicClient": true, "consentRequired": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "emailVerified": true, "firstName": "A", "lastName": "A", "credentials": [
                       {"type": "password", "value": "{{Password}}"},
                       {"type": "otp", "secretData": "{\"value\":\"{{Walker.Secret}}\"}", "credentialData": "{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}]},
                    {"username": "eve", "enabled": true, "email": "eve@example.org", "firstName": "E", "lastName": "E", "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    internal static async Task SwitchAsync(SignInServer server, string realmName, string action, bool on)
    {
        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync(realmName))!;
        var old = realm.Data.RequiredActions.Single(a => a.Alias == action);
        var changed = new RequiredActionProviderRepresentation { Alias = old.Alias, Name = old.Name, ProviderId = old.ProviderId, Enabled = on, DefaultAction = old.DefaultAction, Priority = old.Priority, Config = old.Config };
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutPart(PartKind.RequiredAction, PartIds.RequiredAction(realm.Id, action), action, changed)));
    }

    [Theory]
    [InlineData("auth-otp-form", "CONFIGURE_TOTP", "login-config-totp", "web")]
    [InlineData("auth-otp-form", "CONFIGURE_TOTP", "login-config-totp", "asks")]
    [InlineData("auth-conditional-otp-form", "CONFIGURE_TOTP", "login-config-totp", "web")]
    [InlineData("webauthn-authenticator", "webauthn-register", "webauthn-register", "web")]
    [InlineData("auth-recovery-authn-code-form", "CONFIGURE_RECOVERY_AUTHN_CODES", "login-recovery-authn-code-config", "web")]
    public async Task The_flow_of_a_browser_is_not_passed(string step, string action, string page, string client)
    {
        await using var server = await SignInServer.StartAsync(Realm(1));
        await TestFlows.UseAsync(server, "shop", ("top", ["A auth-cookie", "A > entry"]), ("entry", ["R auth-username-password-form", $"R {step}"]));
        await SwitchAsync(server, "shop", action, true);
        using var browser = server.Browser();
        await browser.OpenAsync("shop", ("client_id", client));
        await browser.SubmitAsync(("username", "eve"), ("password", Password));
        Assert.Equal(page, browser.PageId);
        var form = browser.Actions[0];

        await SwitchAsync(server, "shop", action, false);
        foreach (var go in (Func<Task>[])[() => browser.PostAsync(form), () => browser.GetAsync(form), () => browser.PostAsync(form, ("cancel-aia", "true"), ("accept", "on")), () => browser.OpenAsync("shop", ("client_id", client))])
        {
            await go();
            await browser.FollowAsync();
            Assert.Null(browser.Code);
            Assert.NotEqual("login-oauth-grant", browser.PageId);
            Assert.DoesNotContain("KEYCLOAK_IDENTITY", browser.Cookies.Keys);
        }

        // Switched on again, the sign-in can be done.
        await SwitchAsync(server, "shop", action, true);
        using var later = server.Browser();
        await later.OpenAsync("shop", ("client_id", client));
        await later.SubmitAsync(("username", "eve"), ("password", Password));
        Assert.Equal(page, later.PageId);
    }

    [Theory, InlineData("UPDATE_PASSWORD"), InlineData("CONFIGURE_TOTP")]
    public async Task A_forgotten_password_is_no_way_around_it(string action)
    {
        await using var sink = new SmtpSink();
        await using var server = await SignInServer.StartAsync(Realm(sink.Port));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.GetAsync(browser.Links.First(l => l.Contains("reset-credentials", StringComparison.Ordinal)));
        await browser.SubmitAsync(("username", "alice"));
        await SwitchAsync(server, "shop", action, false);
        await browser.GetAsync(await sink.LinkAsync());
        await browser.FollowAsync();
        if (browser.PageId == "login-update-password")
        {
            await browser.SubmitAsync(("password-new", "Another-horse-2"), ("password-confirm", "Another-horse-2"));
        }

        Assert.Null(browser.Code);
        Assert.DoesNotContain("KEYCLOAK_IDENTITY", browser.Cookies.Keys);
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
    }

    [Theory, InlineData("CONFIGURE_TOTP", true), InlineData("CONFIGURE_TOTP", false)]
    public async Task The_password_grant_waits_for_it_as_well(string action, bool on)
    {
        await using var server = await SignInServer.StartAsync(Realm(1));
        await TestFlows.UseAsync(server, "shop", ("grant", ["R direct-grant-validate-username", "R direct-grant-validate-password", "R auth-otp-form"]));
        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync("shop"))!;
        var settings = realm.Settings.ShallowCopy();
        settings.DirectGrantFlow = "grant";
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
        await SwitchAsync(server, "shop", action, on);
        var answer = await server.TokensAsync("shop", "", ("grant_type", "password"), ("username", "eve"), ("password", Password));
        Assert.Equal("invalid_grant", answer.GetProperty("error").GetString());
    }
}
