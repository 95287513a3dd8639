using System.Text;
using Castellan.Tests.Login;
using Castellan.Protocol.Saml;
using Castellan.Tests.Saml;

namespace Castellan.Tests.Brokering;

/// <summary>Responses of a provider that speaks SAML, good ones unless they are changed before they are signed.</summary>
internal static class FarAnswer
{
    public const string Issuer = "https://idp.example";

    /// <param name="endpoint">Where the response goes.</param>
    /// <param name="audience">What the realm is called.</param>
    /// <param name="request">The id of the request that is answered; none where nobody asked.</param>
    public static string Write(string endpoint, string audience, string? request, bool root, bool assertion, Func<string, string>? change = null, XmlSigner? signer = null)
    {
        var answers = request is null ? "" : $" InResponseTo=\"{request}\"";
        var text = $"""<samlp:Response xmlns:samlp="{SamlNames.Protocol}" xmlns:saml="{SamlNames.Assertion}" ID="r1" Version="2.0" IssueInstant="2026-01-01T00:00:00Z" Destination="{endpoint}"{answers}>"""
            + $"""<saml:Issuer>{Issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>"""
            + $"""<saml:Assertion ID="a1" Version="2.0" IssueInstant="2026-01-01T00:00:00Z"><saml:Issuer>{Issuer}</saml:Issuer><saml:Subject><saml:NameID>alice</saml:NameID>"""
            + $"""<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData{answers} Recipient="{endpoint}" NotOnOrAfter="3000-01-01T00:00:00Z"/></saml:SubjectConfirmation></saml:Subject>"""
            + $"""<saml:Conditions NotBefore="2000-01-01T00:00:00Z" NotOnOrAfter="3000-01-01T00:00:00Z"><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions></saml:Assertion></samlp:Response>""";
        var message = ProviderRealm.Parse(change?.Invoke(text) ?? text);
        signer ??= SamlKeys.Signer();
        if (assertion)
        {
            signer.Sign(message.Only("Assertion", SamlNames.Assertion)!);
        }

        if (root)
        {
            signer.Sign(message);
        }

        return Encoding.UTF8.GetString(message.ToBytes());
    }

    /// <summary>The text with something in it changed, which must be there.</summary>
    public static string Changed(string text, string from, string to)
    {
        Assert.Contains(from, text, StringComparison.Ordinal);
        return text.Replace(from, to, StringComparison.Ordinal);
    }

    public static Task PostAsync(TestBrowser browser, string endpoint, string message, params (string Name, string Value)[] more) =>
        browser.PostAsync(endpoint, [(RedirectBinding.Response, Convert.ToBase64String(Encoding.UTF8.GetBytes(message))), .. more]);
}
