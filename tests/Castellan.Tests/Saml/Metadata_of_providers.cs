using System.Text;
using Castellan.Protocol.Saml;

namespace Castellan.Tests.Saml;

/// <summary>SAML 2.0 metadata, as service providers hand it over.</summary>
public sealed class Metadata_of_providers
{
    private const string Open = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://sp.example">""";
    private const string Provider =
        """<md:SPSSODescriptor AuthnRequestsSigned="1" protocolSupportEnumeration="x"><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>"""
        + "<ds:X509Certificate> AB\n  CD </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        + """<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example/acs" index="0"/></md:SPSSODescriptor>""";

    [Theory]
    [InlineData(Open + Provider + "</md:EntityDescriptor>")]
    [InlineData("""<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">""" + Open + Provider + "</md:EntityDescriptor></md:EntitiesDescriptor>")]
    [InlineData("""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "v">]>""" + Open + Provider + "</md:EntityDescriptor>")]
    public void Are_read(string xml)
    {
        var provider = ServiceProvider.Read(Encoding.UTF8.GetBytes(xml), out _)!;
        Assert.Equal(("https://sp.example", "ABCD", true, false), (provider.EntityId, provider.SigningCertificate, provider.SignsRequests, provider.WantsSignedAssertions));
        Assert.Equal("https://sp.example/acs", ServiceProvider.At(provider.Consumers, SamlNames.PostBinding));
    }

    [Theory]
    [InlineData(Open + "</md:EntityDescriptor>", 1)]
    [InlineData("""<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">""" + Open + "</md:EntityDescriptor>" + Open + Provider + "</md:EntityDescriptor></md:EntitiesDescriptor>", 2)]
    [InlineData("<nonsense/>", 0)]
    [InlineData("<md:EntityDescriptor", 0)]
    [InlineData("text", 0)]
    [InlineData("""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>""", 0)]
    public void Or_refused_when_they_are_of_no_provider_or_of_several(string xml, int entities)
    {
        Assert.Null(ServiceProvider.Read(Encoding.UTF8.GetBytes(xml), out var told));
        Assert.Equal(entities, told);
    }

    [Fact]
    public void Entities_are_not_expanded_into_what_is_read()
    {
        var bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>" + Open.Replace("https://sp.example", "&b;", StringComparison.Ordinal) + Provider + "</md:EntityDescriptor>";
        Assert.Null(ServiceProvider.Read(Encoding.UTF8.GetBytes(bomb), out _));
    }
}
