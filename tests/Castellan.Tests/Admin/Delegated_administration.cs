using System.Text.Json.Nodes;
using Castellan.Server.Admin;
using Castellan.Server.Admin.Delegation;

namespace Castellan.Tests.Admin;

/// <summary>What fine-grained permissions let an administrator do who has no role but to search (Keycloak's fine-grained admin permissions, version 2).</summary>
public sealed class Delegated_administration
{
    private const string Clerk = """[{"id":"{clerk}","name":"clerk"}]""", Reader = """[{"id":"{reader}","name":"reader"}]""", Boss = """[{"id":"{boss}","name":"boss"}]""";

    private static readonly Lazy<Task<DelegatedWorld>> s_world = new(DelegatedWorld.MakeAsync);

    /// <summary>Permissions, each as type, scopes, objects and policy; then a call and what it is answered with them. Without them every call is refused.</summary>
    public static TheoryData<string, string, string, string?, int> Calls => new()
    {
        { "Users view ann", "GET", "users/{ann}", null, 200 },
        { "Users view ann", "GET", "users/{bob}", null, 403 },
        { "Users view ann", "PUT", "users/{ann}", """{"firstName":"N"}""", 403 },
        { "Users view", "GET", "users/{bob}", null, 200 },
        { "Users view", "GET", "users/00000000-0000-0000-0000-000000000000", null, 404 },
        { "Users view; Users view bob not", "GET", "users/{bob}", null, 403 },
        { "Users view not; Users view bob", "GET", "users/{bob}", null, 200 },
        { "Users manage ann", "PUT", "users/{ann}", """{"firstName":"N"}""", 204 },
        { "Users manage ann", "GET", "users/{ann}", null, 403 },
        { "Users manage ann", "POST", "users", """{"username":"new"}""", 403 },
        { "Users manage ann", "PUT", "users/{ann}/reset-password", """{"type":"password","value":"correct-horse-2"}""", 204 },
        { "Users manage; Users reset-password ann not", "PUT", "users/{ann}/reset-password", """{"type":"password","value":"correct-horse-2"}""", 403 },
        { "Users reset-password ann", "PUT", "users/{ann}/reset-password", """{"type":"password","value":"correct-horse-2"}""", 204 },
        { "Users reset-password ann", "PUT", "users/{bob}/reset-password", """{"type":"password","value":"correct-horse-2"}""", 403 },
        { "Users manage ann", "POST", "users/{ann}/logout", null, 204 },
        { "Users manage ann", "POST", "users/{ann}/impersonation", null, 403 },
        { "Users map-roles ann; Roles map-role clerk", "POST", "users/{ann}/role-mappings/realm", Clerk, 204 },
        { "Users map-roles ann", "POST", "users/{ann}/role-mappings/realm", Clerk, 403 },
        { "Roles map-role clerk", "POST", "users/{ann}/role-mappings/realm", Clerk, 403 },
        { "Users manage ann; Roles map-role clerk", "POST", "users/{ann}/role-mappings/realm", Clerk, 403 },
        { "Users map-roles ann; Clients map-roles web", "POST", "users/{ann}/role-mappings/clients/{web}", Reader, 204 },
        { "Users map-roles ann; Clients map-roles web; Roles map-role", "DELETE", "users/{ann}/role-mappings/clients/{web}", Reader, 204 },
        { "Users map-roles ann; Clients map-roles api", "POST", "users/{ann}/role-mappings/clients/{web}", Reader, 403 },
        { "Users map-roles; Roles map-role", "POST", "users/{ann}/role-mappings/realm", Boss, 403 },
        { "Users view ann", "GET", "ui-ext/available-roles/users/{ann}", null, 200 },
        { "Users map-roles ann", "GET", "ui-ext/available-roles/users/{ann}", null, 403 },
        { "Users map-roles ann; Clients map-roles web", "POST", "ui-ext/role-mapping-delete/users/{ann}", """[{"roleId":"{reader}"}]""", 204 },
        { "Users manage ann; Clients map-roles web", "POST", "ui-ext/role-mapping-delete/users/{ann}", """[{"roleId":"{reader}"}]""", 403 },
        { "Users manage-group-membership ann; Groups manage-membership other", "PUT", "users/{ann}/groups/{other}", null, 204 },
        { "Users manage-group-membership ann", "PUT", "users/{ann}/groups/{other}", null, 403 },
        { "Groups manage-membership other", "PUT", "users/{ann}/groups/{other}", null, 403 },
        { "Users manage-group-membership ann; Groups manage-membership staff", "DELETE", "users/{ann}/groups/{other}", null, 403 },
        { "Groups view-members staff", "GET", "users/{ann}", null, 200 },
        { "Groups view-members staff", "GET", "users/{dan}", null, 200 },
        { "Groups view-members staff", "GET", "users/{bob}", null, 403 },
        { "Groups view-members staff; Groups view-members day not", "GET", "users/{dan}", null, 403 },
        { "Groups view-members staff not; Groups view-members day", "GET", "users/{dan}", null, 200 },
        { "Groups view-members staff not; Users view ann", "GET", "users/{ann}", null, 403 },
        { "Groups view-members", "GET", "users/{ann}", null, 200 },
        { "Groups view-members", "GET", "users/{bob}", null, 403 },
        { "Groups manage-members staff", "PUT", "users/{dan}", """{"firstName":"N"}""", 204 },
        { "Groups manage-members staff", "POST", "users", """{"username":"new","groups":["/staff"]}""", 403 },
        { "Groups manage-membership-of-members staff; Groups manage-membership other", "PUT", "users/{ann}/groups/{other}", null, 204 },
        { "Groups view staff", "GET", "groups/{staff}", null, 200 },
        { "Groups view staff", "GET", "groups/{day}", null, 403 },
        { "Groups view staff", "GET", "group-by-path/staff", null, 200 },
        { "Groups view staff", "GET", "group-by-path/staff/day", null, 403 },
        { "Groups view staff", "GET", "group-by-path/nowhere", null, 404 },
        { "Groups view staff", "GET", "groups/{staff}/members", null, 403 },
        { "Groups view-members staff", "GET", "groups/{staff}/members", null, 200 },
        { "Groups manage staff", "POST", "groups/{staff}/children", """{"name":"night"}""", 201 },
        { "Groups manage staff", "POST", "groups", """{"name":"top"}""", 403 },
        { "Groups manage", "POST", "groups", """{"name":"top"}""", 201 },
        { "Groups manage staff", "POST", "groups/{staff}/role-mappings/realm", Clerk, 403 },
        { "Groups manage staff; Roles map-role clerk", "POST", "groups/{staff}/role-mappings/realm", Clerk, 204 },
        { "Clients view web", "GET", "clients/{web}", null, 200 },
        { "Clients view web", "GET", "clients/{web}/roles", null, 200 },
        { "Clients view web", "GET", "clients/{api}", null, 403 },
        { "Clients view web", "GET", "clients/{api}/client-secret", null, 403 },
        { "Clients manage web", "PUT", "clients/{web}", """{"clientId":"web","name":"W"}""", 204 },
        { "Clients manage web", "POST", "clients", """{"clientId":"new"}""", 403 },
        { "Clients manage", "POST", "clients", """{"clientId":"new"}""", 201 },
        { "Clients manage web", "POST", "clients/{web}/roles/reader/composites", Clerk, 403 },
        { "Clients manage web; Roles map-role-composite clerk", "POST", "clients/{web}/roles/reader/composites", Clerk, 204 },
        { "Clients manage web", "POST", "clients/{web}/scope-mappings/realm", Clerk, 403 },
        { "Clients manage web; Roles map-role-client-scope clerk", "POST", "clients/{web}/scope-mappings/realm", Clerk, 204 },
        { "Clients manage web", "POST", "client-scopes", """{"name":"new","protocol":"openid-connect"}""", 403 },
        { "Clients manage web", "DELETE", "clients/{admin-permissions}", null, 403 },
        { "Organizations view acme", "GET", "organizations/{acme}", null, 200 },
        { "Organizations view acme", "GET", "organizations/{rest}", null, 403 },
        { "Organizations view acme", "DELETE", "organizations/{acme}", null, 403 },
        { "Organizations manage acme", "PUT", "organizations/{acme}", """{"name":"acme","alias":"acme","domains":[{"name":"acme.example"}]}""", 204 },
        { "Users manage", "PUT", "users/profile", """{"unmanagedAttributePolicy":"ENABLED"}""", 403 },
        { "Users manage; Users reset-password ann not", "PUT", "users/{ann}", """{"credentials":[{"type":"password","value":"correct-horse-2"}]}""", 403 },
        { "Users manage; Users reset-password", "PUT", "users/{chief}/reset-password", """{"type":"password","value":"correct-horse-2"}""", 403 },
        { "Users manage", "PUT", "users/{chief}", """{"email":"mine@example.org"}""", 403 },
        { "Users view; Users manage", "GET", "users/{chief}", null, 200 },
        { "Groups manage staff", "POST", "groups/{staff}/children", """{"id":"{other}","name":"other"}""", 403 },
        { "Groups manage staff; Groups manage other", "POST", "groups/{staff}/children", """{"id":"{other}","name":"other"}""", 204 },
        { "Groups manage; Groups manage day not", "POST", "groups", """{"id":"{day}","name":"day"}""", 403 },
        { "Groups view-members staff; Users view ann not", "GET", "users/{ann}", null, 403 },
        { "Groups view-members not; Users view", "GET", "users/{ann}", null, 403 },
        { "Groups view-members not; Users view", "GET", "users/{bob}", null, 200 },
        { "Clients manage", "PUT", "clients/{realm-management}", """{"clientId":"old"}""", 403 },
        { "Clients manage", "PUT", "clients/{admin-permissions}", """{}""", 403 },
        { "Clients manage", "POST", "clients/{admin-permissions}/authz/resource-server/policy/user", """{"name":"me","users":["{dora}"]}""", 403 },
        { "Clients manage web", "PUT", "clients/{web}/default-client-scopes/none", null, 404 },
        { "Clients manage web", "PUT", "clients/{web}/default-client-scopes/{phone}", null, 403 },
        { "Clients manage web", "PUT", "clients/{web}/optional-client-scopes/{phone}", null, 403 },
        { "Clients manage web", "DELETE", "clients/{web}/default-client-scopes/{profile}", null, 403 },
        { "Clients manage web", "DELETE", "clients/{web}/optional-client-scopes/{phone}", null, 403 },
        { "Clients manage web", "PUT", "default-default-client-scopes/{phone}", null, 403 },
        { "Clients manage web", "DELETE", "default-optional-client-scopes/{phone}", null, 403 },
        { "Clients manage", "PUT", "clients/{web}/optional-client-scopes/{phone}", null, 204 },
        { "Clients view web; Users view", "GET", "roles/clerk/users", null, 403 },
        { "Users manage", "POST", "users", """{"username":"joiner-1","groups":["/staff"]}""", 403 },
        { "Users manage", "POST", "users", """{"username":"joiner-2","groups":["/nowhere"]}""", 403 },
        { "Users manage; Groups view", "POST", "users", """{"username":"joiner-3","groups":["/nowhere"]}""", 404 },
        { "Users manage; Groups manage-membership staff", "POST", "users", """{"username":"joiner-4","groups":["/staff"]}""", 201 },
        { "Groups manage-members staff; Groups manage-membership staff", "POST", "users", """{"username":"joiner-5","groups":["/staff"]}""", 201 },
        { "Groups manage-members staff; Groups manage-membership staff", "POST", "users", """{"username":"joiner-6"}""", 403 },
        { "Groups manage-members staff; Groups manage-membership staff", "POST", "users", """{"username":"joiner-7","groups":["/staff","/other"]}""", 403 },
        { "Groups manage-members staff", "POST", "users", """{"username":"joiner-8","groups":["/staff"]}""", 403 },
        { "Clients view web", "GET", "clients/{web}/roles/reader/users", null, 403 },
        { "Clients view web", "GET", "clients/{web}/evaluate-scopes/generate-example-access-token?userId={ann}", null, 403 },
        { "Clients view web; Users view ann", "GET", "clients/{web}/evaluate-scopes/generate-example-access-token?userId={ann}", null, 200 },
        { "Clients manage", "POST", "client-description-converter", """{"clientId":"x"}""", 200 },
        { "Clients view", "GET", "clients/00000000-0000-0000-0000-000000000000", null, 404 },
        { "Groups view", "GET", "groups/00000000-0000-0000-0000-000000000000", null, 404 },
        { "Users view; Users manage; Groups manage; Clients manage; Roles map-role", "PUT", "", """{"displayName":"X"}""", 403 },
        { "Users view; Users manage; Groups manage; Clients manage; Roles map-role", "POST", "roles", """{"name":"new"}""", 403 },
        { "Users view; Users manage; Groups manage; Clients manage; Roles map-role", "GET", "components", null, 403 },
    };

    [Theory, MemberData(nameof(Calls))]
    public async Task A_call_is_answered_as_permissions_say(string permissions, string method, string path, string? body, int status)
    {
        var world = await s_world.Value;
        Assert.Contains((await world.CallAsync("dora", method, path, body)).Status, (int[])[403, 404]);
        var made = await MakeAsync(world, permissions);
        var answer = await world.CallAsync("dora", method, path, body);
        await WithdrawAsync(world, made);

        Assert.True(answer.Status == status, $"{answer.Status} {answer.Text}");
    }

    /// <summary>Lists and counts hold exactly what may be looked at one by one, whatever permissions there are.</summary>
    [Fact]
    public async Task Lists_show_what_may_be_viewed()
    {
        var world = await DelegatedWorld.MakeAsync();
        var people = (await world.GetAsync("users")).AsArray().Select(u => u!["id"]!.ToString()).ToList();
        var groups = new[] { "staff", "day", "other" }.Select(world.Id).ToList();
        var some = new[]
        {
            "Users view", "Users view not", "Users view ann", "Users view dan not", "Users view bob", "Groups view-members", "Groups view-members not", "Groups view-members staff",
            "Groups view-members staff not", "Groups view-members day", "Groups view-members day not", "Groups view", "Groups view staff", "Groups view day not", "Clients view",
            "Clients view web", "Clients view api not", "Organizations view acme",
        };
        var random = new Random(4711);
        for (var round = 0; round < 25; round++)
        {
            var chosen = string.Join("; ", some.Where(_ => random.Next(4) == 0));
            var made = await MakeAsync(world, chosen);
            var seen = await SeenAsync(world, "users", people);
            Assert.True(seen.SetEquals(await ListedAsync(world, "users")), chosen);
            Assert.Equal(seen.Count, (await world.GetAsync("users/count", "dora")).GetValue<int>());
            Assert.Equal((await SeenAsync(world, "groups", groups)).Count, (await world.GetAsync("groups/count", "dora"))["count"]!.GetValue<int>());
            Assert.True((await SeenAsync(world, "clients", [world.Id("web"), world.Id("api"), world.Id("account")])).IsSubsetOf(await ListedAsync(world, "clients")), chosen);
            Assert.True((await SeenAsync(world, "organizations", [world.Id("acme"), world.Id("rest")])).SetEquals(await ListedAsync(world, "organizations")), chosen);
            await WithdrawAsync(world, made);
        }
    }

    [Fact]
    public async Task A_list_says_what_may_be_done_with_each()
    {
        var world = await DelegatedWorld.MakeAsync();
        await MakeAsync(world, "Users view; Users manage ann; Users map-roles bob; Groups view; Groups manage-membership staff; Clients view; Clients manage web");
        var users = (await world.GetAsync("users", "dora")).AsArray().ToDictionary(u => u!["username"]!.ToString(), u => u!["access"]!.ToJsonString());
        Assert.Equal(("""{"manage":true}""", """{"manage":false}"""), (users["ann"], users["bob"]));
        Assert.True((await world.GetAsync("users/{bob}", "dora"))["access"]!["mapRoles"]!.GetValue<bool>());
        Assert.False((await world.GetAsync("users/{bob}", "dora"))["access"]!["impersonate"]!.GetValue<bool>());
        Assert.True((await world.GetAsync("groups/{staff}", "dora"))["access"]!["manageMembership"]!.GetValue<bool>());
        Assert.False((await world.GetAsync("groups/{other}", "dora"))["access"]!["manageMembership"]!.GetValue<bool>());
        Assert.True((await world.GetAsync("clients/{web}", "dora"))["access"]!["manage"]!.GetValue<bool>());
        Assert.False((await world.GetAsync("clients/{api}", "dora"))["access"]!["manage"]!.GetValue<bool>());
    }

    /// <summary>A permission opens no route that is not about objects of its type, whatever the path begins with.</summary>
    [Fact]
    public void Delegated_routes_are_about_what_their_roles_are_about()
    {
        foreach (var route in AdminRoutes.All.Where(r => r.Permission.AnyOf is [var only] && only is "manage-realm" or "manage-events" or "manage-identity-providers"))
        {
            Assert.False(DelegatedRoutes.IsOpen(route), $"{route.Method} {route.Path}");
        }

        Assert.True(DelegatedRoutes.IsOpen(AdminRoutes.All.Single(r => r is { Method: "PUT", Path: "users/{user}" })));
    }

    /// <summary>What the members of a group are shown is what may be seen of each.</summary>
    [Fact]
    public async Task Members_leave_out_whom_a_permission_hides()
    {
        var world = await DelegatedWorld.MakeAsync();
        await MakeAsync(world, "Groups view-members staff");
        Assert.Equal(["ann"], (await world.GetAsync("groups/{staff}/members", "dora")).AsArray().Select(u => u!["username"]!.ToString()));
        await MakeAsync(world, "Users view ann not");
        Assert.Empty((await world.GetAsync("groups/{staff}/members", "dora")).AsArray());

        // A page is one of those who are left.
        Assert.Equal(204, (await world.CallAsync("chief", "PUT", "users/{bob}/groups/{staff}")).Status);
        Assert.Equal("bob", await NamesAsync(world, "groups/{staff}/members?max=1"));
    }

    /// <summary>Chief and dora are signed in with the same client.</summary>
    [Fact]
    public async Task Sessions_of_a_client_are_those_of_people_who_may_be_seen()
    {
        var world = await DelegatedWorld.MakeAsync();
        foreach (var (permissions, seen) in new[]
        {
            ("Clients view admin-cli", ""), ("Clients view admin-cli; Users view chief", "chief"), ("Clients view admin-cli; Users view dora", "dora"),
            ("Clients view admin-cli; Users view", "chief dora"), ("Clients view; Users view; Users view dora not", "chief"),
        })
        {
            var made = await MakeAsync(world, permissions);
            Assert.Equal((permissions, seen), (permissions, await NamesAsync(world, "clients/{admin-cli}/user-sessions")));
            Assert.Equal((permissions, seen.Split(' ')[^1]), (permissions, await NamesAsync(world, $"clients/{{admin-cli}}/user-sessions?max=1&first={(seen.Contains(' ', StringComparison.Ordinal) ? 1 : 0)}")));
            Assert.Equal((permissions, seen), (permissions, await NamesAsync(world, "ui-ext/sessions/client?clientId={admin-cli}")));
            Assert.Equal(seen.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, (await world.GetAsync("clients/{admin-cli}/session-count", "dora"))["count"]!.GetValue<int>());
            await WithdrawAsync(world, made);
        }

        await MakeAsync(world, "Clients view web; Users view");
        Assert.Equal(403, (await world.CallAsync("dora", "GET", "ui-ext/sessions/client?clientId={admin-cli}")).Status);
        Assert.Equal(403, (await world.CallAsync("dora", "GET", "ui-ext/sessions")).Status);
        Assert.Equal("chief dora", await NamesAsync(world, "ui-ext/sessions", by: "chief"));
    }

    [Fact]
    public async Task Groups_are_named_to_who_may_see_them_wherever_they_come_up()
    {
        var world = await DelegatedWorld.MakeAsync();
        var reader = await world.GetAsync("clients/{web}/roles/reader");
        foreach (var group in new[] { "{staff}", "{other}" })
        {
            Assert.Equal(204, (await world.CallAsync("chief", "POST", $"groups/{group}/role-mappings/clients/{{web}}", new JsonArray(reader.DeepClone()).ToJsonString())).Status);
        }

        Assert.Equal(204, (await world.CallAsync("chief", "PUT", "users/{ann}/groups/{other}")).Status);
        foreach (var (permissions, groups) in new[] { ("Clients view web; Users view ann", ""), ("Groups view other", "other"), ("Groups view", "other staff") })
        {
            await MakeAsync(world, permissions);
            Assert.Equal(groups, await NamesAsync(world, "clients/{web}/roles/reader/groups", "name"));
            Assert.Equal(groups, await NamesAsync(world, "users/{ann}/groups", "name"));
            Assert.Equal(groups.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, (await world.GetAsync("users/{ann}/groups/count", "dora"))["count"]!.GetValue<int>());
        }
    }

    /// <summary>Default groups are nobody's to ask for: whoever may make users makes them in these.</summary>
    [Fact]
    public async Task New_users_come_into_the_groups_that_are_for_everybody()
    {
        var world = await DelegatedWorld.MakeAsync();
        Assert.Equal(204, (await world.CallAsync("chief", "PUT", "default-groups/{other}")).Status);
        await MakeAsync(world, "Users manage");
        Assert.Equal(201, (await world.CallAsync("dora", "POST", "users", """{"username":"new"}""")).Status);
        Assert.Equal(403, (await world.CallAsync("dora", "POST", "users", """{"username":"newer","groups":["/staff"]}""")).Status);
    }

    /// <summary>Who manages all clients but is no whole administrator does not get at the client whose roles administer the realm, nor at the permissions.</summary>
    [Fact]
    public async Task Managers_of_clients_stay_away_from_administration()
    {
        var world = await DelegatedWorld.MakeAsync();
        var management = await world.GetAsync("clients/{realm-management}");
        var role = (await world.GetAsync("clients/{realm-management}/roles/manage-clients"));
        Assert.Equal(204, (await world.CallAsync("chief", "POST", "users/{dora}/role-mappings/clients/{realm-management}", new JsonArray(role.DeepClone()).ToJsonString())).Status);
        management["clientId"] = "old";
        Assert.Equal(403, (await world.CallAsync("dora", "PUT", "clients/{realm-management}", management.ToJsonString())).Status);
        Assert.Equal(403, (await world.CallAsync("dora", "PUT", "clients/{admin-permissions}", "{}")).Status);
        Assert.Equal(204, (await world.CallAsync("dora", "PUT", "clients/{web}", """{"clientId":"web"}""")).Status);

        // A whole administrator may change it, but not what it is for.
        Assert.Equal(204, (await world.CallAsync("chief", "PUT", "clients/{admin-permissions}", """{"clientId":"other-name","description":"D"}""")).Status);
        var kept = await world.GetAsync("clients/{admin-permissions}");
        Assert.Equal(("admin-permissions", "D", true), (kept["clientId"]!.ToString(), kept["description"]!.ToString(), kept["authorizationServicesEnabled"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Permissions_count_while_the_realm_has_them_on_and_for_its_own_people_alone()
    {
        var world = await DelegatedWorld.MakeAsync();
        await MakeAsync(world, "Users view; Users impersonate ann");
        Assert.Equal(200, (await world.CallAsync("dora", "GET", "users/{ann}")).Status);
        var settings = await world.GetAsync("");
        settings["adminPermissionsEnabled"] = false;
        Assert.Equal(204, (await world.CallAsync("chief", "PUT", "", settings.ToJsonString())).Status);
        Assert.Equal(403, (await world.CallAsync("dora", "GET", "users/{ann}")).Status);
        Assert.Empty((await world.GetAsync("users", "dora")).AsArray());
        settings["adminPermissionsEnabled"] = true;
        Assert.Equal(204, (await world.CallAsync("chief", "PUT", "", settings.ToJsonString())).Status);

        // Becoming another ends the session of the administrator who does.
        Assert.Equal(403, (await world.CallAsync("dora", "POST", "users/{chief}/impersonation")).Status);
        Assert.Equal(200, (await world.CallAsync("dora", "POST", "users/{ann}/impersonation")).Status);
        Assert.Equal(401, (await world.CallAsync("dora", "GET", "users/{ann}")).Status);
    }

    private static async Task<HashSet<string>> SeenAsync(DelegatedWorld world, string kind, IEnumerable<string> ids)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            if ((await world.CallAsync("dora", "GET", $"{kind}/{id}")).Status == 200)
            {
                seen.Add(id);
            }
        }

        return seen;
    }

    private static async Task<HashSet<string>> ListedAsync(DelegatedWorld world, string kind) =>
        [.. (await world.GetAsync(kind, "dora")).AsArray().Select(one => one!["id"]!.ToString())];

    /// <summary>The names in a list, as dora sees it, in order.</summary>
    internal static async Task<string> NamesAsync(DelegatedWorld world, string path, string name = "username", string by = "dora") =>
        string.Join(' ', (await world.GetAsync(path, by)).AsArray().Select(one => one![name]!.ToString()).Order(StringComparer.Ordinal));

    internal static async Task WithdrawAsync(DelegatedWorld world, List<string> made)
    {
        foreach (var permission in made)
        {
            await world.WithdrawAsync(permission);
        }
    }

    internal static async Task<List<string>> MakeAsync(DelegatedWorld world, string permissions)
    {
        var made = new List<string>();
        foreach (var permission in permissions.Split("; ", StringSplitOptions.RemoveEmptyEntries))
        {
            var words = permission.Split(' ');
            var not = words[^1] == "not";
            made.Add(await world.PermitAsync(words[0], [words[1]], [.. words.Skip(2).Where(w => w != "not")], not ? "not" : "only"));
        }

        return made;
    }
}
