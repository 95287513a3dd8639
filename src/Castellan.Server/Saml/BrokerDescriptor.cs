using System.Globalization;
using Castellan.Core.Brokering;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Saml;
using Castellan.Core.Saml.Responses;
using Castellan.Protocol.Saml;

namespace Castellan.Server.Saml;

/// <summary>The metadata of a realm as a service provider (SAML 2.0 Metadata §2.4.4), for one of its SAML identity providers to register.</summary>
internal static class BrokerDescriptor
{
    private static readonly string[] s_bindings = [SamlNames.PostBinding, SamlNames.RedirectBinding, SamlNames.ArtifactBinding];

    // How an assertion's key may be wrapped (XML Encryption 1.1 §5.5).
    private static readonly string[] s_keyTransports = ["http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", "http://www.w3.org/2009/xmlenc11#rsa-oaep"];

    /// <param name="issuer">The realm's address.</param>
    public static byte[] Write(Realm realm, IdentityProviderRepresentation provider, string issuer)
    {
        var document = MetadataXml.Write(xml => Write(xml, realm, provider, issuer));
        if (!Flag(provider, "signSpMetadata") || RealmSigner.Of(realm, new IdentityProvider(provider, [])) is not { } signer || UntrustedXml.Read(document)?.DocumentElement is not { } root)
        {
            return document;
        }

        signer.Sign(root);
        return root.ToBytes();
    }

    private static void Write(System.Xml.XmlWriter xml, Realm realm, IdentityProviderRepresentation provider, string issuer)
    {
        var endpoint = $"{issuer}/broker/{Uri.EscapeDataString(provider.Alias!)}/endpoint";
        MetadataXml.Start(xml, "EntityDescriptor");
        xml.WriteAttributeString("entityID", Setting(provider, "entityId") ?? issuer);
        xml.WriteAttributeString("ID", SamlResponses.NewId());
        if (int.TryParse(Setting(provider, "descriptorCacheSeconds"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
        {
            xml.WriteAttributeString("cacheDuration", System.Xml.XmlConvert.ToString(TimeSpan.FromSeconds(seconds)));
        }

        MetadataXml.Start(xml, "SPSSODescriptor");
        xml.WriteAttributeString("protocolSupportEnumeration", SamlNames.Protocol);
        xml.WriteAttributeString("AuthnRequestsSigned", Flag(provider, "wantAuthnRequestsSigned") ? "true" : "false");
        xml.WriteAttributeString("WantAssertionsSigned", Flag(provider, "wantAssertionsSigned") ? "true" : "false");
        if (Flag(provider, "wantAuthnRequestsSigned"))
        {
            foreach (var key in MetadataXml.SigningKeys(realm))
            {
                Key(xml, "signing", key);
            }
        }

        if (Flag(provider, "wantAssertionsEncrypted"))
        {
            foreach (var key in KeyRing.Of(realm).All.Where(k => k is { Status: KeyStatus.Active, Use: RealmKey.Enc, Type: "RSA", Certificate: not null }).Take(1))
            {
                Key(xml, "encryption", key, s_keyTransports);
            }
        }

        var logoutByPost = Flag(provider, Setting(provider, "postBindingLogout") is null ? "postBindingResponse" : "postBindingLogout");
        foreach (var binding in s_bindings[..2].OrderBy(b => b == SamlNames.PostBinding != logoutByPost))
        {
            MetadataXml.Endpoint(xml, "SingleLogoutService", binding, endpoint);
        }

        MetadataXml.Text(xml, "NameIDFormat", Setting(provider, "nameIDPolicyFormat") ?? "");
        var usual = Flag(provider, "postBindingAuthnRequest") ? SamlNames.PostBinding : SamlNames.RedirectBinding;
        var index = 0;
        foreach (var binding in s_bindings.OrderBy(b => b != usual))
        {
            var position = (++index).ToString(CultureInfo.InvariantCulture);
            MetadataXml.Endpoint(xml, "AssertionConsumerService", binding, endpoint, binding == usual ? [("isDefault", "true"), ("index", position)] : [("index", position)]);
        }

        Attributes(xml, realm, provider);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    /// <summary>The attributes that the provider's mappers read, so that the other side knows what to send.</summary>
    private static void Attributes(System.Xml.XmlWriter xml, Realm realm, IdentityProviderRepresentation provider)
    {
        var wanted = realm.Data.IdentityProviderMappers.Where(m => m.IdentityProviderAlias == provider.Alias)
            .Where(m => m.IdentityProviderMapper is "saml-user-attribute-idp-mapper" or "saml-role-idp-mapper" or "saml-xpath-attribute-idp-mapper")
            .Select(m => (Name: m.Config?.GetValueOrDefault("attribute.name"), Friendly: m.Config?.GetValueOrDefault("attribute.friendly.name"), Format: m.Config?.GetValueOrDefault("attribute.name.format")))
            .Where(a => !string.IsNullOrEmpty(a.Name) || !string.IsNullOrEmpty(a.Friendly)).DistinctBy(a => (a.Name?.ToUpperInvariant(), a.Friendly?.ToUpperInvariant())).ToList();
        if (wanted.Count == 0)
        {
            return;
        }

        MetadataXml.Start(xml, "AttributeConsumingService");
        xml.WriteAttributeString("index", uint.TryParse(Setting(provider, "attributeConsumingServiceIndex"), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index.ToString(CultureInfo.InvariantCulture) : "1");
        xml.WriteAttributeString("isDefault", "true");
        MetadataXml.Start(xml, "ServiceName");
        xml.WriteAttributeString("xml", "lang", null, realm.Settings.DefaultLocale is { Length: > 0 } locale ? locale : "en");
        xml.WriteString(Setting(provider, "attributeConsumingServiceName") ?? (string.IsNullOrEmpty(realm.Settings.DisplayName) ? realm.Name : realm.Settings.DisplayName));
        xml.WriteEndElement();
        foreach (var (name, friendly, format) in wanted)
        {
            MetadataXml.Start(xml, "RequestedAttribute");
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
                "ATTRIBUTE_FORMAT_URI" => SamlNames.AttributeUri,
                "ATTRIBUTE_FORMAT_UNSPECIFIED" => SamlNames.AttributeUnspecified,
                _ => SamlNames.AttributeBasic,
            });
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Key(System.Xml.XmlWriter xml, string use, RealmKey key, params ReadOnlySpan<string> methods) =>
        MetadataXml.KeyDescriptor(xml, use, Convert.ToBase64String(key.Certificate!.RawData), key.Kid, methods);

    private static string? Setting(IdentityProviderRepresentation provider, string name) => provider.Config?.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private static bool Flag(IdentityProviderRepresentation provider, string name) => Setting(provider, name) == "true";
}
