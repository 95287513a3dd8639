using System.Text.Json.Nodes;

namespace Castellan.Tests.RealmFiles;

/// <summary>A file imported and exported again, and what stands in it.</summary>
internal static class There_and_back
{
    public static async Task<JsonNode> ThereAndBackAsync(string json)
    {
        await using var room = await RealmRoom.OpenAsync();
        var (realm, refusal) = await room.ImportAsync(json);
        Assert.Equal("", refusal);
        return await room.ExportAsync(realm!);
    }

    public static JsonNode Named(JsonNode? list, string name, string key = "alias") => list!.AsArray().Single(e => (string?)e![key] == name)!;

    public static string[] Texts(JsonNode? list) => [.. (list?.AsArray() ?? []).Select(e => (string)e!).Order(StringComparer.Ordinal)];
}
