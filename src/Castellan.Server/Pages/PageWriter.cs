using Castellan.Core.Login;
using Castellan.Core.Login.Actions;
using Castellan.Core.Login.Steps.Broker;
using Castellan.Server.Pages.Forms;

namespace Castellan.Server.Pages;

/// <summary>Which page is written how. A new page is a record in Core, a method under <c>Forms</c> and a line here.</summary>
public static class PageWriter
{
    public static byte[] Write(Page page, LoginPage content) => content switch
    {
        UsernamePasswordPage p => SignInForms.UsernamePassword(page, p),
        UsernamePage p => SignInForms.Username(page, p),
        PasswordPage p => SignInForms.Password(page, p),
        OtpPage p => SignInForms.Otp(page, p),
        ResetOtpPage p => SignInForms.ResetOtp(page, p),
        RecoveryCodePage p => SignInForms.RecoveryCode(page, p),
        SelectOrganizationPage p => SignInForms.SelectOrganization(page, p),
        SelectWayPage p => SignInForms.SelectWay(page, p),
        ResetPasswordPage p => SignInForms.ResetPassword(page, p),
        RegisterPage p => ProfileForms.Register(page, p),
        UpdateProfilePage p => ProfileForms.Update(page, p),
        UpdatePasswordPage p => ActionForms.UpdatePassword(page, p),
        ConfigureTotpPage p => ActionForms.ConfigureTotp(page, p),
        RecoveryCodesPage p => ActionForms.RecoveryCodes(page, p),
        VerifyEmailPage p => ActionForms.VerifyEmail(page, p),
        TermsPage p => ActionForms.Terms(page, p),
        DeleteCredentialPage p => ActionForms.DeleteCredential(page, p),
        WebAuthnRegisterPage p => PasskeyForms.Register(page, p),
        DeleteAccountPage p => ActionForms.DeleteAccount(page, p),
        WebAuthnPage p => PasskeyForms.Authenticate(page, p),
        WebAuthnErrorPage p => PasskeyForms.Error(page, p),
        UpdateEmailPage p => EmailForms.Update(page, p),
        ReviewProfilePage p => ProfileForms.Review(page, p),
        ConfirmLinkPage p => BrokerForms.ConfirmLink(page, p),
        ConfirmOverridePage p => BrokerForms.ConfirmOverride(page, p),
        LinkByMailPage p => BrokerForms.LinkByMail(page, p),
        LinkAccountPage p => BrokerForms.LinkAccount(page, p),
        ErrorPage p => NoticeForms.Error(page, p),
        InfoPage p => NoticeForms.Info(page, p),
        CodePage p => NoticeForms.Code(page, p),
        PageExpiredPage p => NoticeForms.Expired(page, p),
        DeviceCodePage p => DeviceForms.UserCode(page, p),
        ConsentPage p => NoticeForms.Consent(page, p),
        LogoutConfirmPage p => NoticeForms.LogoutConfirm(page, p),
        FrontchannelLogoutPage p => NoticeForms.FrontchannelLogout(page, p),
        SamlPostPage p => NoticeForms.SamlPost(page, p),
        FormPostPage p => NoticeForms.FormPost(page, p),
        _ => throw new InvalidOperationException($"No form for {content.GetType().Name}."),
    };
}
