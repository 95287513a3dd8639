using System.Text.Json;
using System.Text.RegularExpressions;
using Castellan.Tests.Login;

namespace Castellan.Tests.Pages;

/// <summary>Fields are as the annotations of the user profile say; the name of a realm is what its administrator wrote.</summary>
public sealed class Fields_of_profiles
{
    private static readonly string s_profile = "\"" + JsonEncodedText.Encode("""
        {"attributes": [
          {"name": "username", "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]}},
          {"name": "email", "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]}},
          {"name": "age", "permissions": {"view": ["user"], "edit": ["user"]}, "annotations": {"inputType": "html5-number", "inputTypeMin": "18", "inputTypeMax": 99, "inputTypeStep": "1"}},
          {"name": "plate", "permissions": {"view": ["user"], "edit": ["user"]}, "annotations": {"inputTypePlaceholder": "${plateHint}", "inputTypePattern": "[A-Z\"]+", "inputTypeMaxlength": "8", "inputTypeMinLength": "2", "inputTypeSize": "9", "kcNumberFormat": "({2}) {5}", "kcNumberUnFormat": "{7}\"", "kc onfocus": "alert(1)",
            "inputHelperTextBefore": "As on the <b>car</b><script>alert(1)</script>"}},
          {"name": "bio", "permissions": {"view": ["user"], "edit": ["user"]}, "annotations": {"inputType": "textarea", "inputTypeRows": "7", "inputTypeCols": "30", "inputTypeMaxLength": "50"}},
          {"name": "size", "permissions": {"view": ["user"], "edit": ["user"]}, "validations": {"options": {"options": ["S", "M"]}}, "annotations": {"inputType": "multiselect", "inputTypeSize": "2"}},
          {"name": "tags", "multivalued": true, "permissions": {"view": ["user"], "edit": ["user"]}}
        ]}
        """) + "\"";

    private static readonly string s_realm = $$$"""
        {
          "realm": "shop", "enabled": true, "registrationAllowed": true, "displayNameHtml": "<div class=\"kc-logo-text\"><span>The <b>Shop</b></span></div>",
          "internationalizationEnabled": true, "supportedLocales": ["en"], "defaultLocale": "en", "localizationTexts": {"en": {"plateHint": "B & C"}},
          "components": {"org.keycloak.userprofile.UserProfileProvider": [{"name": "profile", "providerId": "declarative-user-profile", "config": {"kc.user.profile.config": [{{{s_profile}}}]}}]},
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "attributes": {"tags": ["a", "b", "c"]}, "requiredActions": ["UPDATE_PROFILE"],
                     "credentials": [{"type": "password", "value": "Correct-horse-1"}]}]
        }
        """;

    private static string Element(string page, string id) => Regex.Match(page, $"<(input|textarea|select)[^>]* id=\"{id}\"[^>]*>").Value;

    [Fact]
    public async Task Annotations_shape_them()
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        using var browser = server.Browser();
        await browser.GetAsync($"/realms/shop/protocol/openid-connect/registrations?client_id=web&response_type=code&scope=openid&redirect_uri={Uri.EscapeDataString(SignInServer.Callback)}");
        await browser.FollowAsync();
        Assert.Equal("register", browser.PageId);
        foreach (var (id, members) in (ReadOnlySpan<(string, string[])>)
            [
                ("age", ["type=\"number\"", "min=\"18\"", "max=\"99\"", "step=\"1\""]),
                ("plate", ["placeholder=\"B &amp; C\"", "pattern=\"[A-Z&quot;]+\"", "maxlength=\"8\"", "minlength=\"2\"", "size=\"9\"", "data-kcNumberFormat=\"({2}) {5}\"", "data-kcNumberUnFormat=\"{7}&quot;\""]),
                ("bio", ["rows=\"7\"", "cols=\"30\"", "maxlength=\"50\""]),
                ("size", ["multiple", "size=\"2\""]),
                ("password", ["aria-required=\"true\""]),
            ])
        {
            Assert.All(members, member => Assert.Contains(" " + member, Element(browser.Text, id), StringComparison.Ordinal));
        }

        Assert.DoesNotContain("onfocus", browser.Text, StringComparison.Ordinal);
        Assert.Contains(">As on the <b>car</b></span>", browser.Text, StringComparison.Ordinal);
        Assert.Contains("<div>The <b>Shop</b>", Regex.Replace(browser.Text, "</?(div|span)>(?=<div>|<span>|The)", "<div>"), StringComparison.Ordinal);
        Assert.DoesNotContain("Castellan</", browser.Text, StringComparison.Ordinal);
        Assert.Equal(3, Regex.Count(browser.Text, "<input[^>]* name=\"tags\""));
    }

    [Fact]
    public async Task Of_several_values_all_are_shown_named_and_kept_with_room_for_one_more()
    {
        await using var server = await SignInServer.StartAsync(s_realm);
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"), ("password", "Correct-horse-1"));
        Assert.Equal("login-update-profile", browser.PageId);
        var fields = Regex.Matches(browser.Text, "<input[^>]* name=\"tags\"[^>]*>").Select(m => m.Value).ToList();
        Assert.Equal(["a", "b", "c", ""], fields.Select(f => Regex.Match(f, " value=\"([^\"]*)\"").Groups[1].Value));
        Assert.All(fields.Skip(1), f => Assert.Contains(" aria-label=\"tags", f, StringComparison.Ordinal));

        await browser.SubmitAsync(("email", "alice@example.org"), ("tags", "a"), ("tags", "b"), ("tags", "c"), ("tags", ""));
        Assert.NotNull(browser.Code);
    }
}
