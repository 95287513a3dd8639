using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Castellan.Core.Credentials.WebAuthn;
using Castellan.Core.Realms;
using Castellan.Tests.Credentials;
using Microsoft.Extensions.DependencyInjection;
using static Castellan.Tests.Login.FormsRealm;

namespace Castellan.Tests.Login;

/// <summary>Passkeys where a page asks for a name or a password.</summary>
public sealed class Passkeys_on_pages
{
    private const string Offered = "\"webAuthnPolicyPasswordlessPasskeysEnabled\": true, \"webAuthnPolicyPasswordlessRpId\": \"localhost\", \"webAuthnPolicyPasswordlessUserVerificationRequirement\": \"required\",";

    /// <summary>Whoever came by a passkey is not asked for the password that the flow has on a page of its own.</summary>
    [Theory]
    [InlineData("auth-password-form"), InlineData("auth-username-password-form")]
    public async Task Who_came_by_a_passkey_needs_no_password(string second)
    {
        var (server, key) = await StartAsync();
        await using var running = server;
        await TestFlows.UseAsync(server, "shop", ("pages", ["R auth-username-form", "R " + second]));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await ProveAsync(server, browser, key);
        Assert.NotNull(browser.Code);
        Assert.Equal(["LOGIN credential_type=webauthn-passwordless"], await EventsAsync(server, "credential_type"));
    }

    [Fact]
    public async Task A_password_is_asked_for_as_ever_of_who_came_by_no_passkey()
    {
        var (server, _) = await StartAsync();
        await using var running = server;
        await TestFlows.UseAsync(server, "shop", ("pages", ["R auth-username-form", "R auth-password-form"]));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"));
        Assert.Equal("login-password", browser.PageId);
    }

    /// <summary>The page for the password offers the passkey too.</summary>
    [Fact]
    public async Task Who_has_no_password_may_prove_themselves_by_a_passkey_where_one_is_asked_for()
    {
        var (server, key) = await StartAsync();
        await using var running = server;
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var alice = await AliceAsync(server);
        var password = (await server.Services.GetRequiredService<Castellan.Core.Users.IUserStore>().CredentialsAsync(realm.Id, alice.Id)).Single(c => c.Type == "password");
        await server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new DeleteCredential(alice.Id, password.Id!)));
        await TestFlows.UseAsync(server, "shop", ("pages", ["R auth-username-form", "R auth-password-form"]));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"));
        Assert.Equal("login-password", browser.PageId);
        await ProveAsync(server, browser, key);
        Assert.NotNull(browser.Code);
    }

    /// <summary>Whoever need not be known to be asked may choose that before they say who they are.</summary>
    [Fact]
    public async Task A_passkey_is_another_way_for_whoever_is_not_known_yet()
    {
        var (server, key) = await StartAsync();
        await using var running = server;
        await TestFlows.UseAsync(server, "shop", ("either", ["A auth-username-password-form", "A webauthn-authenticator-passwordless"]));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        Assert.Equal("login", browser.PageId);
        await browser.PostAsync(browser.Actions[0], ("tryAnotherWay", "on"));
        Assert.Equal("select-authenticator", browser.PageId);
        await browser.PostAsync(browser.Actions[0], ("authenticationExecution", "either-1"));
        Assert.Equal("webauthn-authenticate", browser.PageId);
        await ProveAsync(server, browser, key);
        Assert.NotNull(browser.Code);
    }

    /// <summary>Where organizations ask for the name first, the passkey stands for the name too.</summary>
    [Fact]
    public async Task Who_came_by_a_passkey_is_asked_for_no_name_where_organizations_ask_first()
    {
        var (server, key) = await StartAsync("\"organizationsEnabled\": true, \"organizations\": [{\"name\": \"Acme\", \"alias\": \"acme\", \"enabled\": true, \"domains\": [{\"name\": \"acme.example\"}]}],");
        await using var running = server;
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        Assert.Equal("login-username", browser.PageId);
        await ProveAsync(server, browser, new SoftAuthenticator { Origin = server.Base, RpId = "localhost" });
        Assert.Equal("login-username", browser.PageId);
        Assert.Contains("Unknown user authenticated by the Passkey.", browser.Text, StringComparison.Ordinal);
        await ProveAsync(server, browser, key);
        Assert.NotNull(browser.Code);
    }

    [Fact]
    public async Task Of_a_key_that_is_not_known_the_event_says_whose_it_was_to_be()
    {
        var (server, _) = await StartAsync();
        await using var running = server;
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        var stranger = new SoftAuthenticator { Origin = server.Base, RpId = "localhost" };
        await ProveAsync(server, browser, stranger);
        Assert.Equal((HttpStatusCode.OK, "login"), (browser.Status, browser.PageId));
        Assert.Equal([$"LOGIN_ERROR user_not_found web_authn_authenticated_user_id={(await AliceAsync(server)).Id} public_key_credential_id={stranger.CredentialId}"],
            await EventsAsync(server, "web_authn_authenticated_user_id", "public_key_credential_id"));
    }

    private static async Task<(SignInServer Server, SoftAuthenticator Key)> StartAsync(string more = "")
    {
        var server = await SignInServer.StartAsync(Realm(Offered + more));
        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync("shop"))!;
        var challenge = WebAuthnExpectation.NewChallenge();
        var key = new SoftAuthenticator { Origin = server.Base, RpId = "localhost" };
        var made = server.Services.GetRequiredService<WebAuthnCeremonies>().Register(new(WebAuthnPolicy.Passwordless(realm), challenge, server.Base), key.Create(challenge), "mine");
        Assert.Null(made.Problem);
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutCredential((await AliceAsync(server)).Id, made.Credential!)));
        key.Counter = 2;
        return (server, key);
    }

    /// <summary>Answers what the page asks the browser's authenticators, as alice.</summary>
    private static async Task ProveAsync(SignInServer server, TestBrowser browser, SoftAuthenticator key)
    {
        var challenge = Regex.Match(WebUtility.HtmlDecode(browser.Text), "challenge\\W+([A-Za-z0-9_-]{20,})").Groups[1].Value;
        var answer = key.Get(challenge);
        var handle = Base64Url.EncodeToString(Encoding.UTF8.GetBytes((await AliceAsync(server)).Id));
        await browser.PostAsync(browser.Actions[^1], ("clientDataJSON", answer.ClientDataJson), ("authenticatorData", answer.AuthenticatorData), ("signature", answer.Signature),
            ("credentialId", answer.CredentialId), ("userHandle", handle));
        await browser.FollowAsync();
    }
}
