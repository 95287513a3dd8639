using System.Text;
using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Grants;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Security;

/// <summary>Executors that look at a request, a token or an address in their own way.</summary>
public class Executors_of_client_policies
{
    private const string Password = "Correct-horse-1";

    private static string File(string executor) => $$$"""
        {
          "realm": "shop", "enabled": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["{{{SignInServer.Callback}}}"]}, {"clientId": "api", "secret": "s", "clientAuthenticatorType": "client-jwt"}],
          "users": [{"username": "alice", "enabled": true, "email": "a@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{{Password}}}"}]}],
          "clientProfiles": {"profiles": [{"name": "house", "executors": [{{{executor}}}]}]},
          "clientPolicies": {"policies": [{"name": "p", "enabled": true, "conditions": [{"condition": "any-client"}], "profiles": ["house"]}]}
        }
        """;

    [Theory]
    [InlineData("""{}""", "Invalid redirectUris: No valid allowed patterns configured")]
    [InlineData("""{"allowed-patterns":["("]}""", "Invalid redirectUris: No valid allowed patterns configured")]
    [InlineData("""{"allowed-patterns":["(","https://.*"]}""", null)]
    [InlineData("""{"allowed-patterns":["https://app\\.example/.*"]}""", "Invalid jwksUri")]
    [InlineData("""{"allowed-patterns":["https://app\\.example/.*"],"client-uri-fields":["redirectUris"]}""", null)]
    [InlineData("""{"allowed-patterns":["https://app\\.example/.*"],"client-uri-fields":["logoUri","jwksUri"]}""", "Invalid jwksUri")]
    [InlineData("""{"allowed-patterns":["https://app"],"client-uri-fields":["redirectUris"]}""", "Invalid redirectUris")]
    [InlineData("""{"allowed-patterns":["https://.*"],"client-uri-fields":["requestUris"]}""", "Invalid requestUris")]
    [InlineData("""{"allowed-patterns":["https://.*"],"client-uri-fields":["no-such-field"]}""", null)]
    public async Task Addresses_match_a_pattern_as_a_whole(string configuration, string? refusal)
    {
        await using var server = await SignInServer.StartAsync(File("{\"executor\":\"secure-client-uris-pattern\",\"configuration\":" + configuration + "}"));
        var client = new ClientRepresentation
        {
            ClientId = "c", RedirectUris = ["https://app.example/cb", ""],
            Attributes = new() { ["jwks.url"] = "https://keys.example/jwks", ["request.uris"] = configuration.Contains("requestUris", StringComparison.Ordinal) ? "https://a.example##ftp://b.example" : "" },
        };
        Assert.Equal(refusal, ClientPolicies.Of(await RealmAsync(server)).Change(new(await RealmAsync(server), client, client, null, ClientSource.AuthenticatedUser))?.Description);
    }

    [Theory]
    [InlineData("""{"claim-name":"azp"}""", """{"azp":["x"]}""", null)]
    [InlineData("""{"claim-name":"azp"}""", """{"sub":"x"}""", "Required claim 'azp' is missing from the token")]
    [InlineData("""{"claim-name":"azp"}""", """{"azp":null}""", "Required claim 'azp' is missing from the token")]
    [InlineData("""{"claim-name":"azp","allowed-value":"gate.*"}""", """{"azp":"gateway"}""", null)]
    [InlineData("""{"claim-name":"azp","allowed-value":"gate"}""", """{"azp":"gateway"}""", "Value for claim 'azp' not allowed")]
    [InlineData("""{"claim-name":"azp","allowed-value":"("}""", """{"azp":"("}""", "Value for claim 'azp' not allowed")]
    [InlineData("""{"claim-name":"n","allowed-value":"[0-9]+"}""", """{"n":12}""", null)]
    [InlineData("""{"claim-name":"azp","allowed-value":".*"}""", """{"azp":["x"]}""", "Value type for claim 'azp' not allowed")]
    [InlineData("""{}""", """{"azp":"x"}""", "Invalid configuration")]
    public async Task A_token_that_is_brought_has_the_claim(string configuration, string claims, string? refusal)
    {
        await using var server = await SignInServer.StartAsync(File("{\"executor\":\"jwt-claim-enforcer\",\"configuration\":" + configuration + "}"));
        Assert.Equal(refusal, await TokenAsync(server, "urn:ietf:params:oauth:grant-type:jwt-bearer", ("assertion", Jwt(claims))));
        Assert.Equal(refusal, await TokenAsync(
            server, "urn:ietf:params:oauth:grant-type:token-exchange", ("subject_token", Jwt(claims)), ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token")));
        Assert.Null(await TokenAsync(server, "client_credentials"));
    }

    [Theory]
    [InlineData("https://idp.example", "urn:ietf:params:oauth:grant-type:jwt-bearer", true)]
    [InlineData("https://other.example", "urn:ietf:params:oauth:grant-type:jwt-bearer", false)]
    [InlineData("https://idp.example", "client_credentials", false)]
    public async Task A_policy_may_be_for_assertions_of_one_provider(string issuer, string grant, bool applies)
    {
        const string Providers = """
            "enabled": true, "identityProviders": [
              {"alias": "idp", "providerId": "oidc", "enabled": true, "config": {"issuer": "https://idp.example", "clientId": "x", "clientSecret": "x", "authorizationUrl": "https://idp.example/a", "tokenUrl": "https://idp.example/t"}},
              {"alias": "other", "providerId": "oidc", "enabled": true, "config": {"issuer": "https://other.example", "clientId": "x", "clientSecret": "x", "authorizationUrl": "https://other.example/a", "tokenUrl": "https://other.example/t"}}],
              "clients"
            """;
        await using var server = await SignInServer.StartAsync(File("""{"executor":"reject-request"}""")
            .Replace("\"any-client\"", "\"identity-provider-alias\",\"configuration\":{\"identity_provider_aliases\":[\"idp\"]}", StringComparison.Ordinal)
            .Replace("\"enabled\": true,\n  \"clients\"", Providers, StringComparison.Ordinal));
        Assert.Equal(applies, await TokenAsync(server, grant, ("assertion", Jwt($$"""{"iss":"{{issuer}}"}"""))) is not null);
    }

    [Theory]
    [InlineData("openid email", "openid email profile", null)]
    [InlineData("openid phone", "openid email", "Scopes [phone] not present in the initial access token [openid, email]")]
    [InlineData("openid", null, "Scopes [openid] not present in the initial access token []")]
    public async Task A_token_is_changed_for_no_more_than_it_is(string asked, string? held, string? refusal)
    {
        await using var server = await SignInServer.StartAsync(File("""{"executor":"downscope-assertion-grant-enforcer"}"""));
        var claims = held is null ? "{}" : $$"""{"scope":"{{held}}"}""";
        Assert.Equal(refusal, await TokenAsync(server, "urn:ietf:params:oauth:grant-type:jwt-bearer", ("assertion", Jwt(claims)), ("scope", asked)));
    }

    [Theory]
    [InlineData("secure-signature-algorithm-signed-jwt", "PS256", "iss", null)]
    [InlineData("secure-signature-algorithm-signed-jwt", "RS256", "iss", "not allowed signature algorithm.")]
    [InlineData("secure-client-authentication-assertion", "RS256", "\"https://op/realms/shop\"", null)]
    [InlineData("secure-client-authentication-assertion", "RS256", "[\"https://op/realms/shop\"]", null)]
    [InlineData("secure-client-authentication-assertion", "RS256", "[\"https://op/realms/shop\",\"x\"]", "invalid audience in client assertion")]
    [InlineData("secure-client-authentication-assertion", "RS256", "\"https://op/token\"", "invalid audience in client assertion")]
    public async Task Assertions_of_clients_are_what_is_demanded(string executor, string algorithm, string audience, string? refusal)
    {
        await using var server = await SignInServer.StartAsync(File("{\"executor\":\"" + executor + "\",\"configuration\":{}}"));
        var claims = audience == "iss" ? "{}" : $$"""{"aud":{{audience}}}""";
        Assert.Equal(refusal, await TokenAsync(
            server, "client_credentials", ("client_assertion", Jwt(claims, algorithm)), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")));
        Assert.Null(await TokenAsync(server, "client_credentials"));
    }

    /// <summary>CVE-2026-16093: the header of an assertion that nobody checks proves nothing of who sends it.</summary>
    [Theory]
    [InlineData("client-jwt", null)]
    [InlineData("client-secret-jwt", null)]
    [InlineData("client-secret", "not allowed input format.")]
    [InlineData("client-x509", "not allowed input format.")]
    public async Task A_client_that_proves_itself_otherwise_does_not_meet_the_demand_for_an_assertion_by_sending_one_along(string method, string? refusal)
    {
        const string Demand = """{"executor":"secure-signature-algorithm-signed-jwt","configuration":{"require-client-assertion":true}}""";
        await using var server = await SignInServer.StartAsync(File(Demand).Replace("client-jwt", method, StringComparison.Ordinal));
        Assert.Equal(refusal, await TokenAsync(
            server, "client_credentials", ("client_assertion", Jwt("{}", "PS256")), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")));
    }

    [Theory]
    [InlineData(null, "no claim for an intent value in an authorization request", 0)]
    [InlineData("no json", "invalid claim for an intent value", 0)]
    [InlineData("""{"userinfo":{"intent":{"essential":true,"value":"1"}}}""", "no claim for an intent value for ID token", 0)]
    [InlineData("""{"id_token":{"intent":null}}""", "no claim for an intent value for ID token", 0)]
    [InlineData("""{"id_token":{"intent":{"value":"1"}}}""", "not specifying a claim for an intent as essential claim", 0)]
    [InlineData("""{"id_token":{"intent":{"essential":true}}}""", "invalid intent value", 0)]
    [InlineData("""{"id_token":{"intent":{"essential":true,"value":"\ud800"}}}""", "invalid claim for an intent value", 0)]
    [InlineData("""{"id_token":{"intent":{"essential":true,"value":"mine"}}}""", null, 1)]
    [InlineData("""{"id_token":{"intent":{"essential":true,"value":"another's"}}}""", "The intent is not bound with the client", 1)]
    [InlineData("""{"id_token":{"intent":{"essential":true,"value":"broken"}}}""", "checking intent bound with client failed", 1)]
    [InlineData("""{"id_token":{"intent":{"essential":true,"value":"down"}}}""", "checking intent bound with client failed", 1)]
    public async Task An_intent_is_the_clients_own(string? claims, string? refusal, int asked)
    {
        var service = new IntentService();
        await using var server = await SignInServer.StartAsync(
            File("""{"executor":"intent-client-bind-checker","configuration":{"intent-client-bind-check-endpoint":"https://bank.example/check","intent-name":"intent"}}"""),
            services => services.AddSingleton<IFetch>(service));
        using var browser = server.Browser();
        await browser.OpenAsync("shop", ("claims", claims ?? ""));
        Assert.Equal(asked, service.Asked);
        if (refusal is null)
        {
            Assert.NotEmpty(browser.Actions);
        }
        else
        {
            Assert.Contains($"error_description={Uri.EscapeDataString(refusal)}", browser.Location!.Replace("+", "%20", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task People_sign_in_by_the_flow_that_is_demanded_and_a_session_counts_while_it_holds_the_level()
    {
        await using var server = await SignInServer.StartAsync(File("""{"executor":"auth-flow-enforcer","configuration":{"auth-flow-alias":"two-pages","auth-flow-loa":2}}""")
            .Replace("\"any-client\"", "\"acr-condition\",\"configuration\":{\"acr-property\":\"gold\"}", StringComparison.Ordinal)
            .Replace("\"enabled\": true,\n  \"clients\"", "\"enabled\": true, \"attributes\": {\"acr.loa.map\": \"{\\\"silver\\\":1,\\\"gold\\\":2}\"},\n  \"clients\"", StringComparison.Ordinal));
        using var browser = server.Browser();
        await browser.OpenAsync("shop", ("acr_values", "gold"));
        Assert.Contains("does not exist", Uri.UnescapeDataString(browser.Location!.Replace('+', ' ')), StringComparison.Ordinal);

        await TestFlows.UseAsync(server, "shop", ("two-pages", ["A auth-cookie", "A > both-pages"]), ("both-pages", ["R auth-username-form", "R auth-password-form"]));
        await TestFlows.UseAsync(server, "shop", ("one-page", ["A auth-cookie", "A > the-page"]), ("the-page", ["R auth-username-password-form"]));
        using var ordinary = server.Browser();
        await ordinary.OpenAsync("shop");
        await ordinary.SubmitAsync(("username", "alice"), ("password", Password));
        Assert.NotNull(ordinary.Code);

        // The session has not the level: the demanded flow begins all the same, and knows already who is there.
        await ordinary.OpenAsync("shop", ("acr_values", "gold"));
        Assert.Null(ordinary.Code);
        Assert.Equal("password", ordinary.PageId?.Split('-')[^1]);
        await ordinary.SubmitAsync(("password", Password));
        var tokens = await server.TokensAsync("shop", ordinary.Code!);
        Assert.Equal("gold", Tokens.Payload(tokens.GetProperty("id_token").GetString()!).GetProperty("acr").GetString());

        await ordinary.OpenAsync("shop", ("acr_values", "gold"));
        Assert.NotNull(ordinary.Code);
    }

    [Theory]
    [InlineData("saml-avoid-redirect", """{}""", "Force POST binding is not enabled")]
    [InlineData("saml-avoid-redirect", """{"saml.force.post.binding":"true"}""", null)]
    [InlineData("saml-signature-enforcer", """{"saml.client.signature":"true"}""", "Signatures not ensured for the client. Ensure Client signature required and Sign documents or Sign assertions are ON")]
    [InlineData("saml-signature-enforcer", """{"saml.client.signature":"true","saml.assertion.signature":"true"}""", null)]
    [InlineData("saml-secure-client-uris", """{"saml_single_logout_service_url_soap":"http://sp/soap"}""", "Non secure scheme for Logout Service SOAP Binding URL")]
    [InlineData("saml-secure-client-uris", """{"saml_artifact_resolution_service_url":"http://sp/art"}""", "Non secure scheme for Artifact Resolution Service")]
    [InlineData("saml-secure-client-uris", """{"saml_assertion_consumer_url_post":"https://sp/acs"}""", null)]
    [InlineData("saml-secure-client-uris", """{}""", "Unsecure wildcard redirect https://sp/* for Valid redirect URIs", "/*")]
    [InlineData("saml-secure-client-uris", """{}""", "Non secure scheme for Valid redirect URIs", "http://sp/*")]
    public async Task Service_providers_are_as_is_demanded_and_others_are_left_alone(string executor, string attributes, string? refusal, string redirect = "https://sp/acs")
    {
        await using var server = await SignInServer.StartAsync(File("{\"executor\":\"" + executor + "\"}"));
        var client = new ClientRepresentation
        {
            ClientId = "sp", Protocol = "saml", RootUrl = "https://sp", RedirectUris = [redirect], Attributes = System.Text.Json.JsonSerializer.Deserialize(attributes, AdminJson.Default.DictionaryStringString)!,
        };
        var realm = await RealmAsync(server);
        Assert.Equal(refusal, ClientPolicies.Of(realm).Change(new(realm, client, client, null, ClientSource.AuthenticatedUser))?.Description);
        client.Protocol = "openid-connect";
        Assert.Null(ClientPolicies.Of(realm).Change(new(realm, client, client, null, ClientSource.AuthenticatedUser)));
    }

    [Fact]
    public async Task What_has_no_effect_is_known_to_have_none()
    {
        await using var server = await SignInServer.StartAsync(File("""{"executor":"tls-client-auth-ca-subject-dn"},{"executor":"secure-session"}"""));
        Assert.Equal([("p", "tls-client-auth-ca-subject-dn")], ClientPolicies.Of(await RealmAsync(server)).WithoutEffect);
    }

    private static async Task<Realm> RealmAsync(SignInServer server) => (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;

    private static async Task<string?> TokenAsync(SignInServer server, string grant, params (string Name, string Value)[] form)
    {
        var realm = await RealmAsync(server);
        var request = new TokenRequest
        {
            Realm = realm, Authenticated = new((await server.Services.GetRequiredService<IClients>().FindAsync(realm, "api"))!, "client-jwt"),
            Form = new(form.Select(f => KeyValuePair.Create(f.Name, f.Value))), Issuer = "https://op/realms/shop", Event = new LoginEvent { Type = EventTypes.ClientLogin },
        };
        return ClientPolicies.Of(realm).Token(new TokenOccasion(request, grant))?.Description;
    }

    private static string Jwt(string claims, string algorithm = "RS256")
    {
        return $"{Part($$"""{"alg":"{{algorithm}}"}""")}.{Part(claims)}.AAAA";

        static string Part(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
    }

    private sealed class IntentService : IFetch
    {
        public int Asked { get; private set; }

        public ValueTask<byte[]?> GetAsync(string address, string accept, int maxLength, CancellationToken ct = default) => new((byte[]?)null);

        public ValueTask<int?> PostFormAsync(string address, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct = default) => new((int?)null);

        public ValueTask<FetchAnswer?> SendAsync(FetchRequest request, CancellationToken ct = default)
        {
            Assert.Equal("https://bank.example/check", request.Address);
            Asked++;
            var question = Encoding.UTF8.GetString(request.Body!.Content);
            Assert.Contains("\"client_id\":\"web\"", question, StringComparison.Ordinal);
            return new(question.Contains("mine", StringComparison.Ordinal) ? new FetchAnswer(200, null, """{"is_bound":true}"""u8.ToArray())
                : question.Contains("broken", StringComparison.Ordinal) ? new FetchAnswer(200, null, "{}"u8.ToArray())
                : question.Contains("down", StringComparison.Ordinal) ? null : new FetchAnswer(200, null, """{"is_bound":false}"""u8.ToArray()));
        }
    }
}
