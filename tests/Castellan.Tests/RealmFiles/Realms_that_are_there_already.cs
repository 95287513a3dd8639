using System.Globalization;
using System.Text;
using Castellan.Core.Realms.Import;
using Castellan.Storage;
using Castellan.Tests.Storage;

namespace Castellan.Tests.RealmFiles;

/// <summary>A file for a realm that exists takes its place whole, or leaves it as it was.</summary>
public class Realms_that_are_there_already
{
    private const string Taken = """{"id":"taken","username":"last"}""";
    private const string Before = """{"realm":"r","id":"the-id","displayName":"before","users":[{"id":"anna-id","username":"anna","email":"a@x"}]}""";

    [Theory]
    [InlineData("the-id")]
    [InlineData("another-id")]
    public async Task Give_way_to_an_export_with_the_same_people(string id)
    {
        await using var room = await RealmRoom.OpenAsync();
        var (first, refusal) = await room.ImportAsync(Before);
        Assert.Equal("", refusal);
        Assert.Equal("", await ReplaceAsync(room, Before.Replace("the-id", id).Replace("before", "after")));
        var now = (await room.Realms.FindAsync("r"))!;
        Assert.Equal((id, "after"), (now.Id, now.Settings.DisplayName));
        Assert.Equal("anna-id", (await room.Users.FindByUsernameAsync(id, "anna"))!.Id);
        Assert.Equal(1, await room.Users.CountAsync(id, new()));
        if (id != first!.Id)
        {
            Assert.Null(await room.Realms.FindByIdAsync(first.Id));
        }
    }

    [Theory]
    [InlineData("the-id")]
    [InlineData("another-id")]
    public async Task Stay_when_an_id_of_the_file_is_another_realms(string id)
    {
        await using var room = await RealmRoom.OpenAsync();
        await room.ImportAsync(Before);
        await room.ImportAsync("""{"realm":"other","users":[{"id":"taken","username":"bob"}]}""");
        Assert.Equal(
            "409 Duplicate resource error",
            await ReplaceAsync(room, $$"""{"realm":"r","id":"{{id}}","displayName":"after","users":[{"id":"taken","username":"bob"}]}"""));
        Assert.Equal("before", (await room.Realms.FindAsync("r"))!.Settings.DisplayName);
        Assert.NotNull(await room.Users.FindByUsernameAsync("the-id", "anna"));
    }

    [Theory]
    [InlineData(DbEngine.Sqlite, "the-id", """{"username":"last","groups":["/missing"]}""", "400 Unable to find group specified by path: /missing")]
    [InlineData(DbEngine.Sqlite, "another-id", Taken, "409 Duplicate resource error")]
    [InlineData(DbEngine.PostgreSql, "the-id", Taken, "409 Duplicate resource error")]
    [InlineData(DbEngine.PostgreSql, "another-id", """{"username":"last","groups":["/missing"]}""", "400 Unable to find group specified by path: /missing")]
    public async Task Stay_when_the_last_of_very_many_people_is_refused(DbEngine engine, string id, string last, string refusal)
    {
        await using var room = await RealmRoom.OpenAsync(engine);
        await room.ImportAsync(Before);
        await room.ImportAsync("""{"realm":"other","users":[{"id":"taken","username":"bob"}]}""");
        Assert.Equal(refusal, await ReplaceAsync(room, Crowd("r", id, last)));
        Assert.Equal("before", (await room.Realms.FindAsync("r"))!.Settings.DisplayName);
        Assert.Equal("anna-id", (await room.Users.FindByUsernameAsync("the-id", "anna"))!.Id);
        Assert.Equal(1, await room.Users.CountAsync("the-id", new()));
        Assert.Null(await room.Realms.FindByIdAsync("another-id"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Or_are_new_with_very_many_people_leave_nothing_when_an_id_is_another_realms(DbEngine engine)
    {
        await using var room = await RealmRoom.OpenAsync(engine);
        await room.ImportAsync("""{"realm":"other","users":[{"id":"taken","username":"bob"}]}""");
        Assert.Equal("409 Duplicate resource error", await ReplaceAsync(room, Crowd("r", "the-id", Taken)));
        Assert.Equal(["master", "other"], (await room.Realms.ListAsync()).Select(r => r.Name));
        Assert.Null(await room.Store.FindClientAsync((await room.Realms.FindAsync("master"))!.Id, "r-realm"));
        Assert.Equal(0, await room.Users.CountAsync("the-id", new()));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Give_way_to_very_many_people(DbEngine engine)
    {
        await using var room = await RealmRoom.OpenAsync(engine);
        await room.ImportAsync(Before);
        Assert.Equal("", await ReplaceAsync(room, Crowd("r", "another-id", """{"id":"anna-id","username":"anna"}""")));
        Assert.Equal(10_501, await room.Users.CountAsync((await room.Realms.FindAsync("r"))!.Id, new()));
        Assert.Null(await room.Realms.FindByIdAsync("the-id"));
        Assert.NotNull(await room.Store.FindClientAsync((await room.Realms.FindAsync("master"))!.Id, "r-realm"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Or_come_into_being_twice_at_once_are_made_once_and_administered(DbEngine engine)
    {
        // Hashing the password takes long enough: each has seen before that there is no such realm.
        const string Json = """{"realm":"r","id":"the-id","passwordPolicy":"hashAlgorithm(pbkdf2-sha512) and hashIterations(1500000)","users":[{"username":"u","credentials":[{"type":"password","value":"secret"}]}]}""";
        await using var room = await RealmRoom.OpenAsync(engine);
        var results = await Task.WhenAll(Task.Run(() => room.ImportAsync(Json)), Task.Run(() => room.ImportAsync(Json)));
        Assert.Equal(["", "409 Realm r already exists"], results.Select(r => r.Refusal).Order());
        Assert.Empty(await room.Import.RepairAdministrationAsync());
    }

    /// <summary>Too many for one set of changes.</summary>
    private static string Crowd(string realm, string id, string last)
    {
        var json = new StringBuilder($$"""{"realm":"{{realm}}","id":"{{id}}","users":[""");
        var filler = new string('x', 400);
        for (var i = 0; i < 10_500; i++)
        {
            json.Append(CultureInfo.InvariantCulture, $$$"""{"username":"u{{{i}}}","attributes":{"f":"{{{filler}}}"}},""");
        }

        return json.Append(last).Append("]}").ToString();
    }

    private static async Task<string> ReplaceAsync(RealmRoom room, string json) =>
        RealmFile.ReadAll(Encoding.UTF8.GetBytes(json)).Ok(out var files, out var error) && (await room.Import.ImportAsync(files[0], [], replace: true)).Ok(out _, out error)
            ? "" : $"{error.Status} {error.Description ?? error.Code}";
}
