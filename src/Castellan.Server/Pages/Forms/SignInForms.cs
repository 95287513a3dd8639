using Castellan.Core.Login;

namespace Castellan.Server.Pages.Forms;

/// <summary>The pages on which people say who they are and prove it.</summary>
public static class SignInForms
{
    public static byte[] UsernamePassword(Page page, UsernamePasswordPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <div id="kc-form"><div id="kc-form-wrapper"><form id="kc-form-login" action="{page.Action}" method="post" novalidate>

            """);
        if (!content.Reauthenticate)
        {
            html.Add($"""
                <div class="field"><label for="username">{NameLabel(page)}</label>
                <input id="username" name="username" type="text" value="{content.Username}" autocomplete="{(content.Passkey is null ? "username" : "username webauthn")}" autocapitalize="none" spellcheck="false"{NameKeyboard(page)} autofocus{page.Invalid(content, "username")}>
                {page.FieldError(content, "username")}</div>

                """);
        }

        // Where both are asked, the words for both stand below the first.
        var asked = content.Reauthenticate ? "password" : "username";
        Password(html, page, "password", page.Text("password"), "current-password", content.Reauthenticate ? page.FieldError(content, "username", asked) : default, page.Invalid(content, "username", asked), content.Reauthenticate);
        Options(html, page, content.RememberMe, !content.Reauthenticate, resetLink: true);
        html.Add($"""
            <input type="hidden" id="id-hidden-input" name="credentialId" value="">
            <button class="primary" type="submit" id="kc-login" name="login" value="on">{page.Text("doLogIn")}</button>
            </form></div></div>

            """);
        PasskeyForms.Conditional(html, page, content.Passkey);
        BrokerForms.Buttons(html, page);
        return Layout.Write(page, content, Title(page), html.ToHtml(), Register(page, (content.Reauthenticate && page.User is not null) || content.ForLink), content.Passkey is null ? ["castellan.js"] : ["castellan.js", "webauthn.js"]);
    }

    public static byte[] Username(Page page, UsernamePage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <div id="kc-form"><div id="kc-form-wrapper"><form id="kc-form-login" action="{page.Action}" method="post" novalidate>
            <div class="field"><label for="username">{NameLabel(page)}</label>
            <input id="username" name="username" type="text" value="{content.Username}" autocomplete="{(content.Passkey is null ? "username" : "username webauthn")}" autocapitalize="none" spellcheck="false"{NameKeyboard(page)} autofocus{page.Invalid(content, "username")}>
            {page.FieldError(content, "username")}</div>

            """);
        Options(html, page, content.RememberMe, rememberMe: true, resetLink: false);
        html.Add($"""
            <button class="primary" type="submit" id="kc-login" name="login" value="on">{page.Text("doLogIn")}</button>
            </form></div></div>

            """);
        PasskeyForms.Conditional(html, page, content.Passkey);
        BrokerForms.Buttons(html, page);
        return Layout.Write(page, content, Title(page), html.ToHtml(), Register(page, content.Organization is not null && page.Providers.Count > 0), content.Passkey is null ? ["castellan.js"] : ["castellan.js", "webauthn.js"]);
    }

    public static byte[] Password(Page page, PasswordPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <div id="kc-form"><div id="kc-form-wrapper"><form id="kc-form-login" action="{page.Action}" method="post" novalidate>

            """);
        Password(html, page, "password", page.Text("password"), "current-password", page.FieldError(content, "password"), page.Invalid(content, "password"), true);
        Options(html, page, false, rememberMe: false, resetLink: true);
        html.Add($"""
            <button class="primary" type="submit" id="kc-login" name="login" value="on">{page.Text("doLogIn")}</button>
            </form></div></div>

            """);
        PasskeyForms.Conditional(html, page, content.Passkey);
        BrokerForms.Buttons(html, page);
        return Layout.Write(page, content, page.Text("doLogIn"), html.ToHtml(), default, content.Passkey is null ? ["castellan.js"] : ["castellan.js", "webauthn.js"]);
    }

    public static byte[] Otp(Page page, OtpPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <form id="kc-otp-login-form" action="{page.Action}" method="post" novalidate>
            <input type="hidden" id="selectedCredentialId" name="selectedCredentialId" value="{content.Selected}">

            """);
        if (content.Devices.Count > 1)
        {
            Devices(html, page, Html.Of($"{page.Text("loginChooseAuthenticator")}"), content.Devices, content.Selected);
        }

        html.Add($"""
            <div class="field"><label for="otp">{page.Text("loginOtpOneTime")}</label>
            <input id="otp" name="otp" type="text" autocomplete="one-time-code" inputmode="numeric" autofocus{page.Invalid(content, "totp", "otp")}>
            {page.FieldError(content, "totp", "otp")}</div>
            <button class="primary" type="submit" id="kc-login" name="login" value="on">{page.Text("doLogIn")}</button>
            </form>

            """);
        return Layout.Write(page, content, page.Text("doLogIn"), html.ToHtml(), default, "castellan.js");
    }

    public static byte[] ResetOtp(Page page, ResetOtpPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <form id="kc-otp-reset-form" action="{page.Action}" method="post">

            """);
        Devices(html, page, Html.Of($"""<span id="kc-otp-reset-form-description">{page.Text("otp-reset-description")}</span>"""), content.Devices, content.Devices[0].Id);
        html.Add($"""
            <input class="primary" type="submit" id="kc-otp-reset-form-submit" value="{page.Text("doSubmit")}">
            </form>

            """);
        return Layout.Write(page, content, page.Text("doLogIn"), html.ToHtml(), default, "castellan.js");
    }

    public static byte[] RecoveryCode(Page page, RecoveryCodePage content) => Layout.Write(page, content, page.Text("auth-recovery-code-header"), Html.Of($"""
        <form id="kc-recovery-code-login-form" action="{page.Action}" method="post" novalidate>
        <div class="field"><label for="recoveryCodeInput">{page.Text("auth-recovery-code-prompt", content.Number)}</label>
        <input id="recoveryCodeInput" name="recoveryCodeInput" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" autofocus{page.Invalid(content, "recoveryCodeInput")}>
        {page.FieldError(content, "recoveryCodeInput")}</div>
        <button class="primary" type="submit" id="kc-login" name="login" value="on">{page.Text("doLogIn")}</button>
        </form>
        """));

    public static byte[] SelectWay(Page page, SelectWayPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""<ul class="ways">{"\n"}""");
        foreach (var (execution, name, help) in content.Ways)
        {
            html.Add($"""
                <li><form id="kc-select-credential-form" class="way" action="{page.Action}" method="post">
                <input type="hidden" name="authenticationExecution" value="{execution}">
                <button class="way-button select-auth-box-parent" type="submit"><span class="select-auth-box-headline">{page.Text(name)}</span><span class="select-auth-box-desc">{page.Text(help)}</span></button>
                </form></li>

                """);
        }

        html.Add($"</ul>");
        return Layout.Write(page, content, page.Text("loginChooseAuthenticator"), html.ToHtml());
    }

    public static byte[] SelectOrganization(Page page, SelectOrganizationPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <form class="form-actions" action="{page.Action}" method="post"><ul class="ways">

            """);
        foreach (var (alias, name) in content.Organizations)
        {
            html.Add($"""<li><button id="organization-{alias}" class="way-button" type="submit" name="kc.org" value="{alias}"><span class="select-auth-box-headline">{name}</span></button></li>{"\n"}""");
        }

        html.Add($"</ul></form>");
        return Layout.Write(page, content, page.Text("organization.select"), html.ToHtml());
    }

    public static byte[] ResetPassword(Page page, ResetPasswordPage content) => Layout.Write(page, content, page.Text("emailForgotTitle"), Html.Of($"""
        <form id="kc-reset-password-form" action="{page.Action}" method="post" novalidate>
        <div class="field"><label for="username">{NameLabel(page)}</label>
        <input id="username" name="username" type="text" value="{content.Username}" autocomplete="username" autocapitalize="none" spellcheck="false"{NameKeyboard(page)} autofocus{page.Invalid(content, "username")}>
        {page.FieldError(content, "username")}</div>
        <button class="primary" type="submit" id="kc-form-buttons" name="">{page.Text("doSubmit")}</button>
        <p class="back"><a href="{page.LoginAction(LoginPaths.Authenticate)}">{page.Rich("backToLogin")}</a></p>
        </form>
        """), Html.Of($"{page.Text(page.Realm.Settings.DuplicateEmailsAllowed ?? false ? "emailInstructionUsername" : "emailInstruction")}"));

    /// <summary>A choice of one of the person's devices.</summary>
    private static void Devices(HtmlWriter html, Page page, Html question, IReadOnlyList<(string Id, string? Label)> devices, string? selected)
    {
        html.Add($"""<fieldset class="devices"><legend>{question}</legend>{"\n"}""");
        foreach (var (i, (id, label)) in devices.Index())
        {
            html.Add($"""
                <div class="pf-v5-c-tile{(id == selected ? " pf-m-selected" : "")}" id="kc-otp-credential-{i}" data-choose="toggleOTP({i}, {Quote(id)})"><label class="tile"><input type="radio" name="selectedCredentialId" value="{id}"{Checked(id == selected)}><span class="pf-v5-c-tile__title">{(label is { Length: > 0 } ? label : page.Text("otp-display-name"))}</span></label></div>

                """);
        }

        html.Add($"</fieldset>\n");
    }

    /// <summary>A password field with a button that shows what was typed, once scripts run.</summary>
    internal static void Password(HtmlWriter html, Page page, string name, string label, string autocomplete, Html error, Html invalid, bool focus, bool required = false)
    {
        html.Add($"""
            <div class="field"><label for="{name}">{label}{(required ? Star : default)}</label>
            <span class="with-button"><input id="{name}" name="{name}" type="password" autocomplete="{autocomplete}"{(focus ? new Html(" autofocus") : default)}{invalid}{(required ? new Html(" aria-required=\"true\"") : default)}>
            <button type="button" class="reveal" id="{name}-show-password" aria-label="{page.Text("showPassword")}" aria-controls="{name}" data-password-toggle data-label-show="{page.Text("showPassword")}" data-label-hide="{page.Text("hidePassword")}" hidden></button></span>
            {error}</div>

            """);
    }

    /// <summary>The sign beside what must be filled in.</summary>
    internal static Html Star { get; } = new(""" <span class="required" aria-hidden="true">*</span>""");

    internal static Html Checked(bool yes) => yes ? new Html(" checked") : default;

    private static void Options(HtmlWriter html, Page page, bool remembered, bool rememberMe, bool resetLink)
    {
        var remember = rememberMe && (page.Realm.Settings.RememberMe ?? false);
        var reset = resetLink && (page.Realm.Settings.ResetPasswordAllowed ?? false);
        if (!remember && !reset)
        {
            return;
        }

        html.Add($"""<div class="options">""");
        if (remember)
        {
            html.Add($"""<label class="check" for="rememberMe"><input id="rememberMe" name="rememberMe" type="checkbox"{Checked(remembered)}> {page.Text("rememberMe")}</label>""");
        }

        if (reset)
        {
            html.Add($"""<a href="{page.LoginAction(LoginPaths.ResetCredentials)}">{page.Text("doForgotPassword")}</a>""");
        }

        html.Add($"</div>\n");
    }

    private static Html Register(Page page, bool reauthenticate) => reauthenticate || !(page.Realm.Settings.RegistrationAllowed ?? false) ? default : Html.Of(
        $"""<div id="kc-registration-container"><div id="kc-registration">{page.Text("noAccount")} <a href="{page.LoginAction(LoginPaths.Registration)}">{page.Text("doRegister")}</a></div></div>""");

    private static string Title(Page page) => page.Text("loginAccountTitle");

    private static string NameLabel(Page page) => page.Text(!(page.Realm.Settings.LoginWithEmailAllowed ?? false) ? "username"
        : page.Realm.Settings.RegistrationEmailAsUsername ?? false ? "email" : "usernameOrEmail");

    // Phones show a keyboard with the sign of addresses where one may be typed.
    private static Html NameKeyboard(Page page) => page.Realm.Settings.LoginWithEmailAllowed ?? false ? new Html(" inputmode=\"email\"") : default;

    private static Html Quote(string id) => new("'" + string.Concat(id.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')) + "'");
}
