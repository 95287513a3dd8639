using Castellan.Core.Login;
using Castellan.Core.Login.Actions;
using QRCoder;

namespace Castellan.Server.Pages.Forms;

/// <summary>The pages of required actions.</summary>
public static class ActionForms
{
    public static byte[] UpdatePassword(Page page, UpdatePasswordPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <form id="kc-passwd-update-form" action="{page.Action}" method="post" novalidate>
            {Whose(page)}
            """);
        SignInForms.Password(html, page, "password-new", page.Text("passwordNew"), "new-password", page.FieldError(content, "password", "password-new"), page.Invalid(content, "password", "password-new"), true);
        SignInForms.Password(html, page, "password-confirm", page.Text("passwordConfirm"), "new-password", page.FieldError(content, "password-confirm"), page.Invalid(content, "password-confirm"), false);
        LogoutSessions(html, page);
        html.Add($"""
            <button class="primary" type="submit" name="login" id="kc-submit">{page.Text("doSubmit")}</button>
            {Cancel(page, "kc-cancel")}
            </form>
            """);
        return Layout.Write(page, content, page.Text("updatePasswordTitle"), html.ToHtml(), default, "castellan.js");
    }

    /// <summary>For password managers: whose password it is that is set. The field has no name and is not sent.</summary>
    private static Html Whose(Page page) => page.User is { } user ? Html.Of($"""<input type="text" value="{user.Username}" autocomplete="username" readonly hidden>""") : default;

    public static byte[] ConfigureTotp(Page page, ConfigureTotpPage content)
    {
        var (html, policy) = (new HtmlWriter(), content.Policy);
        var link = page.ActionLink;
        html.Add($"""<ol id="kc-totp-settings" class="steps"><li><p>{page.Rich("loginTotpStep1")}</p><ul id="kc-totp-supported-apps">""");
        foreach (var app in content.Applications)
        {
            html.Add($"<li>{page.Text(app)}</li>");
        }

        html.Add($"</ul></li>\n");
        if (content.Manual)
        {
            var time = policy.Type != "hotp";
            html.Add($"""
                <li><p>{page.Rich("loginTotpManualStep2")}</p><p><span id="kc-totp-secret-key" class="key">{Spaced(content.Key)}</span></p>
                <p><a href="{link}&mode=qr" id="mode-barcode">{page.Text("loginTotpScanBarcode")}</a></p></li>
                <li><p>{page.Rich("loginTotpManualStep3")}</p><ul>
                <li id="kc-totp-type">{page.Text("loginTotpType")}: {page.Text("loginTotp." + policy.Type)}</li>
                <li id="kc-totp-algorithm">{page.Text("loginTotpAlgorithm")}: {policy.ShortAlgorithm}</li>
                <li id="kc-totp-digits">{page.Text("loginTotpDigits")}: {policy.Digits}</li>
                {(time ? Html.Of($"""<li id="kc-totp-period">{page.Text("loginTotpInterval")}: {policy.Period}</li>""") : Html.Of($"""<li id="kc-totp-counter">{page.Text("loginTotpCounter")}: {policy.Counter}</li>"""))}
                </ul></li>

                """);
        }
        else
        {
            html.Add($"""
                <li><p>{page.Rich("loginTotpStep2")}</p><img id="kc-totp-secret-qr-code" class="qr" src="data:image/png;base64,{QrCode(content.Uri)}" alt="{page.Text("loginTotpScanBarcode")}">
                <p><a href="{link}&mode=manual" id="mode-manual">{page.Text("loginTotpUnableToScan")}</a></p></li>

                """);
        }

        html.Add($"""
            <li><p>{page.Rich("loginTotpStep3")}</p><p>{page.Rich("loginTotpStep3DeviceName")}</p></li></ol>
            <form action="{page.Action}" id="kc-totp-settings-form" method="post" novalidate>
            <div class="field"><label for="totp">{page.Text("authenticatorCode")} <span class="required" aria-hidden="true">*</span></label>
            <input type="text" id="totp" name="totp" autocomplete="off" inputmode="numeric"{page.Invalid(content, "totp", "otp-code")}>
            {page.FieldError(content, "totp", "otp-code")}
            <input type="hidden" id="totpSecret" name="totpSecret" value="{content.Secret}">
            {(content.Manual ? new Html("""<input type="hidden" id="mode" name="mode" value="manual">""") : default)}</div>
            <div class="field"><label for="userLabel">{page.Text("loginTotpDeviceName")} {(content.LabelRequired ? new Html("""<span class="required" aria-hidden="true">*</span>""") : default)}</label>
            <input type="text" id="userLabel" name="userLabel" autocomplete="off" value="{content.Label}"{page.Invalid(content, "userLabel", "otp-label")}>
            {page.FieldError(content, "userLabel", "otp-label")}</div>

            """);
        LogoutSessions(html, page);
        html.Add($"""
            <input class="primary" type="submit" id="saveTOTPBtn" value="{page.Text("doSubmit")}">
            {Cancel(page, "cancelTOTPBtn")}
            </form>
            """);
        return Layout.Write(page, content, page.Text("loginTotpTitle"), html.ToHtml());
    }

    public static byte[] RecoveryCodes(Page page, RecoveryCodesPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <p>{page.Text("recoveryCodesIntro")}</p>
            <div class="{Layout.AlertClass} pf-m-warning" role="note"><strong>{page.Text("recovery-code-config-warning-title")}</strong><br>{page.Text("recovery-code-config-warning-message")}</div>
            <ol id="kc-recovery-codes-list" class="codes">
            """);
        foreach (var code in content.Codes)
        {
            html.Add($"<li>{string.Join('-', code.Chunk(4).Select(part => new string(part)))}</li>");
        }

        html.Add($"""
            </ol>
            <div class="row" id="kc-recovery-codes-tools" data-file="{page.Text("recovery-codes-download-file-header")}" hidden>
            <button class="secondary" type="button" id="printRecoveryCodes">{page.Text("recovery-codes-print")}</button>
            <button class="secondary" type="button" id="downloadRecoveryCodes">{page.Text("recovery-codes-download")}</button>
            <button class="secondary" type="button" id="copyRecoveryCodes" data-done="{page.Text("recovery-codes-copied")}">{page.Text("recovery-codes-copy")}</button></div>
            <label class="check" for="kcRecoveryCodesConfirmationCheck"><input type="checkbox" id="kcRecoveryCodesConfirmationCheck" name="kcRecoveryCodesConfirmationCheck" form="kc-recovery-codes-settings-form" required> {page.Text("recovery-codes-confirmation-message")}</label>
            <form action="{page.Action}" id="kc-recovery-codes-settings-form" method="post">
            <input type="hidden" name="generatedRecoveryAuthnCodes" value="{string.Join(',', content.Codes)}">
            <input type="hidden" name="generatedAt" value="{content.GeneratedAt}">
            <input type="hidden" id="userLabel" name="userLabel" value="{page.Text("recovery-codes-label-default")}">

            """);
        LogoutSessions(html, page);
        html.Add($"""
            <input class="primary" type="submit" id="saveRecoveryAuthnCodesBtn" value="{page.Text("recovery-codes-action-complete")}">
            {Cancel(page, "cancelRecoveryAuthnCodesBtn", "recovery-codes-action-cancel")}
            </form>
            """);
        return Layout.Write(page, content, page.Text("recovery-code-config-header"), html.ToHtml(), default, "castellan.js");
    }

    public static byte[] VerifyEmail(Page page, VerifyEmailPage content)
    {
        var words = Html.Of($"""<p class="instruction">{page.Text(content.Sent ? "emailVerifyInstruction1" : "emailVerifyInstruction4", content.Email)}</p>""");
        return page.AppInitiated
            ? Layout.Write(page, content, page.Text("emailVerifyTitle"), Html.Of($"""
                {words}
                <form id="kc-verify-email-form" class="buttons" action="{page.Action}" method="post">
                <button class="primary" type="submit">{page.Text(content.Sent ? "emailVerifyResend" : "emailVerifySend")}</button>
                {Cancel(page)}</form>
                """))
            : Layout.Write(page, content, page.Text("emailVerifyTitle"), words, Html.Of(
                $"""<p class="instruction">{page.Text("emailVerifyInstruction2")} <a href="{page.Action}">{page.Text("doClickHere")}</a> {page.Text("emailVerifyInstruction3")}</p>"""));
    }

    public static byte[] Terms(Page page, TermsPage content) => Layout.Write(page, content, page.Text("termsTitle"), Html.Of($"""
        <div id="kc-terms-text" class="terms">{page.Rich("termsText")}</div>
        <form class="form-actions buttons" action="{page.Action}" method="post">
        <button class="primary" type="submit" name="accept" id="kc-accept" value="on">{page.Text("doAccept")}</button>
        <button class="secondary" type="submit" name="cancel" id="kc-decline" value="on">{page.Text("doDecline")}</button></form>
        """));

    public static byte[] DeleteCredential(Page page, DeleteCredentialPage content) => Layout.Write(page, content, page.Text("deleteCredentialTitle", content.Label), Html.Of($"""
        <div id="kc-delete-text"><p>{page.Text("deleteCredentialMessage", content.Label)}</p></div>
        <form class="form-actions buttons" action="{page.Action}" method="post">
        <button class="primary" type="submit" name="accept" id="kc-accept" value="on">{page.Text("doConfirmDelete")}</button>
        <button class="secondary" type="submit" name="cancel-aia" id="kc-decline" value="true">{page.Text("doCancel")}</button></form>
        """));

    public static byte[] DeleteAccount(Page page, DeleteAccountPage content) => Layout.Write(page, content, page.Text("deleteAccountConfirm"), Html.Of($"""
        <form id="kc-deleteaccount-form" action="{page.Action}" method="post">
        <div class="{Layout.AlertClass} pf-m-warning" role="note">{page.Text("irreversibleAction")}</div>
        <p>{page.Text("deletingImplies")}</p><ul><li>{page.Text("loggingOutImmediately")}</li><li>{page.Text("errasingData")}</li></ul>
        <p><strong>{page.Text("finalDeletionConfirmation")}</strong></p>
        <div class="buttons"><button class="primary" type="submit">{page.Text("doConfirmDelete")}</button>
        {Cancel(page)}</div></form>
        """));

    /// <summary>The way out of an action that the application asked for.</summary>
    internal static Html Cancel(Page page, string? id = null, string text = "doCancel") => !page.AppInitiated ? default : Html.Of(
        $"""<button class="secondary" type="submit" name="cancel-aia" value="true"{(id is null ? default : Html.Of($" id=\"{id}\""))} formnovalidate>{page.Text(text)}</button>""");

    internal static void LogoutSessions(HtmlWriter html, Page page) => html.Add(
        $"""<div id="kc-form-options" class="options"><label class="check" for="logout-sessions"><input type="checkbox" id="logout-sessions" name="logout-sessions" value="on"> {page.Text("logoutOtherSessions")}</label></div>{"\n"}""");

    private static string Spaced(string key) => string.Join(' ', key.Chunk(4).Select(part => new string(part)));

    private static string QrCode(string uri)
    {
        using var data = QRCodeGenerator.GenerateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var code = new PngByteQRCode(data);
        return Convert.ToBase64String(code.GetGraphic(5));
    }
}
