using Castellan.Core.Realms.Defaults;
using Castellan.Storage;
using Castellan.Tests.Storage;

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

    [Theory]
    [ClassData(typeof(Engines))]
    public async Task Also_when_nodes_that_start_at_once_give_it_back(DbEngine engine)
    {
        await using var room = await RealmRoom.OpenAsync(engine);
        await room.ImportAsync("""{"realm":"r"}""");
        var master = (await room.Realms.FindAsync("master"))!;
        await room.Realms.ApplyAsync(new Core.Realms.ChangeSet(master.Id).Add(new Core.Realms.DeleteClient((await room.Realms.FindAsync(master, "r-realm"))!.Id)));
        var repaired = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => room.OfAnotherNode().RepairAdministrationAsync())));
        Assert.Equal(["r"], repaired.SelectMany(r => r));
        Assert.Empty(await room.OfAnotherNode().RepairAdministrationAsync());
    }
}
