using System.Collections.Frozen;

namespace Castellan.Server.Pages;

/// <summary>
/// A realm's theme for its pages: a folder <c>{themes}/{name}/login</c> with <c>theme.css</c> (laid over our style sheet; it needs only to set
/// variables), <c>resources/</c> (images), <c>messages/messages_{locale}.json</c> or <c>.properties</c> as in Keycloak, <c>logo.svg|png</c>. For its mails,
/// <c>{themes}/{name}/email</c> with <c>messages/</c>. Nothing in it is code.
/// </summary>
public sealed class Theme
{
    private static readonly FrozenDictionary<string, string> s_contentTypes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [".css"] = "text/css; charset=utf-8", [".svg"] = "image/svg+xml", [".png"] = "image/png", [".jpg"] = "image/jpeg", [".jpeg"] = "image/jpeg",
        [".webp"] = "image/webp", [".ico"] = "image/x-icon", [".woff2"] = "font/woff2",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] s_logos = ["logo.svg", "logo.png", "logo.webp"];
    private readonly string? _folder;
    private readonly ThemeFolder? _files;
    private readonly Dictionary<string, FrozenDictionary<string, string>[]> _texts = new(StringComparer.Ordinal);

    /// <summary>One that brings nothing: our own.</summary>
    internal Theme(string name) => Name = name;

    internal Theme(string name, string folder, ThemeFolder files) => (Name, _folder, _files) = (name, folder, files);

    public string Name { get; }

    /// <summary>Whether it brings a style sheet.</summary>
    public bool HasCss => _folder is not null && File.Exists(Path.Combine(_folder, "theme.css"));

    /// <summary>The file name of its logo, or null.</summary>
    public string? Logo => _folder is null ? null : s_logos.FirstOrDefault(f => File.Exists(Path.Combine(_folder, f)));

    /// <summary>A text of the theme's own. Within one page or mail all are of the same state of the files.</summary>
    public string? Text(string locale, string key)
    {
        // The languages are those that realms support; none of their tags has a character that a path could misread.
        if (_files is null || !locale.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            return null;
        }

        if (!_texts.TryGetValue(locale, out var files))
        {
            _texts[locale] = files = _files.ReadAll(Path.Combine(_folder!, "messages"), locale);
        }

        foreach (var texts in files)
        {
            if (texts.TryGetValue(key, out var text))
            {
                return text;
            }
        }

        return null;
    }

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
}
