using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>Configuration files that applications get for their clients.</summary>
public sealed class Files_of_applications
{
    private static async Task<string> FileAsync(AdminWorld world, string client, string provider)
    {
        var answer = await world.SendAsync("GET", $"clients/{client}/installation/providers/keycloak-oidc-{provider}", "");
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Text;
    }

    [Theory]
    [InlineData("""{"clientId":"c","secret":"s"}""", """{"secret":"s"}""")]
    [InlineData("""{"clientId":"c","secret":"s","clientAuthenticatorType":"client-secret-jwt","attributes":{"token.endpoint.auth.signing.alg":"HS512"}}""", """{"secret-jwt":{"secret":"s","algorithm":"HS512"}}""")]
    [InlineData("""{"clientId":"c","clientAuthenticatorType":"client-x509"}""", "{}")]
    [InlineData("""{"clientId":"c","publicClient":true}""", null)]
    [InlineData("""{"clientId":"c","bearerOnly":true}""", null)]
    public async Task A_client_proves_itself_in_its_own_way(string client, string? credentials)
    {
        var world = await AdminWorld.MakeAsync();
        var file = JsonNode.Parse(await FileAsync(world, await world.MakeAsync("clients", client), "keycloak-json"))!;
        Assert.Equal(credentials, file["credentials"]?.ToJsonString());
    }

    [Fact]
    public async Task A_client_with_a_key_fills_in_where_it_lies()
    {
        var world = await AdminWorld.MakeAsync();
        var client = await world.MakeAsync("clients", """{"clientId":"c","clientAuthenticatorType":"client-jwt"}""");
        var file = JsonNode.Parse(await FileAsync(world, client, "keycloak-json"))!["credentials"]!["jwt"]!;
        Assert.Equal(("c", 10, "jks"), ((string?)file["client-key-alias"], (int)file["token-timeout"]!, (string?)file["client-keystore-type"]));
        Assert.Contains("        <client-key-alias>c</client-key-alias>\n", await FileAsync(world, client, "jboss-subsystem"), StringComparison.Ordinal);
        Assert.Contains("/credential=jwt:add(value={client-key-password=REPLACE", await FileAsync(world, client, "jboss-subsystem-cli"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_with_permissions_has_them_enforced_and_needs_no_role_for_it()
    {
        var world = await AdminWorld.MakeAsync();
        var file = JsonNode.Parse(await FileAsync(world, await world.MakeAsync("clients", """{"clientId":"c","serviceAccountsEnabled":true,"authorizationServicesEnabled":true}"""), "keycloak-json"))!;
        Assert.Equal("""{"credentials":{}}""", file["policy-enforcer"]?.ToJsonString());
        Assert.Equal((true, null), ((bool?)file["verify-token-audience"], (bool?)file["use-resource-role-mappings"]));
    }

    [Fact]
    public async Task A_scope_that_names_a_client_as_audience_has_it_checked()
    {
        var world = await AdminWorld.MakeAsync();
        var client = await world.MakeAsync("clients", """{"clientId":"c"}""");
        await world.MakeAsync("client-scopes", """{"name":"for-c","protocol":"openid-connect","protocolMappers":[{"name":"m","protocol":"openid-connect","protocolMapper":"oidc-audience-mapper","config":{"included.client.audience":"c"}}]}""");
        Assert.True((bool?)JsonNode.Parse(await FileAsync(world, client, "keycloak-json"))!["verify-token-audience"]);
    }

    [Fact]
    public async Task An_application_server_gets_an_element_or_commands()
    {
        var world = await AdminWorld.MakeAsync();
        var client = await world.MakeAsync("clients", """{"clientId":"c","secret":"s"}""");
        var realm = world.Realm.Name;
        var address = (string)JsonNode.Parse(await FileAsync(world, client, "keycloak-json"))!["auth-server-url"]!;
        Assert.Equal(
            $"<secure-deployment name=\"WAR MODULE NAME.war\">\n    <realm>{realm}</realm>\n    <auth-server-url>{address}</auth-server-url>\n    <ssl-required>EXTERNAL</ssl-required>\n"
            + "    <resource>c</resource>\n    <credential name=\"secret\">s</credential>\n</secure-deployment>\n",
            await FileAsync(world, client, "jboss-subsystem"));
        const string deployment = "/subsystem=keycloak/secure-deployment=\"WAR MODULE NAME.war\"/";
        Assert.Equal(
            $"{deployment}:add( \\\n    realm=\"{realm}\", \\\n    resource=\"c\", \\\n    auth-server-url={address}, \\\n    ssl-required=EXTERNAL)\n\n{deployment}credential=secret:add(value=s)\n",
            await FileAsync(world, client, "jboss-subsystem-cli"));
    }
}
