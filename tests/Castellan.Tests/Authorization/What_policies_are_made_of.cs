using System.Text.Json.Nodes;
using Castellan.Tests.Admin;

namespace Castellan.Tests.Authorization;

/// <summary>What the administration takes for a policy, a permission or the settings of a resource server, and what it makes of it.</summary>
public sealed class What_policies_are_made_of
{
    [Theory]
    [InlineData("role", """{"roles":[{"id":"a-role"},{"id":"a-role"}]}""", 400, "Role can't be specified multiple times - a-role")]
    [InlineData("time", """{"notBefore":"soon","notOnOrAfter":"2026-01-01 00:00:00"}""", 400, "Unable not parse a date using format [soon]")]
    [InlineData("time", """{"notBefore":"2026-01-02","notOnOrAfter":"2026-01-01 23:59:59"}""", 400, "Expire time can't be set to a date before start time")]
    [InlineData("time", """{"notBefore":"2026-01-02","notOnOrAfter":"2026-01-03"}""", 201, null)]
    [InlineData("client", """{"clients":[]}""", 201, null)]
    [InlineData("client", "{}", 400, "invalid_request")]
    [InlineData("client-scope", "{}", 201, null)]
    [InlineData("group", """{"groups":[]}""", 201, null)]
    [InlineData("group", """{"groups":[{"path":"/nowhere","extendChildren":true}]}""", 201, null)]
    [InlineData("user", """{"users":["nobody"]}""", 400, "invalid_request")]
    public async Task A_policy_is_about_what_can_be(string type, string given, int status, string? error)
    {
        var (world, at) = await WorldAsync();
        var body = JsonNode.Parse(given)!.AsObject();
        body["name"] = "mine";
        var answer = await world.SendAsync("POST", $"{at}/policy/{type}", body.ToJsonString());
        Assert.Equal((status, error), (answer.Status, answer["error"]));
        if (given.Contains("/nowhere", StringComparison.Ordinal))
        {
            // It is told what it said, though nobody is in such a group.
            Assert.Equal("""[{"path":"/nowhere","extendChildren":true}]""", JsonNode.Parse(answer.Text)!["groups"]!.ToJsonString());
        }
    }

    [Theory]
    [InlineData("role", """{"fetchRoles":true,"roles":[{"id":"a-role"}]}""", """{"roles":[{"id":"a-role"}]}""", "fetchRoles", "true")]
    [InlineData("role", """{"fetchRoles":true,"roles":[{"id":"a-role"}]}""", """{"fetchRoles":false,"roles":[{"id":"a-role"}]}""", "fetchRoles", "false")]
    [InlineData("group", """{"groupsClaim":"g","groups":[]}""", """{"groups":[]}""", "groupsClaim", "g")]
    [InlineData("time", """{"hour":"3"}""", "{}", "hour", "")]
    public async Task Some_of_it_stays_when_nothing_is_said_of_it(string type, string made, string changed, string member, string expected)
    {
        var (world, at) = await WorldAsync();
        var id = await MakeAsync(world, $"{at}/policy/{type}", made);
        Assert.Equal(201, (await world.SendAsync("PUT", $"{at}/policy/{type}/{id}", Named(changed))).Status);
        Assert.Equal(expected, (await world.GetAsync($"{at}/policy/{type}/{id}"))[member]?.ToString() ?? "");
    }

    [Fact]
    public async Task A_policy_of_policies_is_none_of_its_own()
    {
        var (world, at) = await WorldAsync();
        var inner = await MakeAsync(world, at + "/policy/aggregate", "{}", "inner");
        var outer = await MakeAsync(world, at + "/policy/aggregate", """{"policies":["inner"]}""", "outer");
        var answer = await world.SendAsync("PUT", $"{at}/policy/aggregate/{inner}", """{"name":"inner","policies":["outer"]}""");
        Assert.Equal((400, "Circular reference found [inner]."), (answer.Status, answer["error_description"]));
        Assert.Equal(400, (await world.SendAsync("PUT", $"{at}/policy/aggregate/{outer}", """{"name":"outer","policies":["outer"]}""")).Status);
        Assert.Empty((await world.GetAsync($"{at}/policy/aggregate/{inner}/associatedPolicies")).AsArray());
    }

    /// <summary>A permission that lost its resource by silence would be about every resource.</summary>
    [Fact]
    public async Task A_change_in_the_general_form_keeps_what_it_does_not_speak_of()
    {
        var (world, at) = await WorldAsync();
        await world.MakeAsync(at + "/scope", """{"name":"view"}""");
        await world.MakeAsync(at + "/resource", """{"name":"album","displayName":"Album","scopes":[{"name":"view"}]}""");
        await MakeAsync(world, at + "/policy/user", """{"users":["bob"]}""", "bob");
        var id = await MakeAsync(world, at + "/permission/scope", """{"resources":["album"],"scopes":["view"],"policies":["bob"]}""");
        Assert.Equal(201, (await world.SendAsync("PUT", $"{at}/policy/{id}", """{"name":"renamed","type":"scope","logic":"POSITIVE","decisionStrategy":"AFFIRMATIVE","config":{}}""")).Status);
        var whole = await world.GetAsync($"{at}/policy/{id}?fields=*");
        Assert.Equal(("renamed", "album", "view"), ((string?)whole["name"], (string?)whole["resourcesData"]![0]!["name"], (string?)whole["scopesData"]![0]!["name"]));
        Assert.Equal("bob", (string?)(await world.GetAsync($"{at}/policy/scope/{id}/associatedPolicies"))[0]!["name"]);
        Assert.Equal("Album", (string?)(await world.GetAsync($"{at}/policy/scope/{id}/resources"))[0]!["displayName"]);
    }

    [Theory]
    [InlineData("policy/role/search?name=mine", 200)]
    [InlineData("permission/scope/search?name=mine", 200)]
    [InlineData("policy/role/search?name=none", 204)]
    [InlineData("policy/role/search", 400)]
    [InlineData("policy/moon/search?name=mine", 404)]
    [InlineData("policy/role/providers", 200)]
    public async Task Each_type_is_searched_by_a_whole_name(string path, int status)
    {
        var (world, at) = await WorldAsync();
        var id = await MakeAsync(world, at + "/policy/role", """{"roles":[{"id":"a-role"}]}""");
        var answer = await world.CallAsync("GET", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{at}/{path}");
        Assert.Equal(status, answer.Status);
        Assert.True(status != 200 || path.EndsWith("providers", StringComparison.Ordinal) || (answer["id"] == id && answer["roles"] is not null), answer.Text);
    }

    [Fact]
    public async Task Types_are_found_by_a_part()
    {
        var (world, at) = await WorldAsync();
        await MakeAsync(world, at + "/policy/client", """{"clients":["other"]}""", "of clients");
        await MakeAsync(world, at + "/policy/client-scope", """{"clientScopes":[{"id":"email"}]}""", "of scopes");
        await MakeAsync(world, at + "/permission/resource", """{"resourceType":"urn:album"}""", "of albums");
        Assert.Equal("of clients,of scopes", await NamesAsync("policy/client?name=of"));
        Assert.Equal("of clients,of scopes", await NamesAsync("policy?type=CLIENT&name=of"));
        Assert.Equal("of albums", await NamesAsync("permission?resourceType=album"));

        async Task<string> NamesAsync(string query) => string.Join(',', (await world.GetAsync($"{at}/{query}")).AsArray().Select(p => (string?)p!["name"]));
    }

    /// <summary>Settings are sent whole: one that is missing goes back to how it was made, and without a strategy there are none.</summary>
    [Fact]
    public async Task Settings_are_sent_whole()
    {
        var (world, at) = await WorldAsync();
        Assert.Equal(204, (await world.SendAsync("PUT", at, """{"allowRemoteResourceManagement":false,"policyEnforcementMode":"DISABLED","decisionStrategy":"AFFIRMATIVE"}""")).Status);
        Assert.Equal(409, (await world.SendAsync("PUT", at, """{"policyEnforcementMode":"PERMISSIVE"}""")).Status);
        Assert.Equal("DISABLED", (string?)(await world.GetAsync(at))["policyEnforcementMode"]);
        Assert.Equal(204, (await world.SendAsync("PUT", at, """{"decisionStrategy":"AFFIRMATIVE"}""")).Status);
        var settings = await world.GetAsync(at);
        Assert.Equal((true, "ENFORCING", "AFFIRMATIVE"), ((bool)settings["allowRemoteResourceManagement"]!, (string?)settings["policyEnforcementMode"], (string?)settings["decisionStrategy"]));
        Assert.Equal(204, (await world.SendAsync("POST", at + "/import", """{"scopes":[{"name":"one"}]}""")).Status);
        Assert.Equal("UNANIMOUS", (string?)(await world.GetAsync(at))["decisionStrategy"]);
    }

    [Fact]
    public async Task Resources_are_found_by_pattern_type_and_scope()
    {
        var (world, at) = await WorldAsync();
        await world.MakeAsync(at + "/resource", """{"name":"album","type":"urn:album","uris":["/albums/*"],"scopes":[{"name":"view"}]}""");
        await world.MakeAsync(at + "/resource", """{"name":"bobs","type":"urn:album","owner":{"id":"bob"},"uris":["/albums/bob/*"],"scopes":[{"name":"view"}]}""");
        var scope = (await world.GetAsync(at + "/scope?name=view"))[0]!["id"];
        Assert.Equal("album", await NamesAsync("resource?uri=/albums/bob/1&matchingUri=true"));
        Assert.Equal("album", await NamesAsync("resource?uri=/albums/bob/1&matchingUri=true&type=urn:other"));
        Assert.Equal("album bobs", await NamesAsync("resource?scope=view"));
        Assert.Equal("", await NamesAsync($"resource?scope={scope}"));

        // The same name once more for the same owner: named as people do, it is changed.
        var again = await world.SendAsync("POST", at + "/resource", """{"name":"bobs","displayName":"Bob's","owner":{"id":"bob"}}""");
        Assert.Equal((201, "Bob's"), (again.Status, again["displayName"]));
        Assert.Equal("album bobs", await NamesAsync("resource?name=b"));

        async Task<string> NamesAsync(string query) => string.Join(' ', (await world.GetAsync($"{at}/{query}")).AsArray().Select(r => (string?)r!["name"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_evaluation_tries_people_by_name_at_another_time_with_their_own_roles()
    {
        var (world, at) = await WorldAsync();
        await world.MakeAsync(at + "/scope", """{"name":"view"}""");
        await world.MakeAsync(at + "/resource", """{"name":"album","scopes":[{"name":"view"}]}""");
        await MakeAsync(world, at + "/policy/time", """{"notBefore":"2020-01-01","notOnOrAfter":"2020-01-02"}""", "then");
        await MakeAsync(world, at + "/permission/resource", """{"resources":["album"],"policies":["then"]}""", "on");
        Assert.Equal("DENY", await StatusAsync("""{"userId":"bob","resources":[{"name":"album"}]}"""));
        Assert.Equal("PERMIT", await StatusAsync("""{"userId":"bob","resources":[{"name":"album"}],"context":{"attributes":{"kc.time.date_time":"2020-01-01 12:00:00"}}}"""));

        // A name that nothing has leaves the scope that was asked for with it.
        var any = await world.SendAsync("POST", at + "/policy/evaluate", """{"userId":"bob","resources":[{"name":"nothing","scopes":[{"name":"view"}]}]}""");
        Assert.Contains("album with scopes [view]", any.Text);

        async Task<string?> StatusAsync(string asked) => (await world.SendAsync("POST", at + "/policy/evaluate", asked))["status"];
    }

    private static async Task<(AdminWorld World, string At)> WorldAsync()
    {
        var world = await AdminWorld.MakeAsync();
        return (world, $"clients/{world.Thing("clients/{client}")}/authz/resource-server");
    }

    private static async Task<string> MakeAsync(AdminWorld world, string path, string given, string name = "mine")
    {
        var answer = await world.SendAsync("POST", path, Named(given, name));
        Assert.True(answer.Status == 201, answer.Text);
        return answer["id"]!;
    }

    private static string Named(string given, string name = "mine")
    {
        var body = JsonNode.Parse(given)!.AsObject();
        body["name"] = name;
        return body.ToJsonString();
    }
}
