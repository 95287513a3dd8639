using Castellan.Core.Realms.Defaults;

namespace Castellan.Tests.RealmFiles;

public class Master_administers_every_realm
{
    [Fact]
    public async Task By_a_client_that_comes_and_goes_with_it()
    {
        await using var room = await RealmRoom.OpenAsync();
        var (realm, _) = await room.ImportAsync("""{"realm":"r"}""");
        var master = (await room.Realms.FindAsync("master"))!;
        var client = (await room.Realms.FindAsync(master, "r-realm"))!;
        var admin = master.Roles.Expand([master.Roles.FindRealmRole("admin")!.Id]);
        Assert.All(DefaultRoles.Administration, entry =>
            Assert.Contains(master.Roles.FindClientRole(client.Id, DefaultRoles.Read(entry).Name)!, admin));

        await room.Import.DeleteAsync(realm!);
        master = (await room.Realms.FindAsync("master"))!;
        Assert.Null(await room.Realms.FindAsync(master, "r-realm"));
    }

    [Fact]
    public async Task And_gets_it_back_when_it_is_missing()
    {
        await using var room = await RealmRoom.OpenAsync();
        await room.ImportAsync("""{"realm":"r"}""");
        var master = (await room.Realms.FindAsync("master"))!;
        var client = (await room.Realms.FindAsync(master, "r-realm"))!;
        await room.Realms.ApplyAsync(new Core.Realms.ChangeSet(master.Id).Add(new Core.Realms.DeleteClient(client.Id)));
        Assert.Equal(["r"], await room.Import.RepairAdministrationAsync());
        Assert.Empty(await room.Import.RepairAdministrationAsync());
    }
}
