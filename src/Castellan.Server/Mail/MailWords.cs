using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Castellan.Core.Realms;
using Castellan.Server.Pages;

namespace Castellan.Server.Mail;

/// <summary>
/// The words of mails in one language, in the message format of Java: the realm's own texts, then those of its theme, then ours (<c>ui/messages</c>), then
/// the same in English. A key without words is shown itself.
/// </summary>
public sealed class MailWords(Realm realm, string locale, Theme theme)
{
    private const string Prefix = "messages/email/";

    private static readonly FrozenSet<string> s_locales = typeof(MailWords).Assembly.GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => n[Prefix.Length..^".json".Length]).ToFrozenSet(StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<string, FrozenDictionary<string, string>> s_bundles = new(StringComparer.Ordinal);

    public string Locale => locale;

    public bool IsRightToLeft => locale.Split('-')[0] is "ar" or "fa" or "he" or "ur";

    /// <summary>The realm's name for people.</summary>
    public string RealmName => realm.Settings.DisplayName is { Length: > 0 } display ? display
        : realm.Name.Length == 0 ? "" : char.ToUpperInvariant(realm.Name[0]) + realm.Name[1..];

    /// <summary>The text of a key with its arguments filled in, each as <paramref name="write"/> writes it.</summary>
    public string Text(string key, ReadOnlySpan<object?> arguments, Func<string, string>? write = null) => MessageFormat.Fill(Find(key) ?? key, arguments, write);

    /// <summary>A duration in the largest unit that it is a whole number of. Less than a minute is no time at all.</summary>
    public string Duration(int seconds)
    {
        var minutes = seconds / 60;
        var (value, unit) = minutes switch
        {
            0 => (0, "seconds"),
            _ when minutes % 1440 == 0 => (minutes / 1440, "days"),
            _ when minutes % 60 == 0 => (minutes / 60, "hours"),
            _ => (minutes, "minutes"),
        };
        return $"{value.ToString(CultureInfo.InvariantCulture)} {Text($"linkExpirationFormatter.timePeriodUnit.{unit}", [value])}";
    }

    /// <summary>A moment, as people of the language write it in short. The server carries no culture data, so the patterns stand here.</summary>
    public string Moment(DateTimeOffset at) => at.ToString(
        locale switch
        {
            "en" => "M/d/yy, h:mm\u202ftt",
            "de" or "nb" or "no" or "tr" or "ru" or "uk" or "pl" => "dd.MM.yy, HH:mm",
            "fr" or "pt" or "pt-BR" or "ca" => "dd/MM/yyyy, HH:mm",
            "es" or "it" or "el" or "th" => "dd/MM/yy, HH:mm",
            "cs" or "sk" => "dd.MM.yy H:mm",
            "da" => "dd.MM.yyyy HH.mm",
            "fi" => "d.M.yyyy H.mm",
            "nl" => "dd-MM-yyyy, HH:mm",
            "hu" => "yyyy. MM. dd. H:mm",
            "ja" or "zh-CN" or "zh-TW" => "yyyy/MM/dd HH:mm",
            _ => "yyyy-MM-dd HH:mm",
        },
        CultureInfo.InvariantCulture);

    private string? Find(string key) => In(locale, key) ?? (locale == "en" ? null : In("en", key));

    private string? In(string language, string key) =>
        realm.Settings.LocalizationTexts?.GetValueOrDefault(language)?.GetValueOrDefault(key) ?? theme.Text(language, key) ?? Bundle(language).GetValueOrDefault(key);

    private static FrozenDictionary<string, string> Bundle(string language)
    {
        if (!s_locales.Contains(language))
        {
            return FrozenDictionary<string, string>.Empty;
        }

        return s_bundles.GetOrAdd(language, static name =>
        {
            using var file = typeof(MailWords).Assembly.GetManifestResourceStream($"{Prefix}{name}.json")!;
            return MessageBundles.Read(file);
        });
    }
}
