using Castellan.Core.Realms;
using Castellan.Core.Users;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Pages;

/// <summary>Which language a page is in.</summary>
public static class Locales
{
    public const string Cookie = "KEYCLOAK_LOCALE";

    /// <summary>
    /// The first of these that the realm supports: what the person chose on a page (<c>kc_locale</c>), what their profile says, what the client
    /// asked for (<c>ui_locales</c>), what the browser remembers, what it prefers; then the realm's default. Without internationalization, English.
    /// </summary>
    public static string Choose(HttpContext http, Realm realm, string? chosen, string? uiLocales, User? user)
    {
        if (!(realm.Settings.InternationalizationEnabled ?? false))
        {
            return Supported(realm, realm.Settings.DefaultLocale) ?? "en";
        }

        return Supported(realm, http.Request.Query["kc_locale"])
            ?? Supported(realm, chosen)
            ?? Supported(realm, user?.Attribute("locale"))
            ?? FirstOf(realm, uiLocales?.Split(' '))
            ?? Supported(realm, http.Request.Cookies[Cookie])
            ?? FirstOf(realm, Accepted(http))
            ?? Supported(realm, realm.Settings.DefaultLocale)
            ?? "en";
    }

    /// <summary>The language of a mail: what the person chose on the page that sends it, what their profile says, what the client asked for; then the realm's.</summary>
    public static string OfMail(Realm realm, User? user, string? chosen = null, string? uiLocales = null)
    {
        var fallback = Supported(realm, realm.Settings.DefaultLocale) ?? "en";
        return realm.Settings.InternationalizationEnabled ?? false
            ? Supported(realm, chosen) ?? Supported(realm, user?.Attribute("locale")) ?? FirstOf(realm, uiLocales?.Split(' ')) ?? fallback
            : fallback;
    }

    /// <summary>Whether a text has the form of a language tag.</summary>
    public static bool IsTag(string text) => text.Length is > 0 and <= 35 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>The languages that the realm offers, and that there are words for.</summary>
    public static IEnumerable<string> Offered(Realm realm) => realm.Settings.InternationalizationEnabled ?? false
        ? (realm.Settings.SupportedLocales ?? []).Order(StringComparer.Ordinal)
        : [];

    private static string? FirstOf(Realm realm, IEnumerable<string>? wanted) => wanted?.Select(w => Supported(realm, w)).FirstOrDefault(found => found is not null);

    /// <summary>The supported language for a wanted tag: itself, or its language without region.</summary>
    private static string? Supported(Realm realm, string? wanted)
    {
        if (wanted is not { Length: > 0 and <= 35 })
        {
            return null;
        }

        var offered = realm.Settings.SupportedLocales ?? [];
        return offered.FirstOrDefault(l => l.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? offered.FirstOrDefault(l => l.Equals(wanted.Split('-', '_')[0], StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<string> Accepted(HttpContext http) => http.Request.GetTypedHeaders().AcceptLanguage
        .OrderByDescending(l => l.Quality ?? 1).Take(10).Select(l => l.Value.Value ?? "");
}
