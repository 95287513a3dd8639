using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>How flows, their steps and the settings of steps are made and changed.</summary>
public sealed class Flows_and_their_steps
{
    private static readonly Lazy<Task<AdminWorld>> s_world = new(AdminWorld.MakeAsync);

    private static async Task<Answer> CallAsync(AdminWorld world, string method, string path, string? json = null) => await world.CallAsync(
        method, $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/authentication/{path}", json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"));

    private static async Task<JsonArray> StepsAsync(AdminWorld world) => (await world.GetAsync("authentication/flows/a-flow/executions")).AsArray();

    [Theory]
    [InlineData("auth-username-password-form", "REQUIRED")]
    [InlineData("auth-otp-form", "DISABLED")]
    public async Task A_new_step_is_demanded_where_there_is_no_other_way(string step, string expected)
    {
        var world = await AdminWorld.MakeAsync();
        await world.MakeAsync("authentication/flows/a-flow/executions/execution", $$"""{"provider":"{{step}}"}""");
        Assert.Equal(expected, (string?)(await StepsAsync(world))[^1]!["requirement"]);
    }

    // Terraform leaves out what is 0, and reads it back.
    [Fact]
    public async Task A_priority_that_is_left_out_is_0()
    {
        var world = await AdminWorld.MakeAsync();
        var step = (await StepsAsync(world))[^1]!["id"];
        Assert.Equal(204, (await CallAsync(world, "PUT", "flows/a-flow/executions", $$"""{"id":"{{step}}","requirement":"REQUIRED","priority":5}""")).Status);
        Assert.Equal(5, (int)(await world.GetAsync($"authentication/executions/{step}"))["priority"]!);
        Assert.Equal(204, (await CallAsync(world, "PUT", "flows/a-flow/executions", $$"""{"id":"{{step}}","requirement":"ALTERNATIVE"}""")).Status);
        Assert.Equal(0, (int)(await world.GetAsync($"authentication/executions/{step}"))["priority"]!);

        Assert.Equal(204, (await CallAsync(world, "PUT", "required-actions/CONFIGURE_TOTP", """{"alias":"CONFIGURE_TOTP","name":"Configure OTP","enabled":true}""")).Status);
        Assert.Equal(0, (int)(await world.GetAsync("authentication/required-actions/CONFIGURE_TOTP"))["priority"]!);
    }

    [Fact]
    public async Task A_step_is_added_by_a_document_of_it()
    {
        var world = await AdminWorld.MakeAsync();
        var flow = (await world.GetAsync("authentication/flows")).AsArray().First(f => (string?)f!["alias"] == "a-flow")!["id"];
        var id = await world.MakeAsync("authentication/executions", $$"""{"parentFlow":"{{flow}}","authenticator":"auth-spnego","requirement":"ALTERNATIVE","priority":77}""");
        var step = await world.GetAsync($"authentication/executions/{id}");
        Assert.Equal(("auth-spnego", "ALTERNATIVE", 77), ((string?)step["authenticator"], (string?)step["requirement"], (int)step["priority"]!));
        foreach (var (json, error) in new[]
        {
            ("""{"authenticator":"auth-spnego"}""", "parent flow not set on new execution"),
            ("""{"parentFlow":"none","authenticator":"auth-spnego"}""", "execution parent flow does not exist"),
            ($$"""{"parentFlow":"{{flow}}","authenticator":"none"}""", "No authentication provider found for id: none"),
            ($$"""{"parentFlow":"{{flow}}","flowId":"{{flow}}","authenticatorFlow":true}""", "invalid_request"),
        })
        {
            var refused = await CallAsync(world, "POST", "executions", json);
            Assert.Equal((400, error), (refused.Status, refused["error"]));
        }

        Assert.Equal(3, (await StepsAsync(world)).Count);
    }

    [Fact]
    public async Task New_settings_of_a_step_take_the_place_of_those_it_has()
    {
        var world = await AdminWorld.MakeAsync();
        var (step, first) = (world.Thing("executions/{execution}"), world.Thing("config/{config}"));
        var second = await world.MakeAsync($"authentication/executions/{step}/config", """{"alias":"a-config","config":{"a":"b"}}""");
        Assert.Equal("b", (string?)(await world.GetAsync($"authentication/config/{second}"))["config"]!["a"]);
        Assert.Equal(404, (await CallAsync(world, "GET", $"config/{first}")).Status);
        Assert.Equal(second, (string?)(await StepsAsync(world))[0]!["authenticationConfig"]);
        var loose = await world.MakeAsync("authentication/config", """{"alias":"loose","config":{"c":"d"}}""");
        Assert.Equal("loose", (string?)(await world.GetAsync($"authentication/config/{loose}"))["alias"]);
    }

    [Theory]
    [InlineData("POST", "flows", """{"alias":"a/b","providerId":"basic-flow","topLevel":true}""", 400, """{"error":"Character '/' not allowed."}""")]
    [InlineData("PUT", "flows/{id}", """{"alias":"a#b"}""", 400, """{"error":"Character '#' not allowed."}""")]
    [InlineData("PUT", "flows/{id}", """{"alias":"browser"}""", 409, """{"errorMessage":"Flow alias name already exists"}""")]
    [InlineData("DELETE", "flows/none", null, 404, """{"error":"Flow not found"}""")]
    [InlineData("POST", "executions/{step}/config", """{"config":{}}""", 409, """{"errorMessage":"Failed to create authentication execution configuration with empty alias name"}""")]
    [InlineData("POST", "executions/{other}/config", """{"alias":"a-config"}""", 409, """{"errorMessage":"Authentication execution configuration a-config already exists"}""")]
    [InlineData("POST", "executions/{step}/config", """{"alias":"a?b"}""", 400, """{"error":"Character '?' not allowed."}""")]
    [InlineData("PUT", "config/{config}", """{"alias":"a:b"}""", 400, """{"error":"Character ':' not allowed."}""")]
    public async Task A_name_that_may_not_be_is_refused_in_Keycloaks_words(string method, string path, string? json, int status, string expected)
    {
        var world = await s_world.Value;
        var flow = (await world.GetAsync("authentication/flows")).AsArray().First(f => (string?)f!["alias"] == "a-flow")!["id"]!.ToString();
        var address = path.Replace("{id}", flow, StringComparison.Ordinal).Replace("{step}", world.Thing("executions/{execution}"), StringComparison.Ordinal)
            .Replace("{other}", (string?)(await StepsAsync(world))[1]!["id"], StringComparison.Ordinal).Replace("{config}", world.Thing("config/{config}"), StringComparison.Ordinal);
        var answer = await CallAsync(world, method, address, json);
        Assert.Equal((status, expected), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task A_step_that_stays_where_it_is_is_not_told_of()
    {
        var world = await AdminWorld.MakeAsync();
        await world.Realm.SetAsync(r => (r.AdminEventsEnabled, r.AdminEventsDetailsEnabled) = (true, true));
        var step = world.Thing("executions/{execution}");
        Assert.Equal(204, (await CallAsync(world, "POST", $"executions/{step}/raise-priority")).Status);
        Assert.Empty((await world.GetAsync("admin-events")).AsArray());
        Assert.Equal(204, (await CallAsync(world, "POST", $"executions/{step}/lower-priority")).Status);
        await world.MakeAsync($"authentication/executions/{step}/config", """{"alias":"told"}""");
        Assert.Equal(
            [$"CREATE AUTHENTICATOR_CONFIG authentication/executions/{step}/config", $"UPDATE AUTH_EXECUTION authentication/executions/{step}/lower-priority"],
            (await world.GetAsync("admin-events")).AsArray().Select(e => $"{e!["operationType"]} {e["resourceType"]} {e["resourcePath"]}").Order());
    }
}
