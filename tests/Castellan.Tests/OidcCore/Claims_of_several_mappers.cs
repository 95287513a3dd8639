using System.Text.Json;
using Castellan.Core.Mappers;
using Castellan.Core.Representations;

namespace Castellan.Tests.OidcCore;

/// <summary>What becomes of claims that more than one mapper writes, and of names and values that do not fit, as in Keycloak.</summary>
public sealed class Claims_of_several_mappers
{
    private const string Attribute = "oidc-usermodel-attribute-mapper";
    private const string Hardcoded = "oidc-hardcoded-claim-mapper";

    private static int s_mappers;

    private static ProtocolMapperRepresentation Mapper(string type, string claim, params (string Key, string Value)[] config) => new()
    {
        Name = $"{claim} {++s_mappers}", Protocol = "openid-connect", ProtocolMapper = type,
        Config = new(config.Select(c => KeyValuePair.Create(c.Key, (string?)c.Value)))
        {
            ["claim.name"] = claim, ["access.token.claim"] = "true", ["id.token.claim"] = "true", ["userinfo.token.claim"] = "true", ["introspection.token.claim"] = "true",
        },
    };

    private static ProtocolMapperRepresentation Many(string claim, string attribute, string type = "String") =>
        Mapper(Attribute, claim, ("user.attribute", attribute), ("multivalued", "true"), ("jsonType.label", type));

    private static ProtocolMapperRepresentation Hard(string claim, string value, string type = "String", params (string Key, string Value)[] more) =>
        Mapper(Hardcoded, claim, [("claim.value", value), ("jsonType.label", type), .. more]);

    private static async Task<TestRealm> RealmAsync(params ProtocolMapperRepresentation[] mappers) => await (await TestServer.OneAsync()).RealmAsync(file =>
    {
        file.Attributes = new() { ["unmanagedAttributePolicy"] = "ENABLED" };
        file.Roles = new() { Realm = [new() { Name = "plain" }, new() { Name = "both" }], Client = new() { ["api"] = [new() { Name = "both" }, new() { Name = "own" }] } };
        file.Users![0].RealmRoles = ["plain", "both"];
        file.Users[0].ClientRoles = new() { ["api"] = ["both", "own"] };
        file.Users[0].Attributes = new() { ["one"] = ["a", "b"], ["two"] = ["b", "c"], ["mixed"] = ["1", "x", "3"], ["late"] = ["x", "7"], ["jsons"] = ["{\"n\":1}"] };
        file.Clients![0].ProtocolMappers = [.. mappers, Mapper("oidc-audience-mapper", "", ("included.client.audience", "api"))];
    });

    private static string Of(JsonElement claims, string name) => claims.TryGetProperty(name, out var value) ? value.GetRawText() : "none";

    public static TheoryData<string, string, ProtocolMapperRepresentation[]> Joined => new()
    {
        { "all", """["a","b","c"]""", [Many("all", "one"), Many("all", "two")] },
        { "in", """{"it":["a","b","c"]}""", [Many("in.it", "one"), Many("in.it", "two")] },
        { "all", """["x","a","b"]""", [Hard("all", "x"), Many("all", "one")] },
        { "all", """["a","b","x"]""", [Many("all", "one"), Hard("all", "x", "String", ("multivalued", "true"))] },
        { "all", "\"x\"", [Many("all", "one"), Hard("all", "x")] },
        { "all", """[{"n":1}]""", [Many("all", "jsons", "JSON"), Many("all", "jsons", "JSON")] },
        { "one", "\"x\"", [Hard("one", "x", "String", ("multivalued", "true"))] },
        { "mixed", "[1,null,3]", [Many("mixed", "mixed", "int")] },
        { "groups", "none", [Mapper("oidc-group-membership-mapper", "groups", ("full.path", "true"))] },
    };

    [Theory]
    [MemberData(nameof(Joined), DisableDiscoveryEnumeration = true)]
    public async Task Lists_become_one_and_single_values_take_the_place_of_what_was_there(string claim, string expected, ProtocolMapperRepresentation[] mappers)
    {
        var realm = await RealmAsync(mappers);
        var tokens = await realm.SignInAsync();
        Assert.Equal(expected, Of(tokens.Claims("access_token"), claim));
        Assert.Equal(expected, Of(tokens.Claims("id_token"), claim));
        Assert.Equal(expected, (await realm.UserInfoAsync(tokens.Access))[claim] is { } shown ? shown.StartsWith('[') || shown.StartsWith('{') ? shown : $"\"{shown}\"" : "none");
    }

    [Fact]
    public async Task Role_mappers_put_their_roles_together()
    {
        (string, string)[] many = [("multivalued", "true")];
        var realm = await RealmAsync(
            Mapper("oidc-usermodel-realm-role-mapper", "groups", many), Mapper("oidc-usermodel-client-role-mapper", "groups", [.. many, ("usermodel.clientRoleMapping.clientId", "api")]),
            Mapper("oidc-usermodel-client-role-mapper", "realm_access.roles", [.. many, ("usermodel.clientRoleMapping.clientId", "api")]));
        var claims = (await realm.SignInAsync()).Claims("access_token");
        Assert.Equal(["both", "both", "own", "plain"], Names(claims.GetProperty("groups")));
        Assert.Equal(["both", "own", "plain"], Names(claims.GetProperty("realm_access").GetProperty("roles")));

        static IEnumerable<string> Names(JsonElement list) => list.EnumerateArray().Select(r => r.GetString()!).Order(StringComparer.Ordinal);
    }

    // Access tokens keep roles and origins in a place of their own, and what anybody else writes under their names is read after them.
    [Theory]
    [InlineData("realm_access.roles", """{"roles":["a","b"]}"""), InlineData("realm_access", """["a","b"]"""), InlineData("allowed-origins", """["a","b"]""")]
    public async Task Attributes_under_the_names_of_roles_and_origins_stand_in_their_place(string claim, string expected)
    {
        var realm = await RealmAsync(Many(claim, "one"));
        Assert.Equal(expected, Of((await realm.SignInAsync()).Claims("access_token"), claim.Split('.')[0]));
    }

    [Fact]
    public async Task An_address_holds_what_all_mappers_write_of_it()
    {
        var realm = await RealmAsync(
            Mapper(Attribute, "address.floor", ("user.attribute", "one")), Mapper("oidc-address-mapper", "", ("user.attribute.street", "two")));
        Assert.Equal("""{"floor":"a","street_address":"b"}""", Of((await realm.SignInAsync()).Claims("access_token"), "address"));
    }

    [Theory]
    [InlineData("true", "\"x\""), InlineData("TRUE", "none")]
    public async Task A_switch_is_on_in_small_letters(string on, string expected)
    {
        var mapper = Hard("seen", "x");
        mapper.Config!["access.token.claim"] = on;
        var realm = await RealmAsync(mapper);
        Assert.Equal(expected, Of((await realm.SignInAsync()).Claims("access_token"), "seen"));
    }

    [Theory]
    [InlineData("session_state", "x", "none"), InlineData("iss.a", "x", "unchanged"), InlineData("sub.a", "x", "unchanged"), InlineData("aud.a", "x", "unchanged")]
    [InlineData("auth_time", "123", "123"), InlineData("auth_time", "soon", "none")]
    public async Task What_the_server_writes_stands_above_mappers(string claim, string value, string expected)
    {
        var usual = (await (await RealmAsync()).SignInAsync()).Claims("access_token");
        var claims = (await (await RealmAsync(Hard(claim, value))).SignInAsync()).Claims("access_token");
        var name = claim.Split('.')[0];
        if (expected == "unchanged")
        {
            Assert.Equal(usual.GetProperty(name).ValueKind, claims.GetProperty(name).ValueKind);
        }
        else
        {
            Assert.Equal(expected, Of(claims, name));
        }
    }

    [Theory]
    [InlineData("acr", "one"), InlineData("aud", "one"), InlineData("sub", "one"), InlineData("azp", "one"), InlineData("acr", "late")]
    public async Task A_value_that_does_not_convert_is_none_where_one_is_wanted(string claim, string attribute)
    {
        var realm = await RealmAsync(Many(claim, attribute, "int"));
        var tokens = await realm.SignInAsync();
        var written = tokens.Claims("access_token").GetProperty(claim);
        Assert.Equal(attribute == "late", written.ToString() == "7");
        Assert.NotEmpty(written.ToString());
        Assert.Equal(200, (await realm.UserInfoAsync(tokens.Access)).Status);
        Assert.Equal("True", (await realm.IntrospectAsync(tokens.Access))["active"]);
    }

    [Fact]
    public async Task Roles_of_several_clients_come_together_under_one_name()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.Roles = new() { Client = new() { ["api"] = [new() { Name = "both" }, new() { Name = "own" }], ["web"] = [new() { Name = "both" }, new() { Name = "far" }] } };
            file.Users![0].RealmRoles = [];
            file.Users[0].ClientRoles = new() { ["api"] = ["both", "own"], ["web"] = ["both", "far"] };
            file.Clients![0].ProtocolMappers =
            [
                .. ((string[])["groups", "realm_access.roles", "in.${client_id}"]).Select(claim => Mapper("oidc-usermodel-client-role-mapper", claim, ("multivalued", "true"))),
                Mapper("oidc-usermodel-client-role-mapper", "first"),
            ];
        });
        var claims = (await realm.SignInAsync()).Claims("access_token");
        Assert.Equal("both both far own", Names(claims.GetProperty("groups")));
        Assert.Equal("both far own", Names(claims.GetProperty("realm_access").GetProperty("roles")));
        Assert.Equal(("both own", "both far"), (Names(claims.GetProperty("in").GetProperty("api")), Names(claims.GetProperty("in").GetProperty("web"))));
        Assert.Equal(JsonValueKind.String, claims.GetProperty("first").ValueKind);

        static string Names(JsonElement list) => string.Join(' ', list.EnumerateArray().Select(r => r.GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_token_response_has_names_of_its_own_and_few_mappers_write_into_it()
    {
        (string, string) response = ("access.tokenResponse.claim", "true");
        var realm = await RealmAsync(
            Hard("token_type", "x", "String", response), Hard("iss", "x", "String", response), Hard("sub", "x", "String", response),
            Mapper(Attribute, "attribute", ("user.attribute", "one"), response));
        var answer = await realm.SignInAsync();
        Assert.Equal(("Bearer", "x", "x", null), (answer["token_type"], answer["iss"], answer["sub"], answer["attribute"]));
    }

    [Fact]
    public async Task Userinfo_shows_what_is_no_word_of_tokens()
    {
        var realm = await RealmAsync(Hard("acr", "gold"), Hard("auth_time", "1", "long"), Hard("nbf", "1", "long"));
        var shown = await realm.UserInfoAsync((await realm.SignInAsync()).Access);
        Assert.Equal((null, null, "1"), (shown["acr"], shown["auth_time"], shown["nbf"]));
    }

    [Fact]
    public async Task An_address_is_the_persons_own()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.Attributes = new() { ["unmanagedAttributePolicy"] = "ENABLED" };
            file.Groups = [new() { Name = "staff", Attributes = new() { ["locality"] = ["Ely"] } }];
            file.Users![0].Groups = ["/staff"];
            file.Users[0].Attributes = new() { ["street"] = ["High Street 1"] };
        });
        Assert.Equal("""{"street_address":"High Street 1"}""", Of((await realm.SignInAsync("openid address")).Claims("id_token"), "address"));
    }

    [Fact]
    public async Task Groups_are_bare_names_unless_the_mapper_says_otherwise()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.Groups = [new() { Name = "staff" }];
            file.Users![0].Groups = ["/staff"];
            file.Clients![0].ProtocolMappers = [Mapper("oidc-group-membership-mapper", "bare"), Mapper("oidc-group-membership-mapper", "paths", ("full.path", "true"))];
        });
        var claims = (await realm.SignInAsync()).Claims("access_token");
        Assert.Equal(("""["staff"]""", """["/staff"]"""), (Of(claims, "bare"), Of(claims, "paths")));
    }

    [Fact]
    public async Task A_client_whose_redirect_uris_have_no_origin_allows_none_and_says_so()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => (file.Clients![0].WebOrigins, file.Clients[0].RedirectUris) = (["+"], []));
        Assert.Equal("[]", Of((await realm.SignInAsync()).Claims("access_token"), "allowed-origins"));
    }

    /// <summary>Tokens list the origins of redirect URIs in the letters of these.</summary>
    [Fact]
    public async Task Origins_of_redirect_uris_are_written_as_those_are()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => (file.Clients![0].WebOrigins, file.Clients[0].RedirectUris) = (["+"], [.. file.Clients[0].RedirectUris!, "https://App.example:443/a/*", "http://"]));
        Assert.Contains("\"https://App.example:443\"", Of((await realm.SignInAsync()).Claims("access_token"), "allowed-origins"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", ""), InlineData("a", "a"), InlineData("a.b", "a|b"), InlineData(@"a\.b", "a.b"), InlineData(@"a\\.b", @"a\|b"), InlineData(@"a\\\.b", @"a\.b")]
    [InlineData(@"c\h\.b.a", "ch.b|a"), InlineData("a.", "a"), InlineData(".a.b", ".a.b"), InlineData("a..b.c", "a|.b.c"), InlineData("https://a.example/x", "https://a|example/x")]
    public void Names_are_taken_apart_at_dots(string name, string parts) => Assert.Equal(parts, string.Join('|', MapperModel.Split(name)));
}
