using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Tests.Mail;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>What a sign-in wants of a person, while administrators change the person.</summary>
public sealed class What_is_wanted_of_people
{
    private const string Password = "Correct-horse-1";

    private static string Action(string alias, int priority, string more = "") =>
        $$"""{"alias": "{{alias}}", "providerId": "{{alias}}", "name": "{{alias}}", "enabled": true, "priority": {{priority}}{{more}}}""";

    private static string Realm(string user, string more, params string[] actions) => $$"""
        {
          "realm": "shop", "enabled": true,{{more}} "requiredActions": [{{string.Join(',', actions)}}],
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A",{{user}} "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    private static async Task<TestBrowser> SignInAsync(SignInServer server, params (string, string)[] query)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop", query);
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        return browser;
    }

    private static async Task<User?> AliceAsync(SignInServer server) => await server.Services.GetRequiredService<IUserStore>()
        .FindByUsernameAsync((await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!.Id, "alice");

    /// <summary>Asked first whether it is wanted, after the request read the person: what happens then happens in the midst of the sign-in.</summary>
    private sealed class Meanwhile : IRequiredAction
    {
        public string Alias => "MEANWHILE";

        public bool IsKept => true;

        public int Asked { get; set; }

        public Dictionary<int, Func<LoginContext, ValueTask<bool>>> At { get; } = [];

        public ValueTask<bool> IsWantedAsync(LoginContext context) => At.GetValueOrDefault(++Asked) is { } what ? what(context) : new(false);

        public ValueTask<ActionResult> BeginAsync(LoginContext context) => new(ActionResult.Done);

        public ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form) => BeginAsync(context);
    }

    /// <param name="at">How many times the action was asked before the administrator acts: at the end of the flow, then with each request for an action.</param>
    [Theory]
    [InlineData("what is wanted is put down", "", 1, true, null)]
    [InlineData("the terms are accepted", "TERMS_AND_CONDITIONS", 3, false, "accept")]
    [InlineData("the terms are declined", "TERMS_AND_CONDITIONS", 3, false, "cancel")]
    [InlineData("an action without a page", "update_user_locale", 2, false, null)]
    public async Task What_an_administrator_does_meanwhile_stays(string what, string action, int at, bool wanted, string? answer)
    {
        Assert.NotEmpty(what);
        foreach (var delete in new[] { false, true })
        {
            var meanwhile = new Meanwhile();
            meanwhile.At[at] = async context =>
            {
                var changed = UserRepresentations.Copy(context.User!.Representation);
                changed.Enabled = false;
                await context.Services.ApplyAsync(context.Realm, context.Ct, delete ? new DeleteUser(context.User.Id) : new PutUser(changed));
                return wanted;
            };
            var user = action.Length == 0 ? "" : $"\"attributes\": {{\"terms_and_conditions\": [\"1\"]}}, \"requiredActions\": [\"{action}\"],";
            await using var server = await SignInServer.StartAsync(
                Realm(user, "", Action("MEANWHILE", 1), Action("TERMS_AND_CONDITIONS", 20), Action("update_user_locale", 30)), services => services.AddSingleton<IRequiredAction>(meanwhile));
            using var browser = await SignInAsync(server);
            if (answer is not null)
            {
                Assert.Equal("terms", browser.PageId);
                await browser.PostAsync(browser.Actions[0], (answer, "on"));
            }

            Assert.True(meanwhile.Asked >= at);
            var alice = await AliceAsync(server);
            Assert.Equal(delete ? null : false, alice?.Enabled);
        }
    }

    [Fact]
    public async Task Each_action_is_asked_once_whether_it_is_wanted()
    {
        var meanwhile = new Meanwhile();
        await using var server = await SignInServer.StartAsync(Realm("", "", Action("MEANWHILE", 1)), services => services.AddSingleton<IRequiredAction>(meanwhile));
        using var browser = await SignInAsync(server);
        Assert.NotNull(browser.Code);
        Assert.Equal(1, meanwhile.Asked);
    }

    [Theory, InlineData(true, "update-email"), InlineData(false, "login-verify-email")]
    public async Task An_address_is_verified_unless_its_owner_can_give_another_first(bool enabled, string page)
    {
        await using var sink = new SmtpSink();
        var more = $$"""  "verifyEmail": true, "smtpServer": {"host": "127.0.0.1", "port": "{{sink.Port}}", "from": "shop@example.org"},""";
        var update = Action("UPDATE_EMAIL", 70);
        await using var server = await SignInServer.StartAsync(Realm("\"requiredActions\": [\"UPDATE_EMAIL\"],", more, Action("VERIFY_EMAIL", 50),
            enabled ? update : update.Replace("\"enabled\": true", "\"enabled\": false", StringComparison.Ordinal)));
        using var browser = await SignInAsync(server);
        Assert.Equal(page, browser.PageId);
    }

    /// <summary>There is nowhere to send a mail to; that the address is to be verified is put down all the same, and the sign-in goes on.</summary>
    [Fact]
    public async Task Who_has_no_address_is_still_to_verify_one()
    {
        var realm = Realm("", "\"verifyEmail\": true,", Action("VERIFY_EMAIL", 50)).Replace(" \"email\": \"alice@example.org\",", "", StringComparison.Ordinal);
        await using var server = await SignInServer.StartAsync(realm);
        using var browser = await SignInAsync(server);
        Assert.NotNull(browser.Code);
        Assert.Equal(["VERIFY_EMAIL"], (await AliceAsync(server))!.Representation.RequiredActions);
    }

    /// <summary>The page has two buttons, and everything but to decline is to accept.</summary>
    [Theory, InlineData("cancel", false), InlineData("accept", true), InlineData("nothing", true)]
    public async Task Terms_are_accepted_unless_they_are_declined(string button, bool enters)
    {
        await using var server = await SignInServer.StartAsync(Realm("\"requiredActions\": [\"TERMS_AND_CONDITIONS\"],", "", Action("TERMS_AND_CONDITIONS", 20)));
        using var browser = await SignInAsync(server);
        Assert.Equal("terms", browser.PageId);
        await browser.SubmitAsync((button, ""));
        Assert.Equal(enters, browser.Code is not null);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_key_that_an_administrator_demands_is_not_skipped_by_an_application(bool demanded)
    {
        await using var server = await SignInServer.StartAsync(Realm(demanded ? "\"requiredActions\": [\"webauthn-register\"]," : "", "", Action("webauthn-register", 80)));
        var realms = server.Services.GetRequiredService<IRealms>();
        await realms.ApplyAsync(new ChangeSet((await realms.FindAsync("shop"))!.Id).Add(new PutCredential((await AliceAsync(server))!.Id,
            new CredentialRepresentation { Id = "key", Type = "webauthn", UserLabel = "Key", CreatedDate = 1, SecretData = "{}", CredentialData = "{}" })));
        using var browser = await SignInAsync(server, ("kc_action", "webauthn-register:skip_if_exists"));
        Assert.Equal(demanded, browser.PageId == "webauthn-register");
        Assert.Equal(!demanded, browser.Code is not null);
        Assert.Equal(demanded ? ["webauthn-register"] : [], (await AliceAsync(server))!.Representation.RequiredActions ?? []);
    }

    /// <summary>The answer names the action that was done last, and says how the one went that the application asked for.</summary>
    [Theory, InlineData(30, "UPDATE_PROFILE"), InlineData(50, "UPDATE_PASSWORD")]
    public async Task An_application_hears_which_action_came_last(int priority, string last)
    {
        await using var server = await SignInServer.StartAsync(Realm("\"requiredActions\": [\"UPDATE_PASSWORD\", \"UPDATE_PROFILE\"],", "", Action("UPDATE_PASSWORD", priority), Action("UPDATE_PROFILE", 40)));
        using var browser = await SignInAsync(server, ("kc_action", "UPDATE_PASSWORD"));
        for (var pages = 0; pages < 2; pages++)
        {
            Assert.Equal(priority == 30 == (pages == 0) ? "login-update-password" : "login-update-profile", browser.PageId);
            await browser.SubmitAsync(("password-new", "Another-horse-2"), ("password-confirm", "Another-horse-2"), ("email", "alice@example.org"), ("firstName", "A"), ("lastName", "A"));
        }

        Assert.NotNull(browser.Code);
        Assert.Contains($"&kc_action={last}&kc_action_status=success&", browser.Location, StringComparison.Ordinal);
    }

    /// <summary>Each sign-in sends a mail, but nobody fills somebody else's mailbox by signing in again and again.</summary>
    [Fact]
    public async Task Mails_that_nobody_asked_for_by_hand_have_a_ceiling()
    {
        await using var sink = new SmtpSink();
        var more = $$"""  "verifyEmail": true, "smtpServer": {"host": "127.0.0.1", "port": "{{sink.Port}}", "from": "shop@example.org"},""";
        await using var server = await SignInServer.StartAsync(Realm("", more, Action("VERIFY_EMAIL", 50, ", \"config\": {\"emailResendCooldownSeconds\": \"600\"}")));
        for (var sent = 1; sent <= 7; sent++)
        {
            using var browser = await SignInAsync(server);
            Assert.Equal("login-verify-email", browser.PageId);
            Assert.Contains("alice@example.org", browser.Text, StringComparison.Ordinal);
            Assert.Equal(Math.Min(sent, 5), sink.Waiting);
        }
    }
}
