using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Pages;

/// <summary>Where themes lie: one folder each, by the name that realms use. Null means there are none but our own.</summary>
/// <param name="Recheck">How long a file counts as unchanged; a minute when not given. Zero for development: what was saved is shown.</param>
public sealed record ThemeOptions(string? Folder = null, TimeSpan? Recheck = null)
{
    /// <summary>Whether files are looked at every time, and browsers should do so too.</summary>
    public bool IsFresh => Recheck == TimeSpan.Zero;
}

/// <summary>The themes of this server, and the texts of their files: read once, and again when a file has changed.</summary>
public sealed partial class ThemeFolder(ThemeOptions options, TimeProvider time, ILogger<ThemeFolder> log)
{
    private static readonly Theme s_own = new("castellan");
    private static readonly string[] s_kinds = ["login", "email"];
    private const string Properties = ".properties";
    private readonly TimeSpan _recheck = options.Recheck ?? TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Texts> _texts = new(StringComparer.Ordinal);

    /// <summary>Whether browsers should ask for the files of themes each time.</summary>
    public bool IsFresh => options.IsFresh;

    /// <summary>The theme of the pages of a client, or else of the realm; our own where neither names one, or one that is not there.</summary>
    public Theme Login(Realm realm, Client? client) => Find(client?.Attribute("login_theme") ?? realm.Settings.LoginTheme, "login") ?? s_own;

    /// <summary>The theme of the realm's mails.</summary>
    public Theme Mail(Realm realm) => Find(realm.Settings.EmailTheme, "email") ?? s_own;

    /// <summary>A theme by name and kind (<c>login</c>, <c>email</c>), or null.</summary>
    public Theme? Find(string? name, string kind) => options.Folder is not null && name is { Length: > 0 and <= 64 } && !name.StartsWith('.')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && Path.Combine(options.Folder, name, kind) is var folder && Directory.Exists(folder)
            ? new Theme(name, folder, this) : null;

    /// <summary>The themes that lie in the folder, by kind and name, with the languages that they have words for.</summary>
    public IEnumerable<(string Kind, string Name, IReadOnlyList<string> Locales)> List()
    {
        if (options.Folder is null || !Directory.Exists(options.Folder))
        {
            yield break;
        }

        foreach (var folder in Directory.EnumerateDirectories(options.Folder).Order(StringComparer.Ordinal))
        {
            foreach (var kind in s_kinds)
            {
                if (Find(Path.GetFileName(folder), kind) is { } theme)
                {
                    var messages = Path.Combine(folder, kind, "messages");
                    yield return (kind, theme.Name, Directory.Exists(messages)
                        ? [.. Directory.EnumerateFiles(messages, "messages_*").Where(f => Path.GetExtension(f) is ".json" or Properties)
                            .Select(f => Path.GetFileNameWithoutExtension(f)["messages_".Length..].Replace('_', '-')).Distinct().Order(StringComparer.Ordinal)]
                        : []);
                }
            }
        }
    }

    /// <summary>The files of a language, the one that counts first. Java writes <c>pt_BR</c> where languages on the web are called <c>pt-BR</c>.</summary>
    internal FrozenDictionary<string, string>[] ReadAll(string folder, string locale) =>
        [.. new[] { $"{locale}.json", $"{locale}{Properties}", $"{locale.Replace('-', '_')}{Properties}" }.Distinct().Select(name => Read(Path.Combine(folder, $"messages_{name}")))];

    /// <summary>The texts of a file; none when it is not there. A file that cannot be read changes nothing: what was read before stays.</summary>
    private FrozenDictionary<string, string> Read(string path)
    {
        var now = time.GetTimestamp();
        _texts.TryGetValue(path, out var known);
        if (known is not null && time.GetElapsedTime(known.Seen, now) < _recheck)
        {
            return known.Words;
        }

        // The time of a file that is not there is a time like any other.
        var written = File.GetLastWriteTimeUtc(path);
        var words = known?.Words ?? FrozenDictionary<string, string>.Empty;
        if (known?.Written != written)
        {
            try
            {
                if (File.Exists(path))
                {
                    words = Parse(path);
                }
                else
                {
                    words = FrozenDictionary<string, string>.Empty;
                }
            }
            catch (Exception broken) when (broken is JsonException or FormatException or InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                Broken(log, path, broken.Message);
            }
        }

        _texts[path] = new Texts(words, written, now);
        return words;
    }

    private static FrozenDictionary<string, string> Parse(string path)
    {
        if (path.EndsWith(Properties, StringComparison.Ordinal))
        {
            return PropertiesFile.Read(File.ReadAllBytes(path));
        }

        using var file = File.OpenRead(path);
        return MessageBundles.Read(file);
    }

    [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "The texts of a theme cannot be read from {Path}: {Reason}")]
    private static partial void Broken(ILogger log, string path, string reason);

    private sealed record Texts(FrozenDictionary<string, string> Words, DateTime Written, long Seen);
}
