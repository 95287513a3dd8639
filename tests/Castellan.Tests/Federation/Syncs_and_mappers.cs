using Castellan.Core.Codes;
using Castellan.Core.Federation;
using Castellan.Core.Realms;
using Castellan.Core.Users.LoginFailures;
using Castellan.Server.Federation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.Tests.Federation;

/// <summary>What comes in by itself, and what mappers make of it.</summary>
public sealed class Syncs_and_mappers
{
    [Fact]
    public async Task A_sync_of_what_changed_brings_in_what_changed()
    {
        var world = await DirectoryWorld.MakeAsync();
        Assert.Equal(2, (await world.SyncAsync())!.Added);
        await Task.Delay(1_100);
        await world.SyncAsync();
        await Task.Delay(1_100);
        await world.SetAsync(world.Dn("lara"), "mail", "new@example.org");
        var changed = (await world.SyncAsync(onlyChanged: true))!;
        Assert.Equal((0, 1), (changed.Added, changed.Updated));
        Assert.Equal("new@example.org", (await world.KeptAsync("lara"))!.Email);
    }

    [Fact]
    public async Task Of_two_nodes_one_does_what_is_due()
    {
        var world = await DirectoryWorld.MakeAsync(settings: ("fullSyncPeriod", "1000"));
        var services = world.Realm.Server.Services;
        SyncSchedule Node() => new(
            world.Federations, services.GetRequiredService<IConfigurationStore>(), services.GetRequiredService<IOneUse>(), TimeProvider.System, NullLogger<SyncSchedule>.Instance);
        await Node().RunDueAsync(default);
        Assert.NotNull(await world.KeptAsync("lara"));
        await world.Federations.Sync.RemoveAsync(await world.Realm.NowAsync(), RealmFederations.Of(await world.Realm.NowAsync()).Find(world.Id)!, default);
        await Node().RunDueAsync(default);
        Assert.Null(await world.KeptAsync("lara"));
    }

    [Fact]
    public async Task A_sync_without_a_directory_says_so()
    {
        var world = await DirectoryWorld.MakeAsync(settings: ("connectionUrl", "ldap://127.0.0.1:1"));
        await Assert.ThrowsAsync<DirectoryException>(() => world.SyncAsync());
    }

    [Fact]
    public async Task Groups_come_as_a_tree_and_members_are_those_of_the_directory()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.AddAsync($"cn=night,{world.Groups}", ("objectClass", "groupOfNames"), ("member", world.Dn("milo")));
        await world.AddAsync($"cn=staff,{world.Groups}", ("objectClass", "groupOfNames"), ("member", world.Dn("lara")), ("member", $"cn=night,{world.Groups}"));
        await GroupsAsync(world, "READ_ONLY");
        var milo = (await world.FindAsync("milo"))!;
        var realm = await world.Realm.NowAsync();
        Assert.Equal(["/staff/night"], milo.GroupIds.Select(id => realm.Groups.Path(realm.Groups.Find(id)!)));
        Assert.Equal(["milo"], (await world.Users.InGroupAsync(realm.Id, milo.GroupIds[0], 0, -1)).Select(u => u.Username));
        await Assert.ThrowsAsync<FederationRefusal>(() => world.ApplyAsync(new LeaveGroup(milo.Id, milo.GroupIds[0])));
    }

    [Fact]
    public async Task Memberships_go_to_the_directory_that_keeps_them()
    {
        var world = await DirectoryWorld.MakeAsync(settings: ("editMode", "WRITABLE"));
        await world.AddAsync($"cn=staff,{world.Groups}", ("objectClass", "groupOfNames"), ("member", world.Dn("lara")));
        await GroupsAsync(world, "LDAP_ONLY");
        var lara = (await world.FindAsync("lara"))!;
        var milo = (await world.FindAsync("milo"))!;
        var staff = Assert.Single(lara.GroupIds);
        await world.ApplyAsync(new JoinGroup(milo.Id, staff));
        await world.ApplyAsync(new LeaveGroup(lara.Id, staff));
        Assert.Equal([world.Dn("milo")], (await world.EntryAsync($"cn=staff,{world.Groups}"))!.Texts("member"));
        await world.ApplyAsync(new LeaveGroup(milo.Id, staff));
        Assert.Empty((await world.FindAsync("milo"))!.GroupIds);
    }

    [Fact]
    public async Task Groups_in_a_circle_come_side_by_side()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.AddAsync($"cn=a,{world.Groups}", ("objectClass", "groupOfNames"), ("member", $"cn=b,{world.Groups}"));
        await world.AddAsync($"cn=b,{world.Groups}", ("objectClass", "groupOfNames"), ("member", $"cn=a,{world.Groups}"));
        await GroupsAsync(world, "READ_ONLY");
        await world.SyncAsync();
        Assert.Equal(["/a", "/b"], (await world.Realm.NowAsync()).Groups.All.Select((await world.Realm.NowAsync()).Groups.Path).Order());
    }

    [Fact]
    public async Task Guesses_of_a_directory_s_passwords_are_counted()
    {
        var world = await DirectoryWorld.MakeAsync(change: realm => (realm.BruteForceProtected, realm.FailureFactor, realm.WaitIncrementSeconds, realm.QuickLoginCheckMilliSeconds) = (true, 3, 60, 0));
        foreach (var name in (string[])["lara", "lara@example.org", "LARA"])
        {
            Assert.NotEqual(200, (await world.SignInAsync(name, "wrong")).Status);
        }

        Assert.NotEqual(200, (await world.SignInAsync("lara", "lara-secret")).Status);
        Assert.Equal(3, (await world.Realm.Server.Services.GetRequiredService<BruteForceGuard>().FindAsync(await world.Realm.NowAsync(), (await world.KeptAsync("lara"))!.Id))!.Failures);
    }

    [Fact]
    public async Task Fixed_values_show_and_go_with_their_mapper()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.MapAsync("hardcoded-attribute-mapper", ("user.model.attribute", "emailVerified"), ("attribute.value", "true"));
        await world.MapAsync("hardcoded-ldap-role-mapper", ("role", "offline_access"));
        var lara = (await world.FindAsync("lara"))!;
        var role = (await world.Realm.NowAsync()).Roles.FindRealmRole("offline_access")!.Id;
        Assert.True(lara.Representation.EmailVerified);
        Assert.Contains(role, lara.RoleIds);
        await Assert.ThrowsAsync<FederationRefusal>(() => world.ApplyAsync(new RemoveRole(RoleOwner.User, lara.Id, role)));
        await world.ChangeAsync(lara, user => user.Enabled = true);
        Assert.False((await world.KeptAsync("lara"))!.Representation.EmailVerified);
    }

    private static Task GroupsAsync(DirectoryWorld world, string mode) => world.MapAsync(
        "group-ldap-mapper", ("groups.dn", world.Groups), ("group.name.ldap.attribute", "cn"), ("group.object.classes", "groupOfNames"), ("preserve.group.inheritance", "true"),
        ("membership.ldap.attribute", "member"), ("membership.attribute.type", "DN"), ("mode", mode), ("user.roles.retrieve.strategy", "LOAD_GROUPS_BY_MEMBER_ATTRIBUTE"), ("groups.path", "/"));
}
