using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>The client that holds the fine-grained permissions, as whole administrators see it.</summary>
public sealed class Permissions_of_administrators
{
    private const string At = "clients/{admin-permissions}/authz/resource-server";

    /// <summary>A realm whose permissions lost a scope or a type would decide otherwise than their administrators believe, now or when they are on again.</summary>
    [Theory]
    [InlineData("PUT", "", """{"allowRemoteResourceManagement":true,"policyEnforcementMode":"DISABLED","decisionStrategy":"AFFIRMATIVE"}""")]
    [InlineData("GET", "/settings", null)]
    [InlineData("POST", "/import", """{"policyEnforcementMode":"DISABLED"}""")]
    [InlineData("POST", "/scope", """{"name":"more"}""")]
    [InlineData("PUT", "/scope/{view}", """{"name":"seen"}""")]
    [InlineData("DELETE", "/scope/{map-role}", null)]
    [InlineData("DELETE", "/scope/nothing", null)]
    [InlineData("POST", "/resource", """{"name":"more"}""")]
    [InlineData("PUT", "/resource/{Users}", """{"name":"People"}""")]
    [InlineData("DELETE", "/resource/{Users}", null)]
    public async Task What_permissions_are_made_of_is_left_alone(string method, string path, string? body)
    {
        var world = await s_world.Value;
        var answer = await world.CallAsync("chief", method, At + path, body);
        Assert.Equal((400, "unknown_error"), (answer.Status, answer["error"]));
        Assert.Contains("Users", (await world.GetAsync(At + "/resource")).AsArray().Select(r => (string?)r!["name"]));
        Assert.Contains("map-role", (await world.GetAsync(At + "/scope")).AsArray().Select(s => (string?)s!["name"]));
    }

    [Fact]
    public async Task It_is_left_alone_while_they_are_off()
    {
        var world = await WorldAsync();
        var settings = await world.GetAsync("");
        settings["adminPermissionsEnabled"] = false;
        Assert.Equal(204, (await world.CallAsync("chief", "PUT", "", settings.ToJsonString())).Status);
        Assert.Equal(400, (await world.CallAsync("chief", "DELETE", At + "/resource/{Users}")).Status);
    }

    [Fact]
    public async Task An_evaluation_tells_of_the_first_object_that_permissions_are_about()
    {
        var world = await WorldAsync();
        var permission = await world.PermitAsync("Users", ["view"], ["ann"]);
        Assert.Equal("ann", (string?)(await world.GetAsync($"{At}/permission/scope/{permission}/resources"))[0]!["displayName"]);
        var told = await EvaluateAsync("""{"name":"{bob}"},{"name":"{ann}"},{"name":"Users"}""");
        var result = Assert.Single(told["results"]!.AsArray())!;
        Assert.Equal(("PERMIT", "ann with scopes [view]"), ((string?)told["status"], (string?)result["resource"]!["name"]));
        Assert.Equal(5, result["deniedScopes"]!.AsArray().Count);
        Assert.All(result["deniedScopes"]!.AsArray(), s => Assert.Equal(["name"], s!.AsObject().Select(m => m.Key)));

        told = await EvaluateAsync("""{"name":"{bob}"}""");
        Assert.Equal(("DENY", 0), ((string?)told["status"], told["results"]!.AsArray().Count));
        Assert.Equal("invalid_request", (await world.CallAsync("chief", "POST", At + "/policy/evaluate", """{"userId":"{dora}","resourceType":"Users","resources":[]}"""))["error"]);

        async Task<JsonNode> EvaluateAsync(string resources)
        {
            var body = """{"userId":"{dora}","resourceType":"Users","resources":[RESOURCES]}""".Replace("RESOURCES", resources, StringComparison.Ordinal);
            return JsonNode.Parse((await world.CallAsync("chief", "POST", At + "/policy/evaluate", body)).Text)!;
        }
    }

    /// <summary>By silence a permission becomes about no more than before, and the resource of an object is there as long as a permission is about it.</summary>
    [Fact]
    public async Task A_permission_that_is_changed_keeps_what_nothing_is_said_of()
    {
        var world = await WorldAsync();
        var permission = await world.PermitAsync("Users", ["view"], ["ann", "bob"]);
        var at = $"{At}/permission/scope/{permission}";
        Assert.Equal("ann bob", await AboutAsync());

        await PutAsync("""{"name":"p","resourceType":"Users","policies":["only"]}""");
        Assert.Equal("ann bob", await AboutAsync());
        Assert.Equal("view", (string?)Assert.Single((await world.GetAsync(at + "/scopes")).AsArray())!["name"]);

        // As consoles send it: by the resources that it is about.
        var resource = (await world.GetAsync(at + "/resources")).AsArray().Single(r => (string?)r!["displayName"] == "ann")!["_id"];
        await PutAsync($$"""{"name":"p","resourceType":"Users","scopes":["view"],"resources":["{{resource}}"]}""");
        Assert.Equal("ann", await AboutAsync());
        Assert.Equal(6, await CountAsync());

        await PutAsync("""{"name":"p","resourceType":"Users","scopes":["view"],"resources":[]}""");
        Assert.Equal("Users", await AboutAsync());
        Assert.Equal(5, await CountAsync());

        await PutAsync("""{"name":"p","resourceType":"Users","scopes":["view"],"resources":["{bob}"]}""");
        Assert.Equal(6, await CountAsync());
        await world.WithdrawAsync(permission);
        Assert.Equal(5, await CountAsync());

        async Task PutAsync(string body) => Assert.Equal(201, (await world.CallAsync("chief", "PUT", at, body)).Status);
        async Task<string> AboutAsync() => string.Join(' ', (await world.GetAsync(at + "/resources")).AsArray().Select(r => (string?)r!["displayName"]).Order(StringComparer.Ordinal));
        async Task<int> CountAsync() => (await world.GetAsync(At + "/resource")).AsArray().Count;
    }

    [Theory]
    [InlineData("GET", "/policy/resource", null)]
    [InlineData("GET", "/permission/resource/search?name=x", null)]
    [InlineData("POST", "/permission/resource", """{"name":"x"}""")]
    [InlineData("POST", "/policy", """{"name":"x","type":"resource"}""")]
    public async Task Permissions_are_about_scopes(string method, string path, string? body)
    {
        var answer = await (await s_world.Value).CallAsync("chief", method, At + path, body);
        Assert.Equal((400, "Policy type not supported by feature admin-fine-grained-authz:v2"), (answer.Status, answer["error"]));
    }

    private static readonly Lazy<Task<DelegatedWorld>> s_world = new(WorldAsync);

    private static async Task<DelegatedWorld> WorldAsync()
    {
        var world = await DelegatedWorld.MakeAsync();
        await world.NameAsync(At + "/scope", "name");
        await world.NameAsync(At + "/resource", "name", "_id");
        return world;
    }
}
