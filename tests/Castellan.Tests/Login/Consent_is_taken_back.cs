using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>What a person allows no more, or never did, a client gets no more: by its session, by a code under way, by a refresh token.</summary>
public sealed class Consent_is_taken_back
{
    private const string Password = "Correct-horse-1";

    private const string Realm = $$"""
        {
          "realm": "shop", "enabled": true,
          "clients": [{"clientId": "web", "publicClient": true, "consentRequired": true, "redirectUris": ["http://localhost:3000/callback"]},
                      {"clientId": "me", "publicClient": true, "directAccessGrantsEnabled": true}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "realmRoles": ["default-roles-shop"],
                     "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    private static async Task<TestBrowser> ConsentAsync(SignInServer server, params (string, string)[] more)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop", more);
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        Assert.Equal("login-oauth-grant", browser.PageId);
        await browser.SubmitAsync(("accept", "Yes"));
        Assert.NotNull(browser.Code);
        return browser;
    }

    private static Task<JsonElement> RefreshAsync(SignInServer server, JsonElement tokens) =>
        server.TokensAsync("shop", "", ("grant_type", "refresh_token"), ("refresh_token", tokens.GetProperty("refresh_token").GetString()!));

    private static string Error(JsonElement answer) => answer.TryGetProperty("error", out var error) ? $"{error}: {answer.GetProperty("error_description")}" : answer.ToString();

    [Fact]
    public async Task Taken_back_by_the_person_it_signs_the_client_out()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await ConsentAsync(server);
        var tokens = await server.TokensAsync("shop", browser.Code!);
        Assert.True((await RefreshAsync(server, tokens)).TryGetProperty("access_token", out _));

        var mine = await server.TokensAsync("shop", "", ("grant_type", "password"), ("client_id", "me"), ("username", "alice"), ("password", Password));
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", mine.GetProperty("access_token").GetString());
        http.DefaultRequestHeaders.Accept.Add(new("application/json"));
        Assert.Equal(204, (int)(await http.DeleteAsync($"{server.Base}/realms/shop/account/applications/web/consent")).StatusCode);

        Assert.Equal("invalid_grant: Session doesn't have required client", Error(await RefreshAsync(server, tokens)));
        http.DefaultRequestHeaders.Authorization = new("Bearer", tokens.GetProperty("access_token").GetString());
        Assert.Equal(401, (int)(await http.GetAsync($"{server.Base}/realms/shop/protocol/openid-connect/userinfo")).StatusCode);

        // The person is signed in still, and asked again.
        await browser.OpenAsync("shop");
        await browser.FollowAsync();
        Assert.Equal("login-oauth-grant", browser.PageId);
    }

    [Fact]
    public async Task Neither_a_code_under_way_nor_a_refresh_token_outlives_it()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await ConsentAsync(server);
        var tokens = await server.TokensAsync("shop", browser.Code!);
        await browser.OpenAsync("shop");
        var code = browser.Code!;

        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync("shop"))!;
        var alice = (await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "alice"))!;
        var consent = Assert.Single(await server.Services.GetRequiredService<IUserStore>().ConsentsAsync(realm.Id, alice.Id));
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new DeleteConsent(alice.Id, consent.ClientId!)));

        const string Refused = "invalid_scope: Client no longer has requested consent from user";
        Assert.Equal(Refused, Error(await server.TokensAsync("shop", code)));
        Assert.Equal(Refused, Error(await RefreshAsync(server, tokens)));

        // Part of it is not enough either: the client gets scopes of which the person never heard.
        consent.GrantedClientScopes = [consent.GrantedClientScopes![0]];
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutConsent(alice.Id, consent)));
        Assert.Equal(Refused, Error(await RefreshAsync(server, tokens)));
    }

    // The ID token of an offline refresh speaks of all that was granted, however little it asks for.
    [Fact]
    public async Task To_ask_for_less_offline_does_not_get_round_it()
    {
        await using var server = await SignInServer.StartAsync(Realm);
        using var browser = await ConsentAsync(server, ("scope", "openid phone offline_access"));
        var tokens = await server.TokensAsync("shop", browser.Code!);
        (string, string)[] less = [("grant_type", "refresh_token"), ("refresh_token", tokens.GetProperty("refresh_token").GetString()!), ("scope", "openid")];
        Assert.True((await server.TokensAsync("shop", "", less)).TryGetProperty("id_token", out _));

        var (realms, users) = (server.Services.GetRequiredService<IRealms>(), server.Services.GetRequiredService<IUserStore>());
        var realm = (await realms.FindAsync("shop"))!;
        var alice = (await users.FindByUsernameAsync(realm.Id, "alice"))!;
        var phone = (await server.Services.GetRequiredService<Core.Clients.IClients>().FindAsync(realm, "web"))!.OptionalScopes.First(s => s.Name == "phone").Id;
        var consent = Assert.Single(await users.ConsentsAsync(realm.Id, alice.Id));
        Assert.True(consent.GrantedClientScopes!.Remove(phone));
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutConsent(alice.Id, consent)));
        Assert.Equal("invalid_scope: Client no longer has requested consent from user", Error(await server.TokensAsync("shop", "", less)));
    }
}
