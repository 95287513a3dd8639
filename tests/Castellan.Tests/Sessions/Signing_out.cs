using System.Net;
using System.Text.RegularExpressions;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Sessions;

/// <summary>Sign-out started by an application (OpenID Connect RP-Initiated Logout): when the person is asked, when not, and what is left.</summary>
public sealed class Signing_out : IAsyncLifetime
{
    private const string Password = "Correct-horse-1";
    private const string Bye = "http://localhost:3000/callback?a=b";

    private const string Realm = $$"""
        {
          "realm": "shop", "enabled": true, "rememberMe": true, "eventsEnabled": true, "internationalizationEnabled": true, "supportedLocales": ["en", "de"],
          "clients": [{"clientId": "web", "publicClient": true, "directAccessGrantsEnabled": true, "redirectUris": ["http://localhost:3000/callback"],
                       "attributes": {"post.logout.redirect.uris": "http://localhost:3000/callback##http://localhost:3000/callback?a=b"} },
                      {"clientId": "other", "publicClient": true, "redirectUris": ["http://localhost:3000/other"]},
                      {"clientId": "asking", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"], "baseUrl": "http://localhost:3000/home", "attributes": {"logout.confirmation.enabled": "true"} },
                      {"clientId": "machine", "secret": "machine-secret", "serviceAccountsEnabled": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{Password}}"}], "realmRoles": ["offline_access"]},
                    {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync(Realm);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<(TestBrowser Browser, System.Text.Json.JsonElement Tokens)> SignedInAsync(string name = "alice", params (string, string)[] more)
    {
        var browser = _server.Browser();
        await browser.OpenAsync("shop", more);
        await browser.SubmitAsync(("username", name), ("password", Password), ("rememberMe", "on"));
        return (browser, await _server.TokensAsync("shop", browser.Code!));
    }

    private static Task LogOutAsync(TestBrowser browser, params (string Name, string Value)[] query) =>
        browser.GetAsync("/realms/shop/protocol/openid-connect/logout?" + string.Join('&', query.Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value)}")));

    private async Task<LoginEvent[]> EventsAsync()
    {
        var realm = (await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        return [.. await _server.Services.GetRequiredService<IEventStore>().ListAsync(realm.Id, new EventQuery(["LOGOUT", "LOGOUT_ERROR"]))];
    }

    [Fact]
    public async Task Without_a_session_nobody_is_asked()
    {
        using var browser = _server.Browser();
        await LogOutAsync(browser, ("client_id", "web"), ("post_logout_redirect_uri", Bye), ("state", "s"));
        Assert.Equal((HttpStatusCode.Found, Bye + "&state=s"), (browser.Status, browser.Location));
        await LogOutAsync(browser, ("client_id", "web"));
        Assert.Equal("logout-confirm", browser.PageId);
    }

    [Fact]
    public async Task With_the_token_of_a_session_that_is_gone_nobody_is_asked_either()
    {
        var (browser, tokens) = await SignedInAsync();
        var hint = tokens.GetProperty("id_token").GetString()!;
        await LogOutAsync(browser, ("id_token_hint", hint), ("post_logout_redirect_uri", Bye), ("state", "s"));
        Assert.Equal(Bye + "&state=s", browser.Location);
        Assert.False(browser.Cookies.ContainsKey("KEYCLOAK_REMEMBER_ME"));
        Assert.Equal(("LOGOUT", "web", Bye), ((await EventsAsync())[0].Type, (await EventsAsync())[0].ClientId, (await EventsAsync())[0].Details!["redirect_uri"]));
        await LogOutAsync(browser, ("id_token_hint", hint), ("post_logout_redirect_uri", Bye));
        Assert.Equal(Bye, browser.Location);
        Assert.Equal(("LOGOUT_ERROR", "session_expired"), ((await EventsAsync())[0].Type, (await EventsAsync())[0].Error));
    }

    public static TheoryData<string, string, string, string, string?> Refusals => new()
    {
        { "other", "", "", "Invalid parameter: id_token_hint", "invalid_token" },
        { "nobody", "no", Bye, "Invalid redirect uri", "invalid_redirect_uri" },
        { "", "no", Bye, "Missing parameters: id_token_hint", "invalid_request" },
        { "nobody", "no", "", "", null },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task What_does_not_fit_together_is_refused(string client, string withoutHint, string redirect, string words, string? error)
    {
        var (browser, tokens) = await SignedInAsync();
        (string Name, string Value)[] query = [("client_id", client), ("id_token_hint", withoutHint.Length > 0 ? "" : tokens.GetProperty("id_token").GetString()!), ("post_logout_redirect_uri", redirect)];
        await LogOutAsync(browser, [.. query.Where(q => q.Value.Length > 0)]);
        Assert.Equal(error is null ? "logout-confirm" : "error", browser.PageId);
        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
        Assert.Equal(error, (await EventsAsync()).FirstOrDefault()?.Error);
    }

    [Theory]
    [InlineData("access_token", "Token type is incorrect. Expected '[ID]' but was 'Bearer'"), InlineData("refresh_token", "Token type is incorrect. Expected '[ID]' but was 'Refresh'")]
    [InlineData("token_type", "Invalid IDToken")]
    public async Task A_hint_that_is_no_id_token_is_named_for_what_it_is(string which, string reason)
    {
        var (browser, tokens) = await SignedInAsync();
        await LogOutAsync(browser, ("id_token_hint", tokens.GetProperty(which).GetString()!));
        Assert.Equal((HttpStatusCode.BadRequest, reason), (browser.Status, (await EventsAsync())[0].Details!["reason"]));
    }

    /// <summary>The application goes on from a page where it asked for that; the console that stands in for no application is nowhere to go.</summary>
    [Theory]
    [InlineData("asking", "http://localhost:3000/callback", "http://localhost:3000/callback?state=s")]
    [InlineData("asking", "", "http://localhost:3000/home")]
    [InlineData("web", "", null)]
    public async Task The_last_page_leads_back_to_the_application(string client, string redirect, string? link)
    {
        var browser = _server.Browser();
        await browser.OpenAsync("shop", ("client_id", client));
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        var tokens = await _server.TokensAsync("shop", browser.Code!, ("client_id", client));
        (string Name, string Value)[] query = [("id_token_hint", tokens.GetProperty("id_token").GetString()!), ("post_logout_redirect_uri", redirect), ("state", "s")];
        await LogOutAsync(browser, [.. query.Where(q => q.Value.Length > 0)]);
        Assert.Equal("info", browser.PageId);
        Assert.Equal(link ?? "", Regex.Match(browser.Text, "id=\"backToApplication\"[^>]*href=\"([^\"]*)\"").Groups[1].Value);
        await LogOutAsync(browser);
        Assert.DoesNotContain("backToApplication", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pages_speak_the_language_that_the_application_asked_for_to_the_end()
    {
        var (browser, _) = await SignedInAsync();
        await LogOutAsync(browser, ("client_id", "web"), ("ui_locales", "de"));
        Assert.Contains("lang=\"de\"", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(("confirmLogout", "Logout"));
        Assert.Contains("<html lang=\"de\"", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_left_offline_of_a_sign_in_ends_with_its_id_token()
    {
        var (browser, tokens) = await SignedInAsync(more: [("scope", "openid offline_access")]);
        await LogOutAsync(browser, ("id_token_hint", tokens.GetProperty("id_token").GetString()!));
        Assert.Equal(("info", "LOGOUT"), (browser.PageId, (await EventsAsync())[0].Type));
        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent([new("client_id", "web"), new("grant_type", "refresh_token"), new("refresh_token", tokens.GetProperty("refresh_token").GetString()!)]);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync($"{_server.Base}/realms/shop/protocol/openid-connect/token", form)).StatusCode);
    }

    [Theory, InlineData("OPTIONS", null, 200), InlineData("POST", null, 200), InlineData("POST", "application/json", 415)]
    public async Task The_endpoint_takes_forms_and_preflights(string method, string? type, int status)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new(method), $"{_server.Base}/realms/shop/protocol/openid-connect/logout");
        request.Content = type is null ? null : new StringContent("{}", new System.Net.Http.Headers.MediaTypeHeaderValue(type));
        Assert.Equal(status, (int)(await client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task The_page_that_asks_can_be_opened_again_and_counts_once()
    {
        var (browser, _) = await SignedInAsync();
        await LogOutAsync(browser, ("client_id", "web"), ("post_logout_redirect_uri", Bye), ("state", "s"));
        var page = browser.Actions[0];
        var code = Regex.Match(browser.Text, "name=\"session_code\" value=\"([^\"]+)\"").Groups[1].Value;
        await browser.GetAsync(page);
        Assert.Equal("logout-confirm", browser.PageId);
        await browser.PostAsync(page, ("session_code", code), ("confirmLogout", "Logout"));
        Assert.Equal((HttpStatusCode.BadRequest, "session_expired"), (browser.Status, (await EventsAsync())[0].Error));
        await browser.GetAsync(page);
        await browser.SubmitAsync(("confirmLogout", "Logout"));
        Assert.Equal(Bye + "&state=s", browser.Location);
        await browser.GetAsync(page);
        Assert.Equal("info", browser.PageId);
    }

    [Theory, InlineData("alice", 0), InlineData("bob", 1)]
    public async Task Who_agrees_is_signed_out_here_and_where_the_application_knows_the_same_person(string known, int left)
    {
        var (_, tokens) = await SignedInAsync(known);
        var (browser, _) = await SignedInAsync();
        await LogOutAsync(browser, ("id_token_hint", tokens.GetProperty("id_token").GetString()!), ("post_logout_redirect_uri", Bye));
        Assert.Equal("logout-confirm", browser.PageId);
        await browser.SubmitAsync(("confirmLogout", "Logout"));
        Assert.Equal(Bye, browser.Location);
        Assert.False(browser.Cookies.ContainsKey("KEYCLOAK_IDENTITY"));
        var (services, realm) = (_server.Services, (await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!);
        async Task<int> CountAsync(string name) =>
            (await services.GetRequiredService<ISessions>().ListByUserAsync(realm.Id, (await services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, name))!.Id)).Count;
        Assert.Equal((0, left), (await CountAsync("alice"), await CountAsync(known)));
        Assert.Equal(2 - left, (await EventsAsync()).Length);
    }

    [Fact]
    public async Task A_token_of_no_session_signs_nobody_out_unasked()
    {
        using var http = new HttpClient();
        var answer = await http.PostAsync($"{_server.Base}/realms/shop/protocol/openid-connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials", ["client_id"] = "machine", ["client_secret"] = "machine-secret", ["scope"] = "openid",
        }));
        var token = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("id_token").GetString()!;
        var (browser, _) = await SignedInAsync();
        await LogOutAsync(browser, ("id_token_hint", token));
        Assert.Equal("logout-confirm", browser.PageId);
        Assert.Empty(await EventsAsync());
    }

    [Fact]
    public async Task An_offline_token_ends_the_sign_in_that_it_came_of()
    {
        var (browser, online) = await SignedInAsync();
        await browser.OpenAsync("shop", ("scope", "openid offline_access"));
        var tokens = await _server.TokensAsync("shop", browser.Code!);
        using var client = new HttpClient();
        async Task<HttpResponseMessage> PostAsync(string endpoint, params (string Name, string Value)[] form) => await client.PostAsync(
            $"{_server.Base}/realms/shop/protocol/openid-connect/{endpoint}", new FormUrlEncodedContent(form.Append(("client_id", "web")).Select(f => KeyValuePair.Create(f.Item1, f.Item2))));
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync("logout", ("refresh_token", tokens.GetProperty("refresh_token").GetString()!))).StatusCode);
        foreach (var gone in (System.Text.Json.JsonElement[])[tokens, online])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("token", ("grant_type", "refresh_token"), ("refresh_token", gone.GetProperty("refresh_token").GetString()!))).StatusCode);
        }

        // The session was there once, so it ends once.
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync("logout", ("refresh_token", tokens.GetProperty("refresh_token").GetString()!))).StatusCode);
        Assert.Single(await EventsAsync());
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync("logout", ("refresh_token", "garbage"))).StatusCode);
        Assert.Equal("Invalid refresh token", (await EventsAsync())[0].Details!["reason"]);
    }

    /// <summary>The session that began with a wish to stay offline goes on offline alone; one that was there before stays, and the application stays in it.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task Who_goes_offline_takes_along_only_a_session_of_its_own(bool first)
    {
        var (browser, _) = first ? await SignedInAsync(more: [("scope", "openid offline_access")]) : await SignedInAsync();
        using var used = browser;
        if (!first)
        {
            await browser.OpenAsync("shop", ("scope", "openid offline_access"));
            await _server.TokensAsync("shop", browser.Code!);
        }

        await browser.OpenAsync("shop", ("prompt", "none"));
        Assert.Equal(first, browser.Location!.Contains("error=login_required", StringComparison.Ordinal));
        var realm = (await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var sessions = _server.Services.GetRequiredService<Core.Sessions.ISessions>();
        var web = (await _server.Services.GetRequiredService<Core.Clients.IClients>().FindAsync(realm, "web"))!.Id;
        var offline = Assert.Single(await sessions.ListByClientAsync(realm.Id, web, offline: true, 0, 10));
        Assert.False(offline.Client(web)!.Notes.ContainsKey("first.offline.access"));
        Assert.Equal(first ? 0 : 1, (await sessions.ListByClientAsync(realm.Id, web, offline: false, 0, 10)).Count);
    }
}
