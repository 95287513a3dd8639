using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>Components as the admin API takes and refuses them: policies of registration and key providers.</summary>
public sealed class Settings_of_components
{
    private const string Policy = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";
    private const string Keys = "org.keycloak.keys.KeyProvider";

    private static string Component(string type, string kind, string config) =>
        $$"""{"name":"new","providerId":"{{kind}}","providerType":"{{type}}","subType":"anonymous","config":{{config}}}""";

    [Theory]
    [InlineData(Policy, "max-clients", "{}", "'Max Clients Per Realm' is required")]
    [InlineData(Policy, "max-clients", """{"max-clients":["many"]}""", "'Max Clients Per Realm' should be a number")]
    [InlineData(Policy, "max-clients", """{"max-clients":["1","2"]}""", "'Max Clients Per Realm' should be a single entry")]
    [InlineData(Policy, "trusted-hosts", """{"client-uris-must-match":["true"]}""", "'Host Sending Client Registration Request Must Match' is required")]
    [InlineData(Policy, "trusted-hosts", """{"host-sending-registration-request-must-match":["true"],"client-uris-must-match":["yes"]}""", "'Client URIs Must Match' should be 'true' or 'false'")]
    [InlineData(Policy, "trusted-hosts", """{"host-sending-registration-request-must-match":["false"],"client-uris-must-match":["false"]}""", "At least one of hosts verification or client URIs validation must be enabled")]
    [InlineData(Policy, "allowed-client-templates", """{"allowed-client-scopes":["openid","email","no-such"]}""", "Client scopes not allowed: [openid, email, no-such]")]
    [InlineData(Keys, "rsa-generated", """{"priority":["1","2"]}""", "'Priority' should be a single entry")]
    [InlineData(Keys, "rsa-generated", """{"enabled":["True"]}""", "'Enabled' should be 'true' or 'false'")]
    public async Task What_cannot_be_is_refused(string type, string kind, string config, string refusal)
    {
        var world = await AdminWorld.MakeAsync();
        var answer = await world.SendAsync("POST", "components", Component(type, kind, config));
        Assert.Equal((400, refusal), (answer.Status, answer["errorMessage"]));
    }

    [Theory]
    [InlineData("max-clients", """{"max-clients":["7"]}""")]
    [InlineData("trusted-hosts", """{"host-sending-registration-request-must-match":["false"],"client-uris-must-match":["true"]}""")]
    [InlineData("allowed-client-templates", """{"allowed-client-scopes":["openid","email"]}""")]
    [InlineData("allowed-client-templates", "{}")]
    [InlineData("scope", "{}")]
    public async Task What_can_be_is_taken(string kind, string config)
    {
        var world = await AdminWorld.MakeAsync();
        Assert.NotEmpty(await world.MakeAsync("components", Component(Policy, kind, config)));
    }

    [Theory]
    [InlineData("full-name-ldap-mapper", """{"ldap.full.name.attribute":["cn"]}""", "errorMessage", "cant find parent component model")]
    [InlineData("group-ldap-mapper", """{"groups.dn":["ou=g"],"mode":["READ_ONLY"],"membership.attribute.type":["NAME"]}""", "error", "Invalid provider type or no such provider")]
    public async Task Mappers_of_federations_are_refused_too(string kind, string config, string member, string refusal)
    {
        var answer = await (await AdminWorld.MakeAsync()).SendAsync("POST", "components", Component("org.keycloak.storage.ldap.mappers.LDAPStorageMapper", kind, config));
        Assert.Equal((400, refusal), (answer.Status, answer[member]));
    }

    [Theory]
    [InlineData("/a-group", 201)]
    [InlineData("a-group", 201)]
    [InlineData("/no-group", 400)]
    public async Task A_group_is_named_by_its_path_with_or_without_the_slash_before_it(string path, int status)
    {
        var world = await AdminWorld.MakeAsync();
        var answer = await world.SendAsync("POST", "components", Component("org.keycloak.storage.ldap.mappers.LDAPStorageMapper", "hardcoded-ldap-group-mapper", $$"""{"group":["{{path}}"]}"""));
        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task Blank_values_are_none()
    {
        var world = await AdminWorld.MakeAsync();
        var id = await world.MakeAsync("components", Component(Policy, "trusted-hosts", """
            {"trusted-hosts":[" ","a.example",""],"host-sending-registration-request-must-match":["true"],"client-uris-must-match":["true"]}
            """));
        Assert.Equal("""["a.example"]""", await HostsAsync());
        await world.SendAsync("PUT", "components/" + id, """{"config":{"trusted-hosts":["b.example"," "]}}""");
        Assert.Equal("""["b.example"]""", await HostsAsync());
        await world.SendAsync("PUT", "components/" + id, """{"config":{"trusted-hosts":["","b.example"]}}""");
        Assert.Null(await HostsAsync());

        async Task<string?> HostsAsync() => (await world.GetAsync("components/" + id))["config"]!["trusted-hosts"]?.ToJsonString();
    }
}
