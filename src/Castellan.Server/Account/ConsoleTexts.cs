using Castellan.Core.Realms;
using Castellan.Server.Consoles;

namespace Castellan.Server.Account;

/// <summary>The words behind message keys that representations hold, such as <c>${profileScopeConsentText}</c>.</summary>
internal static class ConsoleTexts
{
    /// <summary>The text of a key in the realm's default language; a text that is no key stands for itself.</summary>
    public static string Words(Realm realm, string text)
    {
        if (!text.StartsWith("${", StringComparison.Ordinal) || !text.EndsWith('}'))
        {
            return text;
        }

        var key = text[2..^1];
        var locale = realm.Settings.InternationalizationEnabled == true ? realm.Settings.DefaultLocale ?? "en" : "en";
        return realm.Settings.LocalizationTexts?.GetValueOrDefault(locale)?.GetValueOrDefault(key) ?? ConsoleMessages.Text("account", locale, key) ?? text;
    }
}
