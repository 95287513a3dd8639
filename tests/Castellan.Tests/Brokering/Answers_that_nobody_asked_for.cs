using System.Net;
using Castellan.Protocol.Saml;
using Castellan.Tests.Login;
using Castellan.Tests.Saml;

namespace Castellan.Tests.Brokering;

/// <summary>Sign-ins that begin at an identity provider (SAML profiles §4.1.5): what gets in by them, and what does not.</summary>
public sealed class Answers_that_nobody_asked_for : IAsyncLifetime
{
    private const string Realm = "here", Broker = "/realms/" + Realm + "/broker";
    private const string Requester = "Invalid requester", Request = "Invalid Request", Late = "Login timeout. Please sign in again.", BadSignature = "Invalid signature in response from identity provider.";
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync($$"""
        {
          "realm": "{{Realm}}", "enabled": true,
          "clients": [
            { "clientId": "https://app.example", "protocol": "saml", "attributes": { "saml_idp_initiated_sso_url_name": "app", "saml_idp_initiated_sso_relay_state": "start",
                "saml_assertion_consumer_url_post": "https://app.example/acs", "saml.server.signature": "true", "saml.force.post.binding": "true" } },
            { "clientId": "other", "protocol": "saml", "attributes": { "saml_idp_initiated_sso_url_name": "other", "saml_assertion_consumer_url_post": "https://other.example/acs" } },
            { "clientId": "off", "protocol": "saml", "enabled": false, "attributes": { "saml_idp_initiated_sso_url_name": "off", "saml_assertion_consumer_url_post": "https://off.example/acs" } },
            { "clientId": "nowhere", "protocol": "saml", "attributes": { "saml_idp_initiated_sso_url_name": "nowhere" } } ],
          "identityProviders": [ {{Provider("far", "false")}}, {{Provider("links", "true")}}, { "alias": "oidc", "providerId": "oidc", "enabled": true, "config": {} } ],
          "users": [ { "username": "alice", "enabled": true, "email": "a@example.org", "firstName": "A", "lastName": "B", "federatedIdentities": [ { "identityProvider": "far", "userId": "alice", "userName": "alice" } ] },
            { "username": "bob", "enabled": true, "email": "b@example.org", "firstName": "B", "lastName": "B", "federatedIdentities": [ { "identityProvider": "far", "userId": "bob", "userName": "bob" } ] } ]
        }
        """);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Who_is_linked_is_signed_in_for_the_client_that_the_address_names(bool root, bool assertion)
    {
        using var browser = _server.Browser();
        await PostAsync(browser, Answer("app", root, assertion), (RedirectBinding.RelayState, "of the provider"));
        Assert.Equal((HttpStatusCode.OK, "saml-post-form"), (browser.Status, browser.PageId));
        Assert.Equal(["https://app.example/acs"], browser.Actions);
        var sent = browser.Hidden().ToDictionary(h => h.Name, h => h.Value);
        Assert.Equal("start", sent[RedirectBinding.RelayState]);
        var response = UntrustedXml.Read(Convert.FromBase64String(sent[RedirectBinding.Response]))!.DocumentElement!;
        Assert.Null(response.Attribute("InResponseTo"));
        Assert.Equal("https://app.example/acs", response.Attribute("Destination"));

        // The same answer opens nothing a second time, in no browser.
        using var other = _server.Browser();
        foreach (var again in new[] { browser, other })
        {
            await PostAsync(again, Answer("app", root, assertion));
            Assert.Equal((HttpStatusCode.BadRequest, "error"), (again.Status, again.PageId));
        }
    }

    [Fact]
    public async Task Of_many_that_bring_one_answer_at_once_one_is_signed_in()
    {
        var answer = Answer("app", root: true, assertion: false);
        var browsers = Enumerable.Range(0, 6).Select(_ => _server.Browser()).ToList();
        await Task.WhenAll(browsers.Select(b => PostAsync(b, answer)));
        Assert.Single(browsers, b => b.PageId == "saml-post-form");
        browsers.ForEach(b => b.Dispose());
    }

    [Fact]
    public async Task Who_comes_for_the_first_time_goes_through_the_flow_for_that()
    {
        using var browser = _server.Browser();
        await PostAsync(browser, Answer("app", root: true, assertion: false, text => text.Replace("alice", "una", StringComparison.Ordinal)));
        Assert.Contains("/first-broker-login", browser.Location, StringComparison.Ordinal);
        await browser.FollowAsync();
        Assert.Equal("idp-review-user-profile", browser.PageId);
    }

    /// <summary>What is changed before it is signed: an answer that is good, but not for here, or not for nobody's request.</summary>
    public static TheoryData<string, string, string, string> Unfit => new()
    {
        { "to a request", " Destination=", " InResponseTo=\"id\" Destination=", Requester },
        { "to an empty request", " Destination=", " InResponseTo=\"\" Destination=", Requester },
        { "an assertion to a request", "<saml:SubjectConfirmationData", "<saml:SubjectConfirmationData InResponseTo=\"id\"", Requester },
        { "to the address for answers to requests", "/clients/app\"", "\"", Request },
        { "of another client", "/clients/app\"", "/clients/other\"", Request },
        { "an assertion to the address for answers to requests", "/clients/app\" NotOnOrAfter", "\" NotOnOrAfter", Late },
        { "an assertion for another client", "/clients/app\" NotOnOrAfter", "/clients/other\" NotOnOrAfter", Late },
        { "for another audience", "<saml:Audience>", "<saml:Audience>other-", Late },
        { "too late", " NotOnOrAfter=\"3", " NotOnOrAfter=\"1", Late },
        { "without a name to keep", "<saml:Assertion ID=\"a1\"", "<saml:Assertion", Requester },
        { "of another provider", $"<saml:Issuer>{FarAnswer.Issuer}", "<saml:Issuer>https://evil.example", Requester },
    };

    [Theory, MemberData(nameof(Unfit))]
    public async Task An_answer_to_a_request_or_for_another_place_is_none_that_nobody_asked_for(string what, string from, string to, string message)
    {
        using var browser = _server.Browser();
        await PostAsync(browser, Answer("app", root: true, assertion: false, text => FarAnswer.Changed(text, from, to)));
        Assert.True(browser.Status == HttpStatusCode.BadRequest && browser.PageId == "error" && browser.Text.Contains(message, StringComparison.Ordinal), $"{what}: {browser.Status} {browser.Location} {browser.PageId}");
    }

    [Fact]
    public async Task It_must_be_signed_by_the_provider()
    {
        foreach (var forged in new[] { Answer("app", false, false), Answer("app", true, false, signer: SamlKeys.Signer(SamlKeys.Strange)), Answer("app", true, false).Replace("alice", "bob", StringComparison.Ordinal) })
        {
            using var browser = _server.Browser();
            await PostAsync(browser, forged);
            Assert.True(browser.Status == HttpStatusCode.BadRequest && browser.Text.Contains(BadSignature, StringComparison.Ordinal), browser.Text);
        }
    }

    [Theory]
    [InlineData("far", "nobody", "Client not found.")]
    [InlineData("far", "off", "Client disabled.")]
    [InlineData("far", "nowhere", "Invalid redirect uri")]
    [InlineData("links", "app", "Unexpected error when authenticating with identity provider")]
    public async Task It_leads_to_clients_that_are_named_so_by_providers_that_sign_people_in(string alias, string name, string message)
    {
        using var browser = _server.Browser();
        await FarAnswer.PostAsync(browser, Place(alias, name), Answer(name, root: true, assertion: false, alias: alias));
        Assert.True(browser.Status == HttpStatusCode.BadRequest && browser.Text.Contains(message, StringComparison.Ordinal), $"{browser.Status} {browser.Text}");
    }

    [Fact]
    public async Task It_is_no_answer_to_a_request_that_waits_and_needs_a_message()
    {
        using var browser = _server.Browser();
        await FarAnswer.PostAsync(browser, $"{Broker}/far/endpoint", Answer("app", root: true, assertion: false));
        Assert.Contains(Request, browser.Text, StringComparison.Ordinal);
        await browser.PostAsync(Place("far", "app"));
        Assert.Contains(Request, browser.Text, StringComparison.Ordinal);
        await browser.GetAsync(Place("far", "app") + "?SAMLart=AAQAAA");
        Assert.Contains(Request, browser.Text, StringComparison.Ordinal);
        await browser.GetAsync(Place("oidc", "app") + "?code=a&state=b");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    [Fact]
    public async Task It_takes_nobodys_session_from_them()
    {
        using var browser = _server.Browser();
        await PostAsync(browser, Answer("app", root: true, assertion: false));
        Assert.Equal("saml-post-form", browser.PageId);
        await PostAsync(browser, Answer("app", root: true, assertion: false, text => text.Replace("alice", "bob", StringComparison.Ordinal).Replace("\"a1\"", "\"a2\"", StringComparison.Ordinal)));
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        Assert.Contains("alice", browser.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Not today.", false)]
    [InlineData("authentication_expired", true)]
    public async Task Whom_the_provider_did_not_sign_in_stands_at_the_login_page_or_is_sent_there_again(string words, bool again)
    {
        using var browser = _server.Browser();
        await PostAsync(browser, Answer("app", root: true, assertion: false, text => FarAnswer.Changed(text, "status:Success\"/>", $"status:Responder\"/><samlp:StatusMessage>{words}</samlp:StatusMessage>")));
        if (again)
        {
            Assert.StartsWith(FarAnswer.Issuer + "/sso?SAMLRequest=", browser.Location, StringComparison.Ordinal);
            return;
        }

        Assert.Equal((HttpStatusCode.OK, "login"), (browser.Status, browser.PageId));
        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
    }

    private static string Provider(string alias, string linkOnly) => $$"""
        { "alias": "{{alias}}", "providerId": "saml", "enabled": true, "linkOnly": {{linkOnly}}, "config": { "singleSignOnServiceUrl": "{{FarAnswer.Issuer}}/sso", "idpEntityId": "{{FarAnswer.Issuer}}",
            "validateSignature": "true", "signingCertificate": "{{Convert.ToBase64String(SamlKeys.Known.SubjectPublicKeyInfo())}}", "postBindingResponse": "true" } }
        """;

    private static string Place(string alias, string name) => $"{Broker}/{alias}/endpoint/clients/{name}";

    private string Answer(string name, bool root, bool assertion, Func<string, string>? change = null, XmlSigner? signer = null, string alias = "far") =>
        FarAnswer.Write(_server.Base + Place(alias, name), $"{_server.Base}/realms/{Realm}", null, root, assertion, change, signer);

    private static Task PostAsync(TestBrowser browser, string message, params (string Name, string Value)[] more) => FarAnswer.PostAsync(browser, Place("far", "app"), message, more);
}
