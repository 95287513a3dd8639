using System.Net;
using System.Text;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Protocol.Saml;
using Castellan.Tests.Login;
using Castellan.Tests.Saml;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>What an identity provider that speaks SAML has to answer, and how answers were forged elsewhere.</summary>
public sealed class Answers_by_SAML : IAsyncLifetime
{
    private const string Realm = "here";
    private const string Far = "https://idp.example";
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync($$"""
        {
          "realm": "{{Realm}}", "enabled": true,
          "clients": [ { "clientId": "web", "publicClient": true, "redirectUris": [ "http://localhost:3000/*" ] } ],
          "identityProviders": [ { "alias": "far", "providerId": "saml", "enabled": true, "config": {
            "singleSignOnServiceUrl": "{{Far}}/sso", "idpEntityId": "{{Far}}", "validateSignature": "true", "signingCertificate": "{{Convert.ToBase64String(SamlKeys.Known.SubjectPublicKeyInfo())}}", "postBindingResponse": "true" } } ],
          "users": [ { "username": "alice", "enabled": true, "email": "a@example.org", "firstName": "A", "lastName": "B", "credentials": [ { "type": "password", "value": "{{ProviderRealm.Password}}" } ],
            "clientRoles": { "account": [ "manage-account" ] } } ]
        }
        """);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_answer_that_the_provider_signed_signs_in_once()
    {
        foreach (var (root, assertion) in ((bool, bool)[])[(true, false), (false, true), (true, true)])
        {
            using var browser = _server.Browser();
            var (id, relayState) = await AskAsync(browser);
            var answer = Answer(id, root, assertion);
            await PostAsync(browser, answer, relayState);
            Assert.Equal(HttpStatusCode.Found, browser.Status);
            Assert.Contains("/first-broker-login", browser.Location, StringComparison.Ordinal);
            await PostAsync(browser, answer, relayState);
            Assert.DoesNotContain("code=", browser.Location ?? "", StringComparison.Ordinal);

            // In another browser it is of no use either.
            using var other = _server.Browser();
            var (_, otherState) = await AskAsync(other);
            await PostAsync(other, answer, otherState);
            Assert.Equal("error", other.PageId);
        }
    }

    /// <summary>What is changed before it is signed: an answer that is good, but for somebody or something else.</summary>
    public static TheoryData<string, string, string> Unfit => new()
    {
        { "another issuer", $"<saml:Issuer>{Far}", "<saml:Issuer>https://evil.example" },
        { "another audience", "<saml:Audience>", "<saml:Audience>other-" },
        { "no audience", "saml:AudienceRestriction>", "saml:ProxyRestriction>" },
        { "another place", " Destination=\"", " Destination=\"x" },
        { "another recipient", " Recipient=\"", " Recipient=\"x" },
        { "no recipient", " Recipient=", " Address=" },
        { "another request", " InResponseTo=\"", " InResponseTo=\"x" },
        { "no request", " InResponseTo=", " Other=" },
        { "too early", " NotBefore=\"2", " NotBefore=\"3" },
        { "too late", " NotOnOrAfter=\"3", " NotOnOrAfter=\"1" },
        { "no end", " NotOnOrAfter=", " Other=" },
        { "another confirmation", "cm:bearer", "cm:sender-vouches" },
        { "no subject", "saml:Subject>", "saml:Advice>" },
        { "nobody", "<saml:NameID>alice</saml:NameID>", "<saml:NameID/>" },
        { "two assertions", "<saml:Assertion ", "<saml:Assertion ID=\"other\"/><saml:Assertion " },
        { "an assertion beside an encrypted one", "<saml:Assertion ", "<saml:EncryptedAssertion/><saml:Assertion " },
        { "no assertion", "saml:Assertion", "saml:Nothing" },
        { "another version", "ID=\"a1\" Version=\"2.0\"", "ID=\"a1\" Version=\"1.1\"" },
    };

    [Theory, MemberData(nameof(Unfit))]
    public async Task An_answer_for_another_place_time_or_request_signs_nobody_in(string what, string from, string to)
    {
        using var browser = _server.Browser();
        var (id, relayState) = await AskAsync(browser);
        await PostAsync(browser, Answer(id, root: true, assertion: false, text =>
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            return text.Replace(from, to, StringComparison.Ordinal);
        }), relayState);
        Assert.True(browser.Status == HttpStatusCode.BadRequest && browser.PageId == "error", $"{what}: {browser.Status} {browser.Location}");
    }

    [Fact]
    public async Task An_answer_that_is_not_signed_by_the_provider_signs_nobody_in()
    {
        foreach (var forge in (Func<string, string>[])[
            id => Answer(id, root: false, assertion: false),
            id => Answer(id, root: true, assertion: false, signer: SamlKeys.Signer(SamlKeys.Strange)),
            id => Answer(id, root: false, assertion: true, signer: SamlKeys.Signer(SamlKeys.Strange)),
            id => Answer(id, root: true, assertion: false, signer: SamlKeys.Signer(null, "RSA_SHA1")),
            id => Answer(id, root: true, assertion: false).Replace("alice", "admin", StringComparison.Ordinal),
            id => Answer(id, root: false, assertion: true).Replace("alice", "admin", StringComparison.Ordinal),
            id => "<!DOCTYPE x>" + Answer(id, root: true, assertion: false)])
        {
            using var browser = _server.Browser();
            var (id, relayState) = await AskAsync(browser);
            await PostAsync(browser, forge(id), relayState);
            Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        }
    }

    [Fact]
    public async Task Who_is_signed_in_links_an_account_there()
    {
        using var browser = _server.Browser();
        await browser.GetAsync(Authorize + "&kc_action=idp_link:far");
        await browser.SubmitAsync(("username", "alice"), ("password", ProviderRealm.Password));
        Assert.Equal("link-idp-action", browser.PageId);
        await browser.SubmitAsync(("continue", ""));
        var (id, relayState) = Asked(browser);
        await PostAsync(browser, Answer(id, root: true, assertion: false), relayState);
        while (browser.Code is null)
        {
            await browser.GetAsync(browser.Location!);
        }

        Assert.Contains("kc_action_status=success", browser.Location, StringComparison.Ordinal);
        var users = _server.Services.GetRequiredService<IUserStore>();
        var realm = (await _server.Services.GetRequiredService<IRealms>().FindAsync(Realm, TestContext.Current.CancellationToken))!;
        Assert.Equal("alice", (await users.FindByFederatedIdentityAsync(realm.Id, "far", "alice", TestContext.Current.CancellationToken))!.Username);
    }

    private static string Authorize => $"/realms/{Realm}/protocol/openid-connect/auth?client_id=web&response_type=code&scope=openid&redirect_uri={Uri.EscapeDataString(SignInServer.Callback)}";

    private static async Task<(string Id, string RelayState)> AskAsync(TestBrowser browser)
    {
        await browser.GetAsync(Authorize + "&kc_idp_hint=far");
        await browser.GetAsync(browser.Location!);
        return Asked(browser);
    }

    private static (string Id, string RelayState) Asked(TestBrowser browser)
    {
        var query = System.Web.HttpUtility.ParseQueryString(new Uri(browser.Location!).Query);
        var request = UntrustedXml.Read(RedirectBinding.Inflate(query["SAMLRequest"]!)!)!.DocumentElement!;
        return (request.Attribute("ID")!, query["RelayState"]!);
    }

    private string Answer(string id, bool root, bool assertion, Func<string, string>? change = null, XmlSigner? signer = null)
    {
        var endpoint = $"{_server.Base}/realms/{Realm}/broker/far/endpoint";
        var text = $"""<samlp:Response xmlns:samlp="{SamlNames.Protocol}" xmlns:saml="{SamlNames.Assertion}" ID="r1" Version="2.0" IssueInstant="2026-01-01T00:00:00Z" Destination="{endpoint}" InResponseTo="{id}">"""
            + $"""<saml:Issuer>{Far}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>"""
            + $"""<saml:Assertion ID="a1" Version="2.0" IssueInstant="2026-01-01T00:00:00Z"><saml:Issuer>{Far}</saml:Issuer><saml:Subject><saml:NameID>alice</saml:NameID>"""
            + $"""<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="{id}" Recipient="{endpoint}" NotOnOrAfter="3000-01-01T00:00:00Z"/></saml:SubjectConfirmation></saml:Subject>"""
            + $"""<saml:Conditions NotBefore="2000-01-01T00:00:00Z" NotOnOrAfter="3000-01-01T00:00:00Z"><saml:AudienceRestriction><saml:Audience>{_server.Base}/realms/{Realm}</saml:Audience></saml:AudienceRestriction></saml:Conditions></saml:Assertion></samlp:Response>""";
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

    private static Task PostAsync(TestBrowser browser, string message, string relayState) => browser.PostAsync(
        $"/realms/{Realm}/broker/far/endpoint", [(RedirectBinding.Response, Convert.ToBase64String(Encoding.UTF8.GetBytes(message))), (RedirectBinding.RelayState, relayState)]);
}
