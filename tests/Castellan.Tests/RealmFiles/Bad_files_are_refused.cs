using System.Text;
using Castellan.Core.Realms.Import;

namespace Castellan.Tests.RealmFiles;

public class Bad_files_are_refused
{
    [Theory]
    [InlineData("""{}""", "400 Realm name cannot be empty")]
    [InlineData("""{"realm":"  "}""", "400 Realm name cannot be empty")]
    [InlineData("""{"realm":"r","bruteForceStrategy":"ODD"}""", "400 unable to read contents from stream")]
    [InlineData("""{"realm":"a/b","id":"c;d"}""", "400 Character ';' not allowed.")]
    [InlineData("""{"realm":"a/b"}""", "400 Character '/' not allowed.")]
    [InlineData("""{"realm":"r","id":"a;b"}""", "400 Character ';' not allowed.")]
    [InlineData("""{"realm":"master"}""", "409 Realm master already exists")]
    [InlineData("""{"realm":"r","noSuchField":1}""", "400 unable to read contents from stream")]
    [InlineData("""{"realm":"r","clients":"x"}""", "400 unable to read contents from stream")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"a"},{"clientId":"a"}]}""", "409 Duplicate resource error")]
    [InlineData("""{"realm":"r","users":[{"username":"A"},{"username":"a"}]}""", "409 Duplicate resource error")]
    [InlineData("""{"realm":"r","users":[{"email":"a@b.c"}]}""", "400 A user needs a username")]
    [InlineData("""{"realm":"r","users":[{"username":"a","groups":["/g"]}]}""", "400 Unable to find group specified by path: /g")]
    [InlineData("""{"realm":"r","roles":{"client":{"x":[{"name":"y"}]}}}""", "400 App doesn't exist in role definitions: x")]
    [InlineData("""{"realm":"r","roles":{"realm":[{"name":"y","composites":{"realm":["z"]}}]}}""", "400 Unable to find composite realm role: z")]
    [InlineData("""{"realm":"r","scopeMappings":[{"client":"x","roles":["y"]}]}""", "400 Unknown client specification in scope mappings: x")]
    [InlineData("""{"realm":"r","requiredCredentials":["password","totp"]}""", "400 Unknown credential type totp")]
    [InlineData("""{"realm":"r","passwordPolicy":"length(12)","users":[{"username":"a","credentials":[{"type":"password","value":"short"}]}]}""", "400 Password policy not met. See logs for details")]
    [InlineData("""{"realm":"r","authenticationFlows":[{"alias":"f","providerId":"basic-flow","authenticationExecutions":[{"authenticator":"auth-cookie","requirement":"DEFECTIVE"}]}]}""", "400 Database operation failed")]
    [InlineData("""{"realm":"r","authenticationFlows":[{"alias":"f","authenticationExecutions":[]}]}""", "409 Duplicate resource error")]
    [InlineData("""{"realm":"r","organizationsEnabled":true,"organizations":[{"alias":"x"}]}""", "400 Name can not be null")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"c","redirectUris":["http://a/#b"]}]}""", "400 Invalid client c: A redirect URI must not contain an URL fragment")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"c","attributes":{"default.acr.values":"gold"}}]}""", "400 Invalid client c: Default ACR values need to contain values specified in the ACR-To-Loa mapping or number levels from set realm browser flow")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"c","baseUrl":"app:home"}]}""", "400 Invalid client c: Base URL is not a valid URL")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"c","attributes":{"logoUri":"javascript:alert(1)"}}]}""", "400 Invalid client c: Logo URL uses an illegal scheme")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"c","redirectUris":["javascript:alert(1)"]}]}""", "400 Invalid client c: A redirect URI uses an illegal scheme")]
    [InlineData("""{"realm":"r","supportedLocales":["en","d%e"]}""", "400 Character '%' not allowed.")]
    [InlineData("""{"realm":"r","browserSecurityHeaders":{"xFrameOptions":"DENY\nSet-Cookie: a=b"}}""", "400 Newline not allowed.")]
    [InlineData("""{"realm":"r","failureFactor":-1}""", "400 Failure factor may not be a negative value")]
    [InlineData("""{"realm":"r","quickLoginCheckMilliSeconds":-1}""", "400 Quick login check milliseconds may not be a negative value")]
    [InlineData("""{"realm":"r","scopeMappings":[{"roles":["y"]}]}""", "400 Either client or clientScope needs to be specified in scope mappings")]
    [InlineData("""{"realm":"r","identityProviders":[{"alias":"a","providerId":"oidc","postBrokerLoginFlowAlias":"x"}]}""", "400 No available authentication flow with alias: x")]
    [InlineData("""{"realm":"r","requiredActions":[{"alias":"terms_and_conditions","name":"a"},{"alias":"TERMS_AND_CONDITIONS","name":"b"}]}""", "409 A Required Action Provider with given alias already exists.")]
    [InlineData("""{"realm":"r","authenticatorConfig":[{"config":{"a":"b"}}]}""", "400 Provided realm contains authenticator config with null alias. It should be resolved by adding alias to the authenticator config before exporting the realm.")]
    [InlineData("""{"realm":"r","users":[{"username":"a","credentials":[{"type":"password","value":""}]}]}""", "400 A password is empty")]
    [InlineData("""{"realm":"r","users":[{"username":"a","federatedIdentities":[{"userId":"x"}]}]}""", "400 A link needs an identityProvider")]
    [InlineData("""{"realm":"r","applications":[{"name":"a","nope":1}]}""", "400 unable to read contents from stream")]
    [InlineData("""{"realm":"r","clientTemplates":[{"name":"a","protocolMappers":[{"nope":1}]}]}""", "400 unable to read contents from stream")]
    [InlineData("""{"realm":"r","users":[{"username":"a","socialLinks":["x"]}]}""", "400 unable to read contents from stream")]
    public async Task With_the_reason_and_nothing_stays(string json, string refusal)
    {
        await using var room = await RealmRoom.OpenAsync();
        Assert.Equal((null, refusal), await room.ImportAsync(json));
        Assert.Equal(["master"], (await room.Realms.ListAsync()).Select(r => r.Name));
        var master = (await room.Realms.FindAsync("master"))!;
        Assert.Null(await room.Realms.FindAsync(master, "r-realm"));
    }

    [Theory]
    [InlineData("gold", "", "{\\\"gold\\\":2}")]
    [InlineData("gold", "{\\\"gold\\\":2}", "")]
    [InlineData("3", "", "")]
    public async Task But_levels_that_the_file_brings_are_known(string level, string ofClient, string ofRealm)
    {
        await using var room = await RealmRoom.OpenAsync();
        var json = $$"""
            {"realm":"r","browserFlow":"steps","attributes":{"acr.loa.map":"{{ofRealm}}" },"clients":[{"clientId":"c","attributes":{"default.acr.values":"{{level}}","acr.loa.map":"{{ofClient}}"} }],
             "authenticatorConfig":[{"alias":"three","config":{"loa-condition-level":"3"} }],
             "authenticationFlows":[{"alias":"steps","providerId":"basic-flow","topLevel":true,"authenticationExecutions":[{"flowAlias":"inner","requirement":"CONDITIONAL","authenticatorFlow":true}]},
              {"alias":"inner","providerId":"basic-flow","authenticationExecutions":[{"authenticator":"conditional-level-of-authentication","authenticatorConfig":"three","requirement":"REQUIRED"}]}]}
            """;
        Assert.Equal("", (await room.ImportAsync(json)).Item2);
    }

    [Theory]
    [InlineData("""{"realm":"r","nope":1}""", "nope: there is no such field")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"a"},{"nope":1}]}""", "clients[1].nope: there is no such field")]
    [InlineData("""{"realm":"r","clients":[{"enabled":[]}]}""", "clients[0].enabled: This is no boolean.")]
    [InlineData("""{"realm":"r","clients":"x"}""", "clients: the value is not of the kind that belongs here")]
    [InlineData("""{"realm":"r","users":[{"username":"a"},{"nope":1}]}""", "users[1].nope: there is no such field")]
    [InlineData("""{"realm":"r","users":[{"username":"a","groups":["/g",null]}]}""", "users[0].groups[1]: a list holds null")]
    [InlineData("""{"realm":"r","displayName":null,"clients":[{"clientId":"a","name":null,"redirectUris":["x"]},null]}""", "clients[1]: a list holds null")]
    [InlineData("""{"realm":"r","roles":{"realm":[{"name":"a","composites":{"realm":[null]}}]}}""", "roles.realm[0].composites.realm[0]: a list holds null")]
    [InlineData("""{"realm":"r","scopeMappings":[{"client":"account","roles":[null]}]}""", "scopeMappings[0].roles[0]: a list holds null")]
    [InlineData("""{"realm":"r","users":[{"username":"a","realmRoles":[null]}]}""", "users[0].realmRoles[0]: a list holds null")]
    [InlineData("""{"realm":"r","users":[{"username":"a"},{"\ud800":null}]}""", "users[1]: Cannot read")]
    [InlineData("""{"realm":"r","users":[{"username":"a","serviceAccountClientId":"\ud800"}]}""", "users: Cannot read")]
    [InlineData("{\"realm\":\n\"r\",,}", "line 2: ")]
    public async Task What_nobody_can_read_is_refused_with_its_place(string json, string place)
    {
        await using var room = await RealmRoom.OpenAsync();
        if (RealmFile.ReadAll(Encoding.UTF8.GetBytes(json)).Ok(out var files, out var error))
        {
            Assert.False((await room.Import.ImportAsync(files![0], [], replace: false)).Ok(out _, out error));
        }

        Assert.Equal(Refusals.Unreadable, error!.Description);
        Assert.StartsWith(place, error.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Castellan", error.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"realm":"r","roles":{"realm":[{"id":"1","name":"a"},{"id":"1","name":"b"}]}}""", "roles[b]: another has the id 1")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"c"}],"roles":{"realm":[{"id":"1","name":"a"}],"client":{"c":[{"id":"1","name":"a"}]}}}""", "roles[a]: another has the id 1")]
    [InlineData("""{"realm":"r","clients":[{"id":"1","clientId":"a"},{"id":"1","clientId":"b"}]}""", "clients[b]: another has the id 1")]
    [InlineData("""{"realm":"r","clientScopes":[{"id":"1","name":"a"},{"id":"1","name":"b"}]}""", "clientScopes[b]: another has the id 1")]
    [InlineData("""{"realm":"r","groups":[{"id":"1","name":"a","subGroups":[{"id":"1","name":"b"}]}]}""", "groups[/a/b]: another has the id 1")]
    [InlineData("""{"realm":"r","users":[{"id":"1","username":"a"},{"id":"1","username":"b"}]}""", "users[b]: another has the id 1")]
    [InlineData("""{"realm":"r","identityProviders":[{"internalId":"1","alias":"a","providerId":"oidc"},{"internalId":"1","alias":"b","providerId":"oidc"}]}""", "identityProviders[b]: another has the id 1")]
    [InlineData("""{"realm":"r","authenticationFlows":[{"id":"1","alias":"a","providerId":"basic-flow","authenticationExecutions":[]},{"id":"1","alias":"b","providerId":"basic-flow","authenticationExecutions":[]}]}""", "authenticationFlows[b]: another has the id 1")]
    [InlineData("""{"realm":"r","components":{"org.keycloak.keys.KeyProvider":[{"id":"1","name":"a","providerId":"aes-generated"},{"id":"1","name":"b","providerId":"aes-generated"}]}}""", "components.org.keycloak.keys.KeyProvider[b]: another has the id 1")]
    [InlineData("""{"realm":"r","organizationsEnabled":true,"organizations":[{"id":"1","name":"a"},{"id":"1","name":"b"}]}""", "organizations[b]: another has the id 1")]
    public async Task Of_two_things_of_one_id_neither_takes_the_place_of_the_other(string json, string place)
    {
        await using var room = await RealmRoom.OpenAsync();
        Assert.True(RealmFile.ReadAll(Encoding.UTF8.GetBytes(json)).Ok(out var files, out _));
        Assert.False((await room.Import.ImportAsync(files![0], [], replace: false)).Ok(out _, out var error));
        Assert.Equal((409, Refusals.Duplicate, place), (error!.Status, error.Description, error.Detail));
    }

    [Fact]
    public void Placeholders_come_from_the_environment()
    {
        string? Lookup(string name) => name switch { "A" => "one", "EMPTY" => "", "QUOTE" => "a\"b", _ => null };
        string Replace(string text) => Encoding.UTF8.GetString(Placeholders.Replace(Encoding.UTF8.GetBytes(text), Lookup));

        Assert.Equal("\"one\"", Replace("\"${A}\""));
        Assert.Equal("\"x-one-y\"", Replace("\"x-${A}-y\""));
        Assert.Equal("\"${B}\"", Replace("\"${B}\""));
        Assert.Equal("\"fallback\"", Replace("\"${B:fallback}\""));
        Assert.Equal("\"one\"", Replace("\"${B,A}\""));
        Assert.Equal("\"last\"", Replace("\"${B,C:last}\""));
        Assert.Equal("\"\"", Replace("\"${EMPTY:x}\""));
        Assert.Equal("\"a\\\"b\"", Replace("\"${QUOTE}\""));
        Assert.Equal("\"${env.A}\"", Replace("\"${env.A}\""));
    }
}
