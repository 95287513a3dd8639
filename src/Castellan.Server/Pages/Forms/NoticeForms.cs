using Castellan.Core.Login;

namespace Castellan.Server.Pages.Forms;

/// <summary>Pages that say something, or ask for a yes or no.</summary>
public static class NoticeForms
{
    public static byte[] Error(Page page, ErrorPage content) => Layout.Write(page, content with { Messages = [] }, page.Rich("errorTitle"), Html.Of($"""
        <div id="kc-error-message"><p class="instruction">{new Html(string.Join(' ', content.Messages.Select(page.Words)))}</p>
        {(content.SkipLink ? default : Back(page, null))}</div>
        """));

    public static byte[] Info(Page page, InfoPage content)
    {
        var words = page.Words(new LoginMessage(MessageKind.Info, content.Key, content.Arguments));
        var actions = content.Actions.Count == 0 ? default : Html.Of($"<b>{new Html(string.Join(", ", content.Actions.Select(a => page.Rich($"requiredAction.{a}"))))}</b>");
        var link = content.ActionUrl is { } url ? Html.Of($"""<p><a class="primary" href="{url}">{page.Rich("proceedWithAction")}</a></p>""")
            : content.BackUrl is { Length: 0 } ? default : Back(page, content.BackUrl);
        var header = content.HeaderKey is { } key ? page.Words(new LoginMessage(MessageKind.Info, key, content.HeaderArguments)) : words;
        // What the heading says already is there for programs.
        var seen = header == words && content.Actions.Count == 0 ? "instruction unseen" : "instruction";
        return Layout.Write(page, content, header, Html.Of($"""<div id="kc-info-message"><p class="{seen}">{words}{(actions.Markup is null ? default : Html.Of($": {actions}"))}</p>{link}</div>"""));
    }

    public static byte[] Code(Page page, CodePage content) => content.Code is { } code
        ? Layout.Write(page, content, page.Text("codeSuccessTitle"), Html.Of($"""
            <div id="kc-code" class="field"><label for="code">{page.Text("copyCodeInstruction")}</label><input id="code" type="text" value="{code}" readonly></div>
            """))
        : Layout.Write(page, content, page.Text("codeErrorTitle", content.Error), Html.Of($"""<div id="kc-code"><p id="error" class="instruction">{content.Error}</p></div>"""));

    public static byte[] Expired(Page page, PageExpiredPage content) => Layout.Write(page, content, page.Text("pageExpiredTitle"), Html.Of($"""
        <p id="instruction1" class="instruction">{page.Text("pageExpiredMsg1")} <a id="loginRestartLink" href="{page.LoginAction("restart")}">{page.Text("doClickHere")}</a>.<br>
        {page.Text("pageExpiredMsg2")} <a id="loginContinueLink" href="{page.Action}">{page.Text("doClickHere")}</a>.</p>
        """));

    public static byte[] Consent(Page page, ConsentPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""<div id="kc-oauth">""");
        if (content.LogoUri is { } logo)
        {
            html.Add($"""<img class="client-logo" alt="" src="{logo}">""");
        }

        html.Add($"""<h2>{page.Text("oauthGrantRequest")}</h2><ul class="scopes">{"\n"}""");
        foreach (var scope in content.Scopes)
        {
            html.Add($"<li>{page.Messages.Expand(scope)}</li>\n");
        }

        html.Add($"</ul>\n");
        if (content.PolicyUri is not null || content.TosUri is not null)
        {
            html.Add($"""<p>{page.Text("oauthGrantInformation", content.Client)}{Review(page, content.TosUri, "oauthGrantTos")}{Review(page, content.PolicyUri, "oauthGrantPolicy")}</p>""");
        }

        html.Add($"""
            <form class="buttons" action="{page.Action}" method="post"><input type="hidden" name="code" value="{content.Code}">
            <button class="primary" type="submit" name="accept" id="kc-login" value="{page.Text("doYes")}">{page.Text("doYes")}</button>
            <button class="secondary" type="submit" name="cancel" id="kc-cancel" value="{page.Text("doNo")}">{page.Text("doNo")}</button></form></div>
            """);
        return Layout.Write(page, content, page.Text("oauthGrantTitle", content.Client), html.ToHtml());
    }

    /// <summary>A sentence that leads to what the client says of itself.</summary>
    private static Html Review(Page page, string? url, string what) => url is null ? default : Html.Of(
        $""" {page.Text("oauthGrantReview")} <a href="{url}" target="_blank" rel="noopener">{page.Text(what)}</a>""");

    public static byte[] LogoutConfirm(Page page, LogoutConfirmPage content) => Layout.Write(page, content, page.Text("logoutConfirmTitle"), Html.Of($"""
        <div id="kc-logout-confirm"><p class="instruction">{page.Text("logoutConfirmHeader")}</p>
        <form class="form-actions" action="{content.ActionUrl}" method="post"><input type="hidden" name="session_code" value="{content.Code}">
        <input class="primary" type="submit" name="confirmLogout" id="kc-logout" value="{page.Text("doLogout")}" autofocus></form>
        <div id="kc-info-message">{(content.BackUrl is { Length: 0 } ? default : Back(page, content.BackUrl))}</div></div>
        """));

    public static byte[] FrontchannelLogout(Page page, FrontchannelLogoutPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""<p>{page.Text("frontchannel-logout.message")}</p><ul>{"\n"}""");
        foreach (var (client, url) in content.Clients)
        {
            html.Add($"""<li>{client}<iframe src="{url}" class="logout-frame" title="{client}"></iframe></li>{"\n"}""");
        }

        html.Add($"</ul>\n");
        if (content.RedirectUri is { } back)
        {
            html.Add($"""<p><a id="continue" class="primary" href="{back}">{page.Text("doContinue")}</a></p>""");
        }

        return Layout.Write(page, content, page.Text("frontchannel-logout.title"), html.ToHtml(), default, "frontchannel.js");
    }

    /// <summary>A form that posts itself; by hand where scripts do not run. No page of ours otherwise: the client's parameters are all that it has.</summary>
    public static byte[] FormPost(Page page, FormPostPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <!DOCTYPE html>
            <html lang="{page.Messages.Locale}"><head><meta charset="utf-8"><title>{page.Text("formPostTitle")}</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-{page.Nonce}'; style-src 'self'; base-uri 'none'">
            <link rel="stylesheet" href="{page.Resource("castellan.css")}"><script nonce="{page.Nonce}" defer src="{page.Resource("form-post.js")}"></script></head>
            <body><main class="card"><form class="posts-itself" method="post" action="{content.RedirectUri}">

            """);
        html.Add(Hidden(content.Parameters));
        html.Add($"""
            <noscript><p>{page.Text("formPostText")}</p></noscript>
            <button class="primary" type="submit"{(content.Button is { } button ? Html.Of($" name=\"{button}\"") : default)}>{page.Text("doContinue")}</button></form></main></body></html>

            """);
        return html.ToUtf8();
    }

    /// <summary>A form that posts itself; by its button where scripts do not run.</summary>
    public static byte[] SamlPost(Page page, SamlPostPage content) => Layout.Write(page, content, page.Text("saml.post-form.title"), Html.Of($"""
        <p>{page.Text("saml.post-form.message")}</p>
        <form class="posts-itself form-actions" name="saml-post-binding" method="post" action="{content.Address}">
        {Hidden(content.Parameters)}
        <noscript><p>{page.Text("saml.post-form.js-disabled")}</p></noscript>
        <button class="primary" type="submit">{page.Text("doContinue")}</button></form>
        """), default, "form-post.js");

    private static Html Hidden(IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        var html = new HtmlWriter();
        foreach (var (name, value) in parameters)
        {
            html.Add($"""<input type="hidden" name="{name}" value="{value}">{"\n"}""");
        }

        return html.ToHtml();
    }

    private static Html Back(Page page, string? url)
    {
        url ??= page.Client is { } client ? ClientUrl(page, client) : null;
        return url is null ? default : Html.Of($"""<p><a id="backToApplication" class="secondary" href="{url}">{page.Rich("backToApplication")}</a></p>""");
    }

    private static string? ClientUrl(Page page, Core.Clients.Client client)
    {
        if (client.Representation.BaseUrl is not { Length: > 0 } url)
        {
            return null;
        }

        if (url.StartsWith('/'))
        {
            url = (client.Representation.RootUrl is { Length: > 0 } root ? root.Replace("${authBaseUrl}", page.Base, StringComparison.Ordinal).TrimEnd('/') : page.Base) + url;
        }

        return url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? url : null;
    }
}
