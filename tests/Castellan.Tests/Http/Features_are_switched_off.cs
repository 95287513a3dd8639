using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Realms;
using Castellan.Server;
using Castellan.Server.Admin;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Http;

/// <summary>What is off is not there: each feature that can be switched off, where it is met.</summary>
public sealed class Features_are_switched_off
{
    private const string Realm = """
        {"realm":"shop","enabled":true,"organizationsEnabled":true,"webAuthnPolicyPasswordlessPasskeysEnabled":true,
         "clients":[{"clientId":"web","publicClient":true,"redirectUris":["http://localhost:3000/callback"],"directAccessGrantsEnabled":true,"attributes":{"oauth2.device.authorization.grant.enabled":"true"}}],
         "users":[{"username":"chief","enabled":true,"email":"c@example.org","firstName":"C","lastName":"C","credentials":[{"type":"password","value":"Correct-horse-1"}],
           "clientRoles":{"realm-management":["realm-admin"]}}]}
        """;

    [Theory]
    [InlineData("account", "GET", "/realms/shop/account/", 200, 404)]
    [InlineData("account-api", "GET", "/realms/shop/account/", 200, 404)]
    [InlineData("admin", "GET", "/admin/shop/console/", 200, 404)]
    [InlineData("admin-api", "GET", "/admin/shop/console/", 200, 404)]
    [InlineData("admin-api", "GET", "/admin/realms/shop", 200, 404)]
    [InlineData("organization", "GET", "/admin/realms/shop/organizations", 200, 501)]
    [InlineData("workflows", "GET", "/admin/realms/shop/workflows", 200, 501)]
    [InlineData("client-policies", "GET", "/admin/realms/shop/client-policies/policies", 200, 501)]
    [InlineData("impersonation", "POST", "/admin/realms/shop/users/none/impersonation", 404, 501)]
    [InlineData("authorization", "GET", "/admin/realms/shop/clients/none/authz/resource-server", 404, 501)]
    [InlineData("authorization", "GET", "/realms/shop/.well-known/uma2-configuration", 200, 404)]
    [InlineData("authorization", "GET", "/realms/shop/authz/protection/resource_set", 403, 404)]
    [InlineData("authorization", "GET", "/realms/shop/authz/protection/uma-policy", 403, 404)]
    [InlineData("par", "POST", "/realms/shop/protocol/openid-connect/ext/par/request", 401, 404)]
    [InlineData("device-flow", "POST", "/realms/shop/protocol/openid-connect/auth/device", 401, 404)]
    [InlineData("device-flow", "GET", "/realms/shop/device", 200, 404)]
    [InlineData("ciba", "POST", "/realms/shop/protocol/openid-connect/ext/ciba/auth", 401, 404)]
    [InlineData("ciba", "POST", "/realms/shop/protocol/openid-connect/ext/ciba/auth/callback", 415, 404)]
    public async Task Its_addresses_are_not_there(string feature, string method, string path, int on, int off)
    {
        Assert.Contains(feature, Features.Switchable);
        Assert.Equal(on, await StatusAsync([], method, path));
        Assert.Equal(off, await StatusAsync([feature], method, path));
    }

    [Theory]
    [InlineData("device-flow", "device_authorization_endpoint")]
    [InlineData("device-flow", "urn:ietf:params:oauth:grant-type:device_code")]
    [InlineData("ciba", "ext/ciba/auth")]
    [InlineData("ciba", "urn:openid:params:grant-type:ciba")]
    [InlineData("ciba", "backchannel_token_delivery_modes_supported")]
    [InlineData("ciba", "backchannel_authentication_request_signing_alg_values_supported")]
    [InlineData("jwt-authorization-grant", "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    [InlineData("par", "pushed_authorization_request_endpoint")]
    [InlineData("token-exchange-standard", "urn:ietf:params:oauth:grant-type:token-exchange")]
    [InlineData("authorization", "urn:ietf:params:oauth:grant-type:uma-ticket")]
    public async Task Discovery_does_not_name_it(string feature, string word)
    {
        const string Path = "/realms/shop/.well-known/openid-configuration";
        await using var on = await StartAsync();
        await using var off = await StartAsync(feature);
        using var browser = on.Browser();
        await browser.GetAsync(Path);
        Assert.Contains(word, browser.Text, StringComparison.Ordinal);
        using var other = off.Browser();
        await other.GetAsync(Path);
        Assert.DoesNotContain(word, other.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("device-flow", "urn:ietf:params:oauth:grant-type:device_code")]
    [InlineData("jwt-authorization-grant", "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    [InlineData("token-exchange-standard", "urn:ietf:params:oauth:grant-type:token-exchange")]
    public async Task Its_grant_is_not_there(string feature, string grant)
    {
        foreach (var off in (bool[])[false, true])
        {
            await using var server = await StartAsync(off ? [feature] : []);
            var answer = await server.TokensAsync("shop", "", ("grant_type", grant));
            Assert.Equal(off, answer.GetProperty("error").GetString() == "unsupported_grant_type");
        }
    }

    [Theory]
    [InlineData("client-auth-federated", typeof(Castellan.Core.Clients.FederatedAssertions))]
    [InlineData("kubernetes-service-accounts", typeof(Castellan.Core.Brokering.ClusterKeys))]
    public async Task What_it_is_done_with_is_not_there(string feature, Type service)
    {
        Assert.Contains(feature, Features.Switchable);
        await using var on = await StartAsync();
        await using var off = await StartAsync(feature);
        Assert.NotNull(on.Services.GetService(service));
        Assert.Null(off.Services.GetService(service));
    }

    [Theory]
    [InlineData("organization", "organizationsEnabled")]
    [InlineData("passkeys", "webAuthnPolicyPasswordlessPasskeysEnabled")]
    [InlineData("web-authn", "webAuthnPolicyPasswordlessPasskeysEnabled")]
    public async Task Realms_do_without_it(string feature, string setting)
    {
        foreach (var off in (bool[])[false, true])
        {
            await using var server = await StartAsync(off ? [feature] : []);
            var (_, text) = await CallAsync(server, "GET", "/admin/realms/shop");
            using var realm = JsonDocument.Parse(text);
            Assert.Equal(!off, realm.RootElement.GetProperty(setting).GetBoolean());
        }
    }

    [Theory]
    [InlineData("organization")]
    [InlineData("passkeys")]
    public async Task What_realms_had_of_it_survives_a_save_meanwhile(string feature)
    {
        await using var server = await StartAsync(feature);
        var realm = JsonNode.Parse((await CallAsync(server, "GET", "/admin/realms/shop")).Text)!.AsObject();
        realm["displayName"] = "Shop";
        Assert.Equal(204, (await CallAsync(server, "PUT", "/admin/realms/shop", realm.ToJsonString())).Status);
        var store = server.Services.GetRequiredService<IConfigurationStore>();
        var stored = (await store.LoadRealmAsync((await store.FindRealmIdAsync("shop"))!))!.Settings;
        Assert.Equal(("Shop", true, true), (stored.DisplayName, stored.OrganizationsEnabled, stored.WebAuthnPolicyPasswordlessPasskeysEnabled));
    }

    [Fact]
    public async Task Its_steps_and_actions_are_not_there()
    {
        await using var server = await StartAsync("web-authn", "recovery-codes", "update-email");
        var actions = server.Services.GetServices<Castellan.Core.Login.IRequiredAction>().Select(a => a.Alias).ToList();
        Assert.DoesNotContain("webauthn-register", actions);
        Assert.DoesNotContain("CONFIGURE_RECOVERY_AUTHN_CODES", actions);
        Assert.DoesNotContain("UPDATE_EMAIL", actions);
        Assert.Equal(3, server.Services.GetServices<Castellan.Core.Login.ILoginStep>().Count(s => s is Castellan.Core.Login.Steps.AbsentStep && s.Id is "webauthn-authenticator" or "webauthn-authenticator-passwordless" or "auth-recovery-authn-code-form"));
    }

    [Fact]
    public void Every_route_of_a_feature_is_one_that_can_be_switched_off() =>
        Assert.All(AdminRoutes.All.Select(r => r.Feature).OfType<string>().Distinct(), f => Assert.Contains(f, Features.Switchable));

    private static Task<SignInServer> StartAsync(params string[] off) => SignInServer.StartAsync(Realm, services => services.AddSingleton(new Features(off)));

    private static async Task<int> StatusAsync(string[] off, string method, string path)
    {
        await using var server = await StartAsync(off);
        return (await CallAsync(server, method, path)).Status;
    }

    private static async Task<(int Status, string Text)> CallAsync(SignInServer server, string method, string path, string? body = null)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Base + path);
        if (path.StartsWith("/admin/realms", StringComparison.Ordinal))
        {
            using var token = await http.PostAsync(server.Base + "/realms/shop/protocol/openid-connect/token", new FormUrlEncodedContent(
                new Dictionary<string, string> { ["client_id"] = "web", ["grant_type"] = "password", ["username"] = "chief", ["password"] = "Correct-horse-1" }));
            using var json = JsonDocument.Parse(await token.Content.ReadAsStringAsync());
            request.Headers.Authorization = new("Bearer", json.RootElement.GetProperty("access_token").GetString());
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }
        else if (method == "POST")
        {
            request.Content = new FormUrlEncodedContent([]);
        }

        using var answer = await http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
