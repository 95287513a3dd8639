using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Admin;

/// <summary>What the admin API makes of the members of a user that are not its profile.</summary>
public sealed class Writing_users
{
    private static async Task<string> MakeAsync(AdminWorld world, string json) => await world.MakeAsync("users", json);

    private static async Task PutAsync(AdminWorld world, string path, string json)
    {
        var answer = await world.CallAsync("PUT", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{path}", new StringContent(json, Encoding.UTF8, "application/json"));
        Assert.True(answer.Status is 200 or 204, answer.Text);
    }

    private static async Task<IEnumerable<string>> EventsAsync(AdminWorld world) =>
        (await world.GetAsync("admin-events")).AsArray().Select(e => $"{e!["operationType"]} {e["resourceType"]} {e["resourcePath"]}");

    [Fact]
    public async Task Only_actions_that_there_are_are_put_down_and_the_time_of_creation_is_kept()
    {
        var world = await AdminWorld.MakeAsync();
        var id = await MakeAsync(world, """{"username":"dora","createdTimestamp":1234567890123,"requiredActions":["UPDATE_PROFILE","NONSENSE"],"credentials":[{"type":"password","value":"correct-horse","temporary":true}]}""");
        var made = await world.GetAsync($"users/{id}");
        Assert.Equal(1234567890123, (long)made["createdTimestamp"]!);
        Assert.Equal(["UPDATE_PASSWORD", "UPDATE_PROFILE"], made["requiredActions"]!.AsArray().Select(a => (string)a!).Order());
        await PutAsync(world, $"users/{id}", """{"requiredActions":["VERIFY_EMAIL","NONSENSE"],"createdTimestamp":1}""");
        made = await world.GetAsync($"users/{id}");
        Assert.Equal(1234567890123, (long)made["createdTimestamp"]!);
        Assert.Equal(["VERIFY_EMAIL"], made["requiredActions"]!.AsArray().Select(a => (string)a!));
    }

    /// <summary>An action that the realm has taken from its list is an action still; only what never was one is refused.</summary>
    [Theory]
    [InlineData("webauthn-register", 500)]
    [InlineData("NONSENSE", 400)]
    public async Task Mails_may_ask_for_every_action_that_there_is(string action, int status)
    {
        var world = await AdminWorld.MakeAsync();
        var root = $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}";
        Assert.Equal(204, (await world.CallAsync("DELETE", $"{root}/authentication/required-actions/webauthn-register")).Status);

        // The realm has no address to send from; what is asked for is looked at first.
        var answer = await world.CallAsync("PUT", $"{root}/users/{world.Thing("users/{user}")}/execute-actions-email", new StringContent($"[\"{action}\"]", Encoding.UTF8, "application/json"));
        Assert.Equal(status, answer.Status);
    }

    /// <summary>A service account has no session in a browser that could give way.</summary>
    [Fact]
    public async Task Who_has_no_session_becomes_somebody_else_beside_the_session_of_the_browser()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Users!.Add(new()
        {
            Username = "service-account-api", ServiceAccountClientId = "api", Enabled = true, ClientRoles = new() { ["realm-management"] = ["realm-admin"] },
        }));
        var alice = (await realm.Server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync((await realm.NowAsync()).Id, "alice"))!;
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{realm.Server.Url}/admin/realms/{realm.Name}/users/{alice.Id}/impersonation");
        request.Headers.Authorization = new("Bearer", (await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")])).Access);
        using var response = await http.SendAsync(request);
        Assert.Contains("\"sameRealm\":false", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_offline_session_tells_when_the_client_used_it()
    {
        var world = await AdminWorld.MakeAsync();
        var (user, client) = (world.Thing("users/{user}"), world.Thing("clients/{client}"));
        var session = new UserSession { Id = Guid.CreateVersion7().ToString("N"), RealmId = (await world.Realm.NowAsync()).Id, UserId = user, Offline = true, Started = 1_000_000, LastAccess = 9_000_000 };
        session = session with { Clients = [session.NewClient(client, 2_000_000), session.NewClient(world.Thing("clients/{of}"), 9_000_000)] };
        await world.Realm.Server.Services.GetRequiredService<ISessions>().AddAsync(session);
        Assert.Equal(2_000_000, (long)(await world.GetAsync($"users/{user}/offline-sessions/{client}"))[0]!["lastAccess"]!);
    }

    [Fact]
    public async Task A_provider_is_given_to_an_organization_by_its_id_too()
    {
        var world = await AdminWorld.MakeAsync();
        var id = (string?)(await world.GetAsync("identity-provider/instances/an-idp"))["internalId"];
        var providers = $"organizations/{world.Thing("organizations/{id}")}/identity-providers";
        Assert.Equal(204, (await world.CallAsync("POST", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{providers}", new StringContent($"\"{id}\"", Encoding.UTF8, "application/json"))).Status);
        Assert.Equal("an-idp", (string?)(await world.GetAsync(providers))[0]!["alias"]);
    }

    [Fact]
    public async Task A_member_that_is_sent_empty_is_cleared_also_where_attributes_are_not_sent()
    {
        var world = await AdminWorld.MakeAsync();
        var id = await MakeAsync(world, """{"username":"dora","firstName":"Dora","lastName":"Dee"}""");
        await PutAsync(world, $"users/{id}", """{"firstName":""}""");
        var made = await world.GetAsync($"users/{id}");
        Assert.Equal((null, "Dee"), ((string?)made["firstName"], (string?)made["lastName"]));
    }

    [Fact]
    public async Task Service_accounts_are_nobody_to_become_and_labels_are_not_empty()
    {
        var world = await AdminWorld.MakeAsync();
        var root = $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}";
        var service = (await world.GetAsync($"clients/{world.Thing("clients/{client}")}/service-account-user"))["id"];
        Assert.Equal((400, """{"errorMessage":"Service accounts cannot be impersonated"}"""), await RefusedAsync("POST", $"{root}/users/{service}/impersonation", null));
        var label = $"{root}/users/{world.Thing("users/{user}")}/credentials/{world.Thing("credentials/{credential}")}/userLabel";
        Assert.Equal((400, """{"error":"missingCredentialLabel","error_description":"Credential label must not be empty"}"""), await RefusedAsync("PUT", label, new StringContent(" ")));

        async Task<(int, string)> RefusedAsync(string method, string address, HttpContent? content)
        {
            var answer = await world.CallAsync(method, address, content);
            return (answer.Status, answer.Text);
        }
    }

    /// <summary>Whoever is written as enabled while locked out is let in again, and the log says so; failures that were none are not told of.</summary>
    [Fact]
    public async Task Enabling_somebody_who_is_locked_out_forgives_the_failures()
    {
        var world = await AdminWorld.MakeAsync();
        await world.Realm.SetAsync(r => (r.BruteForceProtected, r.FailureFactor, r.AdminEventsEnabled, r.AdminEventsDetailsEnabled) = (true, 1, true, true));
        var id = await MakeAsync(world, """{"username":"dora","enabled":true,"credentials":[{"type":"password","value":"correct-horse"}]}""");
        await world.CallAsync("DELETE", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/admin-events");
        var guarded = $"attack-detection/brute-force/users/{id}";
        await world.CallAsync("DELETE", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{guarded}");
        await PutAsync(world, $"users/{id}", """{"enabled":true}""");
        Assert.Equal([$"UPDATE USER users/{id}"], await EventsAsync(world));

        var guard = world.Realm.Server.Services.GetRequiredService<BruteForceGuard>();
        var realm = await world.Realm.NowAsync();
        var user = (await world.Realm.Server.Services.GetRequiredService<IUserStore>().FindAsync(realm.Id, id))!;
        await using (var attempt = await guard.BeginAsync(realm, user, "127.0.0.1"))
        {
            await attempt.FailedAsync();
        }

        Assert.True((bool)(await world.GetAsync(guarded))["disabled"]!);
        await PutAsync(world, $"users/{id}", """{"firstName":"Dora"}""");
        Assert.True((bool)(await world.GetAsync(guarded))["disabled"]!);
        await PutAsync(world, $"users/{id}", """{"enabled":true}""");
        Assert.False((bool)(await world.GetAsync(guarded))["disabled"]!);
        Assert.Equal([$"DELETE USER_LOGIN_FAILURE users/{id}", $"UPDATE USER users/{id}", $"UPDATE USER users/{id}", $"UPDATE USER users/{id}"], (await EventsAsync(world)).Order(StringComparer.Ordinal));
    }
}
