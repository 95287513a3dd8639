using Castellan.Core.Login;
using Castellan.Core.Login.Actions;
using Castellan.Core.Login.Steps.Broker;
using Castellan.Core.Users.Profile;

namespace Castellan.Server.Pages.Forms;

/// <summary>Pages with a form that the realm's user profile describes.</summary>
public static class ProfileForms
{
    public static byte[] Register(Page page, RegisterPage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <form id="kc-register-form" action="{page.Action}" method="post" novalidate>

            """);
        Fields(html, page, content, content.Fields, after: attribute =>
        {
            // The password stands behind what the person signs in with.
            if (content.Password && attribute == LoginField(page))
            {
                SignInForms.Password(html, page, "password", page.Text("password"), "new-password", page.FieldError(content, "password"), page.Invalid(content, "password"), false, required: true);
                SignInForms.Password(html, page, "password-confirm", page.Text("passwordConfirm"), "new-password", page.FieldError(content, "password-confirm"), page.Invalid(content, "password-confirm"), false, required: true);
            }
        });
        if (content.Terms)
        {
            html.Add($"""
                <div class="field"><h2>{page.Text("termsTitle")}</h2><div id="kc-registration-terms-text" class="terms">{page.Rich("termsText")}</div>
                <label class="check" for="termsAccepted"><input type="checkbox" id="termsAccepted" name="termsAccepted"{page.Invalid(content, "termsAccepted", "terms-accepted")}> {page.Text("acceptTerms")}</label>
                {page.FieldError(content, "termsAccepted", "terms-accepted")}</div>

                """);
        }

        html.Add($"""
            <input class="primary" type="submit" value="{page.Text("doRegister")}">
            <p class="back"><a href="{page.LoginAction(LoginPaths.Authenticate)}">{page.Rich("backToLogin")}</a></p>
            </form>
            """);
        return Layout.Write(page, content, Title(page, content), html.ToHtml(), default, "castellan.js");
    }

    // The text of an invitation names its organization in a way of its own.
    private static string Title(Page page, RegisterPage content) => content.Organization is { } name
        ? page.Text("organization.member.register.title").Replace("${kc.org.name}", name, StringComparison.Ordinal) : page.Text("registerTitle");

    public static byte[] Update(Page page, UpdateProfilePage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <form id="kc-update-profile-form" action="{page.Action}" method="post" novalidate>

            """);
        Fields(html, page, content, content.Fields, after: _ => { });
        html.Add($"""
            <input class="primary" type="submit" value="{page.Text("doSubmit")}">
            {ActionForms.Cancel(page)}
            </form>
            """);
        return Layout.Write(page, content, page.Text("loginProfileTitle"), html.ToHtml(), default, "castellan.js");
    }

    /// <summary>What an identity provider said of somebody new.</summary>
    public static byte[] Review(Page page, ReviewProfilePage content)
    {
        var html = new HtmlWriter();
        html.Add($"""
            <form id="kc-idp-review-profile-form" action="{page.Action}" method="post" novalidate>

            """);
        Fields(html, page, content, content.Fields, after: _ => { });
        html.Add($"""
            <input class="primary" type="submit" value="{page.Text("doSubmit")}">
            </form>
            """);
        return Layout.Write(page, content, page.Text("loginIdpReviewProfileTitle"), html.ToHtml(), default, "castellan.js");
    }

    private static string LoginField(Page page) => page.Realm.Settings.RegistrationEmailAsUsername ?? false ? UserProfile.Email : UserProfile.Username;

    private static void Fields(HtmlWriter html, Page page, LoginPage content, ProfileFields fields, Action<string> after)
    {
        html.Add($"""<p class="marks">{SignInForms.Star} {page.Text("requiredFields")}</p>{"\n"}""");
        string? group = null;
        foreach (var attribute in fields.Metadata.Attributes)
        {
            if (attribute.Group != group)
            {
                group = attribute.Group;
                if (fields.Metadata.Groups.Find(g => g.Name == group) is { } described)
                {
                    html.Add($"""<div class="group" id="header-{group}"><h2>{page.Messages.Expand(described.DisplayHeader is { Length: > 0 } header ? header : group!)}</h2>""");
                    html.Add($"""{(described.DisplayDescription is { Length: > 0 } words ? Html.Of($"<p class=\"help\">{page.Messages.Expand(words)}</p>") : default)}</div>{"\n"}""");
                }
            }

            Field(html, page, content, attribute, fields.Values.GetValueOrDefault(attribute.Name!) ?? []);
            after(attribute.Name!);
        }
    }

    private static void Field(HtmlWriter html, Page page, LoginPage content, UserProfileAttributeMetadata attribute, List<string> values)
    {
        var name = attribute.Name!;
        var label = page.Messages.Expand(attribute.DisplayName is { Length: > 0 } display ? display : name);
        if (page.Messages.Find(label) is { } words && label == attribute.DisplayName)
        {
            label = words;
        }

        if (name == UserProfile.Locale && ProfileInput.Options(attribute).Count == 0 && Locales.Offered(page.Realm).Any())
        {
            // The language is chosen at the top of the page; the form brings along which it is.
            html.Add($"""<input type="hidden" id="{name}" name="{name}" value="{page.Messages.Locale}">{"\n"}""");
            return;
        }

        var type = ProfileInput.Annotation(attribute, "inputType") ?? "text";
        var many = type is "multiselect-checkboxes" or "select-radiobuttons";
        html.Add($"""<div class="field">""");
        html.Add(many ? Html.Of($"""<fieldset class="devices"><legend>{label}{Star(attribute)}</legend>""") : Html.Of($"""<label for="{name}">{label}{Star(attribute)}</label>"""));
        html.Add($"""{Help(page, attribute, "inputHelperTextBefore", name)}""");
        ProfileInput.Write(html, page, content, attribute, label, type, values);
        html.Add($"""{page.FieldError(content, name)}{Help(page, attribute, "inputHelperTextAfter", name)}{(many ? new Html("</fieldset>") : default)}</div>{"\n"}""");
    }

    private static Html Star(UserProfileAttributeMetadata attribute) => attribute.Required ? SignInForms.Star : default;

    /// <summary>The realm's words beside a field. They may be formatted.</summary>
    private static Html Help(Page page, UserProfileAttributeMetadata attribute, string annotation, string name) => ProfileInput.Annotation(attribute, annotation) is { } text
        ? Html.Of($"""<span class="help" id="form-help-text-{(annotation.EndsWith("Before", StringComparison.Ordinal) ? "before" : "after")}-{name}">{Markup.Of(page.Messages.Expand(text))}</span>""") : default;
}
