using Castellan.Core.Login.Actions;

namespace Castellan.Server.Pages.Forms;

/// <summary>Pages about the person's e-mail address.</summary>
public static class EmailForms
{
    public static byte[] Update(Page page, UpdateEmailPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <form id="kc-update-email-form" action="{page.Action}" method="post" novalidate>
            <div class="field"><label for="email">{page.Text("email")} <span class="required" aria-hidden="true">*</span></label>
            <input type="email" id="email" name="email" value="{content.Email}" autocomplete="email" required{page.Invalid(content, "email")}>
            {page.FieldError(content, "email")}</div>

            """);
        ActionForms.LogoutSessions(html, page);
        html.Add($"""
            <button class="primary" type="submit" id="kc-submit" name="">{page.Text("doSubmit")}</button>
            {ActionForms.Cancel(page, "kc-cancel")}
            </form>
            """);
        return Layout.Write(page, content, page.Text("updateEmailTitle"), html.ToHtml());
    }
}
