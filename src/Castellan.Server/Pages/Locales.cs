using Castellan.Core.Realms;
using Castellan.Core.Users;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Pages;

/// <summary>Which language a page is in.</summary>
public static class Locales
{
    public const string Cookie = "KEYCLOAK_LOCALE";

    private const string English = "en";

    /// <summary>
    /// The first of these that the realm supports: what the person chose on a page (<c>kc_locale</c>), what their profile says, what the client
    /// asked for (<c>ui_locales</c>), what the browser remembers, what it prefers; then the realm's default. Without internationalization, English.
    /// </summary>
    public static string Choose(HttpContext http, Realm realm, string? chosen, string? uiLocales, User? user)
    {
        if (!(realm.Settings.InternationalizationEnabled ?? false))
        {
            return English;
        }

        return Supported(realm, http.Request.Query["kc_locale"])
            ?? Supported(realm, chosen)
            ?? Supported(realm, user?.Attribute("locale"))
            ?? FirstOf(realm, uiLocales?.Split(' '))
            ?? FirstOf(realm, OfBrowser(http))
            ?? Supported(realm, realm.Settings.DefaultLocale)
            ?? English;
    }

    /// <summary>
    /// The language of a mail: what the person chose on the page that sends it, what their profile says, what the client asked for, what the browser of the
    /// page would have; then the realm's.
    /// </summary>
    /// <param name="browser">As <see cref="OfBrowser"/> says; null where somebody else has the mail sent.</param>
    public static string OfMail(Realm realm, User? user, string? chosen = null, string? uiLocales = null, IReadOnlyList<string>? browser = null) =>
        realm.Settings.InternationalizationEnabled ?? false
            ? Supported(realm, chosen) ?? Supported(realm, user?.Attribute("locale")) ?? FirstOf(realm, uiLocales?.Split(' ')) ?? FirstOf(realm, browser)
                ?? Supported(realm, realm.Settings.DefaultLocale) ?? English
            : English;

    /// <summary>What the browser remembers, and behind it what it prefers, best first.</summary>
    public static IReadOnlyList<string> OfBrowser(HttpContext http) => [.. http.Request.Cookies[Cookie] is { } remembered ? [remembered] : Array.Empty<string>(), .. Accepted(http)];

    /// <summary>Whether a text has the form of a language tag.</summary>
    public static bool IsTag(string text) => text.Length is > 0 and <= 35 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>The languages that the realm offers, and that there are words for.</summary>
    public static IEnumerable<string> Offered(Realm realm) => realm.Settings.InternationalizationEnabled ?? false
        ? (realm.Settings.SupportedLocales ?? []).Order(StringComparer.Ordinal)
        : [];

    private static string? FirstOf(Realm realm, IEnumerable<string>? wanted) => wanted?.Select(w => Supported(realm, w)).FirstOrDefault(found => found is not null);

    /// <summary>The supported language that fits a wanted tag best: itself; else a language without a country is any of its countries', and the other way round.</summary>
    private static string? Supported(Realm realm, string? wanted)
    {
        if (wanted is not { Length: > 0 and <= 35 })
        {
            return null;
        }

        var (language, country) = Parts(wanted);
        var offered = realm.Settings.SupportedLocales ?? [];
        return offered.FirstOrDefault(l => l.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? offered.FirstOrDefault(l => Parts(l) == (language, country))
            ?? offered.FirstOrDefault(l => Parts(l) is var (other, where) && other == language && (country.Length == 0 || where.Length == 0));
    }

    /// <summary>Language and country of a tag (RFC 5646 §2.1); the country is empty where it names none.</summary>
    private static (string Language, string Country) Parts(string tag)
    {
        var parts = tag.Split('-', '_');
        return (parts[0].ToLowerInvariant(), parts.Skip(1).FirstOrDefault(p => p.Length == 2 || (p.Length == 3 && p.All(char.IsAsciiDigit)))?.ToUpperInvariant() ?? "");
    }

    private static IEnumerable<string> Accepted(HttpContext http) => http.Request.GetTypedHeaders().AcceptLanguage
        .OrderByDescending(l => l.Quality ?? 1).Take(10).Select(l => l.Value.Value ?? "");
}
