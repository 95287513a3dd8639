using Castellan.Core;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Saml;

/// <summary>The metadata of a realm as a service provider (SAML 2.0 Metadata §2.4.4), for one of its SAML identity providers to register.</summary>
internal static class BrokerDescriptor
{
    private static readonly string[] s_bindings = [SamlMetadata.Post, SamlMetadata.Redirect, SamlMetadata.Artifact];

    // How an assertion's key may be wrapped (XML Encryption 1.1 §5.5).
    private static readonly string[] s_keyTransports = ["http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", "http://www.w3.org/2009/xmlenc11#rsa-oaep"];

    public static byte[] Write(Realm realm, IdentityProviderRepresentation provider, string issuer) => SamlMetadata.Write(xml =>
    {
        var endpoint = $"{issuer}/broker/{Uri.EscapeDataString(provider.Alias!)}/endpoint";
        SamlMetadata.Start(xml, "EntityDescriptor");
        xml.WriteAttributeString("entityID", Setting(provider, "entityId") ?? issuer);
        xml.WriteAttributeString("ID", "ID_" + Ids.New());
        SamlMetadata.Start(xml, "SPSSODescriptor");
        xml.WriteAttributeString("protocolSupportEnumeration", SamlMetadata.Protocol);
        xml.WriteAttributeString("AuthnRequestsSigned", Flag(provider, "wantAuthnRequestsSigned") ? "true" : "false");
        xml.WriteAttributeString("WantAssertionsSigned", Flag(provider, "wantAssertionsSigned") ? "true" : "false");
        if (Flag(provider, "wantAuthnRequestsSigned"))
        {
            foreach (var key in SamlMetadata.Keys(KeyRing.Of(realm), RealmKey.Sig).Where(k => k.Algorithm == "RS256"))
            {
                SamlMetadata.Key(xml, "signing", key);
            }
        }

        if (Flag(provider, "wantAssertionsEncrypted"))
        {
            foreach (var key in SamlMetadata.Keys(KeyRing.Of(realm), RealmKey.Enc).Take(1))
            {
                SamlMetadata.Key(xml, "encryption", key, s_keyTransports);
            }
        }

        SamlMetadata.Endpoint(xml, "SingleLogoutService", SamlMetadata.Post, endpoint);
        SamlMetadata.Endpoint(xml, "SingleLogoutService", SamlMetadata.Redirect, endpoint);
        SamlMetadata.Start(xml, "NameIDFormat");
        xml.WriteString(Setting(provider, "nameIDPolicyFormat") ?? "");
        xml.WriteEndElement();
        var usual = Flag(provider, "artifactBindingResponse") ? SamlMetadata.Artifact : Flag(provider, "postBindingResponse") ? SamlMetadata.Post : SamlMetadata.Redirect;
        var index = 0;
        foreach (var binding in s_bindings.OrderBy(b => b != usual))
        {
            SamlMetadata.Endpoint(xml, "AssertionConsumerService", binding, endpoint, ++index, isDefault: binding == usual);
        }

        Attributes(xml, realm, provider);
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    /// <summary>The attributes that the provider's mappers read, so that the other side knows what to send.</summary>
    private static void Attributes(System.Xml.XmlWriter xml, Realm realm, IdentityProviderRepresentation provider)
    {
        var wanted = realm.Data.IdentityProviderMappers.Where(m => m.IdentityProviderAlias == provider.Alias)
            .Where(m => m.IdentityProviderMapper is "saml-user-attribute-idp-mapper" or "saml-role-idp-mapper" or "saml-xpath-attribute-idp-mapper")
            .Select(m => (Name: m.Config?.GetValueOrDefault("attribute.name"), Friendly: m.Config?.GetValueOrDefault("attribute.friendly.name"), Format: m.Config?.GetValueOrDefault("attribute.name.format")))
            .Where(a => !string.IsNullOrEmpty(a.Name) || !string.IsNullOrEmpty(a.Friendly)).ToList();
        if (wanted.Count == 0)
        {
            return;
        }

        SamlMetadata.Start(xml, "AttributeConsumingService");
        xml.WriteAttributeString("index", Setting(provider, "attributeConsumingServiceIndex") is { } index and not "0" ? index : "1");
        xml.WriteAttributeString("isDefault", "true");
        SamlMetadata.Start(xml, "ServiceName");
        xml.WriteAttributeString("xml", "lang", null, "en");
        xml.WriteString(Setting(provider, "attributeConsumingServiceName") ?? (string.IsNullOrEmpty(realm.Settings.DisplayName) ? realm.Name : realm.Settings.DisplayName));
        xml.WriteEndElement();
        foreach (var (name, friendly, format) in wanted)
        {
            SamlMetadata.Start(xml, "RequestedAttribute");
            if (!string.IsNullOrEmpty(name))
            {
                xml.WriteAttributeString("Name", name);
            }

            if (!string.IsNullOrEmpty(friendly))
            {
                xml.WriteAttributeString("FriendlyName", friendly);
            }

            xml.WriteAttributeString("NameFormat", format switch
            {
                "ATTRIBUTE_FORMAT_URI" => "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
                "ATTRIBUTE_FORMAT_UNSPECIFIED" => "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
                _ => "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
            });
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string? Setting(IdentityProviderRepresentation provider, string name) => provider.Config?.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private static bool Flag(IdentityProviderRepresentation provider, string name) => Setting(provider, name) == "true";
}
