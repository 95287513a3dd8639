using System.Text;
using Castellan.Server.Saml;

namespace Castellan.Tests.Admin;

/// <summary>Descriptors of SAML identity providers as settings of a broker.</summary>
public class Descriptors_of_providers
{
    private const string Names = "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";

    private static Dictionary<string, string>? Read(string xml) => ProviderMetadata.Read(Encoding.UTF8.GetBytes(xml), new DateTimeOffset(2026, 1, 1, 0, 0, 0, default));

    [Fact]
    public void Give_addresses_bindings_and_every_certificate_for_signatures()
    {
        var settings = Read($"""
            <md:EntitiesDescriptor {Names}><md:EntityDescriptor entityID="https://idp.example"><md:IDPSSODescriptor WantAuthnRequestsSigned="false">
              <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>AA
                BB</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
              <md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>CC</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
              <md:KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>DD</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
              <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/slo"/>
              <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/>
            </md:IDPSSODescriptor></md:EntityDescriptor></md:EntitiesDescriptor>
            """)!;
        Assert.Equal("AA\n    BB", settings["signingCertificate"]);
        Assert.Equal("DD", settings["encryptionPublicKey"]);
        Assert.Equal(("https://idp.example/sso", "false"), (settings["singleSignOnServiceUrl"], settings["postBindingAuthnRequest"]));
        Assert.Equal(("https://idp.example/slo", "true"), (settings["singleLogoutServiceUrl"], settings["postBindingLogout"]));
        Assert.Equal(("true", "true"), (settings["validateSignature"], settings["enabledFromMetadata"]));
    }

    [Fact]
    public void A_key_without_a_use_is_for_what_no_other_is_for_and_one_that_ended_enables_nothing()
    {
        var settings = Read($"""
            <md:EntityDescriptor {Names} xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" entityID="https://idp.example" validUntil="2025-01-01T00:00:00Z">
              <md:Extensions><saml:Attribute Name="http://macedir.org/entity-category"><saml:AttributeValue>http://refeds.org/category/hide-from-discovery</saml:AttributeValue></saml:Attribute></md:Extensions>
              <md:IDPSSODescriptor><md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>CC</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor></md:IDPSSODescriptor>
            </md:EntityDescriptor>
            """)!;
        Assert.Equal(("CC", "CC", "true"), (settings["signingCertificate"], settings["encryptionPublicKey"], settings["validateSignature"]));
        Assert.Equal(("false", "true"), (settings["enabledFromMetadata"], settings["hideOnLoginPage"]));
    }

    [Theory]
    [InlineData("no xml")]
    [InlineData("<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"x\"/>")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"&e;\"/>")]
    public void What_is_no_descriptor_gives_nothing_and_reads_no_files(string text) => Assert.Null(Read(text));
}
