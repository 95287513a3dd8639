using Castellan.Core.Representations;
using Castellan.Tests.Rfc6749;

namespace Castellan.Tests.OidcCore;

/// <summary>Claims that protocol mappers put into tokens, beyond what the recordings show.</summary>
public sealed class What_mappers_write
{
    private static ProtocolMapperRepresentation Mapper(string name, string type, params (string Key, string Value)[] config) => new()
    {
        Name = name, Protocol = "openid-connect", ProtocolMapper = type, Config = config.ToDictionary(c => c.Key, c => (string?)c.Value),
    };

    [Fact]
    public async Task A_mapper_of_the_client_has_the_last_word_over_its_default_scopes()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].ProtocolMappers =
            [Mapper("level", "oidc-hardcoded-claim-mapper", ("claim.name", "acr"), ("claim.value", "silver"), ("jsonType.label", "String"), ("id.token.claim", "true"))]);
        var tokens = await realm.SignInAsync();
        Assert.Equal("silver", tokens.Claims("id_token").GetProperty("acr").GetString());
        Assert.Equal("1", tokens.Claims("access_token").GetProperty("acr").GetString());
    }

    // Names of roles are shared by all tokens until a mapper changes them.
    [Fact]
    public async Task A_mapper_that_changes_roles_changes_those_of_its_client_alone()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.Roles = new() { Realm = [new() { Name = "plain" }] };
            file.Users![0].RealmRoles = ["plain"];
            file.Clients![1].ProtocolMappers =
            [
                Mapper("renamed", "oidc-role-name-mapper", ("role", "plain"), ("new.role.name", "grand")),
                Mapper("given", "oidc-hardcoded-role-mapper", ("role", "api.extra")),
            ];
        });
        for (var round = 0; round < 2; round++)
        {
            var changed = (await realm.SignInAsync(client: "web")).Claims("access_token");
            Assert.Contains("grand", Names(changed.GetProperty("realm_access")));
            Assert.DoesNotContain("plain", Names(changed.GetProperty("realm_access")));
            Assert.Equal(["extra"], Names(changed.GetProperty("resource_access").GetProperty("api")));
            var usual = (await realm.SignInAsync()).Claims("access_token");
            Assert.Contains("plain", Names(usual.GetProperty("realm_access")));
            Assert.False(usual.TryGetProperty("resource_access", out var access) && access.TryGetProperty("api", out _));
        }

        static IEnumerable<string?> Names(System.Text.Json.JsonElement access) => access.GetProperty("roles").EnumerateArray().Select(role => role.GetString());
    }

    // "Adds the nonce claim to Access, Refresh and ID token", as before: so it is in what a refresh gives, too.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_nonce_that_is_in_access_tokens_lives_on_in_refresh_tokens(bool mapped)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![1].ProtocolMappers = mapped ? [Mapper("nonce", "oidc-nonce-backwards-compatible-mapper")] : []);
        var code = await Section_4_1_3_Codes.CodeAsync(realm, c => c with { Nonce = "n-1" }, notes: new() { ["scope"] = "openid" });
        var first = await realm.PostAsync("token", ("client_id", "web"), ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "http://localhost:3000/back"));
        Assert.Equal((mapped, true), (Has(first, "refresh_token"), Has(first, "id_token")));
        var second = await realm.RefreshAsync(first.Refresh, "web");
        Assert.Equal((mapped, mapped, mapped), (Has(second, "refresh_token"), Has(second, "id_token"), Has(second, "access_token")));

        static bool Has(Answer tokens, string member) => tokens.Claims(member).TryGetProperty("nonce", out _);
    }

    [Fact]
    public async Task A_token_without_a_session_says_whose_it_is_whatever_its_scopes_are()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => (file.Clients![0].DefaultClientScopes, file.Clients[0].OptionalClientScopes) = (["email"], []));
        var service = await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")]);
        Assert.True(service.Claims("access_token").TryGetProperty("sub", out _));
        Assert.False((await realm.SignInAsync()).Claims("access_token").TryGetProperty("sub", out _));
    }

    /// <summary>Who looks for a name in an answer without a parser finds it, as in Keycloak's.</summary>
    [Fact]
    public async Task Names_stand_in_answers_as_they_are()
    {
        const string Name = "Jürgen O'Neil + 李";
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.Users![0].FirstName = Name;
            file.Clients![0].ProtocolMappers = [Mapper("audience", "oidc-audience-mapper", ("included.client.audience", "api"), ("access.token.claim", "true"))];
        });
        var token = (await realm.SignInAsync("openid profile")).Access;
        Assert.Contains($"\"given_name\":\"{Name}\"", (await realm.UserInfoAsync(token)).Text, StringComparison.Ordinal);
        Assert.Contains($"\"given_name\":\"{Name}\"", (await realm.IntrospectAsync(token)).Text, StringComparison.Ordinal);
        Assert.Contains("Invalid scopes: ü+'", (await realm.SignInAsync("ü+'")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_is_cut_at_its_last_dot()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].ProtocolMappers =
        [
            Mapper("added", "oidc-hardcoded-role-mapper", ("role", "my.app.added")),
            Mapper("moved", "oidc-role-name-mapper", ("role", "account.manage-account"), ("new.role.name", "my.app.moved")),
            Mapper("bare", "oidc-role-name-mapper", ("role", "offline_access"), ("new.role.name", "renamed")),
        ]);
        var claims = (await realm.SignInAsync()).Claims("access_token");
        Assert.Equal(["added", "moved"], claims.GetProperty("resource_access").GetProperty("my.app").GetProperty("roles").EnumerateArray().Select(r => r.GetString()!).Order());
        Assert.Contains("renamed", claims.GetProperty("realm_access").GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
    }

    // OpenID Connect Core §5.5.
    [Fact]
    public async Task Claims_that_the_request_demands_come_where_it_demands_them()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            var web = file.Clients![1];
            (web.DefaultClientScopes, web.OptionalClientScopes) = (["basic"], []);
            web.ProtocolMappers =
            [
                Mapper("asked", "oidc-claims-param-token-mapper", ("id.token.claim", "true"), ("userinfo.token.claim", "true")),
                Mapper("told", "oidc-claims-param-value-idtoken-mapper", ("claim.name", "purpose"), ("id.token.claim", "true")),
            ];
        });
        var code = await Section_4_1_3_Codes.CodeAsync(realm, notes: new()
        {
            ["claims"] = """
                {"id_token":{"given_name":{"essential":true},"email":{"essential":true},"family_name":{"value":"Other"},"purpose":{"essential":true,"value":"loan"},"other":{"value":"x"}},
                 "userinfo":{"name":{"essential":true}}}
                """,
        });
        var tokens = await realm.PostAsync(
            "token", ("client_id", "web"), ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Section_4_1_3_Codes.Redirect));
        var id = tokens.Claims("id_token");
        Assert.Equal(("Alice", "alice@example.org", "loan"), (id.GetProperty("given_name").GetString(), id.GetProperty("email").GetString(), id.GetProperty("purpose").GetString()));
        Assert.False(id.TryGetProperty("family_name", out _) || id.TryGetProperty("other", out _) || id.TryGetProperty("name", out _));
        var info = await realm.UserInfoAsync(tokens.Access);
        Assert.Equal("Alice Ames", info["name"]);
        Assert.Null(info["given_name"]);
    }

    [Fact]
    public async Task Claims_that_nobody_can_read_change_nothing()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![1].ProtocolMappers =
            [Mapper("asked", "oidc-claims-param-token-mapper", ("id.token.claim", "true"))]);
        foreach (var claims in new[] { "{", "[]", """{"id_token":[]}""", """{"id_token":{"name":7}}""" })
        {
            var code = await Section_4_1_3_Codes.CodeAsync(realm, notes: new() { ["claims"] = claims });
            Assert.Equal(200, (await realm.PostAsync(
                "token", ("client_id", "web"), ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Section_4_1_3_Codes.Redirect))).Status);
        }
    }
}
