using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;
using Castellan.Tests.Login;

namespace Castellan.Tests.Saml;

/// <summary>What a provider hears of somebody who signed in (SAML profiles §4.1.4.2).</summary>
public sealed class Responses_to_sign_ins : IAsyncLifetime
{
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ProviderRealm.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_response_is_signed_by_the_realm_and_for_one_provider_and_request()
    {
        using var browser = _server.Browser();
        var request = ProviderRealm.Request(_server, "plain");
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, request);
        await browser.SubmitAsync(("username", "alice"), ("password", ProviderRealm.Password));
        var response = ProviderRealm.Message(browser)!;
        Assert.False(XmlSignature.Take((XmlElement)response.CloneNode(deep: true), [SamlKeys.Known]));
        Assert.True(XmlSignature.Take(response, [RealmKey(response)]));
        var assertion = response.Only("Assertion", SamlNames.Assertion);
        var confirmation = assertion.Only("Subject", SamlNames.Assertion).Only("SubjectConfirmation", SamlNames.Assertion).Only("SubjectConfirmationData", SamlNames.Assertion);
        var conditions = assertion.Only("Conditions", SamlNames.Assertion);
        var id = ProviderRealm.Parse(request).Attribute("ID");
        Assert.Equal("alice", assertion.Only("Subject", SamlNames.Assertion).Only("NameID", SamlNames.Assertion).Text());
        Assert.Equal((id, id), (response.Attribute("InResponseTo"), confirmation.Attribute("InResponseTo")));
        Assert.Equal((ProviderRealm.Consumer, ProviderRealm.Consumer), (response.Attribute("Destination"), confirmation.Attribute("Recipient")));
        Assert.Equal("plain", conditions.Only("AudienceRestriction", SamlNames.Assertion).Only("Audience", SamlNames.Assertion).Text());
        var now = SamlMessage.Instant(response.Attribute("IssueInstant"))!.Value;
        Assert.Equal(
            (now.AddSeconds(-2), now.AddSeconds(58), now.AddSeconds(298)),
            (SamlMessage.Instant(conditions.Attribute("NotBefore"))!.Value, SamlMessage.Instant(conditions.Attribute("NotOnOrAfter"))!.Value, SamlMessage.Instant(confirmation.Attribute("NotOnOrAfter"))!.Value));
    }

    [Fact]
    public async Task A_persistent_name_is_one_for_a_person_at_a_provider_and_none_elsewhere_and_a_transient_one_is_new_each_time()
    {
        var first = await NameAsync("plain", SamlNames.Persistent, "alice");
        Assert.StartsWith("G-", first, StringComparison.Ordinal);
        Assert.Equal(first, await NameAsync("plain", SamlNames.Persistent, "alice"));
        Assert.NotEqual(first, await NameAsync("plain", SamlNames.Persistent, "bob"));
        Assert.NotEqual(first, await NameAsync("levels", SamlNames.Persistent, "alice"));
        Assert.NotEqual(await NameAsync("plain", SamlNames.Transient, "alice"), await NameAsync("plain", SamlNames.Transient, "alice"));
        Assert.Equal("alice@example.org", await NameAsync("plain", SamlNames.Email, "alice"));
    }

    [Fact]
    public async Task First_sign_ins_at_the_same_time_give_one_persistent_name() =>
        Assert.Single((await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => NameAsync("plain", SamlNames.Persistent, "bob")))).Distinct());

    [Fact]
    public async Task An_assertion_is_signed_then_encrypted_for_its_reader_alone()
    {
        using var reader = new SamlReader();
        await using var server = await SignInServer.StartAsync($$"""
            {
              "realm": "{{ProviderRealm.Name}}", "enabled": true,
              "clients": [ {{ProviderRealm.Client("secret", signs: false, attributes: $", \"saml.encrypt\": \"true\", \"saml.assertion.signature\": \"true\", \"saml.encryption.certificate\": \"{reader.Certificate}\"")}},
                {{ProviderRealm.Client("keyless", signs: false, attributes: ", \"saml.encrypt\": \"true\"")}}, {{ProviderRealm.Client("strange", signs: false, attributes: ", \"saml.signature.algorithm\": \"NONE\"")}},
                {{ProviderRealm.Client("no address", signs: false)}} ],
              "users": [ { "username": "alice", "enabled": true, "email": "a@example.org", "firstName": "A", "lastName": "B", "credentials": [ { "type": "password", "value": "{{ProviderRealm.Password}}" } ] } ]
            }
            """);
        using (var browser = await ProviderRealm.SignedInAsync(server, "secret"))
        {
            var response = ProviderRealm.Message(browser)!;
            Assert.DoesNotContain("alice", response.OuterXml, StringComparison.Ordinal);
            var hidden = response.Only("EncryptedAssertion", SamlNames.Assertion)!;
            Assert.Null(XmlEncryption.Open(hidden, [SamlKeys.Strange], oldPadding: true));
            var assertion = XmlEncryption.Open(hidden, [reader.Key], oldPadding: false)!;
            Assert.True(XmlSignature.Take(assertion, [RealmKey(response)]));
            Assert.Equal("alice", assertion.Only("Subject", SamlNames.Assertion).Only("NameID", SamlNames.Assertion).Text());
        }

        // What cannot be written as the client wants it is not written in another way.
        foreach (var client in (string[])["keyless", "strange", "no address"])
        {
            using var browser = await ProviderRealm.SignedInAsync(server, client);
            Assert.Equal("error", browser.PageId);
            Assert.Null(ProviderRealm.Message(browser));
        }
    }

    [Fact]
    public async Task An_audience_is_named_as_often_as_something_says_it()
    {
        using var browser = await ProviderRealm.SignedInAsync(_server, "roles");
        var restriction = ProviderRealm.Message(browser)!.Only("Assertion", SamlNames.Assertion).Only("Conditions", SamlNames.Assertion).Only("AudienceRestriction", SamlNames.Assertion)!;
        Assert.Equal(["roles", "roles", "states", "states"], restriction.Elements().Select(a => a.InnerText).Order(StringComparer.Ordinal));
    }

    /// <summary>Someone may have any character in an attribute; a document may not, and without it they would have somebody else's.</summary>
    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("ali\u0001ce", "ali\uFFFDce")]
    [InlineData("ali\uD83D\uDE00ce", "ali\uD83D\uDE00ce")]
    [InlineData("ali\uFFFEce", "ali\uFFFDce")]
    [InlineData("ali\tce", "ali\tce")]
    public void A_text_that_no_document_can_hold_is_written_all_the_same(string text, string written)
    {
        var name = XmlParts.Write(new SamlNameId(SamlNames.Unspecified, text).Write).DocumentElement!;
        Assert.Equal(written, ProviderRealm.Parse(Encoding.UTF8.GetString(name.ToBytes())).InnerText);
    }

    private async Task<string?> NameAsync(string issuer, string format, string user)
    {
        using var browser = _server.Browser();
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Request(_server, issuer, inside: $"<samlp:NameIDPolicy Format=\"{format}\"/>"));
        await browser.SubmitAsync(("username", user), ("password", ProviderRealm.Password));
        var name = ProviderRealm.Message(browser)!.Only("Assertion", SamlNames.Assertion).Only("Subject", SamlNames.Assertion).Only("NameID", SamlNames.Assertion);
        Assert.Equal(format, name.Attribute("Format"));
        return name.Text();
    }

    private static RsaKey RealmKey(XmlElement response)
    {
        var info = response.Only("Signature", SamlNames.Signature).Only("KeyInfo", SamlNames.Signature).Only("X509Data", SamlNames.Signature).Only("X509Certificate", SamlNames.Signature);
        Assert.True(KeyFiles.TryReadPublicKey(info.Text()!, out var key));
        return (RsaKey)key;
    }

    /// <summary>A provider's certificate for encryption.</summary>
    private sealed class SamlReader : IDisposable
    {
        private readonly X509Certificate2 _certificate = KeyFiles.SelfSigned(SamlKeys.Known, "reader", TimeProvider.System.GetUtcNow())!;

        public RsaKey Key => SamlKeys.Known;

        public string Certificate => Convert.ToBase64String(_certificate.RawData);

        public void Dispose() => _certificate.Dispose();
    }
}
