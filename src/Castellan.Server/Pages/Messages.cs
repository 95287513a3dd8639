using System.Globalization;
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
            if (key.Length > 3 && key.StartsWith("${", StringComparison.Ordinal) && key.EndsWith('}'))
            {
                key = key[2..^1];
            }

            return Fill(Find(key) ?? key, arguments);
        }
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

    // The texts that Keycloak's users know write a character here and there as HTML does; they are words all the same, and encoded when they are written.
    private string? In(string language, string key) => Written(language, key) is { } text ? text.Contains('&', StringComparison.Ordinal) ? WebUtility.HtmlDecode(text) : text : null;

    private string? Written(string language, string key) =>
        (realm.Settings.LocalizationTexts?.GetValueOrDefault(language)?.GetValueOrDefault(key)
            ?? theme.Text(language, key))
        ?? (MessageBundles.Of(language).TryGetValue(key, out var text) ? text : null);

    /// <summary>Fills in <c>{0}</c>; also <c>{0,number}</c>. Two apostrophes are one, as in the message format of Java.</summary>
    private static string Fill(string text, ReadOnlySpan<object?> arguments)
    {
        if (arguments.Length == 0)
        {
            return text.Contains("''", StringComparison.Ordinal) ? text.Replace("''", "'", StringComparison.Ordinal) : text;
        }

        var filled = new System.Text.StringBuilder(text.Length + 32);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '{' && text.IndexOf('}', i) is var end && end > i
                && int.TryParse(text.AsSpan(i + 1, end - i - 1) is var hole && hole.IndexOf(',') is var comma && comma > 0 ? hole[..comma] : hole, NumberStyles.None, null, out var index)
                && index < arguments.Length)
            {
                filled.Append(arguments[index]);
                i = end;
            }
            else
            {
                filled.Append(text[i]);
                i += text[i] == '\'' && i + 1 < text.Length && text[i + 1] == '\'' ? 1 : 0;
            }
        }

        return filled.ToString();
    }
}
