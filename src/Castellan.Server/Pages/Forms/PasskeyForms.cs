using System.Globalization;
using System.Text;
using Castellan.Core.Login;
using Castellan.Core.Login.Actions;

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
            <noscript><p class="{Layout.AlertClass} pf-m-warning">{page.Text("noscriptPasskey")}</p></noscript>
            <button class="primary" type="button" id="authenticateWebAuthnButton" autofocus>{page.Text("webauthn-doAuthenticate")}</button>

            """);
        return Layout.Write(page, content, page.Text("webauthn-login-title"), html.ToHtml(), default, "webauthn.js");
    }

    public static byte[] Error(Page page, WebAuthnErrorPage content) => Layout.Write(page, content, page.Text("webauthn-error-title"), Html.Of($"""
        <form id="kc-error-credential-form" action="{page.Action}" method="post">
        <input type="hidden" id="executionValue" name="authenticationExecution" value="{content.Execution}">
        <input type="hidden" id="isSetRetry" name="isSetRetry" value="">
        <button class="primary" type="submit" name="try-again" id="kc-try-again" autofocus>{page.Text("doTryAgain")}</button>
        {(content.AppInitiated ? Html.Of($"""<button class="secondary" type="submit" name="cancel-aia" value="true" id="cancelWebAuthnAIA">{page.Text("doCancel")}</button>""") : default)}
        </form>
        """));

    public static byte[] Register(Page page, WebAuthnRegisterPage content)
    {
        var (html, policy) = (new HtmlWriter(), content.Policy);
        var options = new ScriptObject()
            .Add("challenge", content.Challenge).Add("userid", content.UserHandle).Add("username", page.User?.Username)
            .AddRaw("signatureAlgorithms", "[" + string.Concat(policy.Algorithms.Select(a => $"{a},")) + "]")
            .Add("rpEntityName", policy.RpEntityName).Add("rpId", content.RpId).Add("attestationConveyancePreference", policy.AttestationConveyancePreference)
            .Add("authenticatorAttachment", policy.AuthenticatorAttachment).Add("requireResidentKey", policy.RequireResidentKey).Add("residentKey", policy.ResidentKey)
            .Add("userVerificationRequirement", policy.UserVerification).Add("createTimeout", policy.CreateTimeout.ToString()).Add("excludeCredentialIds", string.Join(',', content.Known))
            .Add("initLabel", page.Text("webauthn-registration-init-label")).Add("initLabelPrompt", page.Text("webauthn-registration-init-label-prompt"))
            .Add("errmsg", page.Text("webauthn-unsupported-browser-text"));
        html.Add($"""
            <template id="webauthn-options">{options.ToHtml()}</template>
            <div class="field"><label for="authenticatorLabelText">{page.Text("webauthn-registration-init-label-prompt")}</label>
            <input type="text" id="authenticatorLabelText" autocomplete="off" value="{page.Text("webauthn-registration-init-label")}"></div>
            <form id="register" action="{page.Action}" method="post">
            <input type="hidden" id="clientDataJSON" name="clientDataJSON">
            <input type="hidden" id="attestationObject" name="attestationObject">
            <input type="hidden" id="publicKeyCredentialId" name="publicKeyCredentialId">
            <input type="hidden" id="authenticatorLabel" name="authenticatorLabel">
            <input type="hidden" id="transports" name="transports">
            <input type="hidden" id="authenticatorAttachment" name="authenticatorAttachment">
            <input type="hidden" id="error" name="error">

            """);
        ActionForms.LogoutSessions(html, page);
        html.Add($"""
            </form>
            <noscript><p class="{Layout.AlertClass} pf-m-warning">{page.Text("noscriptPasskey")}</p></noscript>
            <button class="primary" type="button" id="registerWebAuthn">{page.Text("doRegisterSecurityKey")}</button>

            """);
        if (page.AppInitiated)
        {
            html.Add($"""<form action="{page.Action}" id="kc-webauthn-settings-form" method="post">{ActionForms.Cancel(page, "cancelWebAuthnAIA")}</form>{"\n"}""");
        }

        return Layout.Write(page, content, page.Text("webauthn-registration-title"), html.ToHtml(), default, "webauthn.js");
    }

    /// <summary>On a page that asks for a name or a password: passkeys offered in the browser's list for the field, and by a button.</summary>
    internal static void Conditional(HtmlWriter html, Page page, PasskeyRequest? request)
    {
        if (request is null)
        {
            return;
        }

        Form(html, page, request);
        Keys(html, page, request, visible: request.UserIdentified);
        html.Add($"""<button class="secondary" type="button" id="authenticateWebAuthnButton" hidden>{page.Text("webauthn-doAuthenticate")}</button>{"\n"}""");
    }

    private static void Form(HtmlWriter html, Page page, PasskeyRequest request) => html.Add($"""
        <template id="webauthn-options">{Options(page, request)}</template>
        <form id="webauth" action="{page.Action}" method="post">
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
            foreach (var (i, key) in request.Keys.Index())
            {
                html.Add($"""<li id="kc-webauthn-authenticator-item-{i}"><span id="kc-webauthn-authenticator-label-{i}">{(key.Label is { Length: > 0 } label ? label : page.Text("webauthn-display-name"))}</span>""");
                if (key.Created is { } created)
                {
                    html.Add($"""<span class="help"><span id="kc-webauthn-authenticator-createdlabel-{i}">{page.Text("webauthn-createdAt-label")}</span> <span id="kc-webauthn-authenticator-created-{i}">{DateTimeOffset.FromUnixTimeMilliseconds(created).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}</span></span>""");
                }

                html.Add($"</li>\n");
            }

            html.Add($"</ul>\n");
        }
    }

    private static Html Options(Page page, PasskeyRequest request)
    {
        var options = new ScriptObject()
            .Add("isUserIdentified", request.UserIdentified ? "true" : "false").Add("challenge", request.Challenge).Add("userVerification", request.UserVerification)
            .Add("rpId", request.RpId).Add("createTimeout", request.CreateTimeout.ToString());
        if (request.Mediation is not { } mediation)
        {
            options.Add("errmsg", page.Text("webauthn-unsupported-browser-text"));
        }
        else
        {
            options.Add("mediation", mediation).Add("authenticatorAttachment", request.AuthenticatorAttachment ?? "not specified");
        }

        return options.ToHtml();
    }
}

/// <summary>An object as scripts of Keycloak's pages write it, <c>{ name : "text" }</c>; in a template, so that it is data and never runs.</summary>
public sealed class ScriptObject
{
    private readonly StringBuilder _text = new("{");

    public ScriptObject Add(string name, string? value)
    {
        _text.Append(_text.Length > 1 ? ", " : " ").Append(name).Append(" : \"");
        foreach (var c in value ?? "")
        {
            _ = c is '"' or '\\' or '<' or '>' or '&' or '{' or '}' || c < ' ' ? _text.Append("\\u").Append(((int)c).ToString("x4")) : _text.Append(c);
        }

        _text.Append('"');
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
