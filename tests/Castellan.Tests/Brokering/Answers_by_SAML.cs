using System.Net;
using System.Text;
using Castellan.Core.Keys;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;
using Castellan.Tests.Login;
using Castellan.Tests.Saml;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>What an identity provider that speaks SAML has to answer, and how answers were forged elsewhere.</summary>
public sealed class Answers_by_SAML : IAsyncLifetime
{
    private const string Realm = "here";
    private const string Far = FarAnswer.Issuer;
    private const string Requester = "Invalid requester", Request = "Invalid Request", Late = "Login timeout. Please sign in again.", Response = "Invalid response from identity provider.";
    private readonly FakeProvider _far = new();
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync($$"""
        {
          "realm": "{{Realm}}", "enabled": true,
          "clients": [ { "clientId": "web", "publicClient": true, "redirectUris": [ "http://localhost:3000/*" ] } ],
          "identityProviders": [ { "alias": "far", "providerId": "saml", "enabled": true, "config": {
            "singleSignOnServiceUrl": "{{Far}}/sso", "idpEntityId": "{{Far}}", "validateSignature": "true", "artifactResolutionServiceUrl": "{{Far}}/artifacts", "signingCertificate": "{{Convert.ToBase64String(SamlKeys.Known.SubjectPublicKeyInfo())}}", "postBindingResponse": "true" } } ],
          "users": [ { "username": "alice", "enabled": true, "email": "a@example.org", "firstName": "A", "lastName": "B", "credentials": [ { "type": "password", "value": "{{ProviderRealm.Password}}" } ],
            "clientRoles": { "account": [ "manage-account" ] } } ]
        }
        """, services => services.AddSingleton<IFetch>(_far));

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
    public static TheoryData<string, string, string, string> Unfit => new()
    {
        { "another issuer", $"<saml:Issuer>{Far}", "<saml:Issuer>https://evil.example", Requester },
        { "no issuer", $"<saml:Issuer>{Far}</saml:Issuer><samlp:Status>", "<samlp:Status>", Requester },
        { "an assertion of another issuer", $"<saml:Issuer>{Far}</saml:Issuer><saml:Subject>", "<saml:Issuer>https://evil.example</saml:Issuer><saml:Subject>", Requester },
        { "another audience", "<saml:Audience>", "<saml:Audience>other-", Late },
        { "no audience", "saml:AudienceRestriction>", "saml:ProxyRestriction>", Late },
        { "another place", " Destination=\"", " Destination=\"x", Request },
        { "no place", " Destination=", " Consent=", Request },
        { "another recipient", " Recipient=\"", " Recipient=\"x", Late },
        { "no recipient", " Recipient=", " Address=", Late },
        { "another request", " InResponseTo=\"", " InResponseTo=\"x", Requester },
        { "an assertion for another request", "<saml:SubjectConfirmationData InResponseTo=\"", "<saml:SubjectConfirmationData InResponseTo=\"x", Requester },
        { "no request", " InResponseTo=", " Other=", Requester },
        { "too early", " NotBefore=\"2", " NotBefore=\"3", Late },
        { "too late", " NotOnOrAfter=\"3", " NotOnOrAfter=\"1", Late },
        { "no end", " NotOnOrAfter=", " Other=", Late },
        { "another confirmation", "cm:bearer", "cm:sender-vouches", Late },
        { "no subject", "saml:Subject>", "saml:Advice>", Requester },
        { "nobody", "<saml:NameID>alice</saml:NameID>", "<saml:NameID/>", Requester },
        { "two assertions", "<saml:Assertion ", "<saml:Assertion ID=\"other\"/><saml:Assertion ", Response },
        { "an assertion beside an encrypted one", "<saml:Assertion ", "<saml:EncryptedAssertion/><saml:Assertion ", Response },
        { "another version", "ID=\"a1\" Version=\"2.0\"", "ID=\"a1\" Version=\"1.1\"", Requester },
    };

    [Theory, MemberData(nameof(Unfit))]
    public async Task An_answer_for_another_place_time_or_request_signs_nobody_in(string what, string from, string to, string message)
    {
        using var browser = _server.Browser();
        var (id, relayState) = await AskAsync(browser);
        await PostAsync(browser, Answer(id, root: true, assertion: false, text => FarAnswer.Changed(text, from, to)), relayState);
        Assert.True(browser.Status == HttpStatusCode.BadRequest && browser.PageId == "error" && browser.Text.Contains(message, StringComparison.Ordinal), $"{what}: {browser.Status} {browser.Location} {browser.PageId}");
    }

    [Theory]
    [InlineData("status:Success\"/>", "status:Responder\"/><samlp:StatusMessage>Not today.</samlp:StatusMessage>", "Not today.")]
    [InlineData("status:Success\"/>", "status:Responder\"/>", "Unexpected error when authenticating with identity provider")]
    [InlineData("saml:Assertion", "saml:Nothing", "Unexpected error when authenticating with identity provider")]
    public async Task Whom_the_provider_did_not_sign_in_stands_at_the_login_page_with_what_it_says(string from, string to, string words)
    {
        using var browser = _server.Browser();
        var (id, relayState) = await AskAsync(browser);
        await PostAsync(browser, Answer(id, root: true, assertion: false, text => FarAnswer.Changed(text, from, to)), relayState);
        Assert.Equal((HttpStatusCode.OK, "login"), (browser.Status, browser.PageId));
        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_that_ran_out_at_the_provider_is_begun_anew_there()
    {
        using var browser = _server.Browser();
        var (id, relayState) = await AskAsync(browser);
        await PostAsync(browser, Answer(id, root: true, assertion: false, text => FarAnswer.Changed(text, "status:Success\"/>", "status:Responder\"/><samlp:StatusMessage>authentication_expired</samlp:StatusMessage>")), relayState);
        var (again, state) = Asked(browser);
        Assert.NotEqual((id, relayState), (again, state));
        await PostAsync(browser, Answer(again, root: true, assertion: false), state);
        Assert.Contains("/first-broker-login", browser.Location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no message", "&")]
    [InlineData(Response, "SAMLResponse=garbage")]
    public async Task What_is_no_message_is_told_from_none(string message, string form)
    {
        using var browser = _server.Browser();
        await browser.PostAsync($"/realms/{Realm}/broker/far/endpoint", [.. form.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).Select(p => (p[0], p[1]))]);
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains(message == "no message" ? Request : message, browser.Text, StringComparison.Ordinal);
    }

    /// <summary>An unsigned assertion is judged behind the sign-in that it belongs to.</summary>
    [Fact]
    public async Task Without_a_relay_state_or_with_a_strange_one_there_is_no_sign_in_to_answer()
    {
        using var browser = _server.Browser();
        var (id, _) = await AskAsync(browser);
        foreach (var (state, message) in ((string, string)[])[("", "Unexpected error when authenticating"), ("nonsense", Request)])
        {
            await PostAsync(browser, Answer(id, root: false, assertion: false), state);
            Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
            Assert.Contains(message, browser.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("<saml:Audience>{0}/realms/here<", "<saml:Audience>{0}/realms/here/broker/far/endpoint<", null)]
    [InlineData("</saml:Assertion>", "<saml:AttributeStatement><saml:Attribute Name=\"urn:oid:1.2.840.113549.1.9.1\"><saml:AttributeValue>Una@example.org</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>", "una@example.org")]
    [InlineData("</saml:Assertion>", "<saml:AttributeStatement><saml:Attribute FriendlyName=\"email\"><saml:AttributeValue>Una@example.org</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>", "una@example.org")]
    [InlineData("<saml:NameID>alice<", "<saml:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">Una@example.org<", "una@example.org")]
    public async Task The_place_is_an_audience_too_and_an_address_is_found_without_a_mapper(string from, string to, string? shown)
    {
        using var browser = _server.Browser();
        var (id, relayState) = await AskAsync(browser);
        await PostAsync(browser, Answer(id, root: true, assertion: false, text => FarAnswer.Changed(text, string.Format(null, from, _server.Base), string.Format(null, to, _server.Base))), relayState);
        await browser.FollowAsync();
        Assert.Equal("idp-review-user-profile", browser.PageId);
        Assert.Contains(shown ?? "alice", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_was_encrypted_for_the_realm_is_read()
    {
        using var browser = _server.Browser();
        var (id, relayState) = await AskAsync(browser);
        var realm = (await _server.Services.GetRequiredService<IRealms>().FindAsync(Realm, TestContext.Current.CancellationToken))!;
        var key = (RsaKey)KeyRing.Of(realm).All.First(k => k is { Use: RealmKey.Enc, Key: RsaKey, Algorithm: "RSA-OAEP" }).Key!;
        var hidden = XmlEncryption.For(key, new())!.Encrypt(ProviderRealm.Parse($"<saml:NameID xmlns:saml=\"{SamlNames.Assertion}\">una</saml:NameID>"));
        var name = Encoding.UTF8.GetString(hidden.ToBytes()).Replace("EncryptedAssertion", "EncryptedID", StringComparison.Ordinal);
        await PostAsync(browser, Answer(id, root: true, assertion: false, text => FarAnswer.Changed(text, "<saml:NameID>alice</saml:NameID>", name)), relayState);
        await browser.FollowAsync();
        Assert.Equal("idp-review-user-profile", browser.PageId);
        Assert.Contains("\"una\"", browser.Text, StringComparison.Ordinal);
    }

    /// <summary>Whoever has somebody's encrypted assertion tries variants of it: no answer tells whether one could be read, or what was in it.</summary>
    [Theory]
    [InlineData("as it was")]
    [InlineData("another key")]
    [InlineData("turned bits")]
    [InlineData("no assertion")]
    [InlineData("another request")]
    public async Task What_is_inside_of_an_assertion_that_nobody_vouches_for_is_not_told(string variant)
    {
        using var browser = _server.Browser();
        var (id, relayState) = await AskAsync(browser);
        var realm = (await _server.Services.GetRequiredService<IRealms>().FindAsync(Realm, TestContext.Current.CancellationToken))!;
        var key = variant == "another key" ? SamlKeys.Strange : (RsaKey)KeyRing.Of(realm).All.First(k => k is { Use: RealmKey.Enc, Key: RsaKey, Algorithm: "RSA-OAEP" }).Key!;
        var message = ProviderRealm.Parse(Answer(variant == "another request" ? "other" : id, root: false, assertion: false));
        var assertion = message.Only("Assertion", SamlNames.Assertion)!;
        var hidden = XmlEncryption.For(key, new())!.Encrypt(variant == "no assertion" ? ProviderRealm.Parse($"<saml:Advice xmlns:saml=\"{SamlNames.Assertion}\"/>") : assertion);
        message.ReplaceChild(message.OwnerDocument.ImportNode(hidden, true), assertion);
        message.SetAttribute("InResponseTo", id);
        if (variant == "turned bits")
        {
            var value = message.GetElementsByTagName("CipherValue", "*").OfType<System.Xml.XmlElement>().Last();
            var bytes = Convert.FromBase64String(value.InnerText);
            bytes[^1] ^= 1;
            value.InnerText = Convert.ToBase64String(bytes);
        }

        await PostAsync(browser, Encoding.UTF8.GetString(message.ToBytes()), relayState);
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("Invalid signature in response from identity provider.", browser.Text, StringComparison.Ordinal);
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

    /// <summary>What signs the answer from server to server: all of it, the response, the assertion, or nobody; or it answers another request.</summary>
    [Theory]
    [InlineData("all", true)]
    [InlineData("response", true)]
    [InlineData("assertion", true)]
    [InlineData("nobody", false)]
    [InlineData("strange", false)]
    [InlineData("another request", false)]
    [InlineData("nothing", false)]
    public async Task The_answer_that_an_artifact_stands_for_is_fetched(string how, bool believed)
    {
        using var browser = _server.Browser();
        var (id, relayState) = await AskAsync(browser);
        var artifact = SamlArtifact.New(Far);
        _far.Elsewhere[$"{Far}/artifacts"] = request =>
        {
            var asked = SoapEnvelope.Content(UntrustedXml.Read(request.Body!.Content)!.DocumentElement!)!;
            Assert.Equal(artifact, ArtifactResolve.Read(asked)!.Artifact);
            var answer = new ArtifactResponse
            {
                Id = "ar1", Issued = TimeProvider.System.GetUtcNow(), Issuer = Far, InResponseTo = how == "another request" ? "other" : asked.Attribute("ID")!, Status = "urn:oasis:names:tc:SAML:2.0:status:Success",
                Content = how == "nothing" ? null : ProviderRealm.Parse(Answer(id, root: how is "response" or "another request", assertion: how == "assertion")),
            }.Write().DocumentElement!;
            if (how is "all" or "strange")
            {
                SamlKeys.Signer(how == "all" ? null : SamlKeys.Strange).Sign(answer);
            }

            return new FetchAnswer(200, "text/xml", SoapEnvelope.Around(answer));
        };
        await browser.GetAsync($"/realms/{Realm}/broker/far/endpoint?SAMLart={Uri.EscapeDataString(artifact)}&RelayState={Uri.EscapeDataString(relayState)}");
        Assert.True(believed ? browser.Location?.Contains("/first-broker-login", StringComparison.Ordinal) is true : browser.Status == HttpStatusCode.BadRequest && browser.PageId == "error", $"{browser.Status} {browser.Location}");
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

    private string Answer(string id, bool root, bool assertion, Func<string, string>? change = null, XmlSigner? signer = null) =>
        FarAnswer.Write($"{_server.Base}/realms/{Realm}/broker/far/endpoint", $"{_server.Base}/realms/{Realm}", id, root, assertion, change, signer);

    private static Task PostAsync(TestBrowser browser, string message, string relayState) =>
        FarAnswer.PostAsync(browser, $"/realms/{Realm}/broker/far/endpoint", message, (RedirectBinding.RelayState, relayState));
}
