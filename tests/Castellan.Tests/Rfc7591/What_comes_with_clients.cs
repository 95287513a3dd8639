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

    private static IEnumerable<string> Roles(JsonElement client) => Names(client.GetProperty("defaultRoles"));

    private static IEnumerable<string> Names(JsonElement list) => list.EnumerateArray().Select(n => n.GetString()!).Order(StringComparer.Ordinal);

    private static string Token(JsonElement client) => client.GetProperty("registrationAccessToken").GetString()!;
}
