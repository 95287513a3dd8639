using System.Globalization;
using Castellan.Core.Login;

namespace Castellan.Server.Pages;

/// <summary>What stands around every page: head, realm name, language, the message at the top, the card.</summary>
public static class Layout
{
    private const string Product = "Castellan";
    private const string Comforts = "castellan.js";

    /// <summary>A message that stands in a box, in the classes that automation written for Keycloak looks for: they come first.</summary>
    internal const string AlertClass = "pf-v5-c-alert pf-m-inline";

    /// <param name="title">The heading of the card.</param>
    /// <param name="scripts">Names of script files that the page cannot do without.</param>
    public static byte[] Write(Page page, LoginPage content, string title, Html body, Html info = default, params ReadOnlySpan<string> scripts) =>
        Write(page, content, Html.Of($"{title}"), body, info, scripts);

    /// <param name="title">The heading of the card, formatted.</param>
    /// <param name="scripts">Names of script files that the page cannot do without.</param>
    public static byte[] Write(Page page, LoginPage content, Html title, Html body, Html info = default, params ReadOnlySpan<string> scripts)
    {
        var html = new HtmlWriter();
        var realm = page.Realm.Settings;
        var name = IsOurs(page) ? Product : realm.DisplayName is { Length: > 0 } display ? page.Messages.Expand(display) : page.Realm.Name;
        // The realm's header says who may frame the page and what it may frame. This policy stands beside it and closes scripts and everything else.
        html.Add($"""
            <!DOCTYPE html>
            <html lang="{page.Messages.Locale}" dir="{(IsRightToLeft(page.Messages.Locale) ? "rtl" : "ltr")}" class="login-pf">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' data:{LogoHost(content)}; font-src 'self'; style-src 'nonce-{page.Nonce}' 'self'; script-src 'nonce-{page.Nonce}'; connect-src 'self'; frame-src *; base-uri 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex, nofollow">
            <meta name="color-scheme" content="light dark">
            <title>{page.Text("loginTitle", name)}</title>
            <link rel="icon" href="{page.Resource("favicon.svg")}">
            <link rel="stylesheet" href="{page.Resource("castellan.css")}">

            """);
        if (page.Theme.HasCss)
        {
            html.Add($"""<link rel="stylesheet" href="{page.Base}/resources/{PageAssets.Version}/login/{page.Theme.Name}/theme.css">{"\n"}""");
        }

        var languages = page.LocaleQuery is null ? [] : Locales.Offered(page.Realm).OrderBy(LanguageName, StringComparer.Ordinal).ToList();
        var choosesLanguage = languages.Count > 1;
        ReadOnlySpan<string> loaded = choosesLanguage && !scripts.Contains(Comforts) ? [Comforts, .. scripts] : scripts;
        foreach (var script in loaded)
        {
            html.Add($"""<script nonce="{page.Nonce}" defer src="{page.Resource(script)}"></script>{"\n"}""");
        }

        html.Add($"""
            </head>
            <body id="keycloak-bg" data-page-id="login-{content.Id}"{Restart(page)}>
            <a class="skip" href="#kc-content">{page.Text("skipToForm")}</a>
            <div class="page">
            <header id="kc-header"><div id="kc-header-wrapper">
            """);
        if (page.Theme.Logo is { } logo)
        {
            html.Add($"""<img class="logo" alt="{name}" src="{page.Base}/resources/{PageAssets.Version}/login/{page.Theme.Name}/{logo}">""");
        }
        else
        {
            html.Add($"""<img class="mark" alt="" src="{page.Resource("favicon.svg")}"><div>{Name(page, name)}</div>""");
        }

        html.Add($"</div>");
        if (choosesLanguage)
        {
            Languages(html, page, languages);
        }

        html.Add($"""</header>{"\n"}<main class="card">{Sign(content)}<h1 id="kc-page-title">{title}</h1>{"\n"}<div id="kc-content">""");
        if (page.Attempted is { } attempted)
        {
            html.Add($"""
                <div id="kc-username" class="attempted"><input id="kc-attempted-username" value="{attempted}" aria-label="{page.Text("username")}" autocomplete="username" readonly>
                <a id="reset-login" class="restart" href="{LoginRestart(page)}" aria-label="{page.Text("restartLoginTooltip")}">{page.Text("restartLoginTooltip")}</a></div>
                """);
        }

        Alert(html, page, content);
        html.Add(body);
        if (page.SwitchesOrganization)
        {
            html.Add($"""
                <form id="kc-switch-organization-form" action="{page.Action}" method="post">
                <input type="hidden" name="switchOrganization" value="true">
                <button id="switch-organization" name="" class="link" type="submit">{page.Text("switchOrganization")}</button></form>
                """);
        }

        if (page.AnotherWay)
        {
            html.Add($"""
                <form id="kc-select-try-another-way-form" action="{page.Action}" method="post">
                <input type="hidden" name="tryAnotherWay" value="on">
                <button id="try-another-way" name="" class="link" type="submit">{page.Text("doTryAnotherWay")}</button></form>
                """);
        }

        html.Add($"</div>\n");
        if (info.Markup is { Length: > 0 })
        {
            html.Add($"""<div id="kc-info"><div id="kc-info-wrapper">{info}</div></div>{"\n"}""");
        }

        html.Add($"</main>\n");
        if (page.Messages.Find("footer") is { Length: > 0 } footer)
        {
            html.Add($"""<footer id="kc-footer">{footer}</footer>{"\n"}""");
        }

        html.Add($"</div>\n</body>\n</html>\n");
        return html.ToUtf8();
    }

    /// <summary>Where scripts find the address that begins the sign-in anew.</summary>
    private static Html Restart(Page page) => page.TabQuery.Length == 0 ? default : Html.Of($" data-restart=\"{page.LoginAction("restart")}\"");

    private static string LoginRestart(Page page) => page.LoginAction("./restart");

    /// <summary>The realm's name, as its administrator formatted it.</summary>
    private static Html Name(Page page, string name) =>
        page.Realm.Settings.DisplayNameHtml is { Length: > 0 } rich && !IsOurs(page) && Markup.Of(page.Messages.Expand(rich)) is var formatted && Markup.HasWords(formatted)
            ? formatted : Html.Of($"{name}");

    /// <summary>Whether the realm shows the product's own name: realm files say so by Keycloak's name in the class of its logo. Another name there is the realm's own.</summary>
    private static bool IsOurs(Page page) => page.Realm.Settings.DisplayNameHtml?.Trim() is
        "<div class=\"kc-logo-text\"><span>Keycloak</span></div>" or "<div class=\"kc-logo-text\"><span>Castellan</span></div>";

    /// <summary>The logo of a client that asks for consent may lie elsewhere, as its administrator said: the only thing that a page loads from another host.</summary>
    private static string LogoHost(LoginPage content) =>
        content is ConsentPage { LogoUri: { } logo } && Uri.TryCreate(logo, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            ? $" {uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}" : "";

    /// <summary>A page that only says something begins with a sign of what kind it is.</summary>
    private static Html Sign(LoginPage content) => content switch
    {
        ErrorPage => new("<div class=\"notice notice-error\"></div>"),
        InfoPage { Failed: true } => new("<div class=\"notice notice-error\"></div>"),
        InfoPage { ActionUrl: not null } => new("<div class=\"notice notice-todo\"></div>"),
        InfoPage => new("<div class=\"notice\"></div>"),
        _ => default,
    };

    private static void Alert(HtmlWriter html, Page page, LoginPage content)
    {
        foreach (var message in content.Messages.Where(m => m.Field is null))
        {
            var kind = message.Kind switch
            {
                MessageKind.Success => "success",
                MessageKind.Warning => "warning",
                MessageKind.Error => "danger",
                _ => "info",
            };
            html.Add($"""<div class="{AlertClass} pf-m-{kind}" role="{(kind == "danger" ? "alert" : "status")}"><span class="kc-feedback-text">{page.Words(message)}</span></div>{"\n"}""");
        }
    }

    /// <summary>Which language: a list to choose from where scripts run, as Keycloak's pages have it, and links where they do not.</summary>
    private static void Languages(HtmlWriter html, Page page, List<string> offered)
    {
        html.Add($"""<div id="kc-locale"><select id="login-select-toggle" aria-label="{page.Text("languages")}" autocomplete="off" hidden>""");
        foreach (var locale in offered)
        {
            html.Add($"""<option value="?{page.LocaleQuery}kc_locale={locale}" lang="{locale}"{(locale == page.Messages.Locale ? new Html(" selected") : default)}>{LanguageName(locale)}</option>""");
        }

        html.Add($"""</select><noscript><details><summary><span class="unseen">{page.Text("languages")}: </span>{LanguageName(page.Messages.Locale)}</summary><ul>""");
        foreach (var locale in offered)
        {
            html.Add($"""<li><a href="?{page.LocaleQuery}kc_locale={locale}" lang="{locale}" hreflang="{locale}"{(locale == page.Messages.Locale ? new Html(" aria-current=\"true\"") : default)}>{LanguageName(locale)}</a></li>""");
        }

        html.Add($"</ul></details></noscript></div>");
    }

    // Names in their own language, without the globalization data that an invariant build does not carry.
    internal static string LanguageName(string locale) => locale switch
    {
        "ar" => "العربية",
        "ca" => "Català",
        "cs" => "Čeština",
        "da" => "Dansk",
        "de" => "Deutsch",
        "el" => "Ελληνικά",
        "en" => "English",
        "es" => "Español",
        "fa" => "فارسی",
        "fi" => "Suomi",
        "fr" => "Français",
        "hu" => "Magyar",
        "it" => "Italiano",
        "ja" => "日本語",
        "ka" => "ქართული",
        "lt" => "Lietuvių",
        "lv" => "Latviešu",
        "nl" => "Nederlands",
        "no" => "Norsk",
        "pl" => "Polski",
        "pt" => "Português",
        "pt-BR" => "Português (Brasil)",
        "ru" => "Русский",
        "sk" => "Slovenčina",
        "sv" => "Svenska",
        "th" => "ไทย",
        "tr" => "Türkçe",
        "uk" => "Українська",
        "zh-CN" => "中文简体",
        "zh-TW" => "中文繁體",
        _ => locale,
    };

    private static bool IsRightToLeft(string locale) => locale.Split('-')[0].ToLower(CultureInfo.InvariantCulture) is "ar" or "fa" or "he" or "ur";
}
