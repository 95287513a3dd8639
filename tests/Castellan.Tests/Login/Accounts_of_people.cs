using System.Text.Json;
using System.Text.RegularExpressions;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>What the account console is told of the way back, and of what its person has set up.</summary>
public sealed class Accounts_of_people : IAsyncLifetime
{
    private const string Password = "Correct-horse-1";

    private const string Realm = $$"""
        {
          "realm": "shop", "enabled": true,
          "clients": [{"clientId": "shop-app", "name": "The shop", "publicClient": true, "directAccessGrantsEnabled": true,
                       "rootUrl": "https://shop.example", "baseUrl": "/home", "redirectUris": ["/in/*", "https://other.example/back"]},
                      {"clientId": "homeless", "publicClient": true, "redirectUris": ["https://homeless.example/*"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "realmRoles": ["default-roles-shop"],
                     "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync(Realm);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("referrer=shop-app", "The shop", "https://shop.example/home")]
    [InlineData("referrer=shop-app&referrer_uri=https://shop.example/in/cart", "The shop", "https://shop.example/in/cart")]
    [InlineData("referrer=shop-app&referrer_uri=https://other.example/back", "The shop", "https://other.example/back")]
    [InlineData("referrer=shop-app&referrer_uri=https://evil.example/", "", "")]
    [InlineData("referrer=shop-app&referrer_uri=https://shop.example/in/../../evil", "", "")]
    [InlineData("referrer=shop-app&referrer_uri=javascript:alert(1)", "", "")]
    [InlineData("referrer=homeless", "", "")]
    [InlineData("referrer=homeless&referrer_uri=https://homeless.example/", "homeless", "https://homeless.example/")]
    [InlineData("referrer=nobody&referrer_uri=https://shop.example/in/", "", "")]
    [InlineData("referrer=security-admin-console", "${client_security-admin-console}", "{base}/admin/shop/console/")]
    [InlineData("referrer=security-admin-console&referrer_uri={base}/admin/shop/console/", "${client_security-admin-console}", "{base}/admin/shop/console/")]
    public async Task The_way_back_leads_to_an_address_of_the_application_or_is_not_shown(string query, string name, string url)
    {
        using var browser = _server.Browser();
        await browser.GetAsync("/realms/shop/account/?" + query.Replace("{base}", _server.Base, StringComparison.Ordinal));
        Assert.Equal((name, url.Replace("{base}", _server.Base, StringComparison.Ordinal)), (Said("referrerName"), Said("referrerUrl")));

        string Said(string member) => JsonDocument.Parse($"\"{Regex.Match(browser.Text, $"\"{member}\":\"([^\"]*)\"").Groups[1].Value}\"").RootElement.GetString()!;
    }

    [Fact]
    public async Task Who_has_no_password_is_offered_one()
    {
        var tokens = await _server.TokensAsync("shop", "", ("grant_type", "password"), ("client_id", "shop-app"), ("username", "alice"), ("password", Password));
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", tokens.GetProperty("access_token").GetString());
        http.DefaultRequestHeaders.Accept.Add(new("application/json"));
        Assert.Equal((null, "UPDATE_PASSWORD"), await ActionsAsync());

        var (users, realm) = (_server.Services.GetRequiredService<IUserStore>(), (await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!);
        var alice = (await users.FindByUsernameAsync(realm.Id, "alice"))!;
        var password = Assert.Single(await users.CredentialsAsync(realm.Id, alice.Id));
        await _server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new DeleteCredential(alice.Id, password.Id!)));
        Assert.Equal(("UPDATE_PASSWORD", null), await ActionsAsync());

        async Task<(string?, string?)> ActionsAsync()
        {
            var kind = JsonDocument.Parse(await http.GetStringAsync($"{_server.Base}/realms/shop/account/credentials?type=password")).RootElement[0];
            return (Text("createAction"), Text("updateAction"));

            string? Text(string member) => kind.TryGetProperty(member, out var value) ? value.GetString() : null;
        }
    }
}
