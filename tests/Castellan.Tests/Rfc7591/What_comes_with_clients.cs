using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;
using static Castellan.Tests.Rfc7591.Clients_register_themselves;

namespace Castellan.Tests.Rfc7591;

/// <summary>What a client has beside its settings, when it registers in the form of the administration.</summary>
public sealed class What_comes_with_clients
{
    private static readonly CancellationToken s_ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Roles_that_everybody_has()
    {
        var (at, _, test) = await OpenAsync();
        at = at.Replace("/openid-connect", "/default", StringComparison.Ordinal);
        var (status, made) = await CallAsync(HttpMethod.Post, at, """{"clientId":"shop","redirectUris":["https://app.example/cb"],"defaultRoles":["buyer","reader","buyer"]}""", null);
        Assert.Equal(201, status);
        Assert.Equal(["buyer", "reader"], Roles(made));
        var alice = await test.SignInAsync();
        Assert.Equal(["buyer", "reader"], Names(alice.Claims("access_token").GetProperty("resource_access").GetProperty("shop").GetProperty("roles")));

        (status, made) = await CallAsync(HttpMethod.Put, $"{at}/shop", """{"clientId":"shop","defaultRoles":["reader","seller"]}""", Token(made));
        Assert.Equal(200, status);
        Assert.Equal(["reader", "seller"], Roles(made));
        (_, made) = await CallAsync(HttpMethod.Put, $"{at}/shop", """{"clientId":"shop","name":"Shop"}""", Token(made));
        Assert.Equal(["reader", "seller"], Roles(made));
        (_, made) = await CallAsync(HttpMethod.Get, $"{at}/shop", null, Token(made));
        Assert.Equal(["reader", "seller"], Roles(made));
        // The role itself stays: somebody may have been given it.
        var realm = await test.NowAsync();
        Assert.NotNull(realm.Roles.FindClientRole(made.GetProperty("id").GetString()!, "buyer"));

        (status, made) = await CallAsync(HttpMethod.Put, $"{at}/shop", """{"clientId":"shop","defaultRoles":[" "]}""", Token(made));
        Assert.Equal((400, "A default role has no name"), (status, made.GetProperty("error_description").GetString()));
    }

    [Fact]
    public async Task Authorization_services_with_the_user_and_the_role_that_they_need()
    {
        var (at, server, test) = await OpenAsync();
        at = at.Replace("/openid-connect", "/default", StringComparison.Ordinal);
        var (status, made) = await CallAsync(HttpMethod.Post, at, """
            {"clientId":"guard","redirectUris":["https://app.example/cb"],"authorizationServicesEnabled":true,"authorizationSettings":{"policyEnforcementMode":"DISABLED"}}
            """, null);
        Assert.Equal(201, status);
        Assert.True(made.GetProperty("authorizationServicesEnabled").GetBoolean());
        Assert.False(made.TryGetProperty("authorizationSettings", out _));
        var id = made.GetProperty("id").GetString()!;
        var realm = await test.NowAsync();
        var account = await server.Services.GetRequiredService<IUserStore>().FindServiceAccountAsync(realm.Id, id, s_ct);
        Assert.Contains(realm.Roles.FindClientRole(id, "uma_protection")!.Id, account!.RoleIds);
        var mode = (await server.Services.GetRequiredService<IClients>().FindByIdAsync(realm, id, s_ct))!.Representation.AuthorizationSettings!.PolicyEnforcementMode;
        Assert.Equal("ENFORCING", mode);

        (status, made) = await CallAsync(HttpMethod.Put, $"{at}/guard", """{"clientId":"guard","authorizationServicesEnabled":false}""", Token(made));
        Assert.Equal(200, status);
        Assert.True(made.GetProperty("authorizationServicesEnabled").GetBoolean());
    }

    [Theory]
    [InlineData("publicClient")]
    [InlineData("bearerOnly")]
    public async Task Authorization_services_want_a_client_with_a_secret(string kind)
    {
        var (at, _, test) = await OpenAsync();
        at = at.Replace("/openid-connect", "/default", StringComparison.Ordinal);
        var before = (await test.NowAsync()).Version;
        var (status, refusal) = await CallAsync(HttpMethod.Post, at, $$"""{"clientId":"guard","redirectUris":["https://app.example/cb"],"{{kind}}":true,"authorizationServicesEnabled":true}""", null);
        Assert.Equal((400, "invalid_client_metadata"), (status, refusal.GetProperty("error").GetString()));
        Assert.Equal(before, (await test.NowAsync()).Version);
    }

    /// <summary>CVE-2026-16102: whoever chooses their own last name would choose their roles.</summary>
    [Theory]
    [InlineData("oidc-usermodel-property-mapper", "nickname", 201)]
    [InlineData("oidc-usermodel-property-mapper", "realm_access.roles", 403)]
    [InlineData("oidc-usermodel-property-mapper", "realm_access", 403)]
    [InlineData("oidc-usermodel-attribute-mapper", "resource_access.realm-management.roles", 403)]
    [InlineData("oidc-usermodel-attribute-mapper", "r\\\\ealm_access.roles", 403)]
    [InlineData("oidc-hardcoded-role-mapper", "nickname", 403)]
    public async Task No_mapper_of_its_own_that_forges_roles(string type, string claim, int expected)
    {
        var (at, _, _) = await OpenAsync();
        at = at.Replace("/openid-connect", "/default", StringComparison.Ordinal);
        var (status, _) = await CallAsync(HttpMethod.Post, at, Client("shop", null, type, claim), null);
        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task What_an_administrator_gave_it_stays_and_is_not_changed_into_something_else()
    {
        var (at, server, test) = await OpenAsync();
        at = at.Replace("/openid-connect", "/default", StringComparison.Ordinal);
        var (_, made) = await CallAsync(HttpMethod.Post, at, """{"clientId":"shop","redirectUris":["https://app.example/cb"]}""", null);
        await test.SetClientAsync("shop", c => c.ProtocolMappers = [new() { Id = "given", Name = "given", Protocol = "openid-connect", ProtocolMapper = "oidc-hardcoded-claim-mapper", Config = new() { ["claim.name"] = "a", ["claim.value"] = "b" } }]);
        (var status, made) = await CallAsync(HttpMethod.Put, $"{at}/shop", """
            {"clientId":"shop","protocolMappers":[{"id":"given","name":"given","protocol":"openid-connect","protocolMapper":"oidc-hardcoded-claim-mapper","config":{"claim.name":"a","claim.value":"b"}}]}
            """, Token(made));
        Assert.Equal(200, status);
        // CVE-2026-15572: the same settings under another type are another mapper.
        foreach (var (type, claim) in new[] { ("oidc-hardcoded-role-mapper", "a"), ("oidc-hardcoded-claim-mapper", "c") })
        {
            Assert.Equal(403, (await CallAsync(HttpMethod.Put, $"{at}/shop", Client("shop", "given", type, claim), Token(made))).Status);
        }
    }

    private static string Client(string name, string? id, string type, string claim) => $$$"""
        {"clientId":"{{{name}}}","redirectUris":["https://app.example/cb"],"protocolMappers":[{"id":{{{(id is null ? "null" : $"\"{id}\"")}}},"name":"given","protocol":"openid-connect","protocolMapper":"{{{type}}}",
          "config":{"claim.name":"{{{claim}}}","claim.value":"b","user.attribute":"lastName","access.token.claim":"true"}}]}
        """;

    private static IEnumerable<string> Roles(JsonElement client) => Names(client.GetProperty("defaultRoles"));

    private static IEnumerable<string> Names(JsonElement list) => list.EnumerateArray().Select(n => n.GetString()!).Order(StringComparer.Ordinal);

    private static string Token(JsonElement client) => client.GetProperty("registrationAccessToken").GetString()!;
}
