using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>Pages that single sign-on opened are worth nothing once the session has ended: no password is set by them, no consent given, no session begun.</summary>
public sealed class Pages_left_open
{
    private const string Password = "Correct-horse-1";
    private const string Other = "Another-horse-2";

    private const string Realm = $$"""
        {
          "realm": "shop", "enabled": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]},
                      {"clientId": "asks", "publicClient": true, "consentRequired": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    public static TheoryData<string, (string, string)[], (string, string)[]> Pages => new()
    {
        { "login-update-password", [("kc_action", "UPDATE_PASSWORD")], [("password-new", Other), ("password-confirm", Other)] },
        { "login-oauth-grant", [("client_id", "asks")], [("accept", "Yes")] },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Ask_anew_who_is_there(string page, (string, string)[] query, (string, string)[] form)
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        Assert.NotNull(browser.Code);
        await browser.OpenAsync("shop", query);
        await browser.FollowAsync();
        Assert.Equal(page, browser.PageId);

        var sessions = server.Services.GetRequiredService<ISessions>();
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var alice = (await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "alice"))!;
        Assert.Single(await sessions.DeleteByUserAsync(realm.Id, alice.Id));

        await browser.SubmitAsync(form);
        Assert.Equal("login", browser.PageId);
        Assert.Null(browser.Code);
        Assert.Empty(await sessions.ListByUserAsync(realm.Id, alice.Id));

        // The password is the old one, and what the client asked for goes on behind it.
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        Assert.Equal(page, browser.PageId);
    }

    [Fact]
    public async Task Go_on_while_the_session_lives()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        await browser.OpenAsync("shop", ("client_id", "asks"));
        await browser.FollowAsync();
        await browser.SubmitAsync(("accept", "Yes"));
        Assert.NotNull(browser.Code);
    }

    [Fact]
    public async Task Ask_anew_when_the_person_was_deleted()
    {
        await using var server = await SignInServer.StartAsync(Realm.Replace("\"lastName\": \"A\",", "\"lastName\": \"A\", \"requiredActions\": [\"UPDATE_PASSWORD\"],", StringComparison.Ordinal));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        Assert.Equal("login-update-password", browser.PageId);

        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var alice = (await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "alice"))!;
        await server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new DeleteUser(alice.Id)));
        await browser.SubmitAsync(("password-new", Other), ("password-confirm", Other));
        Assert.Equal("login", browser.PageId);
    }
}
