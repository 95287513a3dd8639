using System.Text.Json.Nodes;
using static Castellan.Tests.RealmFiles.There_and_back;

namespace Castellan.Tests.RealmFiles;

/// <summary>A file that says of which release it is gets what every later one brought.</summary>
public class Files_of_earlier_releases
{
    [Fact]
    public async Task Separate_alternatives_from_what_is_required_before_8_0_2()
    {
        const string flow = """
            "authenticationFlows":[{"alias":"mine","providerId":"basic-flow","topLevel":true,"authenticationExecutions":[
              {"authenticator":"idp-review-profile","requirement":"REQUIRED","priority":10},
              {"authenticator":"idp-email-verification","requirement":"ALTERNATIVE","priority":20},
              {"authenticator":"idp-confirm-link","requirement":"ALTERNATIVE","priority":30}]}]
            """;
        var old = await ThereAndBackAsync($$"""{"realm":"r","keycloakVersion":"7.2.0.GA",{{flow}}}""");
        Assert.Equal("mine - Alternatives - 0", (string?)Named(old["authenticationFlows"], "mine")["authenticationExecutions"]![1]!["flowAlias"]);
        var moved = Named(old["authenticationFlows"], "mine - Alternatives - 0")["authenticationExecutions"]!.AsArray();
        Assert.Equal([("idp-email-verification", 10), ("idp-confirm-link", 20)], moved.Select(e => ((string)e!["authenticator"]!, (int)e["priority"]!)));

        var today = await ThereAndBackAsync($$"""{"realm":"r","keycloakVersion":"8.0.2",{{flow}}}""");
        Assert.Equal(3, Named(today["authenticationFlows"], "mine")["authenticationExecutions"]!.AsArray().Count);
    }

    [Fact]
    public async Task Order_required_actions_by_name_before_4_2_and_set_passwords_after_the_address_before_26_7()
    {
        var actions = (await ThereAndBackAsync(
            """
            {"realm":"r","keycloakVersion":"4.0.0.Final","requiredActions":[
              {"alias":"VERIFY_EMAIL","name":"Verify Email","enabled":true},{"alias":"CONFIGURE_TOTP","name":"Configure OTP","enabled":true},
              {"alias":"UPDATE_PASSWORD","name":"Update Password","enabled":true},{"alias":"terms_and_conditions","name":"Terms","enabled":false}]}
            """))["requiredActions"];
        Assert.Equal(50, (int)Named(actions, "VERIFY_EMAIL")["priority"]!);
        Assert.Equal(51, (int)Named(actions, "CONFIGURE_TOTP")["priority"]!);
        Assert.Equal(52, (int)Named(actions, "UPDATE_PASSWORD")["priority"]!);
        Assert.Equal(30, (int)Named(actions, "TERMS_AND_CONDITIONS")["priority"]!);
    }

    [Fact]
    public async Task Get_scopes_for_clients_that_take_tokens_and_none_for_those_that_only_check_them()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","keycloakVersion":"17.0.0","clientScopes":[{"name":"email","protocol":"openid-connect"}],"clients":[
              {"clientId":"web","defaultClientScopes":["email"],"optionalClientScopes":[]},
              {"clientId":"api","bearerOnly":true,"defaultClientScopes":["email"],"optionalClientScopes":[]}]}
            """);
        Assert.Equal(["acr", "basic", "email"], Texts(Named(realm["clients"], "web", "clientId")["defaultClientScopes"]));
        Assert.Equal(["email"], Texts(Named(realm["clients"], "api", "clientId")["defaultClientScopes"]));
        Assert.Contains("service_account", realm["clientScopes"]!.AsArray().Select(s => (string)s!["name"]!));
    }

    [Fact]
    public async Task Find_their_consoles_where_they_are_today()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","keycloakVersion":"4.8.3.Final","clients":[{"clientId":"account","baseUrl":"/auth/realms/r/account","redirectUris":["/auth/realms/r/account/*"]},
              {"clientId":"security-admin-console","publicClient":true,"baseUrl":"/auth/admin/r/console/index.html","redirectUris":["/auth/admin/r/console/*"]}]}
            """);
        var (account, console) = (Named(realm["clients"], "account", "clientId"), Named(realm["clients"], "security-admin-console", "clientId"));
        Assert.Equal(("${authBaseUrl}", "/realms/r/account/"), ((string?)account["rootUrl"], (string?)account["baseUrl"]));
        Assert.Equal(["/admin/r/console/*"], Texts(console["redirectUris"]));
        Assert.Equal("S256", (string?)console["attributes"]!["pkce.code.challenge.method"]);
        Assert.True((bool)console["fullScopeAllowed"]!);
    }

    [Fact]
    public async Task Have_every_attribute_of_users_allowed_unless_they_had_a_profile()
    {
        const string type = "org.keycloak.userprofile.UserProfileProvider";
        var open = await ThereAndBackAsync("""{"realm":"r","keycloakVersion":"22.0.0"}""");
        Assert.Contains("\"unmanagedAttributePolicy\":\"ENABLED\"", (string?)open["components"]![type]![0]!["config"]!["kc.user.profile.config"]![0]);

        var pieces = await ThereAndBackAsync(
            $$$"""
            {"realm":"r","keycloakVersion":"19.0.3","attributes":{"userProfileEnabled":"true"},"components":{"{{{type}}}":[{"providerId":"declarative-user-profile",
              "config":{"config-pieces-count":["2"],"config-piece-0":["{\"attributes\":"],"config-piece-1":["[]}"]}}]}}
            """);
        var config = pieces["components"]![type]![0]!["config"]!.AsObject();
        Assert.Equal("""{"attributes":[]}""", (string?)Assert.Single(config).Value![0]);
    }

    // Terraform plans say it to this day.
    [Theory]
    [InlineData("""{"realm":"r","attributes":{"userProfileEnabled":"true"}}""", "true")]
    [InlineData("""{"realm":"r","keycloakVersion":"26.0.0","attributes":{"userProfileEnabled":"true"}}""", "true")]
    [InlineData("""{"realm":"r","keycloakVersion":"22.0.0","attributes":{"userProfileEnabled":"true"}}""", null)]
    [InlineData("""{"realm":"r","keycloakVersion":"22.0.0","attributes":{"userProfileEnabled":"false"}}""", null)]
    public async Task Lose_the_switch_of_the_profile_which_is_an_attribute_like_others_elsewhere(string file, string? kept) =>
        Assert.Equal(kept, (string?)(await ThereAndBackAsync(file))["attributes"]!["userProfileEnabled"]);

    [Fact]
    public async Task Sign_what_is_theirs_with_a_key_of_today_and_keep_the_size_of_old_ones()
    {
        const string type = "org.keycloak.keys.KeyProvider";
        var realm = await ThereAndBackAsync(
            $$$"""
            {"realm":"r","keycloakVersion":"9.0.3","components":{"{{{type}}}":[
              {"name":"aes-generated","providerId":"aes-generated","config":{"kid":["k"],"secret":["AAAAAAAAAAAAAAAAAAAAAA"],"priority":["100"]}}]}}
            """);
        var keys = realm["components"]![type];
        Assert.Equal(["16"], Texts(Named(keys, "aes-generated", "name")["config"]!["secretSize"]));
        Assert.Equal(["HS512"], Texts(Named(keys, "hmac-generated-hs512", "name")["config"]!["algorithm"]));
    }

    [Fact]
    public async Task Lose_flows_and_settings_that_there_are_no_more()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","keycloakVersion":"2.5.5.Final","passwordPolicy":"hashIterations(20000) and length(8)","browserSecurityHeaders":{"contentSecurityPolicy":"frame-src 'self'"},
             "loginTheme":"rh-sso","authenticationFlows":[
              {"alias":"http challenge","providerId":"basic-flow","topLevel":true,"authenticationExecutions":[{"flowAlias":"below","authenticatorFlow":true,"requirement":"REQUIRED","priority":1}]},
              {"alias":"below","providerId":"basic-flow","topLevel":false,"authenticationExecutions":[]},
              {"alias":"form","providerId":"form-flow","topLevel":false,"authenticationExecutions":[{"authenticator":"registration-profile-action","requirement":"REQUIRED","priority":1}]}]}
            """);
        Assert.DoesNotContain(realm["authenticationFlows"]!.AsArray(), f => (string?)f!["alias"] is "http challenge" or "below");
        Assert.Empty(Named(realm["authenticationFlows"], "form")["authenticationExecutions"]!.AsArray());
        Assert.Equal("length(8)", (string?)realm["passwordPolicy"]);
        Assert.Null(realm["loginTheme"]);
        Assert.Equal("frame-src 'self'; frame-ancestors 'self'; object-src 'none';", (string?)realm["browserSecurityHeaders"]!["contentSecurityPolicy"]);
    }

    [Fact]
    public async Task Name_the_algorithms_of_encrypted_assertions_before_26_4()
    {
        const string clients = """
            "clients":[{"clientId":"s","protocol":"saml","attributes":{"saml.encrypt":"true"}}]
            """;
        var old = await ThereAndBackAsync($$"""{"realm":"r","keycloakVersion":"26.3.3",{{clients}}}""");
        Assert.Equal("http://www.w3.org/2001/04/xmlenc#aes128-cbc", (string?)Named(old["clients"], "s", "clientId")["attributes"]!["saml.encryption.algorithm"]);
        var today = await ThereAndBackAsync($$"""{"realm":"r","keycloakVersion":"26.4.0",{{clients}}}""");
        Assert.Null(Named(today["clients"], "s", "clientId")["attributes"]!["saml.encryption.algorithm"]);
    }

    [Fact]
    public async Task Get_scopes_of_permissions_that_came_later()
    {
        const string client = """
            {"clientId":"admin-permissions","authorizationServicesEnabled":true,"authorizationSettings":{"resources":[{"name":"Users","type":"Users","scopes":[{"name":"view"}]}],"scopes":[{"name":"view"}]}}
            """;
        var realm = await ThereAndBackAsync(
            $$"""{"realm":"r","keycloakVersion":"26.2.0","adminPermissionsEnabled":true,"adminPermissionsClient":{"clientId":"admin-permissions"},"clients":[{{client}}]}""");
        var settings = Named(realm["clients"], "admin-permissions", "clientId")["authorizationSettings"]!;
        Assert.Equal(["reset-password", "view"], Named(settings["resources"], "Users", "name")["scopes"]!.AsArray().Select(s => (string)s!["name"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Have_what_the_first_two_releases_did_not_know()
    {
        const string type = "org.keycloak.storage.UserStorageProvider", mapper = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper";
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","keycloakVersion":"1.1.0.Final","otpPolicyType":"hotp","otpPolicyDigits":8,"browserFlow":"mine","offlineSessionIdleTimeout":1,"accessTokenLifespanForImplicitFlow":1,
             "browserSecurityHeaders":{"xContentTypeOptions":"no"},"clients":[{"clientId":"account"},{"clientId":"c","clientAuthenticatorType":"client-jwt"}],
             "identityProviders":[{"alias":"s","providerId":"saml"}],
             "authenticationFlows":[{"alias":"mine","providerId":"basic-flow","topLevel":true,"authenticationExecutions":[]}],
             "userFederationProviders":[{"displayName":"d","providerName":"ldap","config":{"vendor":"ad","connectionUrl":"ldap://a.example.com","userDnSuffix":"ou=p","usernameLDAPAttribute":"sAMAccountName"}}],
             "userFederationMappers":[{"name":"username","federationProviderDisplayName":"d","federationMapperType":"user-attribute-ldap-mapper","config":{"ldap.attribute":"uid","user.model.attribute":"username"}}]}
            """);
        Assert.Equal(("totp", 6, "browser"), ((string?)realm["otpPolicyType"], (int)realm["otpPolicyDigits"]!, (string?)realm["browserFlow"]));
        Assert.Equal((2592000, 900), ((int)realm["offlineSessionIdleTimeout"]!, (int)realm["accessTokenLifespanForImplicitFlow"]!));
        Assert.Equal("nosniff", (string?)realm["browserSecurityHeaders"]!["xContentTypeOptions"]);
        Assert.Equal("${client_account}", (string?)Named(realm["clients"], "account", "clientId")["name"]);
        Assert.Equal("client-secret", (string?)Named(realm["clients"], "c", "clientId")["clientAuthenticatorType"]);
        Assert.Equal("first broker login", (string?)realm["identityProviders"]![0]!["firstBrokerLoginFlowAlias"]);

        var directory = realm["components"]![type]![0]!;
        Assert.Equal(("ou=p", "cn", "objectGUID", "2"), (Setting("usersDn"), Setting("rdnLDAPAttribute"), Setting("uuidLDAPAttribute"), Setting("searchScope")));
        Assert.Equal(["MSAD account controls", "username"], directory["subComponents"]![mapper]!.AsArray().Select(m => (string)m!["name"]!).Order(StringComparer.Ordinal));
        Assert.Equal("true", (string?)Named(directory["subComponents"]![mapper], "username", "name")["config"]!["is.mandatory.in.ldap"]![0]);

        string? Setting(string name) => (string?)directory["config"]![name]![0];
    }

    [Theory]
    [InlineData(null)]
    [InlineData("26.7.4")]
    [InlineData("999.0.0-SNAPSHOT")]
    public async Task Change_nothing_of_files_of_today(string? version)
    {
        var realm = await ThereAndBackAsync(
            $$"""{"realm":"r","keycloakVersion":{{(version is null ? "null" : $"\"{version}\"")}},"clientScopes":[{"name":"email","protocol":"openid-connect"}]}""");
        Assert.Equal(["email", "offline_access"], realm["clientScopes"]!.AsArray().Select(s => (string)s!["name"]!).Order(StringComparer.Ordinal));
        Assert.False(realm["components"]!.AsObject().ContainsKey("org.keycloak.userprofile.UserProfileProvider"));
    }
}
