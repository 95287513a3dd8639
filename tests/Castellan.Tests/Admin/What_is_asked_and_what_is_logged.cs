using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>How lists are narrowed, what a change leaves alone, and what the log keeps of it, where this is not what one would guess.</summary>
public sealed class What_is_asked_and_what_is_logged
{
    private static async Task<(int Status, string Text)> CallAsync(AdminWorld world, string method, string path, string? json = null)
    {
        var answer = await world.CallAsync(method, $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{path}", json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"));
        return (answer.Status, answer.Text);
    }

    /// <summary>What the log says of a call: kind, path and, where there is one, representation.</summary>
    private static async Task<string> LoggedAsync(AdminWorld world, string method, string path, string? json = null)
    {
        await world.Realm.SetAsync(r => (r.AdminEventsEnabled, r.AdminEventsDetailsEnabled) = (true, true));
        await CallAsync(world, "DELETE", "admin-events");
        var (status, text) = await CallAsync(world, method, path, json);
        Assert.True(status < 300, text);
        return string.Join('\n', (await world.GetAsync("admin-events")).AsArray().Select(e => $"{e!["operationType"]} {e["resourceType"]} {e["resourcePath"]} {e["representation"]}".TrimEnd()));
    }

    private static string Names(JsonNode list, string member = "username", params string[] among) =>
        string.Join(' ', list.AsArray().Select(e => (string)e![member]!).Where(n => among.Length == 0 || among.Contains(n)));

    [Fact]
    public async Task A_search_over_all_fields_takes_no_note_of_single_ones_and_attributes_are_found_whatever_the_case()
    {
        var world = await AdminWorld.MakeAsync();
        await CallAsync(world, "PUT", "users/profile", (await UnmanagedAsync(world)).ToJsonString());
        var ann = await world.MakeAsync("users", """{"username":"ann","email":"ann@example.org","enabled":true,"attributes":{"dept":["Sales"]}}""");
        await world.MakeAsync("users", """{"username":"ben","firstName":"Benny"}""");
        foreach (var (query, expected) in new[]
        {
            ("search=ann&username=ben", "ann"), ("search=%20ann", "ann"), ("username=%20ann", ""), ("search=be&enabled=true", ""), ("username=ben&enabled=true", ""), ("q=dept:SALES", "ann"),
            ("q=dept:sal", ""), ("q=dept:sal&exact=true", ""), ("q=dept:SAL&exact=false", "ann"), ("q=dept:s%25s&exact=false", ""), ("search=ben&q=dept:sales", "ben"),
            ("email=", "ann"), ("email=&exact=true", ""), ("username=", "ann ben"), ("firstName=enn", "ben"), ($"search=id:{ann}&first=5", "ann"),
        })
        {
            Assert.Equal((query, expected), (query, Names(await world.GetAsync("users?" + query), "username", "ann", "ben")));
        }

        Assert.Equal("1 0", $"{await world.GetAsync($"users/count?search=id:{ann}")} {await world.GetAsync($"users/count?search=id:{ann}%20{ann}")}");

        static async Task<JsonNode> UnmanagedAsync(AdminWorld world)
        {
            var profile = await world.GetAsync("users/profile");
            profile["unmanagedAttributePolicy"] = "ENABLED";
            return profile;
        }
    }

    [Fact]
    public async Task A_group_that_is_named_is_moved_as_it_is_and_a_description_that_is_not_given_goes()
    {
        var world = await AdminWorld.MakeAsync();
        var top = await world.MakeAsync("groups", """{"name":"top","description":"d","attributes":{"a":["1"]}}""");
        var other = await world.MakeAsync("groups", """{"name":"other"}""");
        Assert.Equal((400, """{"errorMessage":"Invalid group id"}"""), await CallAsync(world, "PUT", $"groups/{top}", $$"""{"id":"{{other}}","name":"top"}"""));
        Assert.Equal(
            $$"""UPDATE GROUP groups/{{other}}/children {"id":"{{top}}","name":"renamed","subGroups":[]}""",
            await LoggedAsync(world, "POST", $"groups/{other}/children", $$"""{"id":"{{top}}","name":"renamed"}"""));
        Assert.Equal("/other/top d 1", await ShownAsync());
        await world.MakeAsync("groups", """{"name":"top"}""");
        Assert.Equal((409, """{"errorMessage":"Top level group named 'x' already exists."}"""), await CallAsync(world, "POST", "groups", $$"""{"id":"{{top}}","name":"x"}"""));
        Assert.StartsWith("UPDATE GROUP groups {", await LoggedAsync(world, "POST", "groups", $$"""{"id":"{{other}}","name":"x","attributes":{"b":["2"]} }"""), StringComparison.Ordinal);
        Assert.Equal(204, (await CallAsync(world, "PUT", $"groups/{top}", """{"name":"top"}""")).Status);
        Assert.Equal("/other/top  1", await ShownAsync());
        Assert.Equal("2 2", $"{(await world.GetAsync("groups/count?search=TO&exact=true"))["count"]} {(await world.GetAsync("groups/count?search=to&q=a:1"))["count"]}");

        async Task<string> ShownAsync()
        {
            var shown = await world.GetAsync($"groups/{top}");
            return $"{shown["path"]} {shown["description"]} {shown["attributes"]!["a"]![0]}";
        }
    }

    [Theory]
    [InlineData("roles?max=1", false)]
    [InlineData("roles?first=1", false)]
    [InlineData("roles?first=0&max=1", true)]
    [InlineData("roles?search=a&max=1", true)]
    public async Task Roles_come_in_pages_for_who_says_where_they_begin_and_end_or_searches(string path, bool one)
    {
        var world = await AdminWorld.MakeAsync();
        Assert.Equal(one, (await world.GetAsync(path)).AsArray().Count == 1);
    }

    [Fact]
    public async Task Roles_are_given_by_name_and_id_put_in_scopes_by_one_of_them_and_logged_as_sent()
    {
        var world = await AdminWorld.MakeAsync();
        var (user, client, other, scope) = (world.Thing("users/{user}"), world.Thing("clients/{client}"), world.Thing("clients/{of}"), world.Thing("client-scopes/{scope}"));
        var role = (await world.GetAsync("roles/a-role"))["id"]!.ToString();
        var foreign = (await world.GetAsync($"clients/{other}/roles/o-role"))["id"]!.ToString();
        foreach (var (path, sent, status) in new[]
        {
            ($"users/{user}/role-mappings/realm", $$"""[{"id":"{{role}}"}]""", 404), ($"users/{user}/role-mappings/realm", """[{"name":"a-role"}]""", 404),
            ($"users/{user}/role-mappings/realm", $$"""[{"id":"{{role}}","name":"another"}]""", 404), ($"users/{user}/role-mappings/clients/{other}", $$"""[{"id":"{{foreign}}","name":"o-role"}]""", 204),
            ($"client-scopes/{scope}/scope-mappings/realm", """[{"name":"a-role"}]""", 404), ($"client-scopes/{scope}/scope-mappings/clients/{other}", $$"""[{"id":"{{foreign}}"}]""", 404),
            ($"clients/{client}/scope-mappings/clients/{other}", """[{"name":"o-role"}]""", 204),
        })
        {
            Assert.Equal((path, sent, status), (path, sent, (await CallAsync(world, "POST", path, sent)).Status));
        }

        Assert.Equal((404, """{"error":"Could not find client"}"""), await CallAsync(world, "GET", $"client-scopes/{scope}/scope-mappings/clients/{AdminWorld.Nobody}"));
        Assert.Equal((404, """{"error":"Client not found"}"""), await CallAsync(world, "GET", $"users/{user}/role-mappings/clients/{AdminWorld.Nobody}"));
        Assert.Equal("", await LoggedAsync(world, "POST", $"users/{user}/role-mappings/realm", "[]"));
        Assert.Equal(
            $$"""CREATE REALM_SCOPE_MAPPING client-scopes/{{scope}}/scope-mappings/realm [{"id":"{{role}}","composite":false}]""",
            await LoggedAsync(world, "POST", $"client-scopes/{scope}/scope-mappings/realm", $$"""[{"id":"{{role}}"}]"""));
        Assert.Equal(
            $$"""CREATE REALM_ROLE roles/another/composites [{"id":"{{role}}","composite":false}]""",
            await LoggedAsync(world, "POST", "roles/another/composites", $$"""[{"id":"{{role}}"}]"""));
        Assert.Equal(201, (await CallAsync(world, "POST", "roles", """{"name":"loose","composite":true,"composites":{"client":{"nobody":["x"]}}}""")).Status);
        var another = (await world.GetAsync("roles/another"))["id"];
        Assert.Equal($"DELETE REALM_ROLE roles-by-id/{another}", await LoggedAsync(world, "DELETE", $"roles-by-id/{another}"));
    }

    [Fact]
    public async Task A_changed_client_has_the_mappers_that_are_named_keeps_its_origins_and_has_no_secret_when_it_is_public()
    {
        var world = await AdminWorld.MakeAsync();
        var client = world.Thing("clients/{client}");
        var mapper = (await world.GetAsync($"clients/{client}"))["protocolMappers"]![0]!;
        var sent = mapper.DeepClone();
        (sent["id"], sent["config"]!["claim.value"]) = (null, "z");
        await CallAsync(world, "PUT", $"clients/{client}", new JsonObject { ["redirectUris"] = new JsonArray("https://new.example/*"), ["protocolMappers"] = new JsonArray(sent, Named("more")) }.ToJsonString());
        var changed = await world.GetAsync($"clients/{client}");
        Assert.Equal("http://localhost:3000", Assert.Single(changed["webOrigins"]!.AsArray())!.ToString());
        Assert.Equal([$"a-mapper {mapper["id"]} z", "more y"], changed["protocolMappers"]!.AsArray().Select(m => $"{m!["name"]} {(m["name"]!.ToString() == "more" ? "" : m["id"] + " ")}{m["config"]!["claim.value"]}").Order());
        await CallAsync(world, "PUT", $"clients/{client}", """{"protocolMappers":[],"registeredNodes":{"one":1}}""");
        await CallAsync(world, "PUT", $"clients/{client}", """{"publicClient":true,"registeredNodes":{"two":2}}""");
        changed = await world.GetAsync($"clients/{client}");
        Assert.Equal((null, """{"one":1,"two":2}"""), (changed["protocolMappers"], changed["registeredNodes"]!.ToJsonString()));
        Assert.Equal("""{"type":"secret"}""", (await CallAsync(world, "GET", $"clients/{client}/client-secret")).Text);

        JsonNode Named(string name)
        {
            var more = mapper.DeepClone();
            (more["id"], more["name"]) = (null, name);
            return more;
        }
    }

    /// <summary>What the console sends names the protocol; scripts often do not.</summary>
    [Theory]
    [InlineData("""{"clientId":"new"}""", false, false, true, true)]
    [InlineData("""{"clientId":"new","rootUrl":"https://a.example"}""", false, false, true, true)]
    [InlineData("""{"clientId":"new","directGrantsOnly":true}""", false, true, false, true)]
    [InlineData("""{"clientId":"new","protocol":"openid-connect"}""", true, true, true, false)]
    [InlineData("""{"clientId":"new","protocol":"openid-connect","bearerOnly":true}""", true, true, true, false)]
    [InlineData("""{"clientId":"new","bearerOnly":true}""", false, false, true, false)]
    public async Task A_client_whose_protocol_is_not_said_is_made_without_the_defaults_of_one(string sent, bool isPublic, bool direct, bool standard, bool secret)
    {
        var world = await AdminWorld.MakeAsync();
        var client = await world.MakeAsync("clients", sent);
        var made = await world.GetAsync($"clients/{client}");
        Assert.Equal((isPublic, direct, standard), ((bool)made["publicClient"]!, (bool)made["directAccessGrantsEnabled"]!, (bool)made["standardFlowEnabled"]!));
        Assert.Equal(secret, (await world.GetAsync($"clients/{client}/client-secret"))["value"] is not null);
        Assert.Empty(made["redirectUris"]!.AsArray());
    }

    [Fact]
    public async Task The_scope_of_a_service_account_comes_and_goes_with_it()
    {
        var world = await AdminWorld.MakeAsync();
        var client = world.Thing("clients/{client}");
        foreach (var on in new[] { true, false, true })
        {
            await CallAsync(world, "PUT", $"clients/{client}", $$"""{"serviceAccountsEnabled":{{(on ? "true" : "false")}},"authorizationServicesEnabled":{{(on ? "true" : "false")}} }""");
            Assert.Equal(on, Names(await world.GetAsync($"clients/{client}/default-client-scopes"), "name").Split(' ').Contains("service_account"));
        }
    }

    [Fact]
    public async Task What_is_done_to_clients_is_logged_with_what_was_sent_and_refused_in_keycloaks_words()
    {
        var world = await AdminWorld.MakeAsync();
        var (client, user) = (world.Thing("clients/{client}"), world.Thing("users/{user}"));
        Assert.Equal($"ACTION CLUSTER_NODE clients/{client}/test-nodes-available {{}}", await LoggedAsync(world, "GET", $"clients/{client}/test-nodes-available"));
        Assert.Equal($"ACTION CLIENT clients/{client}/push-revocation", await LoggedAsync(world, "POST", $"clients/{client}/push-revocation"));
        Assert.EndsWith("""{"expiration":9,"webOrigins":["https://a.example"]}""", await LoggedAsync(world, "POST", "clients-initial-access", """{"expiration":9,"webOrigins":["https://a.example"]}"""), StringComparison.Ordinal);
        Assert.Equal("DELETE CLIENT_INITIAL_ACCESS_MODEL clients-initial-access/none", await LoggedAsync(world, "DELETE", "clients-initial-access/none"));
        var example = $"clients/{client}/evaluate-scopes/generate-example-access-token";
        foreach (var (method, path, sent, answer) in new[]
        {
            ("POST", "clients-initial-access", """{"expiration":-1}""", """400 {"error":"Invalid value for expiration","error_description":"The expiration time interval cannot be less than 0"}"""),
            ("POST", "clients-initial-access", """{"count":-1}""", """400 {"error":"Invalid value for count","error_description":"The count cannot be less than 0"}"""),
            ("POST", "client-scopes", """{"name":"s"}""", """400 {"errorMessage":"Unexpected protocol"}"""),
            ("POST", "client-scopes", """{"name":"s","protocol":"nonsense"}""", """400 {"errorMessage":"Unexpected protocol"}"""),
            ("POST", "client-scopes", """{"name":"s","protocol":"saml","attributes":{"is.dynamic.scope":"true"}}""", """400 {"errorMessage":"Unexpected value \"true\" for attribute is.dynamic.scope in ClientScope"}"""),
            ("GET", example, null, """404 {"error":"No userId provided"}"""), ("GET", example + "?userId=x", null, """404 {"error":"No user found"}"""),
            ("GET", $"{example}?userId={user}&audience=other%20nobody", null, """404 {"error":"Requested audience not available: other"}"""),
        })
        {
            var (status, text) = await CallAsync(world, method, path, sent);
            Assert.Equal((path, answer), (path, $"{status} {text}"));
        }

        Assert.Equal(200, (await CallAsync(world, "GET", $"{example}?userId={user}&audience=nobody")).Status);
    }
}
