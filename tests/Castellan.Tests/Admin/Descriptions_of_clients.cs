using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>Clients that are made of what their registration would say (OpenID Connect Dynamic Client Registration §2).</summary>
public sealed class Descriptions_of_clients
{
    private static async Task<JsonNode> ConvertAsync(string description)
    {
        var answer = await (await AdminWorld.MakeAsync()).SendAsync("POST", "client-description-converter", description);
        Assert.True(answer.Status == 200, answer.Text);
        return JsonNode.Parse(answer.Text)!;
    }

    [Fact]
    public async Task A_description_is_read_in_full()
    {
        var client = await ConvertAsync("""
            {"redirect_uris":["https://a.example/cb"],"response_types":["code","code id_token"],"grant_types":["authorization_code","client_credentials","urn:ietf:params:oauth:grant-type:device_code"],
             "token_endpoint_auth_method":"client_secret_post","scope":"email phone","jwks_uri":"https://a.example/jwks","request_uris":["https://a.example/r"],
             "tls_client_certificate_bound_access_tokens":false,"dpop_bound_access_tokens":true,"default_acr_values":["1","2"],"authorization_signed_response_alg":"ES256"}
            """);
        Assert.Equal((true, true, false, true, false), (
            (bool)client["standardFlowEnabled"]!, (bool)client["implicitFlowEnabled"]!, (bool)client["directAccessGrantsEnabled"]!, (bool)client["serviceAccountsEnabled"]!, (bool)client["authorizationServicesEnabled"]!));
        Assert.Equal("""["email","phone"]""", client["optionalClientScopes"]?.ToJsonString());
        Assert.Equal(
            "authorization.signed.response.alg=ES256 backchannel.logout.revoke.offline.tokens=false backchannel.logout.session.required=true default.acr.values=1##2 dpop.bound.access.tokens=true "
            + "frontchannel.logout.session.required=false jwks.url=https://a.example/jwks oauth2.device.authorization.grant.enabled=true oauth2.jwt.authorization.grant.enabled=false "
            + "oidc.ciba.grant.enabled=false request.uris=https://a.example/r standard.token.exchange.enabled=false tls.client.certificate.bound.access.tokens=false use.jwks.url=true use.refresh.tokens=false",
            string.Join(' ', client["attributes"]!.AsObject().Where(a => !a.Key.StartsWith("client.secret", StringComparison.Ordinal)).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}")));
    }

    [Fact]
    public async Task A_public_client_proves_nothing()
    {
        var client = await ConvertAsync("""{"redirect_uris":[],"token_endpoint_auth_method":"none"}""");
        Assert.Equal(("none", true), ((string?)client["clientAuthenticatorType"], (bool)client["publicClient"]!));
    }

    [Fact]
    public async Task Without_addresses_it_is_no_description() =>
        Assert.Equal((400, "Unsupported format"), (await (await AdminWorld.MakeAsync()).SendAsync("POST", "client-description-converter", """{"client_id":"x"}""")) is var answer ? (answer.Status, answer["error"]) : default);
}
