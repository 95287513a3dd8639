using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Castellan.Server.Admin;

/// <summary>What hangs on a picture of a realm is shared and never changed; who wants to change it takes a copy.</summary>
internal static class Copies
{
    public static T Copy<T>(this T original, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(original, type), type)!;
}
