using System.Text.Json.Nodes;
using static Castellan.Tests.RealmFiles.There_and_back;

namespace Castellan.Tests.RealmFiles;

/// <summary>Names and shapes of old releases that a file may have whatever release it says it is of.</summary>
public class Old_forms
{
    private const string Federation = "org.keycloak.storage.UserStorageProvider", Mappers = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper";

    [Fact]
    public async Task Applications_and_clients_of_oauth_are_clients()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","roles":{},"applications":[{"name":"app","claims":{"email":true,"name":false},"directGrantsOnly":true,"standardFlowEnabled":true}],
             "oauthClients":[{"name":"third","claims":{"username":true},"consentRequired":false,"fullScopeAllowed":true}]}
            """);
        var (app, third) = (Named(realm["clients"], "app", "clientId"), Named(realm["clients"], "third", "clientId"));
        Assert.Null(app["protocolMappers"]);
        Assert.Equal((false, true), ((bool)app["standardFlowEnabled"]!, (bool)app["directAccessGrantsEnabled"]!));
        Assert.Equal((true, false), ((bool)third["consentRequired"]!, (bool)third["fullScopeAllowed"]!));
    }

    [Fact]
    public async Task Old_names_count_where_the_new_ones_are_not_there()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","clients":[{"clientId":"app"}],
             "roles":{"client":{"app":[{"name":"new","composites":{"application":{"app":["other"]}}},{"name":"other"}]},"application":{"app":[{"name":"old"}]}},
             "users":[{"username":"anna","clientRoles":{"app":[" new "]},"applicationRoles":{"app":["other"]}},{"username":"bert","applicationRoles":{"app":["other"]}}]}
            """);
        Assert.Equal(["new", "other"], realm["roles"]!["client"]!["app"]!.AsArray().Select(r => (string)r!["name"]!).Order(StringComparer.Ordinal));
        Assert.Equal(["other"], Texts(Named(realm["roles"]!["client"]!["app"], "new", "name")["composites"]!["client"]!["app"]));
        Assert.Equal(["new"], Texts(Named(realm["users"], "anna", "username")["clientRoles"]!["app"]));
        Assert.Equal(["other"], Texts(Named(realm["users"], "bert", "username")["clientRoles"]!["app"]));
    }

    [Fact]
    public async Task Social_providers_and_their_links_are_those_of_identity_providers()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","social":true,"socialProviders":{"github.key":"id","github.secret":"se"},
             "users":[{"username":"anna","socialLinks":[{"socialProvider":"github","socialUserId":"7","socialUsername":"anna-g"}]}]}
            """);
        var provider = Named(realm["identityProviders"], "github", "alias");
        Assert.Equal(("id", "se"), ((string?)provider["config"]!["clientId"], (string?)provider["config"]!["clientSecret"]));
        Assert.Equal("7", (string?)Named(realm["users"], "anna", "username")["federatedIdentities"]![0]!["userId"]);
    }

    [Fact]
    public async Task Templates_are_scopes_and_keep_what_they_say()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","clientTemplates":[{"name":"my template","protocol":"openid-connect","attributes":{"a":"b"}}],
             "clients":[{"clientId":"in","clientTemplate":"my template"},{"clientId":"out","clientTemplate":"my template","defaultClientScopes":["email"]}]}
            """);
        Assert.Equal("b", (string?)Named(realm["clientScopes"], "my_template", "name")["attributes"]!["a"]);
        Assert.Contains("my_template", Texts(Named(realm["clients"], "in", "clientId")["defaultClientScopes"]));
        Assert.Equal(["email"], Texts(Named(realm["clients"], "out", "clientId")["defaultClientScopes"]));
    }

    [Fact]
    public async Task Directories_are_components_with_the_mappers_of_new_ones_when_they_have_none()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","userFederationProviders":[
              {"displayName":"bare","providerName":"ldap","priority":1,"config":{"vendor":"other","editMode":"WRITABLE","connectionUrl":"ldap://ldap.example.com"}},
              {"displayName":"full","providerName":"ldap","config":{"connectionUrl":"ldap://ldap.example.com"}},
              {"displayName":"ours","providerName":"our-own","config":{}}],
             "userFederationMappers":[{"name":"mail","federationProviderDisplayName":"full","federationMapperType":"user-attribute-ldap-mapper",
               "config":{"ldap.attribute":"mail","user.model.attribute":"email"}}]}
            """);
        Assert.Equal(["bare", "full"], realm["components"]![Federation]!.AsArray().Select(c => (string)c!["name"]!).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["Kerberos principal attribute mapper", "creation date", "email", "first name", "last name", "modify date", "username"],
            MappersOf("bare"));
        Assert.Equal(["mail"], MappersOf("full"));

        string[] MappersOf(string name) =>
            [.. Named(realm["components"]![Federation], name, "name")["subComponents"]![Mappers]!.AsArray().Select(c => (string)c!["name"]!).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Consent_to_offline_access_is_consent_to_its_scope()
    {
        var realm = await ThereAndBackAsync(
            """{"realm":"r","clients":[{"clientId":"app"}],"users":[{"username":"anna","clientConsents":[{"clientId":"app","grantedRealmRoles":["offline_access"]}]}]}""");
        Assert.Equal(["offline_access"], Texts(Named(realm["users"], "anna", "username")["clientConsents"]![0]!["grantedClientScopes"]));
    }

    [Fact]
    public async Task Old_default_roles_are_everybodys_unless_the_new_form_is_there()
    {
        var old = await ThereAndBackAsync("""{"realm":"r","defaultRoles":[" clerk "]}""");
        Assert.Contains("clerk", Texts(Named(old["roles"]!["realm"], "default-roles-r", "name")["composites"]!["realm"]));
        var both = await ThereAndBackAsync("""{"realm":"r","defaultRole":{"name":"default-roles-r"},"defaultRoles":["clerk"]}""");
        Assert.DoesNotContain("clerk", Texts(Named(both["roles"]!["realm"], "default-roles-r", "name")["composites"]!["realm"]));
    }

    [Theory]
    [InlineData("\"password\"", "REQUIRED REQUIRED CONDITIONAL", "DISABLED")]
    [InlineData("\"kerberos\"", "DISABLED DISABLED DISABLED", "ALTERNATIVE")]
    [InlineData("", "DISABLED DISABLED DISABLED", "DISABLED")]
    public async Task Flows_ask_for_the_credentials_that_a_realm_requires(string credentials, string grant, string kerberos)
    {
        var realm = await ThereAndBackAsync($$"""{"realm":"r","requiredCredentials":[{{credentials}}]}""");
        JsonNode Steps(string flow) => Named(realm["authenticationFlows"], flow, "alias")["authenticationExecutions"]!;
        Assert.Equal(grant, string.Join(' ', Steps("direct grant").AsArray().Select(e => (string?)e!["requirement"])));
        Assert.Equal(kerberos, (string?)Named(Steps("browser"), "auth-spnego", "authenticator")["requirement"]);
    }

    [Fact]
    public async Task Who_signs_in_at_a_provider_by_default_goes_there_at_once()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","identityProviders":[{"alias":"corp","providerId":"saml","authenticateByDefault":true}],
             "authenticationFlows":[{"alias":"browser","providerId":"basic-flow","topLevel":true,"builtIn":true,"authenticationExecutions":[
               {"authenticator":"auth-cookie","requirement":"ALTERNATIVE","priority":10}]}]}
            """);
        var step = Named(Named(realm["authenticationFlows"], "browser", "alias")["authenticationExecutions"], "identity-provider-redirector", "authenticator");
        Assert.Equal("corp", (string?)Named(realm["authenticatorConfig"], (string)step["authenticatorConfig"]!, "alias")["config"]!["defaultProvider"]);
    }

    [Fact]
    public async Task The_action_for_codes_has_the_name_of_today() => Assert.Equal("Configure OTP", (string?)Named(
        (await ThereAndBackAsync("""{"realm":"r","requiredActions":[{"alias":"CONFIGURE_TOTP","name":"Configure Totp","providerId":"CONFIGURE_TOTP","enabled":true}]}"""))["requiredActions"],
        "CONFIGURE_TOTP",
        "alias")["name"]);
}
