using System.Globalization;
using System.Text;
using Castellan.Core.Realms.Import;

namespace Castellan.Tests.RealmFiles;

public class People_of_a_file
{
    [Fact]
    public async Task Keep_their_stored_credentials_letter_by_letter()
    {
        await using var room = await RealmRoom.OpenAsync();
        var (realm, refusal) = await room.ImportAsync(
            """
            {"realm":"r","users":[{"username":"Anna","email":"Anna@Example.org","enabled":true,"realmRoles":["new-role"],"credentials":[
              {"type":"password","id":"c1","userLabel":"l","createdDate":7,"secretData":"{ \"value\": \"x\" }","credentialData":"{ \"algorithm\": \"none\" }"}]}]}
            """);
        Assert.Equal("", refusal);
        var anna = (await room.Users.FindByUsernameAsync(realm!.Id, "anna"))!;
        Assert.Equal("anna@example.org", anna.Email);
        Assert.Equal("new-role", realm.Roles.Find(Assert.Single(anna.RoleIds))!.Name);
        var credential = Assert.Single(await room.Users.CredentialsAsync(realm.Id, anna.Id));
        Assert.Equal(("c1", "l", 7L, "{ \"value\": \"x\" }", "{ \"algorithm\": \"none\" }"),
            (credential.Id, credential.UserLabel, credential.CreatedDate, credential.SecretData, credential.CredentialData));
    }

    [Fact]
    public async Task Are_written_in_parts_when_they_are_many_and_nobody_sees_a_half()
    {
        await using var room = await RealmRoom.OpenAsync();
        var json = new StringBuilder("""{"realm":"big","enabled":true,"groups":[{"name":"g"}],"users":[""");
        var filler = new string('x', 200);
        for (var i = 0; i < 25_000; i++)
        {
            json.Append(CultureInfo.InvariantCulture, $$$"""{{{(i == 0 ? "" : ",")}}}{"username":"u{{{i}}}","groups":["/g"],"attributes":{"f":"{{{filler}}}"}}""");
        }

        json.Append("]}");
        Assert.True(RealmFile.ReadAll(Encoding.UTF8.GetBytes(json.ToString())).Ok(out var files, out _));
        Assert.True(RealmFile.AreMany(files));
        var seen = new List<int>();
        var names = new List<string>();
        Assert.True((await room.Import.ImportAsync(files[0], [], replace: false, count =>
        {
            seen.Add(count);
            names.AddRange(room.Realms.ListAsync().AsTask().Result.Select(r => r.Name).Where(_ => count < 25_000));
        })).Ok(out var id, out _));
        Assert.Equal([10_000, 20_000, 25_000], seen);
        Assert.DoesNotContain("big", names);
        Assert.Equal(["master"], names.Distinct());
        Assert.Equal(25_000, await room.Users.CountAsync(id, new()));
    }

    [Fact]
    public async Task Are_written_in_parts_too_when_they_are_many_in_small_files()
    {
        await using var room = await RealmRoom.OpenAsync();
        var filler = new string('x', 200);
        Assert.True(RealmFile.ReadAll("""{"realm":"big"}"""u8.ToArray()).Ok(out var realm, out _));
        var people = Enumerable.Range(0, 500).Select(file => Enumerable.Range(50 * file, 50).Select(i => $$$"""{"username":"u{{{i}}}","attributes":{"f":"{{{filler}}}"}}"""))
            .Select(users => RealmFile.ReadUsers(Encoding.UTF8.GetBytes($$"""{"realm":"big","users":[{{string.Join(',', users)}}]}""")).Ok(out var read, out _) ? read : null!)
            .ToList();
        Assert.False(RealmFile.AreMany(people.Take(1)));
        var seen = new List<int>();
        Assert.True((await room.Import.ImportAsync(realm[0], people, replace: false, seen.Add)).Ok(out var id, out _));
        Assert.Equal([10_000, 20_000, 25_000], seen);
        Assert.Equal(25_000, await room.Users.CountAsync(id, new()));
    }

    [Fact]
    public async Task Do_not_count_as_written_when_the_database_refuses_them()
    {
        await using var room = await RealmRoom.OpenAsync();
        await room.ImportAsync("""{"realm":"other","users":[{"id":"taken","username":"bob"}]}""");
        Assert.True(RealmFile.ReadAll("""{"realm":"r","users":[{"id":"taken","username":"bob"}]}"""u8.ToArray()).Ok(out var files, out _));
        var seen = new List<int>();
        Assert.False((await room.Import.ImportAsync(files[0], [], replace: false, seen.Add)).Ok(out _, out _));
        Assert.Empty(seen);
    }

    [Fact]
    public async Task Leave_nothing_behind_when_a_late_one_is_refused()
    {
        await using var room = await RealmRoom.OpenAsync();
        var json = new StringBuilder("""{"realm":"big","users":[""");
        var filler = new string('x', 400);
        for (var i = 0; i < 15_000; i++)
        {
            json.Append(CultureInfo.InvariantCulture, $$$"""{"username":"u{{{i}}}","attributes":{"f":"{{{filler}}}"}},""");
        }

        json.Append("""{"username":"last","groups":["/missing"]}]}""");
        Assert.Equal((null, "400 Unable to find group specified by path: /missing"), await room.ImportAsync(json.ToString()));
        Assert.Equal(["master"], (await room.Store.ListRealmsAsync()).Select(r => r.Name));
    }
}
