using Castellan.Core.Login.Actions;
using Castellan.Core.Login.Steps.Broker;

namespace Castellan.Server.Pages.Forms;

/// <summary>Pages of people who come by an identity provider, and the buttons that lead to one.</summary>
public static class BrokerForms
{
    /// <summary>The providers that a login page offers.</summary>
    public static void Buttons(HtmlWriter html, Page page)
    {
        if (page.Providers.Count == 0)
        {
            return;
        }

        html.Add($"""<div id="kc-social-providers" class="providers"><p class="or">{page.Text("identity-provider-login-label")}</p><ul>{"\n"}""");
        foreach (var provider in page.Providers)
        {
            html.Add($"""<li><a id="social-{provider.Alias}" class="secondary" href="{page.BrokerLogin(provider)}">{page.Messages.Expand(provider.Name)}</a></li>{"\n"}""");
        }

        html.Add($"</ul></div>\n");
    }

    public static byte[] ConfirmLink(Page page, ConfirmLinkPage content) => Layout.Write(page, content, page.Text("confirmLinkIdpTitle"), Html.Of($"""
        <form id="kc-register-form" class="form-actions buttons" action="{page.Action}" method="post">
        <button class="primary" type="submit" name="submitAction" id="linkAccount" value="linkAccount">{page.Text("confirmLinkIdpContinue")}</button>
        {(content.MayReview ? Html.Of($"""<button class="secondary" type="submit" name="submitAction" id="updateProfile" value="updateProfile">{page.Text("confirmLinkIdpReviewProfile")}</button>""") : Html.Of($""))}</form>
        """));

    public static byte[] ConfirmOverride(Page page, ConfirmOverridePage content) => Layout.Write(page, content, page.Text("confirmOverrideIdpTitle"), Html.Of($"""
        <p class="instruction">{page.Text("pageExpiredMsg1")} <a id="loginRestartLink" href="{page.LoginAction("restart")}">{page.Text("doClickHere")}</a></p>
        <form id="kc-register-form" class="form-actions buttons" action="{page.Action}" method="post">
        <button class="primary" type="submit" name="submitAction" id="confirmOverride" value="confirmOverride">{page.Text("confirmOverrideIdpContinue")}</button></form>
        """));

    public static byte[] LinkByMail(Page page, LinkByMailPage content)
    {
        var realm = page.Realm.Settings.DisplayName is { Length: > 0 } name ? page.Messages.Expand(name) : page.Realm.Name;
        return Layout.Write(page, content, page.Text("emailLinkIdpTitle", content.Provider), Html.Of($"""
            <p id="instruction1" class="instruction">{page.Text("emailLinkIdp1", content.Provider, content.Account, realm)}</p>
            """), Html.Of($"""
            <p id="instruction2" class="instruction">{page.Text("emailLinkIdp2")} <a href="{page.Action}">{page.Text("doClickHere")}</a> {page.Text("emailLinkIdp3")}</p>
            <p id="instruction3" class="instruction">{page.Text("emailLinkIdp4")} <a href="{page.ActionLink}">{page.Text("doClickHere")}</a> {page.Text("emailLinkIdp5")}</p>
            """));
    }

    public static byte[] LinkAccount(Page page, LinkAccountPage content) => Layout.Write(page, content, page.Text("linkIdpActionTitle", content.Provider), Html.Of($"""
        <div id="kc-link-text"><p>{page.Text("linkIdpActionMessage", content.Provider)}</p></div>
        <form class="form-actions buttons" action="{page.Action}" method="post">
        <button class="primary" type="submit" name="continue" id="kc-continue">{page.Text("doContinue")}</button>
        <button class="secondary" type="submit" name="cancel-aia" id="kc-cancel" value="true">{page.Text("doCancel")}</button></form>
        """));
}
