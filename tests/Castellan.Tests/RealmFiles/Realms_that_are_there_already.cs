using System.Globalization;
using System.Text;
using Castellan.Core.Realms.Import;

namespace Castellan.Tests.RealmFiles;

/// <summary>A file for a realm that exists takes its place whole, or leaves it as it was.</summary>
public class Realms_that_are_there_already
{
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

    [Fact]
    public async Task Stay_when_the_last_of_very_many_people_is_refused()
    {
        await using var room = await RealmRoom.OpenAsync();
        await room.ImportAsync(Before);
        var json = new StringBuilder("""{"realm":"r","id":"the-id","users":[""");
        var filler = new string('x', 400);
        for (var i = 0; i < 12_000; i++)
        {
            json.Append(CultureInfo.InvariantCulture, $$$"""{"username":"u{{{i}}}","attributes":{"f":"{{{filler}}}"}},""");
        }

        json.Append("""{"username":"last","groups":["/missing"]}]}""");
        Assert.Equal("400 Unable to find group specified by path: /missing", await ReplaceAsync(room, json.ToString()));
        Assert.Equal("before", (await room.Realms.FindAsync("r"))!.Settings.DisplayName);
        Assert.NotNull(await room.Users.FindByUsernameAsync("the-id", "anna"));
    }

    private static async Task<string> ReplaceAsync(RealmRoom room, string json) =>
        RealmFile.ReadAll(Encoding.UTF8.GetBytes(json)).Ok(out var files, out var error) && (await room.Import.ImportAsync(files[0], [], replace: true)).Ok(out _, out error)
            ? "" : $"{error.Status} {error.Description ?? error.Code}";
}
