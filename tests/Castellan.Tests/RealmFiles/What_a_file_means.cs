using System.Text.Json.Nodes;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Import;
using static Castellan.Tests.RealmFiles.There_and_back;

namespace Castellan.Tests.RealmFiles;

/// <summary>Fine points of the form in which Keycloak has them.</summary>
public class What_a_file_means
{
    [Fact]
    public async Task Default_groups_follow_a_rename()
    {
        await using var room = await RealmRoom.OpenAsync();
        var (realm, _) = await room.ImportAsync("""{"realm":"r","groups":[{"name":"staff","subGroups":[{"name":"night"}]}],"defaultGroups":["/staff/night"]}""");
        Assert.Equal(["/staff/night"], realm!.DefaultGroupPaths!);
        var staff = realm.Groups.FindByPath("/staff")!;
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutGroup(new() { Id = staff.Id, Name = "crew", Attributes = [] })));
        var renamed = (await room.Realms.FindAsync("r"))!;
        Assert.Equal(["/crew/night"], renamed.DefaultGroupPaths!);
        Assert.Equal(["/crew/night"], Texts((await room.ExportAsync(renamed))["defaultGroups"]));
    }

    [Fact]
    public async Task The_role_of_resources_comes_with_the_account_that_the_client_gets()
    {
        const string client = """{"clientId":"c","secret":"s","serviceAccountsEnabled":true,"authorizationServicesEnabled":true,"authorizationSettings":{}}""";
        var made = await ThereAndBackAsync($$"""{"realm":"r","clients":[{{client}}]}""");
        Assert.Equal("uma_protection", (string?)made["roles"]!["client"]!["c"]![0]!["name"]);
        var given = await ThereAndBackAsync($$"""{"realm":"r","clients":[{{client}}],"users":[{"username":"service-account-c","serviceAccountClientId":"c","enabled":true}]}""");
        Assert.Empty(given["roles"]!["client"]!["c"]!.AsArray());
    }

    [Fact]
    public async Task A_public_client_has_no_secret_also_when_permissions_make_it_confidential()
    {
        var realm = await ThereAndBackAsync("""{"realm":"r","clients":[{"clientId":"c","publicClient":true,"secret":"s","authorizationSettings":{}}]}""");
        var client = Named(realm["clients"], "c", "clientId");
        Assert.False((bool)client["publicClient"]!);
        Assert.Null(client["secret"]);
    }

    [Fact]
    public async Task Policies_and_resources_name_only_who_is_there()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","roles":{"realm":[{"name":"clerk"}]},"users":[{"username":"anna"}],"clients":[{"clientId":"c","authorizationSettings":{
              "resources":[{"_id":"1","name":"hers","owner":{"name":"anna"}},{"name":"nobodys","owner":{"name":"bob"}}],
              "policies":[{"name":"p","type":"role","config":{"roles":"[{\"id\":\"clerk\",\"required\":true},{\"id\":\"ghost\"}]"}}]}}]}
            """);
        var settings = Named(realm["clients"], "c", "clientId")["authorizationSettings"]!;
        Assert.NotNull(Named(settings["resources"], "hers", "name")["owner"]);
        Assert.Null(Named(settings["resources"], "nobodys", "name")["owner"]);
        Assert.All(settings["resources"]!.AsArray(), r => Assert.False(r!.AsObject().ContainsKey("_id")));
        Assert.Equal("""[{"id":"clerk","required":true}]""", (string?)settings["policies"]![0]!["config"]!["roles"]);
    }

    [Fact]
    public async Task A_role_that_a_user_names_first_is_not_everybodys()
    {
        var named = await ThereAndBackAsync("""{"realm":"r","users":[{"username":"a","realmRoles":["uma_authorization"]}]}""");
        Assert.Equal(["offline_access"], Texts(Named(named["roles"]!["realm"], "default-roles-r", "name")["composites"]!["realm"]));
        Assert.Null(Named(named["roles"]!["realm"], "uma_authorization", "name")["description"]);
        var contained = await ThereAndBackAsync("""{"realm":"r","roles":{"realm":[{"name":"x","composites":{"realm":["uma_authorization"]}}]}}""");
        Assert.Equal(["offline_access", "uma_authorization"], Texts(Named(contained["roles"]!["realm"], "default-roles-r", "name")["composites"]!["realm"]));
    }

    [Fact]
    public async Task The_way_to_identity_providers_is_added_to_a_sign_in_page_that_lacks_it()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","authenticatorConfig":[{"alias":"c","config":{"kept":"x","dropped":""}}],"authenticationFlows":[{"alias":"browser","providerId":"basic-flow","topLevel":true,
              "authenticationExecutions":[{"authenticator":"auth-cookie","authenticatorConfig":"c","requirement":"ALTERNATIVE","priority":10}]}]}
            """);
        var steps = Named(realm["authenticationFlows"], "browser", "alias")["authenticationExecutions"]!;
        Assert.Equal(("identity-provider-redirector", 25), ((string)steps[1]!["authenticator"]!, (int)steps[1]!["priority"]!));
        Assert.Equal(["kept"], Named(realm["authenticatorConfig"], "c", "alias")["config"]!.AsObject().Select(p => p.Key));
        var kerberos = await ThereAndBackAsync("""{"realm":"r","requiredCredentials":["password","kerberos"]}""");
        Assert.Equal("ALTERNATIVE", (string?)Named(Named(kerberos["authenticationFlows"], "browser", "alias")["authenticationExecutions"], "auth-spnego", "authenticator")["requirement"]);
    }

    [Fact]
    public async Task An_address_is_the_name_where_people_register_by_it()
    {
        var realm = await ThereAndBackAsync("""{"realm":"r","registrationEmailAsUsername":true,"users":[{"username":"a","email":"A@B.c"},{"username":"b"}]}""");
        Assert.Equal(["a@b.c", "b"], realm["users"]!.AsArray().Select(u => (string)u!["username"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Providers_have_their_settings_where_they_are_today()
    {
        var realm = await ThereAndBackAsync(
            """{"realm":"r","identityProviders":[{"alias":"g","providerId":"google","config":{"hideOnLoginPage":"true"}},{"alias":"s","providerId":"saml","config":{"hideOnLoginPage":""}}]}""");
        var google = Named(realm["identityProviders"], "g", "alias");
        Assert.True((bool)google["hideOnLogin"]!);
        Assert.Equal(["issuer"], google["config"]!.AsObject().Select(p => p.Key));
        Assert.False((bool)Named(realm["identityProviders"], "s", "alias")["hideOnLogin"]!);
    }

    [Fact]
    public async Task Settings_that_are_empty_are_none()
    {
        var realm = await ThereAndBackAsync(
            """
            {"realm":"r","webAuthnPolicyRpEntityName":"","webAuthnPolicySignatureAlgorithms":[],"webAuthnPolicyPasswordlessUserVerificationRequirement":"",
             "clients":[{"clientId":"c","protocolMappers":[{"name":"m","protocol":"openid-connect","protocolMapper":"oidc-hardcoded-claim-mapper","config":{"claim.name":"a","jsonType.label":""}}]}],
             "identityProviders":[{"alias":"o","providerId":"oidc"}],"identityProviderMappers":[{"name":"m","identityProviderAlias":"o","identityProviderMapper":"oidc-username-idp-mapper","config":{"template":""}}]}
            """);
        Assert.Equal(("keycloak", "required"), ((string?)realm["webAuthnPolicyRpEntityName"], (string?)realm["webAuthnPolicyPasswordlessUserVerificationRequirement"]));
        Assert.Equal(["ES256", "RS256"], Texts(realm["webAuthnPolicySignatureAlgorithms"]));
        Assert.Equal(["claim.name"], Named(realm["clients"], "c", "clientId")["protocolMappers"]![0]!["config"]!.AsObject().Select(p => p.Key));
        Assert.Empty(realm["identityProviderMappers"]![0]!["config"]!.AsObject());
    }

    [Theory]
    [InlineData("", "account,account-console")]
    [InlineData("""{"clientId":"account"}""", "account")]
    [InlineData("""{"clientId":"account-console"}""", "account,account-console")]
    public async Task The_page_of_ones_account_comes_with_the_client_of_the_account(string client, string clients)
    {
        var realm = await ThereAndBackAsync($$"""{"realm":"r","clients":[{{client}}],"roles":{"realm":[{"name":"a"}]},"scopeMappings":[{"client":"broker","roles":["a"]}]}""");
        Assert.Equal(clients.Split(','), realm["clients"]!.AsArray().Select(c => (string)c!["clientId"]!).Where(c => c.StartsWith("account", StringComparison.Ordinal)));
        Assert.Equal("a", (string?)Named(realm["scopeMappings"], "broker", "client")["roles"]![0]);
    }

    [Fact]
    public async Task What_the_default_role_is_stands_in_its_field_and_what_is_in_it_in_its_entry()
    {
        var realm = await ThereAndBackAsync(
            """{"realm":"r","defaultRole":{"id":"field","name":"all","description":"everybody"},"roles":{"realm":[{"id":"entry","name":"all","description":"some","composites":{"realm":["a"]}},{"name":"a"}]}}""");
        var role = Named(realm["roles"]!["realm"], "all", "name");
        Assert.Equal(("field", "everybody"), ((string?)role["id"], (string?)role["description"]));
        Assert.Contains("a", Texts(role["composites"]!["realm"]));
    }

    [Fact]
    public async Task A_list_that_is_null_is_none() => Assert.NotNull(await ThereAndBackAsync(
        """
        {"realm":"r","components":{"a":null,"org.keycloak.storage.UserStorageProvider":[{"name":"d","providerId":"ldap","config":{"connectionUrl":["ldap://a"],"b":null},"subComponents":{"c":null}}]},
         "roles":{"client":{"account":null},"realm":[{"name":"a","composites":{"realm":null,"client":{"account":null}}}]},"clientScopeMappings":{"account":null},
         "groups":[{"name":"g","clientRoles":{"account":null}}],"users":[{"username":"u","clientRoles":{"account":null},"attributes":{"k":null}}],"localizationTexts":{"en":null}}
        """));

    [Fact]
    public async Task The_name_of_a_scope_has_no_blanks()
    {
        var realm = await ThereAndBackAsync("""{"realm":"r","clientScopes":[{"name":"my scope","protocol":"openid-connect"}]}""");
        Assert.Equal(["my_scope", "offline_access"], realm["clientScopes"]!.AsArray().Select(s => (string)s!["name"]!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"identityProviders":[{"alias":"a","providerId":"oidc","config":{"authorizationUrl":"http://id.example.com/a"}}]}""", "identityProviders[a].config", "The url [authorization_url] requires secure connections")]
    [InlineData("""{"identityProviders":[{"alias":"a","providerId":"nope"}]}""", "identityProviders[a].providerId", "Invalid identity provider id [nope]")]
    [InlineData("""{"components":{"org.keycloak.storage.UserStorageProvider":[{"name":"x","providerId":"mine"}]}}""", "components.org.keycloak.storage.UserStorageProvider[x]", "No such provider 'mine'")]
    [InlineData("""{"components":{"org.keycloak.storage.UserStorageProvider":[{"name":"x","providerId":"ldap","config":{"connectionUrl":["http://a"]}}]}}""", "components.org.keycloak.storage.UserStorageProvider[x]", "ldapErrorInvalidConnectionUrlScheme")]
    [InlineData("""{"authenticationFlows":[{"alias":"f","providerId":"basic-flow","authenticationExecutions":[{"flowAlias":"g","authenticatorFlow":true,"requirement":"REQUIRED"}]}]}""", "authenticationFlows[f].authenticationExecutions[g]", "There is no flow 'g' in the file")]
    public async Task What_cannot_be_is_refused_with_its_place(string parts, string place, string reason)
    {
        await using var room = await RealmRoom.OpenAsync();
        var json = JsonNode.Parse(parts)!.AsObject();
        json["realm"] = "r";
        Assert.True(RealmFile.ReadAll(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString())).Ok(out var files, out _));
        Assert.False((await room.Import.ImportAsync(files![0].Realm)).Ok(out _, out var error));
        Assert.Equal((Refusals.Fault, place, reason), (error!.Code, error.Detail, error.Description));
    }
}
