using System.Collections.Concurrent;
using System.Collections.Frozen;
using Castellan.Core.Realms;

namespace Castellan.Server.Pages;

/// <summary>Where themes lie: one folder each, by the name that realms use. Null means there are none but our own.</summary>
public sealed record ThemeOptions(string? Folder = null);

/// <summary>
/// A realm's theme for its login pages: a folder <c>{themes}/{name}/login</c> with <c>theme.css</c> (laid over our style sheet; it needs only to set
/// variables), <c>resources/</c> (images), <c>messages/messages_{locale}.json</c>, <c>logo.svg|png</c>. Nothing in it is code.
/// </summary>
public sealed class Theme
{
    private static readonly Theme s_own = new("castellan", null);
    private static readonly FrozenDictionary<string, string> s_contentTypes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [".css"] = "text/css; charset=utf-8", [".svg"] = "image/svg+xml", [".png"] = "image/png", [".jpg"] = "image/jpeg", [".jpeg"] = "image/jpeg",
        [".webp"] = "image/webp", [".ico"] = "image/x-icon", [".woff2"] = "font/woff2",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] s_logos = ["logo.svg", "logo.png", "logo.webp"];
    private readonly string? _folder;
    private readonly ConcurrentDictionary<string, FrozenDictionary<string, string>> _texts = new(StringComparer.Ordinal);

    private Theme(string name, string? folder) => (Name, _folder) = (name, folder);

    public string Name { get; }

    /// <summary>Whether it brings a style sheet.</summary>
    public bool HasCss => _folder is not null && File.Exists(Path.Combine(_folder, "theme.css"));

    /// <summary>The file name of its logo, or null.</summary>
    public string? Logo => _folder is null ? null : s_logos.FirstOrDefault(f => File.Exists(Path.Combine(_folder, f)));

    /// <summary>The realm's theme; our own where it names none, or one that is not there.</summary>
    public static Theme Of(Realm realm, ThemeOptions options)
    {
        var name = realm.Settings.LoginTheme;
        if (options.Folder is null || name is not { Length: > 0 and <= 64 } || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) || name.StartsWith('.'))
        {
            return s_own;
        }

        var folder = Path.Combine(options.Folder, name, "login");
        return Directory.Exists(folder) ? realm.Compiled(_ => new Theme(name, folder)) : s_own;
    }

    /// <summary>A theme by name, to serve its files.</summary>
    public static Theme? Find(string name, ThemeOptions options) => options.Folder is not null && name.Length is > 0 and <= 64
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && Path.Combine(options.Folder, name, "login") is var folder && Directory.Exists(folder)
            ? new Theme(name, folder) : null;

    /// <summary>The themes that lie in the folder, by name, with the languages that they have words for.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string> Locales)> List(ThemeOptions options)
    {
        if (options.Folder is null || !Directory.Exists(options.Folder))
        {
            yield break;
        }

        foreach (var folder in Directory.EnumerateDirectories(options.Folder).Order(StringComparer.Ordinal))
        {
            if (Find(Path.GetFileName(folder), options) is { } theme)
            {
                var messages = Path.Combine(folder, "login", "messages");
                yield return (theme.Name, Directory.Exists(messages)
                    ? [.. Directory.EnumerateFiles(messages, "messages_*.json").Select(f => Path.GetFileNameWithoutExtension(f)["messages_".Length..]).Order(StringComparer.Ordinal)]
                    : []);
            }
        }
    }

    /// <summary>A text of the theme's own.</summary>
    public string? Text(string locale, string key) =>
        _folder is null ? null : _texts.GetOrAdd(locale, Read).TryGetValue(key, out var text) ? text : null;

    /// <summary>A file of the theme with its content type: only files with harmless endings, only inside the folder.</summary>
    public (string Path, string ContentType)? FileAt(string relative)
    {
        if (_folder is null || relative.Split('/', '\\').Any(part => part is "" or "." or ".." || part.StartsWith('.'))
            || !s_contentTypes.TryGetValue(Path.GetExtension(relative), out var type))
        {
            return null;
        }

        var path = Path.GetFullPath(Path.Combine(_folder, relative));
        return path.StartsWith(Path.GetFullPath(_folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal) && File.Exists(path) ? (path, type) : null;
    }

    private FrozenDictionary<string, string> Read(string locale)
    {
        // The languages are those that realms support; none of their tags has a character that a path could misread.
        var path = Path.Combine(_folder!, "messages", $"messages_{locale}.json");
        if (!locale.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || !File.Exists(path))
        {
            return FrozenDictionary<string, string>.Empty;
        }

        using var file = File.OpenRead(path);
        return MessageBundles.Read(file);
    }
}
