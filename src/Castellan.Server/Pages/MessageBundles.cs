using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;

namespace Castellan.Server.Pages;

/// <summary>The words of the pages by language, from the files that are built into the server (<c>ui/messages</c>). Read at first use.</summary>
public static class MessageBundles
{
    private const string Prefix = "messages/login/";
    private static readonly ConcurrentDictionary<string, FrozenDictionary<string, string>> s_bundles = new(StringComparer.Ordinal);

    /// <summary>The languages that there are files for.</summary>
    public static FrozenSet<string> Locales { get; } = typeof(MessageBundles).Assembly.GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => n[Prefix.Length..^".json".Length]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>All words of a language; empty for one that there is no file for. Only known languages are read, whatever a request asks for.</summary>
    public static FrozenDictionary<string, string> Of(string locale)
    {
        if (!Locales.Contains(locale))
        {
            return FrozenDictionary<string, string>.Empty;
        }

        return s_bundles.GetOrAdd(locale, static name =>
        {
            using var file = typeof(MessageBundles).Assembly.GetManifestResourceStream($"{Prefix}{name}.json")!;
            return Read(file);
        });
    }

    /// <summary>A flat JSON object of texts.</summary>
    internal static FrozenDictionary<string, string> Read(Stream file)
    {
        using var json = JsonDocument.Parse(file);
        return json.RootElement.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String)
            .ToFrozenDictionary(m => m.Name, m => m.Value.GetString()!, StringComparer.Ordinal);
    }
}
