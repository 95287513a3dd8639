using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Admin;

/// <summary>Which roles of a caller count (<c>CallerRoles</c>), and which ones the console's dialogs offer (<c>RoleChoice</c>).</summary>
public sealed class Roles_that_count
{
    [Fact]
    public async Task Are_those_that_the_user_has_now_within_the_scope_of_the_client()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.Roles = new() { Realm = [new() { Name = "whole", Composites = new() { Realm = ["part"] } }, new() { Name = "part" }, new() { Name = "of-group" }], Client = new() { ["web"] = [new() { Name = "own" }] } };
            file.Groups = [new() { Name = "team", RealmRoles = ["of-group"] }];
            file.Clients!.Single(c => c.ClientId == "web").FullScopeAllowed = false;
            var alice = file.Users![0];
            (alice.RealmRoles, alice.Groups, alice.ClientRoles) = (["whole"], ["/team"], new() { ["web"] = ["own"] });
        });
        Assert.Equal(["of-group", "own", "part", "whole"], await NamesAsync(realm, "api"));

        // Of a narrow client its own roles count, and what its scope mappings name.
        Assert.Equal(["own"], await NamesAsync(realm, "web"));
        var now = await realm.NowAsync();
        var web = (await realm.Server.Services.GetRequiredService<IClients>().FindAsync(now, "web"))!;
        await realm.Server.Realms.ApplyAsync(new ChangeSet(now.Id).Add(new AddRole(RoleOwner.Client, web.Id, now.Roles.FindRealmRole("whole")!.Id)));
        Assert.Equal(["own", "part", "whole"], await NamesAsync(realm, "web"));

        // What is taken away counts no more, whatever was worked out before.
        await realm.Server.Realms.ApplyAsync(new ChangeSet(now.Id).Add(new RemoveRole(RoleOwner.User, (await realm.AliceAsync()).Id, now.Roles.FindRealmRole("whole")!.Id)));
        Assert.Equal(["of-group", "own"], await NamesAsync(realm, "api"));
    }

    [Fact]
    public async Task Are_not_those_of_another_whose_ids_read_alike()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.Roles = new() { Realm = [new() { Id = file.Realm + "1", Name = "one" }, new() { Id = file.Realm + "2", Name = "two" }, new() { Id = $"{file.Realm}1 {file.Realm}2", Name = "odd" }] };
            file.Users![0].RealmRoles = ["one", "two"];
        });
        Assert.Equal(["one", "two"], await NamesAsync(realm, "api"));
        var (id, alice) = ((await realm.NowAsync()).Id, (await realm.AliceAsync()).Id);
        await realm.Server.Realms.ApplyAsync(new ChangeSet(id)
            .Add(new RemoveRole(RoleOwner.User, alice, realm.Name + "1")).Add(new RemoveRole(RoleOwner.User, alice, realm.Name + "2"))
            .Add(new AddRole(RoleOwner.User, alice, $"{realm.Name}1 {realm.Name}2")));
        Assert.Equal(["odd"], await NamesAsync(realm, "api"));
    }

    [Fact]
    public async Task Are_offered_once_and_only_while_they_are_not_given()
    {
        var world = await AdminWorld.MakeAsync();
        var (user, group, scope) = (world.Thing("users/{user}"), world.Thing("groups/{group}"), world.Thing("client-scopes/{scope}"));
        foreach (var (owner, mappings) in new[]
        {
            ($"users/{user}", $"users/{user}/role-mappings"), ($"groups/{group}", $"groups/{group}/role-mappings"), ($"clientScopes/{scope}", $"client-scopes/{scope}/scope-mappings"),
        })
        {
            Assert.Contains("guarded.c-role", await OfferedAsync(world, owner));
            var client = world.Thing("clients/{client}");
            var role = await world.GetAsync($"clients/{client}/roles/c-role");
            await world.MakeAsync($"{mappings}/clients/{client}", new JsonArray(role.DeepClone()).ToJsonString());
            Assert.DoesNotContain("guarded.c-role", await OfferedAsync(world, owner));
            Assert.Contains("guarded.c-role", await OfferedAsync(world, owner, "effective"));

            // Away again, as the console does it: all or none.
            var address = $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/ui-ext/role-mapping-delete/{owner}";
            var some = new JsonArray(new JsonObject { ["roleId"] = role["id"]!.ToString() }, new JsonObject { ["roleId"] = AdminWorld.Nobody });
            Assert.Equal(404, (await world.CallAsync("POST", address, Json(some))).Status);
            Assert.DoesNotContain("guarded.c-role", await OfferedAsync(world, owner));
            some.RemoveAt(1);
            Assert.Equal(204, (await world.CallAsync("POST", address, Json(some))).Status);
            Assert.Contains("guarded.c-role", await OfferedAsync(world, owner));
        }

        Assert.Equal(["other.o-role"], await OfferedAsync(world, $"users/{user}", search: "O-ROLE"));
        Assert.All(await OfferedAsync(world, $"users/{user}", search: "guarded"), name => Assert.StartsWith("guarded.", name, StringComparison.Ordinal));
        Assert.Empty(await OfferedAsync(world, $"users/{user}", search: "no-such-role"));
    }

    private static async Task<List<string>> OfferedAsync(AdminWorld world, string owner, string kind = "available", string search = "") =>
    [
        .. (await world.GetAsync($"ui-ext/{kind}-roles/{owner}?first=0&max=100&search={search}")).AsArray().Select(r => $"{r!["client"]}.{r["role"]}"),
    ];

    private static StringContent Json(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private static async Task<List<string>> NamesAsync(TestRealm realm, string clientId)
    {
        var now = await realm.NowAsync();
        var client = (await realm.Server.Services.GetRequiredService<IClients>().FindAsync(now, clientId))!;
        var caller = CallerRoles.Of(now, await realm.AliceAsync(), client);
        return [.. now.Roles.All.Where(r => caller.Contains(r.Id)).Select(r => r.Name).Order(StringComparer.Ordinal)];
    }
}
