using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Saml;

/// <summary>A realm with service providers, and what such a provider sends.</summary>
internal static class ProviderRealm
{
    public const string Name = "saml";
    public const string Path = $"/realms/{Name}/protocol/saml";
    public const string Consumer = "http://localhost:3000/acs";
    public const string Password = "Correct-horse-1";
    private const string Redirects =
        ", \"saml.force.post.binding\": \"false\", \"saml_assertion_consumer_url_redirect\": \"http://localhost:3000/acs\", \"saml.server.signature.keyinfo.ext\": \"true\"";
    private const string ArtfulLogout = ", \"saml.artifact.binding\": \"true\", \"saml_single_logout_service_url_artifact\": \"http://localhost:3000/leave\"";
    private const string Resolver = ", \"saml_artifact_resolution_service_url\": \"http://localhost:3000/resolver\"";
    private const string Ecp = ", \"saml.allow.ecp.flow\": \"true\"";

    /// <param name="more">Services in place of the usual ones.</param>
    /// <param name="settings">Settings of the realm, each with a comma behind it.</param>
    public static Task<SignInServer> StartAsync(Action<IServiceCollection>? more = null, string settings = "") => SignInServer.StartAsync($$"""
        {
          "realm": "{{Name}}", "enabled": true, "eventsEnabled": true, {{settings}} "roles": { "client": { "states": [ { "name": "one" }, { "name": "two" } ] } },
          "clients": [
            {{Client("signs", signs: true)}}, {{Client("off", signs: true, more: "\"enabled\": false,")}}, {{Client("bearer", signs: true, more: "\"bearerOnly\": true,")}},
            {{Client("no-flow", signs: true, more: "\"standardFlowEnabled\": false,")}}, {{Client("other", signs: true).Replace("\"saml\"", "\"openid-connect\"", StringComparison.Ordinal)}},
            {{Client("artful", signs: false, attributes: ", \"saml.artifact.binding\": \"true\"")}}, {{Client("artful-signs", signs: true, attributes: ", \"saml.artifact.binding\": \"true\"")}},
            {{Client("ecp", signs: false, attributes: Ecp)}}, {{Client("ecp-signs", signs: true, attributes: Ecp)}}, {{Client("ecp-asks", signs: false, more: "\"consentRequired\": true,", attributes: Ecp)}},
            {{Client("both", signs: false, attributes: ", \"saml_single_logout_service_url_redirect\": \"http://localhost:3000/both/slo/redirect\"")}},
            {{Client("by-base", signs: false, attributes: ", \"saml_single_logout_service_url_redirect\": \"http://localhost:3000/x\"").Replace("\"saml_single_logout_service_url_post\"", "\"none\"", StringComparison.Ordinal)}},
            {{Client("roles", signs: false, more: $"\"fullScopeAllowed\": true, \"protocolMappers\": [{Mapper("saml-audience-resolve-mapper", "{}")}, {Mapper("saml-audience-mapper", """{"included.client.audience":"roles"}""")}],")}},
            {{Client("states", signs: false, attributes: ", \"saml_idp_initiated_sso_relay_state\": \"usual\"")}},
            {{Client("nameless", signs: false, more: Nameless)}}, {{Client("ecp-nameless", signs: false, more: Nameless, attributes: Ecp)}}, {{Client("ecp-keyless", signs: false, attributes: Ecp + ", \"saml.encrypt\": \"true\"")}}, {{Client("redirects", signs: false, attributes: Redirects)}},
            {{Client("odd-form", signs: false, attributes: ", \"saml_signature_canonicalization_method\": \"urn:nonsense\"")}}, {{Client("odd-algorithm", signs: false, attributes: ", \"saml.signature.algorithm\": \"NONE\"")}},
            {{Client("stale", signs: true).Replace(PublicKey(SamlKeys.Known), Certificate(-20), StringComparison.Ordinal)}}, {{Client("early", signs: true).Replace(PublicKey(SamlKeys.Known), Certificate(1), StringComparison.Ordinal)}},
            {{Client("fresh", signs: true).Replace(PublicKey(SamlKeys.Known), Certificate(0), StringComparison.Ordinal)}},
            {{Client("artful-leaves", signs: false, attributes: ArtfulLogout + ", \"saml.force.post.binding\": \"false\"")}}, {{Client("artful-posts", signs: false, attributes: ArtfulLogout)}},
            {{Client("resolves", signs: false, attributes: Resolver)}}, {{Client("resolves-signs", signs: true, attributes: Resolver)}},
            {{Client("plain", signs: false)}}, {{Client("asks", signs: false, more: "\"consentRequired\": true,")}},
            {{Behind(Client("behind", signs: false))}}, {{Behind(Client("behind-soap", signs: false, attributes: ", \"saml_single_logout_service_url_soap\": \"http://localhost:3000/soap\""))}},
            {{Client("levels", signs: false, attributes: ", \"acr.loa.map\": \"{\\\"urn:low\\\":1,\\\"urn:high\\\":2}\"")}}
          ],
          "users": [
            { "username": "alice", "enabled": true, "clientRoles": { "states": [ "one", "two" ] }, "email": "alice@example.org", "firstName": "A", "lastName": "B", "credentials": [ { "type": "password", "value": "{{Password}}" } ] },
            { "username": "carl", "enabled": true, "requiredActions": [ "UPDATE_PASSWORD" ], "credentials": [ { "type": "password", "value": "{{Password}}" } ] },
            { "username": "dave", "enabled": false, "credentials": [ { "type": "password", "value": "{{Password}}" } ] },
            { "username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "A", "lastName": "B", "credentials": [ { "type": "password", "value": "{{Password}}" } ] }
          ]
        }
        """, more);

    private static string Nameless => $"\"protocolMappers\": [{Mapper("saml-user-attribute-nameid-mapper", $$"""{"mapper.nameid.format":"{{SamlNames.Unspecified}}","user.attribute":"none"}""")}],";

    private static string Mapper(string id, string config) => $$"""{ "name": "{{id}}", "protocol": "saml", "protocolMapper": "{{id}}", "config": {{config}} }""";

    /// <summary>A certificate of ten years that began some years from now.</summary>
    private static string Certificate(int years) => Convert.ToBase64String(KeyFiles.SelfSigned(SamlKeys.Known, "sp", TimeProvider.System.GetUtcNow().AddYears(years))!.RawData);

    public static string Client(string id, bool signs, string more = "", string attributes = "") => $$"""
        {
          "clientId": "{{id}}", "protocol": "saml", {{more}} "frontchannelLogout": true, "redirectUris": [ "{{Consumer}}/*" ], "adminUrl": "{{Consumer}}",
          "attributes": {
            "saml.client.signature": "{{(signs ? "true" : "false")}}", "saml.signing.certificate": "{{PublicKey(SamlKeys.Known)}}", "saml.server.signature": "true", "saml.authnstatement": "true",
            "saml_idp_initiated_sso_url_name": "{{id}}-here", "saml_single_logout_service_url_post": "http://localhost:3000/{{id.Replace(' ', '-')}}/slo", "saml.force.post.binding": "true"{{attributes}}
          }
        }
        """;

    /// <summary>An AuthnRequest; <paramref name="change"/> gets its text.</summary>
    public static string Request(SignInServer server, string issuer, Func<string, string>? change = null, string attributes = "", string inside = "")
    {
        var text = $"<samlp:AuthnRequest xmlns:samlp=\"{SamlNames.Protocol}\" xmlns:saml=\"{SamlNames.Assertion}\" ID=\"r-{Guid.NewGuid():n}\" Version=\"2.0\" "
            + $"IssueInstant=\"2026-01-01T00:00:00Z\" Destination=\"{server.Base}{Path}\" {attributes}><saml:Issuer>{issuer}</saml:Issuer>{inside}</samlp:AuthnRequest>";
        return change?.Invoke(text) ?? text;
    }

    public static string Logout(SignInServer server, string issuer, string inside = "") =>
        $"<samlp:LogoutRequest xmlns:samlp=\"{SamlNames.Protocol}\" xmlns:saml=\"{SamlNames.Assertion}\" ID=\"r-{Guid.NewGuid():n}\" Version=\"2.0\" "
        + $"IssueInstant=\"2026-01-01T00:00:00Z\" Destination=\"{server.Base}{Path}\"><saml:Issuer>{issuer}</saml:Issuer><saml:NameID>alice</saml:NameID>{inside}</samlp:LogoutRequest>";

    public static string LogoutAnswer(SignInServer server, string issuer, string to, string status = SamlStatus.Success) =>
        $"<samlp:LogoutResponse xmlns:samlp=\"{SamlNames.Protocol}\" xmlns:saml=\"{SamlNames.Assertion}\" ID=\"r-{Guid.NewGuid():n}\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\" "
        + $"Destination=\"{server.Base}{Path}\" InResponseTo=\"{to}\"><saml:Issuer>{issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value=\"{status}\"/></samlp:Status></samlp:LogoutResponse>";

    /// <summary>Sends a message in an envelope and returns the status with what is in the envelope of the answer.</summary>
    public static async Task<(HttpStatusCode Status, XmlElement? Content)> SoapAsync(SignInServer server, string message, string path = Path, string? basic = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Base + path)
        {
            Content = new StringContent(Encoding.UTF8.GetString(SoapEnvelope.Around(Parse(message))), Encoding.UTF8, "text/xml"),
        };
        if (basic is not null)
        {
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)));
        }

        using var answer = await http.SendAsync(request);
        var root = UntrustedXml.Read(await answer.Content.ReadAsByteArrayAsync())?.DocumentElement;
        return (answer.StatusCode, root is null ? null : SoapEnvelope.Content(root));
    }

    public static string Signed(string message, RsaKey? key = null)
    {
        var root = Parse(message);
        SamlKeys.Signer(key).Sign(root);
        return Encoding.UTF8.GetString(root.ToBytes());
    }

    public static XmlElement Parse(string message) => UntrustedXml.Read(Encoding.UTF8.GetBytes(message))!.DocumentElement!;

    public static Task SendAsync(TestBrowser browser, SamlBinding binding, string message, XmlSigner? signer = null, string parameter = RedirectBinding.Request, string? relayState = null) =>
        binding == SamlBinding.Redirect
            ? browser.GetAsync($"{Path}?{RedirectBinding.Query(parameter, Encoding.UTF8.GetBytes(message), relayState, signer)}")
            : browser.PostAsync(Path, [(parameter, Convert.ToBase64String(Encoding.UTF8.GetBytes(message))), .. relayState is null ? [] : new[] { (RedirectBinding.RelayState, relayState) }]);

    /// <summary>The message in a page that posts itself.</summary>
    public static XmlElement? Message(TestBrowser browser) =>
        Regex.Match(browser.Text, "name=\"SAML(?:Response|Request)\" value=\"([^\"]+)\"") is { Success: true } found ? Parse(Encoding.UTF8.GetString(Convert.FromBase64String(found.Groups[1].Value))) : null;

    /// <summary>The codes of a message's status, from the outside in.</summary>
    public static string Status(XmlElement? message) =>
        string.Join(' ', message!.GetElementsByTagName("StatusCode", SamlNames.Protocol).Cast<XmlElement>().Select(c => c.GetAttribute("Value").Split(':')[^1]));

    /// <summary>A person at a new browser, signed in for a provider.</summary>
    public static async Task<TestBrowser> SignedInAsync(SignInServer server, string issuer = "plain", string user = "alice")
    {
        var browser = server.Browser();
        await SendAsync(browser, SamlBinding.Redirect, Request(server, issuer));
        await browser.SubmitAsync(("username", user), ("password", Password));
        return browser;
    }

    private static string Behind(string client) => client.Replace("\"frontchannelLogout\": true", "\"frontchannelLogout\": false", StringComparison.Ordinal);

    private static string PublicKey(RsaKey key)
    {
        var jwk = key.ToJwk();
        using var rsa = RSA.Create(new RSAParameters { Modulus = jwk.N, Exponent = jwk.E });
        return Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());
    }
}
