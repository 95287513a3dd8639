using System.Text;
using Castellan.Core.Realms.Import;

namespace Castellan.Tests.RealmFiles;

public class Bad_files_are_refused
{
    [Theory]
    [InlineData("""{}""", "400 Realm name cannot be empty")]
    [InlineData("""{"realm":"a/b"}""", "400 Character '/' not allowed.")]
    [InlineData("""{"realm":"r","id":"a;b"}""", "400 Character ';' not allowed.")]
    [InlineData("""{"realm":"master"}""", "409 Realm master already exists")]
    [InlineData("""{"realm":"r","noSuchField":1}""", "400 unable to read contents from stream")]
    [InlineData("""{"realm":"r","clients":"x"}""", "400 unable to read contents from stream")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"a"},{"clientId":"a"}]}""", "409 Duplicate resource error")]
    [InlineData("""{"realm":"r","users":[{"username":"A"},{"username":"a"}]}""", "409 Duplicate resource error")]
    [InlineData("""{"realm":"r","users":[{"email":"a@b.c"}]}""", "400 A user needs a username")]
    [InlineData("""{"realm":"r","users":[{"username":"a","groups":["/g"]}]}""", "400 Unable to find group specified by path: /g")]
    [InlineData("""{"realm":"r","roles":{"client":{"x":[{"name":"y"}]}}}""", "400 App doesn't exist in role definitions: x")]
    [InlineData("""{"realm":"r","roles":{"realm":[{"name":"y","composites":{"realm":["z"]}}]}}""", "400 Unable to find composite realm role: z")]
    [InlineData("""{"realm":"r","scopeMappings":[{"client":"x","roles":["y"]}]}""", "400 Unknown client specification in scope mappings: x")]
    [InlineData("""{"realm":"r","requiredCredentials":["password","totp"]}""", "400 Unknown credential type totp")]
    [InlineData("""{"realm":"r","passwordPolicy":"length(12)","users":[{"username":"a","credentials":[{"type":"password","value":"short"}]}]}""", "400 Password policy not met. See logs for details")]
    [InlineData("""{"realm":"r","authenticationFlows":[{"alias":"f","providerId":"basic-flow","authenticationExecutions":[{"authenticator":"auth-cookie","requirement":"DEFECTIVE"}]}]}""", "400 Database operation failed")]
    [InlineData("""{"realm":"r","authenticationFlows":[{"alias":"f","authenticationExecutions":[]}]}""", "409 Duplicate resource error")]
    [InlineData("""{"realm":"r","organizationsEnabled":true,"organizations":[{"alias":"x"}]}""", "400 Name can not be null")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"c","redirectUris":["http://a/#b"]}]}""", "400 Invalid client c: A redirect URI must not contain an URL fragment")]
    public async Task With_the_reason_and_nothing_stays(string json, string refusal)
    {
        await using var room = await RealmRoom.OpenAsync();
        Assert.Equal((null, refusal), await room.ImportAsync(json));
        Assert.Equal(["master"], (await room.Realms.ListAsync()).Select(r => r.Name));
        var master = (await room.Realms.FindAsync("master"))!;
        Assert.Null(await room.Realms.FindAsync(master, "r-realm"));
    }

    [Theory]
    [InlineData("""{"realm":"r","nope":1}""", "nope: there is no such field")]
    [InlineData("""{"realm":"r","clients":[{"clientId":"a"},{"nope":1}]}""", "clients[1].nope: there is no such field")]
    [InlineData("""{"realm":"r","clients":[{"enabled":[]}]}""", "clients[0].enabled: This is no boolean.")]
    [InlineData("""{"realm":"r","clients":"x"}""", "clients: the value is not of the kind that belongs here")]
    [InlineData("""{"realm":"r","users":[{"username":"a"},{"nope":1}]}""", "users[1].nope: there is no such field")]
    [InlineData("""{"realm":"r","users":[{"username":"a","groups":["/g",null]}]}""", "users[0].groups[1]: a list holds null")]
    [InlineData("""{"realm":"r","displayName":null,"clients":[{"clientId":"a","name":null,"redirectUris":["x"]},null]}""", "clients[1]: a list holds null")]
    [InlineData("""{"realm":"r","roles":{"realm":[{"name":"a","composites":{"realm":[null]}}]}}""", "roles.realm[0].composites.realm[0]: a list holds null")]
    [InlineData("""{"realm":"r","users":[{"username":"a"},{"\ud800":null}]}""", "users[1]: Cannot read")]
    [InlineData("""{"realm":"r","users":[{"username":"a","serviceAccountClientId":"\ud800"}]}""", "users: Cannot read")]
    [InlineData("{\"realm\":\n\"r\",,}", "line 2: ")]
    public async Task What_nobody_can_read_is_refused_with_its_place(string json, string place)
    {
        await using var room = await RealmRoom.OpenAsync();
        if (RealmFile.ReadAll(Encoding.UTF8.GetBytes(json)).Ok(out var files, out var error))
        {
            Assert.False((await room.Import.ImportAsync(files![0], [], replace: false)).Ok(out _, out error));
        }

        Assert.Equal(Refusals.Unreadable, error!.Description);
        Assert.StartsWith(place, error.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Castellan", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Placeholders_come_from_the_environment()
    {
        string? Lookup(string name) => name switch { "A" => "one", "EMPTY" => "", "QUOTE" => "a\"b", _ => null };
        string Replace(string text) => Encoding.UTF8.GetString(Placeholders.Replace(Encoding.UTF8.GetBytes(text), Lookup));

        Assert.Equal("\"one\"", Replace("\"${A}\""));
        Assert.Equal("\"x-one-y\"", Replace("\"x-${A}-y\""));
        Assert.Equal("\"${B}\"", Replace("\"${B}\""));
        Assert.Equal("\"fallback\"", Replace("\"${B:fallback}\""));
        Assert.Equal("\"one\"", Replace("\"${B,A}\""));
        Assert.Equal("\"last\"", Replace("\"${B,C:last}\""));
        Assert.Equal("\"\"", Replace("\"${EMPTY:x}\""));
        Assert.Equal("\"a\\\"b\"", Replace("\"${QUOTE}\""));
        Assert.Equal("\"${env.A}\"", Replace("\"${env.A}\""));
    }
}
