using System.Text;
using Castellan.Core.Login;

namespace Castellan.Server.Pages.Forms;

/// <summary>Pages that ask an authenticator (WebAuthn). The request stands in the page as data; the script beside it asks and posts the answer.</summary>
public static class PasskeyForms
{
    public static byte[] Authenticate(Page page, WebAuthnPage content)
    {
        var html = new HtmlWriter();
        Form(html, page, content.Request);
        Keys(html, page, content.Request, visible: true);
        html.Add($"""
            <noscript><p class="alert alert-warning">{page.Text("noscriptPasskey")}</p></noscript>
            <button class="primary" type="button" id="authenticateWebAuthnButton" autofocus>{page.Text("webauthn-doAuthenticate")}</button>

            """);
        return Layout.Write(page, content, page.Text("webauthn-login-title"), html.ToHtml(), default, "webauthn.js");
    }

    public static byte[] Error(Page page, WebAuthnErrorPage content) => Layout.Write(page, content, page.Text("webauthn-error-title"), Html.Of($"""
        <form id="kc-error-credential-form" action="{page.Action}" method="post">
        <input type="hidden" id="executionValue" name="authenticationExecution" value="{content.Execution}">
        <input type="hidden" id="isSetRetry" name="isSetRetry" value="retry">
        <button class="primary" type="submit" name="try-again" id="kc-try-again" autofocus>{page.Text("doTryAgain")}</button>
        {(content.AppInitiated ? Html.Of($"""<button class="secondary" type="submit" name="cancel-aia" value="true" id="cancelWebAuthnAIA">{page.Text("doCancel")}</button>""") : default)}
        </form>
        """));

    /// <summary>On a page that asks for a name or a password: passkeys offered in the browser's list for the field, and by a button.</summary>
    internal static void Conditional(HtmlWriter html, Page page, PasskeyRequest? request)
    {
        if (request is null)
        {
            return;
        }

        Form(html, page, request);
        Keys(html, page, request, visible: request.UserIdentified);
        html.Add($"""<button class="secondary" type="button" id="authenticateWebAuthnButton" hidden>{page.Text("passkey-doAuthenticate")}</button>{"\n"}""");
    }

    private static void Form(HtmlWriter html, Page page, PasskeyRequest request) => html.Add($"""
        <form id="webauth" action="{page.Action}" method="post" data-webauthn="{Options(page, request)}">
        <input type="hidden" id="clientDataJSON" name="clientDataJSON">
        <input type="hidden" id="authenticatorData" name="authenticatorData">
        <input type="hidden" id="signature" name="signature">
        <input type="hidden" id="credentialId" name="credentialId">
        <input type="hidden" id="userHandle" name="userHandle">
        <input type="hidden" id="error" name="error">
        </form>

        """);

    private static void Keys(HtmlWriter html, Page page, PasskeyRequest request, bool visible)
    {
        if (request.Keys.Count == 0)
        {
            return;
        }

        html.Add($"""<form id="authn_select">{"\n"}""");
        foreach (var key in request.Keys)
        {
            html.Add($"""<input type="hidden" name="authn_use_chk" value="{key.CredentialId}">{"\n"}""");
        }

        html.Add($"</form>\n");
        if (visible)
        {
            html.Add($"""<p class="keys-title">{page.Text("webauthn-available-authenticators")}</p><ul class="keys">{"\n"}""");
            foreach (var key in request.Keys)
            {
                html.Add($"<li>{(key.Label is { Length: > 0 } label ? label : page.Text("webauthn-display-name"))}</li>\n");
            }

            html.Add($"</ul>\n");
        }
    }

    private static Html Options(Page page, PasskeyRequest request)
    {
        var options = new ScriptObject()
            .Add("isUserIdentified", request.UserIdentified ? "true" : "false").Add("challenge", request.Challenge).Add("userVerification", request.UserVerification)
            .Add("rpId", request.RpId).Add("createTimeout", request.CreateTimeout.ToString()).Add("errmsg", page.Text("webauthn-unsupported-browser-text"));
        if (request.Mediation is { } mediation)
        {
            options.Add("mediation", mediation).Add("authenticatorAttachment", request.AuthenticatorAttachment ?? "not specified");
        }

        return options.ToHtml();
    }
}

/// <summary>An object as scripts of Keycloak's pages write it, <c>{ name : 'text' }</c>; in an attribute, so that it is data and never runs.</summary>
public sealed class ScriptObject
{
    private readonly StringBuilder _text = new("{");

    public ScriptObject Add(string name, string? value)
    {
        _text.Append(_text.Length > 1 ? ", " : " ").Append(name).Append(" : '");
        foreach (var c in value ?? "")
        {
            _ = c is '\'' or '"' or '\\' or '<' or '>' or '&' or '{' or '}' || c < ' ' ? _text.Append("\\u").Append(((int)c).ToString("x4")) : _text.Append(c);
        }

        _text.Append('\'');
        return this;
    }

    /// <summary>A value that is no text: a list of numbers.</summary>
    public ScriptObject AddRaw(string name, string value)
    {
        _text.Append(_text.Length > 1 ? ", " : " ").Append(name).Append(" : ").Append(value);
        return this;
    }

    public Html ToHtml() => new(_text + " }");
}
