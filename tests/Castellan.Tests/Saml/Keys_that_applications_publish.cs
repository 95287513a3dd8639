using System.Text;
using Castellan.Core.Clients;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Saml;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;
using Castellan.Tests.AspNetCore;
using Castellan.Tests.Brokering;
using Castellan.Tests.Rfc7515;

namespace Castellan.Tests.Saml;

/// <summary>The keys of service providers that stand in their metadata instead of the client (<c>saml.useMetadataDescriptorUrl</c>).</summary>
public sealed class Keys_that_applications_publish
{
    private const string Address = "https://app.example/metadata";
    private static readonly JoseKey s_curve = TestKeys.Of("saml P-256", () => EcKey.Generate("P-256")!);
    private readonly FakeProvider _web = new();
    private readonly MovableClock _clock = new();
    private readonly ProviderKeys _keys;
    private string? _document;

    public Keys_that_applications_publish()
    {
        _keys = new(_web, _clock);
        _web.Elsewhere[Address] = _ => _document is null ? null : new FetchAnswer(200, "text/xml", Encoding.UTF8.GetBytes(_document));
    }

    [Fact]
    public async Task They_count_in_the_place_of_the_certificate_where_the_client_says_so()
    {
        _document = Document("", ("signing", s_curve));
        Assert.True(await AcceptAsync(Client(published: true), s_curve));
        Assert.False(await AcceptAsync(Client(published: true), SamlKeys.Known));
        Assert.False(await AcceptAsync(Client(published: false), s_curve));
        Assert.True(await AcceptAsync(Client(published: false), SamlKeys.Known));
        Assert.True(await AcceptAsync(Client(published: true, address: "no address"), SamlKeys.Known));
    }

    [Fact]
    public async Task A_key_is_for_what_the_metadata_says()
    {
        _document = Document("", ("encryption", s_curve), ("encryption", SamlKeys.Strange), ("signing", SamlKeys.Known));
        var client = Client(published: true);
        Assert.False(await AcceptAsync(client, s_curve));
        Assert.True(await AcceptAsync(client, SamlKeys.Known));
        Assert.Equal(SamlKeys.Strange.KeyId(), (await _keys.ForEncryptionAsync(client, TestContext.Current.CancellationToken))!.KeyId());
        _document = Document("", (null, SamlKeys.Known));
        client = Client(published: true, id: "another");
        Assert.True(await AcceptAsync(client, SamlKeys.Known));
        Assert.Equal(SamlKeys.Known.KeyId(), (await _keys.ForEncryptionAsync(client, TestContext.Current.CancellationToken))!.KeyId());
    }

    /// <summary>Whoever stands behind a certificate in its chain does not sign for the application.</summary>
    [Fact]
    public async Task Of_a_chain_the_first_certificate_counts()
    {
        _document = Document("", ("signing", SamlKeys.Known)).Replace("</ds:X509Data>", $"<ds:X509Certificate>{Certificate(SamlKeys.Strange)}</ds:X509Certificate></ds:X509Data>", StringComparison.Ordinal);
        Assert.True(await AcceptAsync(Client(published: true), SamlKeys.Known));
        Assert.False(await AcceptAsync(Client(published: true), SamlKeys.Strange));
    }

    [Fact]
    public async Task A_new_key_is_looked_for_at_a_bounded_rate()
    {
        var client = Client(published: true);
        _document = Document("", ("signing", SamlKeys.Known));
        Assert.True(await AcceptAsync(client, SamlKeys.Known));
        _document = Document("", ("signing", s_curve));
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.True(await AcceptAsync(client, SamlKeys.Known));
        Assert.Single(_web.Asked);
        Assert.True(await AcceptAsync(client, s_curve));
        Assert.False(await AcceptAsync(client, SamlKeys.Known));
        Assert.Equal(2, _web.Asked.Count);
    }

    [Theory]
    [InlineData("cacheDuration=\"PT1M\"", 2)]
    [InlineData("cacheDuration=\"P1D\"", 1)]
    [InlineData("cacheDuration=\"soon\"", 1)]
    [InlineData("", 1)]
    public async Task They_are_looked_for_anew_when_the_metadata_says_so(string says, int times)
    {
        _document = Document(says, ("signing", SamlKeys.Known));
        Assert.True(await AcceptAsync(Client(published: true), SamlKeys.Known));
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.True(await AcceptAsync(Client(published: true), SamlKeys.Known));
        Assert.Equal(times, _web.Asked.Count);
    }

    [Fact]
    public async Task Metadata_that_ran_out_has_no_keys_an_outage_takes_none_away()
    {
        var client = Client(published: true);
        _document = Document($"validUntil=\"{_clock.GetUtcNow().AddHours(2):yyyy-MM-ddTHH:mm:ssZ}\"", ("signing", SamlKeys.Known));
        Assert.True(await AcceptAsync(client, SamlKeys.Known));
        _document = null;
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.True(await AcceptAsync(client, SamlKeys.Known));
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.False(await AcceptAsync(client, SamlKeys.Known));
        Assert.Null(await _keys.ForEncryptionAsync(client, TestContext.Current.CancellationToken));
    }

    private async Task<bool> AcceptAsync(Client client, JoseKey key)
    {
        var root = ProviderRealm.Parse($"<samlp:AuthnRequest xmlns:samlp=\"{SamlNames.Protocol}\" xmlns:saml=\"{SamlNames.Assertion}\" ID=\"r1\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Issuer>app</saml:Issuer></samlp:AuthnRequest>");
        (key is EcKey ? SamlKeys.Signer() with { Key = key, Algorithm = XmlSignatureAlgorithm.At("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")! } : SamlKeys.Signer((RsaKey)key)).Sign(root);
        return await _keys.AcceptAsync(client, ReceivedMessage.FromForm(Convert.ToBase64String(root.ToBytes()), null)!, TestContext.Current.CancellationToken);
    }

    private static Client Client(bool published, string address = Address, string id = "app") => new(BareRealm.Named("saml"), new ClientData(
        new ClientRepresentation
        {
            Id = id, ClientId = id, Protocol = "saml", Attributes = new()
            {
                ["saml.client.signature"] = "true", ["saml.signing.certificate"] = Certificate(SamlKeys.Known),
                ["saml.useMetadataDescriptorUrl"] = published ? "true" : "false", ["saml.metadataDescriptorUrl"] = address,
            },
        }, []));

    private static string Certificate(JoseKey key)
    {
        using var certificate = KeyFiles.SelfSigned(key, "app", TimeProvider.System.GetUtcNow().AddDays(-1))!;
        return Convert.ToBase64String(certificate.RawData);
    }

    private static string Document(string says, params (string? Use, JoseKey Key)[] keys) =>
        $"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="app" {says}><md:SPSSODescriptor>"""
        + string.Concat(keys.Select(k => $"<md:KeyDescriptor{(k.Use is null ? "" : $" use=\"{k.Use}\"")}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{Certificate(k.Key)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"))
        + "</md:SPSSODescriptor></md:EntityDescriptor>";
}
