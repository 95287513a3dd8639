using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>What even administrators are not shown.</summary>
public sealed class Secrets_and_hidden_values
{
    /// <summary>The key by which a CAPTCHA is checked (CVE-2026-16104).</summary>
    [Fact]
    public async Task Secrets_of_steps_are_stars_which_mean_what_is_there()
    {
        var world = await AdminWorld.MakeAsync();
        await PutAsync(world, "events/config", """{"adminEventsEnabled":true,"adminEventsDetailsEnabled":true}""");
        var step = world.Thing("executions/{execution}");
        var id = await world.MakeAsync($"authentication/executions/{step}/config", """{"alias":"captcha","config":{"secret.key":"first-secret","api.key":"${vault.captcha}","site.key":"site"}}""");
        var shown = await world.GetAsync($"authentication/config/{id}");
        Assert.Equal(("**********", "${vault.captcha}", "site"), (shown["config"]!["secret.key"]!.ToString(), shown["config"]!["api.key"]!.ToString(), shown["config"]!["site.key"]!.ToString()));
        Assert.Equal("**********", (await world.GetAsync($"authentication/executions/{step}/config/{id}"))["config"]!["secret.key"]!.ToString());

        shown["config"]!["site.key"] = "other site";
        await PutAsync(world, $"authentication/config/{id}", shown.ToJsonString());
        var picture = await world.PictureAsync();
        Assert.Contains("first-secret", picture, StringComparison.Ordinal);
        Assert.Contains("other site", picture, StringComparison.Ordinal);
        await PutAsync(world, $"authentication/config/{id}", """{"alias":"captcha","config":{"secret.key":"second-secret"}}""");
        Assert.Contains("second-secret", await world.PictureAsync(), StringComparison.Ordinal);

        var events = (await world.GetAsync("admin-events")).ToJsonString();
        Assert.Contains("captcha", events, StringComparison.Ordinal);
        Assert.DoesNotContain("-secret", events, StringComparison.Ordinal);
        var export = await world.CallAsync("POST", Address(world, "partial-export"));
        Assert.Contains("captcha", export.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("second-secret", export.Text, StringComparison.Ordinal);
    }

    /// <summary>A reference into the vault is shown as it stands, and not what lies there (CVE-2026-17048).</summary>
    [Fact]
    public async Task A_secret_before_the_last_that_lies_in_the_vault_stays_there()
    {
        var world = await AdminWorld.MakeAsync();
        var client = await world.MakeAsync("clients", """{"clientId":"v","publicClient":false,"secret":"${vault.new}","attributes":{"client.secret.rotated":"${vault.old}","client.secret.rotated.expiration.time":"99999999999"}}""");
        Assert.Equal("${vault.old}", (await world.GetAsync($"clients/{client}/client-secret/rotated"))["value"]!.ToString());
        Assert.Equal("${vault.new}", (await world.GetAsync($"clients/{client}/client-secret"))["value"]!.ToString());
    }

    /// <summary>What the profile lets no administrator see is in no list, and no search tells of it (GHSA-6g26-7cx5-mrrg).</summary>
    [Fact]
    public async Task Attributes_that_are_not_for_administrators_are_shown_and_found_nowhere()
    {
        var world = await AdminWorld.MakeAsync();
        var (bob, group, organization) = (world.Thing("users/{user}"), world.Thing("groups/{group}"), world.Thing("organizations/{id}"));
        await PutAsync(world, "users/profile", Profile("admin"));
        await PutAsync(world, $"users/{bob}", """{"firstName":"B","lastName":"Oddname","email":"bob@example.org","attributes":{"badge":["b-seven"]}}""");
        await PutAsync(world, $"users/{bob}/groups/{group}", null);
        await world.MakeAsync($"users/{bob}/role-mappings/realm", new JsonArray((await world.GetAsync("roles/a-role")).DeepClone()).ToJsonString());
        string[] lists =
        [
            "users", "users?username=bob", "users?briefRepresentation=true", $"users/{bob}", $"users/{bob}?userProfileMetadata=true", $"users/{bob}/unmanagedAttributes", $"groups/{group}/members",
            $"groups/{group}/members?briefRepresentation=true", "roles/a-role/users", $"organizations/{organization}/members", $"organizations/{organization}/members?briefRepresentation=false",
            $"organizations/{organization}/members/{bob}",
        ];
        string[] searches = ["users?search=oddname", "users?search=*ddnam*", "users?q=badge:b-seven", "users?q=badge:seven&exact=false", "users?lastName=Oddname", "users?lastName=Oddname&exact=true", "users?lastName="];
        var seen = new List<string>();
        foreach (var list in lists)
        {
            seen.Add((await world.GetAsync(list)).ToJsonString());
        }

        Assert.Contains(seen, s => s.Contains("b-seven", StringComparison.Ordinal));
        foreach (var search in searches)
        {
            Assert.NotEqual((search, 0), (search, (await world.GetAsync(search)).AsArray().Count));
        }

        var members = $"organizations/{organization}/members?search=";
        Assert.Equal((1, 1), (await FoundAsync("ddnam"), await FoundAsync("Oddname&exact=true")));
        await PutAsync(world, "users/profile", Profile("user"));
        Assert.Equal((0, 0), (await FoundAsync("ddnam"), await FoundAsync("Oddname&exact=true")));
        Assert.Equal((1, 1), (await FoundAsync("ob"), await FoundAsync("BOB&exact=true")));
        foreach (var list in lists)
        {
            var text = (await world.GetAsync(list)).ToJsonString();
            Assert.False(text.Contains("b-seven", StringComparison.Ordinal) || text.Contains("Oddname", StringComparison.Ordinal), $"{list}: {text}");
        }

        foreach (var search in searches)
        {
            Assert.Equal((search, 0), (search, (await world.GetAsync(search)).AsArray().Count));
            Assert.Equal((search, 0), (search, (await world.GetAsync(search.Replace("users?", "users/count?", StringComparison.Ordinal))).GetValue<int>()));
        }

        Assert.Equal("bob", (await world.GetAsync("users?search=bob"))[0]!["username"]!.ToString());

        async Task<int> FoundAsync(string search) => (await world.GetAsync(members + search)).AsArray().Count;

        static string Profile(string who) => $$$"""
            {"attributes":[{"name":"username"},{"name":"email","permissions":{"view":["admin","user"],"edit":["admin","user"]}},{"name":"firstName","permissions":{"view":["admin"],"edit":["admin"]}},
             {"name":"lastName","permissions":{"view":["{{{who}}}"],"edit":["{{{who}}}"]}},{"name":"badge","permissions":{"view":["{{{who}}}"],"edit":["{{{who}}}"]}}],"groups":[]}
            """;
    }

    private static string Address(AdminWorld world, string path) => $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{path}";

    private static async Task PutAsync(AdminWorld world, string path, string? json)
    {
        var answer = await world.CallAsync("PUT", Address(world, path), json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"));
        Assert.True(answer.Status is 200 or 204, $"{path}: {answer.Status} {answer.Text}");
    }
}
