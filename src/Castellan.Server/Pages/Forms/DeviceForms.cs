using Castellan.Core.Login;

namespace Castellan.Server.Pages.Forms;

/// <summary>The page for the code that a device shows.</summary>
public static class DeviceForms
{
    public static byte[] UserCode(Page page, DeviceCodePage content) => Layout.Write(page, content, page.Text("oauth2DeviceVerificationTitle"), Html.Of($"""
        <form id="kc-user-verify-device-user-code-form" action="{content.ActionUrl}" method="post" novalidate>
        <div class="field"><label for="device-user-code">{page.Text("verifyOAuth2DeviceUserCode")}</label>
        <input type="text" id="device-user-code" name="device_user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" autofocus aria-invalid="{(content.Messages.Count > 0 ? "true" : "false")}"></div>
        <input class="primary" type="submit" value="{page.Text("doSubmit")}"></form>
        """));
}
