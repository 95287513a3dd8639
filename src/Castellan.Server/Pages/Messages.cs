using System.Net;
using Castellan.Core.Realms;

namespace Castellan.Server.Pages;

/// <summary>
/// The words for one person: the realm's own texts, then its theme's, then ours in the language; then the same in English. A key without words is
/// shown itself.
/// </summary>
public sealed class Messages(Realm realm, Theme theme, string locale)
{
    /// <summary>The language tag, as the page's <c>lang</c>.</summary>
    public string Locale => locale;

    /// <summary>The text of a key with its arguments filled in. What looks like <c>${key}</c> is a key.</summary>
    public string this[string key, params ReadOnlySpan<object?> arguments]
    {
        get
        {
            key = Bare(key);
            return MessageFormat.Fill(Find(key) ?? key, arguments);
        }
    }

    /// <summary>The text of a key with its formatting, as far as that is harmless. Arguments are words, whatever they look like.</summary>
    public Html Rich(string key, params ReadOnlySpan<object?> arguments)
    {
        key = Bare(key);
        return Markup.Of(MessageFormat.Fill(Written(locale, key) ?? (locale == "en" ? null : Written("en", key)) ?? key, arguments, WebUtility.HtmlEncode!));
    }

    /// <summary>The text of a key, or null.</summary>
    public string? Find(string key) => In(locale, key) ?? (locale == "en" ? null : In("en", key));

    /// <summary>A text that an administrator wrote: <c>${key}</c> in it is replaced by the words of the key.</summary>
    public string Expand(string text)
    {
        var at = 0;
        while ((at = text.IndexOf("${", at, StringComparison.Ordinal)) >= 0 && text.IndexOf('}', at) is var end && end > at)
        {
            var words = Find(text[(at + 2)..end]) ?? text[(at + 2)..end];
            text = string.Concat(text.AsSpan(0, at), words, text.AsSpan(end + 1));
            at += words.Length;
        }

        return text;
    }

    private static string Bare(string key) => key.Length > 3 && key.StartsWith("${", StringComparison.Ordinal) && key.EndsWith('}') ? key[2..^1] : key;

    // The texts that Keycloak's users know write a character here and there as HTML does; they are words all the same, and encoded when they are written.
    private string? In(string language, string key) => Written(language, key) is { } text ? text.Contains('&', StringComparison.Ordinal) ? WebUtility.HtmlDecode(text) : text : null;

    private string? Written(string language, string key) =>
        (realm.Settings.LocalizationTexts?.GetValueOrDefault(language)?.GetValueOrDefault(key)
            ?? theme.Text(language, key))
        ?? (MessageBundles.Of(language).TryGetValue(key, out var text) ? text : null);
}
