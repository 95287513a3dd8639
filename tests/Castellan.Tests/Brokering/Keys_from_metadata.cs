using System.Text;
using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Saml;
using Castellan.Core.Outbound;
using Castellan.Protocol.Jose;
using Castellan.Tests.AspNetCore;
using Castellan.Tests.Saml;

namespace Castellan.Tests.Brokering;

/// <summary>Where the keys come from by which a provider's answers are checked.</summary>
public sealed class Keys_from_metadata
{
    private const string Address = "https://idp.example/metadata";
    private static readonly DateTimeOffset s_begun = TimeProvider.System.GetUtcNow().AddDays(-1);
    private static readonly string s_known = Certificate(SamlKeys.Known, s_begun), s_strange = Certificate(SamlKeys.Strange, s_begun);
    private readonly FakeProvider _web = new();
    private readonly MovableClock _clock = new();
    private readonly SamlProviderKeys _keys;
    private string? _document;

    public Keys_from_metadata()
    {
        _keys = new(_web, _clock);
        _web.Elsewhere[Address] = _ => _document is null ? null : new FetchAnswer(200, "text/xml", Encoding.UTF8.GetBytes(_document));
    }

    [Theory]
    [InlineData("false", "known")]
    [InlineData("true", "strange")]
    public async Task They_stand_in_the_settings_or_are_published(string published, string expected)
    {
        _document = Document(("signing", s_strange), ("encryption", s_known));
        var key = Assert.Single((await FindAsync(published)).Keys);
        Assert.Equal((expected == "known" ? SamlKeys.Known : SamlKeys.Strange).KeyId(), key.KeyId());
    }

    [Fact]
    public async Task A_certificate_that_ended_or_has_not_begun_is_no_key()
    {
        _clock.Advance(TimeSpan.FromDays(-2));
        Assert.Empty((await FindAsync("false")).Keys);
        _clock.Advance(TimeSpan.FromDays(36_500));
        Assert.Empty((await FindAsync("false")).Keys);
    }

    /// <summary>Whoever shows certificates of their own makes us look at the metadata, but not at every message; and an outage takes no keys away.</summary>
    [Fact]
    public async Task A_new_certificate_is_looked_for_at_a_bounded_rate()
    {
        _document = Document((null, s_known));
        Assert.Single((await FindAsync("true", s_known)).Keys);
        _document = Document(("signing", s_known), ("signing", s_strange));
        Assert.Single((await FindAsync("true", s_strange)).Keys);
        Assert.Single(_web.Asked);
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Single((await FindAsync("true", s_known)).Keys);
        Assert.Equal(2, (await FindAsync("true", s_strange)).Keys.Count);
        _document = null;
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, (await FindAsync("true")).Keys.Count);
        Assert.Equal(3, _web.Asked.Count);
    }

    [Fact]
    public async Task They_are_dropped_when_they_are_to_be_read_again()
    {
        _document = Document((null, s_known));
        Assert.Single((await FindAsync("true", s_known)).Keys);
        _document = Document(("signing", s_known), ("signing", s_strange));
        _keys.Forget("far");
        Assert.Equal(2, (await FindAsync("true", s_known)).Keys.Count);
    }

    private async Task<SamlProvider> FindAsync(string published, params string[] shown) => await _keys.WithKeysAsync(new(null!, new IdentityProvider(new()
    {
        Alias = "far", ProviderId = "saml", Config = new() { ["signingCertificate"] = s_known, ["useMetadataDescriptorUrl"] = published, ["metadataDescriptorUrl"] = Address },
    }, []), "https://here.example/realms/here"), shown, TestContext.Current.CancellationToken);

    private static string Certificate(RsaKey key, DateTimeOffset from)
    {
        using var certificate = KeyFiles.SelfSigned(key, "idp", from)!;
        return Convert.ToBase64String(certificate.RawData);
    }

    private static string Document(params (string? Use, string Certificate)[] keys) =>
        $"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example"><md:IDPSSODescriptor>"""
        + string.Concat(keys.Select(k => $"<md:KeyDescriptor{(k.Use is null ? "" : $" use=\"{k.Use}\"")}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n{k.Certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"))
        + "</md:IDPSSODescriptor></md:EntityDescriptor>";
}
