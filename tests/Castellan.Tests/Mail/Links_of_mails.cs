using System.Buffers.Text;
using System.Net;
using System.Text;
using Castellan.Core.Mail;
using Castellan.Core.Realms;
using Microsoft.Extensions.DependencyInjection;
using static Castellan.Tests.Mail.MailRealm;

namespace Castellan.Tests.Mail;

/// <summary>What all links of mails have in common, those of administrators among them, and what the mails look like.</summary>
public sealed class Links_of_mails
{
    /// <summary>No application waits behind an administrator's mail: whoever signs in there comes out at their account.</summary>
    [Fact]
    public async Task Who_signs_in_where_a_link_began_comes_out_at_their_account()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var alice = await UserAsync(server, "alice");
        var token = new ActionToken(ActionTypes.ExecuteActions, alice.Id, alice.Email, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300) { Actions = ["UPDATE_PASSWORD"] };
        using var browser = server.Browser();
        await browser.GetAsync($"{server.Base}/realms/shop/login-actions/action-token?key={await server.Services.GetRequiredService<ActionTokens>().IssueAsync(realm, token, $"{server.Base}/realms/shop")}");
        Assert.Equal("info", browser.PageId);
        await browser.GetAsync($"{server.Base}/realms/shop/login-actions/authenticate?{browser.Links[0].Split('&', 2)[1]}");
        Assert.Equal("login", browser.PageId);
        await browser.PostAsync(browser.Actions[0], ("username", "alice"), ("password", Password));
        Assert.Equal((HttpStatusCode.Found, $"{server.Base}/realms/shop/account/"), (browser.Status, browser.Location));
    }

    /// <summary>The client's addresses may have changed since the mail was sent.</summary>
    [Theory, InlineData("http://localhost:3000/callback", HttpStatusCode.OK), InlineData("http://localhost:3000/elsewhere", HttpStatusCode.BadRequest)]
    public async Task A_link_leads_back_only_where_its_client_may(string back, HttpStatusCode status)
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var alice = await UserAsync(server, "alice");
        var token = new ActionToken(ActionTypes.ExecuteActions, alice.Id, alice.Email, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300) { Client = "web", RedirectUri = back, Actions = ["UPDATE_PASSWORD"] };
        using var browser = server.Browser();
        await OpenAsync(browser, $"/realms/shop/login-actions/action-token?key={await server.Services.GetRequiredService<ActionTokens>().IssueAsync(realm, token, $"{server.Base}/realms/shop")}");
        Assert.Equal(status, browser.Status);
        Assert.Equal(status != HttpStatusCode.OK, browser.Text.Contains("Invalid redirect uri", StringComparison.Ordinal));
    }

    /// <summary>Every way in which a link can be another than the one that was sent.</summary>
    [Fact]
    public async Task A_link_that_is_not_the_one_that_was_sent_does_nothing()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var tokens = server.Services.GetRequiredService<ActionTokens>();
        var alice = await UserAsync(server, "alice");
        var (issuer, soon) = ($"{server.Base}/realms/shop", DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 300);
        var good = new ActionToken(ActionTypes.ExecuteActions, alice.Id, alice.Email, soon) { Actions = ["UPDATE_PASSWORD"] };
        var parts = (await tokens.IssueAsync(realm, good, issuer)).Split('.');
        var none = $"{Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{parts[1]}.";
        foreach (var (text, words) in new[]
        {
            ("nonsense", "An error occurred"), ("", "Invalid Request"), (none, "An error occurred"), ($"{parts[0]}.{parts[1]}.AAAA", "An error occurred"),
            ($"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes("{}"))}.{parts[2]}", "An error occurred"),
            (await tokens.IssueAsync(realm, good with { Expires = soon - 400 }, issuer), "Action expired."),
            (await tokens.IssueAsync(realm, good, "http://elsewhere.example/realms/shop"), "An error occurred"),
            (await tokens.IssueAsync(realm, good with { Type = "Refresh" }, issuer), "An error occurred"),
            (await tokens.IssueAsync(realm, good with { Email = "old@example.org" }, issuer), "Invalid email address"),
            (await tokens.IssueAsync(realm, good with { UserId = "nobody" }, issuer), "Invalid username or password"),
        })
        {
            using var browser = server.Browser();
            await OpenAsync(browser, $"/realms/shop/login-actions/action-token?key={text}");
            Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
            Assert.True(browser.Text.Contains(words, StringComparison.OrdinalIgnoreCase), $"{text}: not '{words}' but {browser.Text}");
        }

        using var bob = await SignInAsync(server, "alice", Password);
        await OpenAsync(bob, $"/realms/shop/login-actions/action-token?key={await tokens.IssueAsync(realm, good with { UserId = (await UserAsync(server, "bob")).Id, Email = "bob@example.org" }, issuer)}");
        Assert.Contains("already authenticated as different user", bob.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_has_two_parts_and_values_are_text_in_both()
    {
        var (sink, server) = await StartAsync();
        await using var box = sink;
        await using var running = server;
        using var asked = await ForgetAsync(server, "alice");
        var (from, to, mail) = await sink.NextAsync();
        Assert.Equal(("bounces@example.org", "alice@example.org"), (from, Assert.Single(to)));
        Assert.Equal("Shöp", mail.From.Mailboxes.Single().Name);
        Assert.Equal("shop@example.org", mail.ReplyTo.Mailboxes.Single().Address);
        Assert.Equal("Reset password", mail.Subject);
        Assert.Contains("The <Shop>", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("The &lt;Shop&gt;", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("expire within 5 minutes", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("rel=\"nofollow\"", mail.HtmlBody, StringComparison.Ordinal);
    }
}
