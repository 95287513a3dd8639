using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>Protocol mappers as the admin API keeps, shows and refuses them.</summary>
public sealed class Mappers_of_clients_and_scopes
{
    private const string Hardcoded = "oidc-hardcoded-claim-mapper";

    private static string Mapper(string name, string type, string config) =>
        $$"""{"name":"{{name}}","protocol":"openid-connect","protocolMapper":"{{type}}","config":{{config}}}""";

    private static string Switches(JsonNode mapper) => string.Join(' ', mapper["config"]!.AsObject().Where(c => c.Key.EndsWith("token.claim", StringComparison.Ordinal))
        .OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key.Split('.')[0]}={c.Value}"));

    private static async Task<JsonNode> KeptAsync(AdminWorld world, string client, string name) =>
        (await world.GetAsync("clients/" + client))["protocolMappers"]!.AsArray().First(m => (string?)m!["name"] == name)!;

    // A mapper alone shows what its switches come to; whose it is shows it as it was sent.
    [Theory]
    [InlineData(Hardcoded, """{"access.token.claim":"true","id.token.claim":"true"}""", "access=true id=true introspection=true userinfo=true", "access=true id=true")]
    [InlineData(Hardcoded, """{"access.token.claim":"false","userinfo.token.claim":"true"}""", "access=false introspection=false userinfo=true", "access=false userinfo=true")]
    [InlineData(Hardcoded, """{"id.token.claim":"true","userinfo.token.claim":"yes"}""", "id=true userinfo=false", "id=true userinfo=yes")]
    [InlineData("oidc-audience-resolve-mapper", """{"x":"y"}""", "access=true introspection=true", "")]
    [InlineData("oidc-allowed-origins-mapper", """{"access.token.claim":"false"}""", "access=false introspection=true", "access=false")]
    [InlineData("oidc-nonce-backwards-compatible-mapper", """{"access.token.claim":"true"}""", "access=true", "access=true")]
    public async Task A_mapper_shows_what_it_does_and_its_client_what_was_said(string type, string config, string effective, string kept)
    {
        var world = await AdminWorld.MakeAsync();
        var client = world.Thing("clients/{client}");
        var id = await world.MakeAsync($"clients/{client}/protocol-mappers/models", Mapper("new", type, config));
        Assert.Equal(effective, Switches(await world.GetAsync($"clients/{client}/protocol-mappers/models/{id}")));
        Assert.Equal(effective, Switches((await world.GetAsync($"clients/{client}/protocol-mappers/models")).AsArray().First(m => (string?)m!["name"] == "new")!));
        Assert.Equal(kept, Switches(await KeptAsync(world, client, "new")));
    }

    [Fact]
    public async Task What_is_made_with_a_client_follows_the_id_token_in_userinfo_alone()
    {
        var world = await AdminWorld.MakeAsync();
        var client = await world.MakeAsync("clients", $$"""{"clientId":"made","protocolMappers":[{{Mapper("m", Hardcoded, """{"id.token.claim":"true","access.token.claim":"true"}""")}}]}""");
        Assert.Equal("access=true id=true userinfo=true", Switches(await KeptAsync(world, client, "m")));
    }

    [Fact]
    public async Task An_update_changes_the_type_and_the_settings_and_no_name()
    {
        var world = await AdminWorld.MakeAsync();
        var client = world.Thing("clients/{client}");
        var models = $"clients/{client}/protocol-mappers/models";
        var id = await world.MakeAsync(models, Mapper("before", Hardcoded, """{"claim.name":"a"}"""));
        var changed = $$$"""{"id":"{{{id}}}","name":"a-mapper","protocol":"saml","protocolMapper":"oidc-audience-mapper","config":{"included.custom.audience":"x"}}""";
        Assert.Equal(204, (await world.SendAsync("PUT", $"{models}/{id}", changed)).Status);
        var after = await world.GetAsync($"{models}/{id}");
        Assert.Equal(("before", "openid-connect", "oidc-audience-mapper"), ((string?)after["name"], (string?)after["protocol"], (string?)after["protocolMapper"]));
        Assert.Equal("""{"included.custom.audience":"x"}""", after["config"]!.ToJsonString());
        var untyped = await world.SendAsync("PUT", $"{models}/{id}", $$$"""{"id":"{{{id}}}","config":{}}""");
        Assert.Equal((404, "ProtocolMapper provider not found"), (untyped.Status, untyped["error"]));
    }

    [Fact]
    public async Task A_type_is_looked_for_before_the_name_and_by_its_id_alone()
    {
        var world = await AdminWorld.MakeAsync();
        var models = $"clients/{world.Thing("clients/{client}")}/protocol-mappers/models";
        Assert.Equal(404, (await world.SendAsync("POST", models, Mapper("a-mapper", "no-such", "{}"))).Status);
        Assert.Equal(409, (await world.SendAsync("POST", models, Mapper("a-mapper", Hardcoded, "{}"))).Status);
        Assert.Equal(201, (await world.SendAsync("POST", models, Mapper("of SAML", "saml-role-list-mapper", "{}"))).Status);
    }

    [Fact]
    public async Task Two_mappers_of_one_name_are_refused_wherever_they_come_from()
    {
        var world = await AdminWorld.MakeAsync();
        var client = world.Thing("clients/{client}");
        var twins = $"[{Mapper("twin", Hardcoded, "{}")},{Mapper("twin", Hardcoded, "{}")}]";
        await RefusedAsync("POST", "clients", $$"""{"clientId":"made","protocolMappers":{{twins}}}""", "Client made already exists");
        await RefusedAsync("PUT", "clients/" + client, $$"""{"clientId":"guarded","protocolMappers":{{twins}}}""", "Client already exists");
        await RefusedAsync("POST", "client-scopes", $$"""{"name":"made","protocol":"openid-connect","protocolMappers":{{twins}}}""", "Client Scope made already exists");
        var together = await world.SendAsync("POST", $"clients/{client}/protocol-mappers/add-models", twins);
        Assert.Equal((409, "conflict", "Protocol mapper name must be unique per protocol"), (together.Status, together["error"], together["error_description"]));
        Assert.DoesNotContain((await world.GetAsync($"clients/{client}/protocol-mappers/models")).AsArray(), m => (string?)m!["name"] == "twin");

        async Task RefusedAsync(string method, string path, string json, string message)
        {
            var answer = await world.SendAsync(method, path, json);
            Assert.Equal((409, message), (answer.Status, answer["errorMessage"]));
        }
    }

    [Theory]
    [InlineData("""{"id.token.claim":"true"}""", "String", "true")]
    [InlineData("""{"multivalued":"true","addOrganizationId":"true"}""", "JSON", "true")]
    [InlineData("""{"multivalued":"false","addOrganizationId":"true"}""", "String", "false")]
    public async Task A_mapper_of_organizations_shows_what_its_settings_come_to(string config, string type, string multivalued)
    {
        var world = await AdminWorld.MakeAsync();
        var models = $"clients/{world.Thing("clients/{client}")}/protocol-mappers/models";
        var shown = (await world.GetAsync($"{models}/{await world.MakeAsync(models, Mapper("org", "oidc-organization-membership-mapper", config))}"))["config"]!;
        Assert.Equal((type, multivalued, "organization"), ((string?)shown["jsonType.label"], (string?)shown["multivalued"], (string?)shown["claim.name"]));
    }
}
