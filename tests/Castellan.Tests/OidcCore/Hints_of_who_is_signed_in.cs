using System.Text.Json;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.OidcCore;

/// <summary>OpenID Connect Core §3.1.2.1, <c>id_token_hint</c>: where somebody else is signed in than the client believes, it gets an error.</summary>
public sealed class Hints_of_who_is_signed_in
{
    private const string Password = "Correct-horse-1";

    private static string Client(string id, string mappers = "") =>
        $$"""{"clientId": "{{id}}", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "protocolMappers": [{{mappers}}]}""";

    private static string User(string name) =>
        $$"""{"username": "{{name}}", "enabled": true, "email": "{{name}}@example.org", "firstName": "A", "lastName": "A", "attributes": {"number": ["no-{{name}}"]}, "credentials": [{"type": "password", "value": "{{Password}}"}]}""";

    private static readonly string s_realm = $$$"""
        {
          "realm": "shop", "enabled": true, "eventsEnabled": true, "enabledEventTypes": ["LOGIN_ERROR"],
          "clients": [{{{Client("web")}}}, {{{Client("other")}}},
            {{{Client("pairs", """{"name": "p", "protocol": "openid-connect", "protocolMapper": "oidc-sha256-pairwise-sub-mapper", "config": {"pairwiseSubAlgorithmSalt": "salt"}}""")}}},
            {{{Client("numbers", """{"name": "n", "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-attribute-mapper", "config": {"user.attribute": "number", "claim.name": "sub", "id.token.claim": "true", "jsonType.label": "String"}}""")}}}],
          "users": [{{{User("alice")}}}, {{{User("bob")}}}]
        }
        """;

    private static async Task<(TestBrowser Browser, Func<string, string> Token)> SignInAsync(SignInServer server, string name, string client)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop", ("client_id", client));
        await browser.SubmitAsync(("username", name), ("password", Password));
        var tokens = await server.TokensAsync("shop", browser.Code!, ("client_id", client));
        return (browser, kind => tokens.GetProperty(kind).GetString()!);
    }

    [Theory]
    [InlineData("web", "alice", "id_token", "web", true)]
    [InlineData("web", "bob", "id_token", "web", false)]
    [InlineData("pairs", "alice", "id_token", "pairs", true)]
    [InlineData("pairs", "bob", "id_token", "pairs", false)]
    // No ID token of this client's, or none that says who is meant: nobody is.
    [InlineData("web", "bob", "access_token", "web", true)]
    [InlineData("other", "bob", "id_token", "web", true)]
    [InlineData("numbers", "bob", "id_token", "numbers", true)]
    public async Task Count_where_they_say_who_is_meant(string of, string hinted, string kind, string client, bool answers)
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        var (there, token) = await SignInAsync(server, hinted, of);
        there.Dispose();
        var (here, _) = await SignInAsync(server, "alice", client);
        using var browser = here;
        foreach (var prompt in new[] { "none", "" })
        {
            await browser.OpenAsync("shop", ("client_id", client), ("prompt", prompt), ("id_token_hint", token(kind)));
            Assert.Equal(answers, browser.Code is not null);
            Assert.Equal(answers, browser.Location?.Contains("error=login_required", StringComparison.Ordinal) is not true);
        }

        // The session is as before.
        await browser.OpenAsync("shop", ("client_id", client), ("prompt", "none"));
        Assert.NotNull(browser.Code);
    }

    [Theory, InlineData("alice", true), InlineData("bob", false)]
    public async Task Count_for_who_signs_in_just_now(string name, bool answers)
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        var (there, token) = await SignInAsync(server, "alice", "web");
        there.Dispose();
        using var browser = server.Browser();
        await browser.OpenAsync("shop", ("id_token_hint", token("id_token")));
        await browser.SubmitAsync(("username", name), ("password", Password));
        Assert.Equal(answers, browser.Code is not null);
        await browser.OpenAsync("shop", ("prompt", "none"));
        Assert.Equal(answers, browser.Code is not null);
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var failures = await server.Services.GetRequiredService<IEventStore>().ListAsync(realm.Id, new EventQuery(["LOGIN_ERROR"]));
        Assert.Equal(answers ? 0 : 1, failures.Count(f => f.Error == "different_user_authenticated"));
    }

    [Theory, InlineData("nonsense"), InlineData("a.b.c"), InlineData("")]
    public async Task Say_nothing_where_they_are_no_tokens(string hint)
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        var (here, _) = await SignInAsync(server, "alice", "web");
        using var browser = here;
        await browser.OpenAsync("shop", ("prompt", "none"), ("id_token_hint", hint));
        Assert.NotNull(browser.Code);
    }
}
