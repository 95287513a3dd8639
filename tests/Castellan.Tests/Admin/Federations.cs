using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>Federations with directories, and their mappers, as the admin API takes and refuses them.</summary>
public sealed class Federations
{
    private const string Mappers = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper";

    [Theory]
    [InlineData("role-ldap-mapper", """{"roles.dn":["ou=r"],"use.realm.roles.mapping":["true"]}""", "Missing configuration for Mode")]
    [InlineData("role-ldap-mapper", """{"roles.dn":["ou=r"],"mode":["READ_ONLY"]}""", "Client ID needs to be provided in config when Realm Roles Mapping is not used.")]
    [InlineData("user-attribute-ldap-mapper", """{"user.model.attribute":["a"]}""", "Missing configuration for LDAP Attribute")]
    [InlineData("certificate-ldap-mapper", """{"user.model.attribute":["a"],"ldap.attribute":["b"],"is.der.formatted":["true"]}""", "With DER formatted certificate enabled, the 'Is Binary Attribute' option must be enabled too")]
    [InlineData("full-name-ldap-mapper", """{"read.only":["true"]}""", "Missing configuration for LDAP Full Name Attribute")]
    [InlineData("full-name-ldap-mapper", """{"ldap.full.name.attribute":["cn"],"read.only":["true"],"write.only":["true"]}""", "Can not set both write-only and read-only")]
    [InlineData("hardcoded-attribute-mapper", """{"user.model.attribute":["a"]}""", "'Attribute Value' is required")]
    [InlineData("hardcoded-attribute-mapper", """{"user.model.attribute":["Email"],"attribute.value":["x"]}""", "Attribute Name cannot be set to username or email")]
    [InlineData("hardcoded-ldap-attribute-mapper", """{"ldap.attribute.name":["a"]}""", "'LDAP Attribute Value' is required")]
    public async Task Mappers_say_what_they_lack(string kind, string config, string refusal)
    {
        var world = await AdminWorld.MakeAsync();
        var id = await FederationAsync(world, "WRITABLE");
        var answer = await world.CallAsync("POST", Root(world) + "components", Json(Mapper(id, kind, config)));
        Assert.Equal((400, refusal), (answer.Status, (string?)JsonNode.Parse(answer.Text)!["errorMessage"]));
    }

    [Fact]
    public async Task Memberships_are_not_brought_in_where_people_are_not()
    {
        var world = await AdminWorld.MakeAsync();
        var id = await FederationAsync(world, "READ_ONLY");
        var before = await world.MakeAsync("components", Mapper(id, "group-ldap-mapper", """{"groups.dn":["ou=g"],"mode":["IMPORT"]}"""));
        Assert.Equal("IMPORT", await ModeAsync(before));
        Assert.Equal(204, (await world.CallAsync("PUT", Root(world) + "components/" + id, Json("""{"config":{"importEnabled":["false"]}}"""))).Status);
        Assert.Equal("READ_ONLY", await ModeAsync(before));
        Assert.Equal("READ_ONLY", await ModeAsync(await world.MakeAsync("components", Mapper(id, "role-ldap-mapper", """{"roles.dn":["ou=r"],"mode":["IMPORT"],"use.realm.roles.mapping":["true"]}"""))));

        async Task<string?> ModeAsync(string mapper) => (string?)(await world.GetAsync("components/" + mapper))["config"]!["mode"]![0];
    }

    [Theory]
    [InlineData("user-storage/nobody/mappers/x/sync?direction=fedToKeycloak", 404, "Parent model not found")]
    [InlineData("user-storage/{key}/sync?action=triggerFullSync", 404, "found, but not a UserStorageProvider")]
    [InlineData("user-storage/{id}/mappers/{groups}/sync?direction=fedToKeycloak", 400, "SocketReset")]
    public async Task Syncs_say_what_is_wrong(string path, int status, string refusal)
    {
        var world = await AdminWorld.MakeAsync();
        var id = await FederationAsync(world, "READ_ONLY");
        var groups = await world.MakeAsync("components", Mapper(id, "group-ldap-mapper", """{"groups.dn":["ou=g"],"mode":["READ_ONLY"]}"""));
        var key = (string)(await world.GetAsync("components?type=org.keycloak.keys.KeyProvider"))[0]!["id"]!;
        var answer = await world.CallAsync("POST", Root(world) + path.Replace("{id}", id, StringComparison.Ordinal).Replace("{groups}", groups, StringComparison.Ordinal).Replace("{key}", key, StringComparison.Ordinal));
        Assert.Equal(status, answer.Status);
        Assert.Contains(refusal, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"editMode":["READ_ONLY"],"vendor":["ad"],"usernameLDAPAttribute":["sAMAccountName"]}""", "READ_ONLY of LDAP_ONLY,IMPORT,READ_ONLY; group; sAMAccountName; 3; True")]
    [InlineData("""{"editMode":["WRITABLE"],"vendor":["other"],"importEnabled":["false"]}""", "LDAP_ONLY of LDAP_ONLY,READ_ONLY; groupOfNames; uid; 2; False")]
    public async Task Kinds_of_mappers_offer_what_their_federation_can(string config, string offered)
    {
        var world = await AdminWorld.MakeAsync();
        var id = await world.MakeAsync("components", $$"""{"name":"ldap","providerId":"ldap","providerType":"org.keycloak.storage.UserStorageProvider","config":{{config}} }""");
        var kinds = (await world.GetAsync($"components/{id}/sub-component-types?type={Mappers}")).AsArray();
        foreach (var (kind, classes) in new[] { ("group-ldap-mapper", "group.object.classes"), ("role-ldap-mapper", "role.object.classes") })
        {
            Assert.Equal(offered, $"{Of(kind, "mode")!["defaultValue"]} of {string.Join(',', Of(kind, "mode")!["options"]!.AsArray())}; {Of(kind, classes)!["defaultValue"]}; "
                + $"{Of(kind, "membership.user.ldap.attribute")!["defaultValue"]}; {Of(kind, "user.roles.retrieve.strategy")!["options"]!.AsArray().Count}; "
                + (Of("user-attribute-ldap-mapper", "always.read.value.from.ldap") is not null));
        }

        JsonNode? Of(string kind, string property) => kinds.First(k => (string?)k!["id"] == kind)!["properties"]!.AsArray().FirstOrDefault(p => (string?)p!["name"] == property);
    }

    private static string Root(AdminWorld world) => $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/";

    private static Task<string> FederationAsync(AdminWorld world, string mode) => world.MakeAsync("components", $$"""
        {"name":"ldap","providerId":"ldap","providerType":"org.keycloak.storage.UserStorageProvider","config":{"editMode":["{{mode}}"],"usersDn":["ou=p"],"connectionUrl":["ldap://127.0.0.1:1"],"bindDn":["cn=a"],"bindCredential":["b"]} }
        """);

    private static string Mapper(string federation, string kind, string config) =>
        $$"""{"name":"m","providerId":"{{kind}}","providerType":"{{Mappers}}","parentId":"{{federation}}","config":{{config}} }""";

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
