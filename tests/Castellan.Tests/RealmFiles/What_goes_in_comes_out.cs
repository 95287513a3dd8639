using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Realms.Export;

namespace Castellan.Tests.RealmFiles;

public class What_goes_in_comes_out
{
    [Fact]
    public async Task A_new_realm_is_the_one_that_keycloak_makes_of_a_name()
    {
        await using var room = await RealmRoom.OpenAsync();
        var (realm, refusal) = await room.ImportAsync("""{"realm":"plain"}""");
        Assert.Equal("", refusal);
        var ours = await room.ExportAsync(realm!);
        var theirs = JsonNode.Parse(RealmRoom.Recording("new-realm-export.json"))!;
        ours.AsObject().Remove("users");
        Assert.Equal("", Differences.Find(theirs, ours, bothWays: true));
    }

    [Fact]
    public async Task A_rich_realm_loses_nothing()
    {
        await using var room = await RealmRoom.OpenAsync();
        var text = RealmRoom.Recording("rich-realm-export.json");
        var (realm, refusal) = await room.ImportAsync(text);
        Assert.Equal("", refusal);
        Assert.Equal("", Differences.Find(JsonNode.Parse(text)!, await room.ExportAsync(realm!), bothWays: false));
    }

    [Fact]
    public async Task A_second_export_is_the_first()
    {
        await using var room = await RealmRoom.OpenAsync();
        var (realm, _) = await room.ImportAsync(RealmRoom.Recording("rich-realm-export.json"));
        var first = await room.ExportAsync(realm!);
        await room.Import.DeleteAsync(realm!);
        var (again, refusal) = await room.ImportAsync(first.ToJsonString());
        Assert.Equal("", refusal);
        Assert.Equal("", Differences.Find(first, await room.ExportAsync(again!), bothWays: true));
    }

    [Fact]
    public async Task The_file_has_the_form_of_keycloaks_files()
    {
        var compact = """{"a":[],"b":{},"c":[{"d":"x:{}\"","e":[1,2]},true],"f":{"g":null}}"""u8.ToArray();
        using var output = new MemoryStream();
        new PrettyJson(output).Write(compact);
        await output.FlushAsync();
        Assert.Equal(
            "{\n  \"a\" : [ ],\n  \"b\" : { },\n  \"c\" : [ {\n    \"d\" : \"x:{}\\\"\",\n    \"e\" : [ 1, 2 ]\n  }, true ],\n  \"f\" : {\n    \"g\" : null\n  }\n}",
            Encoding.UTF8.GetString(output.ToArray()));
    }
}
