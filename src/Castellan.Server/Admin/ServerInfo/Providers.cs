using System.Text.Json;

namespace Castellan.Server.Admin.ServerInfo;

/// <summary>
/// What kinds of things there are to configure, and which settings each has: the part of the server information that never changes, as
/// consoles build their forms from it, and by which the admin API knows a provider that exists from one that does not.
/// </summary>
public static class Providers
{
    private static readonly Lazy<JsonElement> s_document = new(Load);

    public static JsonElement Document => s_document.Value;

    /// <summary>The entry of a component type: <c>org.keycloak.keys.KeyProvider</c>, <c>rsa-generated</c>.</summary>
    public static JsonElement? Find(string type, string? id) => Entry("componentTypes", type, id);

    /// <summary>Every entry of a component type.</summary>
    public static IEnumerable<JsonElement> OfType(string type) =>
        Document.GetProperty("componentTypes").TryGetProperty(type, out var entries) ? entries.EnumerateArray() : [];

    /// <summary>The entry of a protocol mapper.</summary>
    public static JsonElement? FindMapper(string? protocol, string? id) => Entry("protocolMapperTypes", protocol, id);

    /// <summary>A type of mapper, whatever protocol it is for.</summary>
    public static JsonElement? FindMapper(string? id)
    {
        foreach (var protocol in Document.GetProperty("protocolMapperTypes").EnumerateObject())
        {
            if (Entry("protocolMapperTypes", protocol.Name, id) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static JsonElement? Entry(string part, string? type, string? id)
    {
        if (type is null || !Document.GetProperty(part).TryGetProperty(type, out var entries))
        {
            return null;
        }

        foreach (var entry in entries.EnumerateArray())
        {
            if (entry.GetProperty("id").GetString() == id)
            {
                return entry;
            }
        }

        return null;
    }

    private static JsonElement Load()
    {
        using var stream = typeof(Providers).Assembly.GetManifestResourceStream("providers.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }
}
