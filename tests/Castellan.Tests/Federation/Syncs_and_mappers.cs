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

    [Theory]
    [InlineData("a>b b>a", "false")]
    [InlineData("a>c b>c c>", "true")]
    [InlineData("a>gone", "false")]
    public async Task Groups_that_are_no_tree_are_refused_and_keep_nobody_out(string groups, string ignoresMissing)
    {
        var world = await DirectoryWorld.MakeAsync();
        await NestAsync(world, groups);
        await GroupsAsync(world, "READ_ONLY", ("ignore.missing.groups", ignoresMissing));
        Assert.Equal("GroupsMultipleParents", (await Assert.ThrowsAsync<FederationRefusal>(() => world.SyncAsync())).Error);
        Assert.Empty((await world.Realm.NowAsync()).Groups.All);
        Assert.Equal(200, (await world.SignInAsync("lara", "lara-secret")).Status);
    }

    [Fact]
    public async Task Groups_that_are_named_and_not_there_may_be_overlooked()
    {
        var world = await DirectoryWorld.MakeAsync();
        await NestAsync(world, "a>gone");
        await GroupsAsync(world, "READ_ONLY", ("ignore.missing.groups", "true"));
        await world.SyncAsync();
        Assert.Equal("a", Assert.Single((await world.Realm.NowAsync()).Groups.All).Name);
    }

    [Fact]
    public async Task A_group_that_the_directory_lacks_goes_there_with_those_around_it()
    {
        var world = await DirectoryWorld.MakeAsync(settings: ("editMode", "WRITABLE"));
        await NestAsync(world, "top>");
        await GroupsAsync(world, "LDAP_ONLY");
        await world.SyncAsync();
        var top = Assert.Single((await world.Realm.NowAsync()).Groups.All).Id;
        await world.ApplyAsync(new PutGroup(new() { Id = "m" + world.Id, Name = "middle", ParentId = top }) { IsNew = true });
        await world.ApplyAsync(new PutGroup(new() { Id = "d" + world.Id, Name = "deep", ParentId = "m" + world.Id }) { IsNew = true });
        await world.ApplyAsync(new JoinGroup((await world.FindAsync("lara"))!.Id, "d" + world.Id));
        Assert.Contains($"cn=middle,{world.Groups}", (await world.EntryAsync($"cn=top,{world.Groups}"))!.Texts("member"));
        Assert.Contains($"cn=deep,{world.Groups}", (await world.EntryAsync($"cn=middle,{world.Groups}"))!.Texts("member"));
        Assert.Contains(world.Dn("lara"), (await world.EntryAsync($"cn=deep,{world.Groups}"))!.Texts("member"));
    }

    [Fact]
    public async Task Members_of_the_directory_stand_behind_those_who_are_members_here()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.AddPersonAsync("abel", "Abel", "Ash", null);
        await world.AddAsync($"cn=staff,{world.Groups}", ("objectClass", "groupOfNames"), ("member", world.Dn("lara")), ("member", world.Dn("abel")));
        await GroupsAsync(world, "READ_ONLY");
        var staff = Assert.Single((await world.FindAsync("lara"))!.GroupIds);
        var realm = await world.Realm.NowAsync();
        await world.ApplyAsync(new JoinGroup((await world.FindAsync("milo"))!.Id, staff));
        var members = (await world.Users.InGroupAsync(realm.Id, staff, 0, -1)).Select(u => u.Username).ToList();
        Assert.Equal(("milo", "abel lara"), (members[0], string.Join(' ', members.Skip(1).Order(StringComparer.Ordinal))));
    }

    [Fact]
    public async Task A_federation_that_is_off_can_be_brought_up_to_date_and_each_kind_of_sync_is_noted()
    {
        var world = await DirectoryWorld.MakeAsync(settings: ("enabled", "false"));
        Assert.Equal(2, (await world.SyncAsync())!.Added);
        await world.SyncAsync(onlyChanged: true);
        var config = (await world.Realm.NowAsync()).Data.Components.First(c => c.Id == world.Id).Config!;
        Assert.True(config.ContainsKey("lastSync_FULL") && config.ContainsKey("lastSync_CHANGED"));
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
        await world.SyncAsync();
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

    [Fact]
    public async Task Fixed_values_are_kept_from_an_import_on()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.FindAsync("milo");
        await world.MapAsync("hardcoded-attribute-mapper", ("user.model.attribute", "emailVerified"), ("attribute.value", "true"));
        await world.FindAsync("lara");
        Assert.Equal((true, false), ((await world.KeptAsync("lara"))!.Representation.EmailVerified, (await world.KeptAsync("milo"))!.Representation.EmailVerified));
        await world.SyncAsync();
        Assert.True((await world.KeptAsync("milo"))!.Representation.EmailVerified);
    }

    [Fact]
    public async Task Addresses_are_trusted_when_they_come_and_not_later()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.FindAsync("lara");
        await world.FederateAsync(("trustEmail", "true"));
        await world.SyncAsync();
        Assert.Equal((false, true), ((await world.FindAsync("lara"))!.Representation.EmailVerified, (await world.FindAsync("milo"))!.Representation.EmailVerified));
    }

    [Fact]
    public async Task Who_has_two_names_is_called_by_the_one_that_names_people()
    {
        var world = await DirectoryWorld.MakeAsync();
        var realm = await world.Realm.NowAsync();
        var names = realm.Data.Components.First(c => c.ParentId == world.Id && c.Name == "username");
        await world.MapAsync("user-attribute-ldap-mapper", ("user.model.attribute", "username"), ("ldap.attribute", "cn"));
        // Behind the other, as it may stand in a file.
        await world.ApplyAsync(new DeletePart(PartKind.Component, names.Id!));
        await world.ApplyAsync(new PutPart(PartKind.Component, names.Id!, names.Name, names));
        await world.SetAsync(world.Dn("lara"), "cn", "Larissa");
        Assert.Equal("lara", (await world.FindAsync("lara"))!.Username);
    }

    [Fact]
    public async Task Certificates_are_the_base_64_of_their_octets()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.SetAsync(world.Dn("lara"), "jpegPhoto", "der");
        await world.MapAsync(
            "certificate-ldap-mapper", ("user.model.attribute", "certificate"), ("ldap.attribute", "jpegPhoto"), ("is.binary.attribute", "true"), ("always.read.value.from.ldap", "true"), ("is.der.formatted", "true"));
        Assert.Equal("ZGVy", (await world.FindAsync("lara"))!.Attribute("certificate"));
    }

    [Theory]
    [InlineData("auto", "0123456789abcdef", "MDEyMzQ1Njc4OWFiY2RlZg==")]
    [InlineData("base64", "0123456789abcdef", "MDEyMzQ1Njc4OWFiY2RlZg==")]
    [InlineData("uuid", "0123456789abcdef", "33323130-3534-3736-3839-616263646566")]
    [InlineData("uuid", "short", "c2hvcnQ=")]
    public async Task Octets_are_shown_as_ids_where_that_is_said(string decoder, string octets, string shown)
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.SetAsync(world.Dn("lara"), "jpegPhoto", octets);
        await world.MapAsync(
            "user-attribute-ldap-mapper", ("user.model.attribute", "mark"), ("ldap.attribute", "jpegPhoto"), ("is.binary.attribute", "true"), ("always.read.value.from.ldap", "true"), ("binary.attribute.decoder", decoder));
        Assert.Equal(shown, (await world.FindAsync("lara"))!.Attribute("mark"));
    }

    /// <summary>Groups, each with the one that is below it.</summary>
    private static async Task NestAsync(DirectoryWorld world, string groups)
    {
        foreach (var group in groups.Split(' ').Select(g => g.Split('>')))
        {
            await world.AddAsync($"cn={group[0]},{world.Groups}", ("objectClass", "groupOfNames"), ("member", group[1].Length > 0 ? $"cn={group[1]},{world.Groups}" : world.Dn("lara")));
        }
    }

    private static Task GroupsAsync(DirectoryWorld world, string mode, params (string, string)[] more) => world.MapAsync(
        "group-ldap-mapper", [.. more, ("groups.dn", world.Groups), ("group.name.ldap.attribute", "cn"), ("group.object.classes", "groupOfNames"), ("preserve.group.inheritance", "true"),
        ("membership.ldap.attribute", "member"), ("membership.attribute.type", "DN"), ("mode", mode), ("user.roles.retrieve.strategy", "LOAD_GROUPS_BY_MEMBER_ATTRIBUTE"), ("groups.path", "/")]);
}
