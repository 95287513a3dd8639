using System.Text.Json.Nodes;
using Castellan.Core;
using Castellan.Core.Realms;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Admin;

/// <summary>An administration role lets somebody at what it is for, and by no detour at what others are for.</summary>
public sealed class Rights_that_reach_no_further
{
    /// <summary>The part of <c>boss</c> is the administration role <c>manage-users</c> (CVE-2026-16105, CVE-2026-16106).</summary>
    [Fact]
    public async Task Parts_that_are_not_ones_own_to_give_are_not_ones_own_to_take()
    {
        var world = await DelegatedWorld.MakeAsync();
        await world.NameAsync("clients/{realm-management}/roles", "name");
        const string Part = """[{"id":"{manage-users}","name":"manage-users"}]""", Id = """[{"roleId":"{manage-users}"}]""";

        // Who manages the realm manages no roles of clients by what the consoles call.
        await GiveAsync(world, "manage-realm");
        Assert.Equal(204, (await world.CallAsync("chief", "POST", "clients/{web}/roles/reader/composites", """[{"id":"{clerk}"}]""")).Status);
        await RefusedAsync(world, "POST", "ui-ext/role-mapping-delete/roles/{reader}", """[{"roleId":"{clerk}"}]""");
        await GiveAsync(world, "manage-clients");
        foreach (var delegates in (bool[])[true, false])
        {
            var settings = await world.GetAsync("");
            settings["adminPermissionsEnabled"] = delegates;
            Assert.Equal(204, (await world.CallAsync("chief", "PUT", "", settings.ToJsonString())).Status);
            await RefusedAsync(world, "POST", "roles/clerk/composites", Part);
            await RefusedAsync(world, "DELETE", "roles/boss/composites", Part);
            await RefusedAsync(world, "DELETE", "roles-by-id/{boss}/composites", Part);
            await RefusedAsync(world, "DELETE", "clients/{realm-management}/roles/realm-admin/composites", Part);
            await RefusedAsync(world, "DELETE", "roles-by-id/{realm-admin}/composites", Part);
            await RefusedAsync(world, "POST", "ui-ext/role-mapping-delete/roles/{boss}", Id);
            await RefusedAsync(world, "POST", "ui-ext/role-mapping-delete/roles/{realm-admin}", Id);
            await RefusedAsync(world, "DELETE", "clients/{realm-management}/roles/manage-users", null);
            await RefusedAsync(world, "DELETE", "roles-by-id/{manage-users}", null);
            await RefusedAsync(world, "PUT", "clients/{realm-management}/roles/manage-users", """{"name":"other"}""");
            await RefusedAsync(world, "PUT", "roles-by-id/{manage-users}", """{"name":"other"}""");
        }

        Assert.Equal("manage-users", (await world.GetAsync("roles/boss/composites"))[0]!["name"]!.ToString());

        // Parts that are free to give are free to take, and whoever has all may take all.
        Assert.Equal(204, (await world.CallAsync("dora", "DELETE", "clients/{web}/roles/reader/composites", """[{"id":"{clerk}"}]""")).Status);
        Assert.Equal(204, (await world.CallAsync("chief", "DELETE", "roles/boss/composites", Part)).Status);
    }

    /// <summary>A role that is replaced is taken from everybody who has it, as one that is removed.</summary>
    [Fact]
    public async Task A_file_replaces_no_role_that_is_not_ones_own_to_take()
    {
        var world = await DelegatedWorld.MakeAsync();
        await GiveAsync(world, "manage-realm");
        await GiveAsync(world, "manage-clients");
        await RefusedAsync(world, "POST", "partialImport", """{"ifResourceExists":"OVERWRITE","roles":{"client":{"realm-management":[{"name":"manage-users"}]}}}""");
        Assert.Equal("manage-users", (await world.GetAsync("roles/boss/composites"))[0]!["name"]!.ToString());
        Assert.Equal(200, (await world.CallAsync("dora", "POST", "partialImport", """{"ifResourceExists":"OVERWRITE","roles":{"realm":[{"name":"clerk"}]}}""")).Status);
    }

    /// <summary>Groups that somebody may not view are not told by being groups of newcomers (CVE-2026-16108), and stay when the rest is saved.</summary>
    [Fact]
    public async Task Default_groups_are_those_that_may_be_seen()
    {
        var world = await DelegatedWorld.MakeAsync();
        await GiveAsync(world, "manage-realm");
        foreach (var group in (string[])["{staff}", "{other}"])
        {
            Assert.Equal(204, (await world.CallAsync("chief", "PUT", "default-groups/" + group)).Status);
        }

        await world.PermitAsync("Groups", ["view"], ["staff"]);
        Assert.Equal("staff", string.Join(' ', (await world.GetAsync("default-groups", "dora")).AsArray().Select(g => g!["name"])));
        var seen = await world.GetAsync("", "dora");
        Assert.Equal("""["/staff"]""", seen["defaultGroups"]!.ToJsonString());
        Assert.DoesNotContain("/other", (await world.CallAsync("dora", "GET", "../../realms")).Text, StringComparison.Ordinal);
        var export = await world.CallAsync("dora", "POST", "partial-export");
        Assert.Equal(200, export.Status);
        Assert.DoesNotContain("/other", export.Text, StringComparison.Ordinal);
        await RefusedAsync(world, "POST", "partial-export?exportGroupsAndRoles=true", null);
        await RefusedAsync(world, "PUT", "default-groups/{other}", null);
        await RefusedAsync(world, "DELETE", "default-groups/{other}", null);

        Assert.Equal(204, (await world.CallAsync("dora", "PUT", "", seen.ToJsonString())).Status);
        Assert.Equal("other staff", string.Join(' ', (await world.GetAsync("default-groups")).AsArray().Select(g => g!["name"]!.ToString()).Order(StringComparer.Ordinal)));
    }

    /// <summary>The groups that have a role of the realm, and the parts of one, are those that permissions say (CVE-2026-14613).</summary>
    [Fact]
    public async Task Roles_of_the_realm_tell_of_no_group_and_take_no_part_that_is_anothers()
    {
        var world = await DelegatedWorld.MakeAsync();
        await GiveAsync(world, "manage-realm");
        foreach (var group in (string[])["{staff}", "{other}"])
        {
            Assert.Equal(204, (await world.CallAsync("chief", "POST", $"groups/{group}/role-mappings/realm", """[{"id":"{clerk}","name":"clerk"}]""")).Status);
        }

        await world.PermitAsync("Groups", ["view"], ["other"]);
        Assert.Equal("other", string.Join(' ', (await world.GetAsync("roles/clerk/groups", "dora")).AsArray().Select(g => g!["name"])));

        const string Reader = """[{"id":"{reader}","name":"reader"}]""";
        await RefusedAsync(world, "POST", "roles/clerk/composites", Reader);
        Assert.Equal(204, (await world.CallAsync("chief", "POST", "roles/clerk/composites", Reader)).Status);
        await RefusedAsync(world, "DELETE", "roles/clerk/composites", Reader);
        await RefusedAsync(world, "DELETE", "roles-by-id/{clerk}/composites", Reader);
        await RefusedAsync(world, "POST", "ui-ext/role-mapping-delete/roles/{clerk}", """[{"roleId":"{reader}"}]""");
        await world.PermitAsync("Roles", ["map-role-composite"], ["reader"]);
        Assert.Equal(204, (await world.CallAsync("dora", "DELETE", "roles/clerk/composites", Reader)).Status);
    }

    /// <summary>Who manages identity providers binds none to an organization (CVE-2026-18201).</summary>
    [Fact]
    public async Task Providers_belong_to_organizations_by_the_hand_of_who_manages_those()
    {
        var world = await DelegatedWorld.MakeAsync();
        await GiveAsync(world, "manage-identity-providers");
        await RefusedAsync(world, "POST", "identity-provider/instances", Provider("one", "{acme}"));
        Assert.Equal(201, (await world.CallAsync("dora", "POST", "identity-provider/instances", Provider("one"))).Status);
        await RefusedAsync(world, "PUT", "identity-provider/instances/one", Provider("one", "{acme}"));
        Assert.Equal(204, (await world.CallAsync("chief", "PUT", "identity-provider/instances/one", Provider("one", "{acme}", "acme.example"))).Status);
        Assert.Equal(204, (await world.CallAsync("dora", "PUT", "identity-provider/instances/one", Provider("one", "{acme}", "acme.example"))).Status);
        await RefusedAsync(world, "PUT", "identity-provider/instances/one", Provider("one"));
        await RefusedAsync(world, "PUT", "identity-provider/instances/one", Provider("one", "{rest}"));
        await RefusedAsync(world, "PUT", "identity-provider/instances/one", Provider("one", "{acme}", "ANY"));
        await world.PermitAsync("Organizations", ["manage"], ["acme"]);
        await RefusedAsync(world, "PUT", "identity-provider/instances/one", Provider("one", "{rest}"));
        Assert.Equal(204, (await world.CallAsync("dora", "PUT", "identity-provider/instances/one", Provider("one", "{acme}", "ANY"))).Status);
        Assert.Equal(201, (await world.CallAsync("dora", "POST", "identity-provider/instances", Provider("two", "{acme}"))).Status);

        static string Provider(string alias, string? organization = null, string? domain = null)
        {
            var config = new JsonObject { ["clientId"] = "x", ["clientSecret"] = "y", ["authorizationUrl"] = "https://idp.example/a", ["tokenUrl"] = "https://idp.example/t" };
            var provider = new JsonObject { ["alias"] = alias, ["providerId"] = "oidc", ["enabled"] = true, ["config"] = config };
            if (organization is not null)
            {
                provider["organizationId"] = organization;
            }

            if (domain is not null)
            {
                config["kc.org.domain"] = domain;
            }

            return provider.ToJsonString();
        }
    }

    /// <summary>What an invitation shows is not the link, by which whoever has it becomes the one who is invited (CVE-2026-16072).</summary>
    [Fact]
    public async Task An_invitation_does_not_tell_its_link()
    {
        var world = await DelegatedWorld.MakeAsync();
        var realm = await world.Realm.NowAsync();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await world.Realm.Server.Services.GetRequiredService<IRealms>()
            .ApplyAsync(new ChangeSet(realm.Id).Add(new PutInvitation(new(Ids.New(), world.Id("acme"), "guest@example.org", "G", "H", now, now + 300_000))));
        await RefusedAsync(world, "GET", "organizations/{acme}/invitations", null);
        var shown = (await world.GetAsync("organizations/{acme}/invitations"))[0]!.AsObject();
        Assert.Equal(["email", "expiresAt", "firstName", "id", "lastName", "organizationId", "sentDate", "status"], shown.Select(m => m.Key).Order(StringComparer.Ordinal));
    }

    /// <summary>What policies would decide is told with what there is to know of a person: for those who may see them.</summary>
    [Fact]
    public async Task Decisions_are_tried_for_people_who_may_be_seen()
    {
        var world = await DelegatedWorld.MakeAsync();
        await GiveAsync(world, "manage-authorization");
        Assert.Equal(201, (await world.CallAsync("chief", "POST", "clients", """{"clientId":"guarded","publicClient":false,"serviceAccountsEnabled":true,"authorizationServicesEnabled":true}""")).Status);
        await world.NameAsync("clients", "clientId");
        const string Path = "clients/{guarded}/authz/resource-server/policy/evaluate", Body = """{"userId":"{ann}","resources":[],"entitlements":true}""";
        await RefusedAsync(world, "POST", Path, Body);
        await world.PermitAsync("Users", ["view"], ["ann"]);
        Assert.Equal(200, (await world.CallAsync("dora", "POST", Path, Body)).Status);
    }

    private static async Task GiveAsync(DelegatedWorld world, string role)
    {
        var given = await world.GetAsync("clients/{realm-management}/roles/" + role);
        Assert.Equal(204, (await world.CallAsync("chief", "POST", "users/{dora}/role-mappings/clients/{realm-management}", new JsonArray(given.DeepClone()).ToJsonString())).Status);
    }

    private static async Task RefusedAsync(DelegatedWorld world, string method, string path, string? body)
    {
        var answer = await world.CallAsync("dora", method, path, body);
        Assert.True(answer.Status == 403, $"{method} {path}: {answer.Status} {answer.Text}");
    }
}
