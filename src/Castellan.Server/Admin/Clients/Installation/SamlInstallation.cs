using System.IO.Compression;
using System.Text;
using System.Xml;
using Castellan.Core.Clients;
using Castellan.Server.Http;
using Castellan.Server.Saml;

namespace Castellan.Server.Admin.Clients.Installation;

/// <summary>Configuration files for service providers.</summary>
internal static class SamlInstallation
{
    private const string Archive = "YOUR-WAR.war";

    /// <summary>The client's own metadata.</summary>
    public static string Descriptor(AdminContext context, Client client) => Encoding.UTF8.GetString(Metadata(client));

    /// <summary>The file of Keycloak's SAML adapter.</summary>
    public static string Adapter(AdminContext context, Client client) => Document(xml =>
    {
        xml.WriteStartElement("keycloak-saml-adapter");
        Provider(xml, context, client);
        xml.WriteEndElement();
    });

    /// <summary>The same for the subsystem of an application server.</summary>
    public static string Subsystem(AdminContext context, Client client) => Document(xml =>
    {
        xml.WriteStartElement("secure-deployment");
        xml.WriteAttributeString("name", Archive);
        Provider(xml, context, client);
        xml.WriteEndElement();
    });

    /// <summary>What Apache's mod_auth_mellon needs, in one archive.</summary>
    public static byte[] Mellon(AdminContext context, Client client)
    {
        var saml = new SamlClient(client);
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add("idp-metadata.xml", MetadataXml.IdentityProvider(context.Realm, context.Service<ServerUrls>().Issuer(context.Http, context.Realm)));
            Add("sp-metadata.xml", Metadata(client));
            if (saml.SignsMessages)
            {
                AddPem("client-private-key.pem", "RSA PRIVATE KEY", saml.SigningKey);
                AddPem("client-cert.pem", "CERTIFICATE", saml.SigningCertificate);
            }

            void Add(string name, byte[] content)
            {
                // A folder of the client's name, as far as such a name can be one.
                using var entry = zip.CreateEntry($"{client.ClientId.Replace('/', '_').Replace(' ', '_')}/{name}").Open();
                entry.Write(content);
            }

            void AddPem(string name, string label, string? base64)
            {
                if (base64 is not null)
                {
                    // RFC 7468 §2: lines of 64.
                    Add(name, Encoding.ASCII.GetBytes($"-----BEGIN {label}-----\n{string.Join('\n', base64.Chunk(64).Select(line => new string(line)))}\n-----END {label}-----\n"));
                }
            }
        }

        return stream.ToArray();
    }

    private static byte[] Metadata(Client client)
    {
        var saml = new SamlClient(client);
        return MetadataXml.Write(
            xml =>
            {
                MetadataXml.Start(xml, "EntityDescriptor");
                xml.WriteAttributeString("entityID", client.ClientId);
                xml.WriteAttributeString("ID", "ID_" + Core.Ids.New());
                MetadataXml.Start(xml, "SPSSODescriptor");
                xml.WriteAttributeString("AuthnRequestsSigned", XmlConvert.ToString(saml.SignsMessages));
                xml.WriteAttributeString("WantAssertionsSigned", XmlConvert.ToString(saml.WantsSignedAssertions));
                xml.WriteAttributeString("protocolSupportEnumeration", Protocol.Saml.SamlNames.Protocol);
                if (saml is { SignsMessages: true, SigningCertificate: { } signing })
                {
                    MetadataXml.KeyDescriptor(xml, "signing", signing);
                }

                if (saml is { WantsEncryption: true, EncryptionCertificate: { } encryption })
                {
                    MetadataXml.KeyDescriptor(xml, "encryption", encryption);
                }

                MetadataXml.Endpoint(xml, "SingleLogoutService", saml.LogoutBinding, saml.Logout ?? "ERROR:ENDPOINT_NOT_SET");
                MetadataXml.Text(xml, "NameIDFormat", saml.NameIdFormat);
                MetadataXml.Endpoint(xml, "AssertionConsumerService", saml.Binding, saml.Consumer ?? "ERROR:ENDPOINT_NOT_SET", ("isDefault", "true"), ("index", "1"));
                xml.WriteEndElement();
                xml.WriteEndElement();
            },
            indented: true);
    }

    private static string Document(Action<XmlWriter> content) => Encoding.UTF8.GetString(MetadataXml.Write(content, indented: true));

    private static void Provider(XmlWriter xml, AdminContext context, Client client)
    {
        var saml = new SamlClient(client);
        var provider = SamlAdapter.Of(context, client);
        xml.WriteStartElement("SP");
        Attributes(xml, ("entityID", provider.EntityId), ("sslPolicy", provider.SslPolicy), ("logoutPage", SamlAdapter.LogoutPage));
        if (saml.SignsMessages || saml.WantsEncryption)
        {
            xml.WriteStartElement("Keys");
            if (saml.SignsMessages)
            {
                Key(xml, "signing", saml.SigningKey, saml.SigningCertificate ?? SamlAdapter.NoCertificate);
            }

            if (saml.WantsEncryption)
            {
                Key(xml, "encryption", saml.EncryptionKey, null);
            }

            xml.WriteEndElement();
        }

        xml.WriteStartElement("IDP");
        xml.WriteAttributeString("entityID", "idp");
        Attributes(xml, provider.Signature);
        xml.WriteStartElement("SingleSignOnService");
        Attributes(xml, provider.SignOn);
        xml.WriteEndElement();
        xml.WriteStartElement("SingleLogoutService");
        Attributes(xml, provider.Logout);
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void Key(XmlWriter xml, string use, string? key, string? certificate)
    {
        xml.WriteStartElement("Key");
        xml.WriteAttributeString(use, "true");
        xml.WriteElementString("PrivateKeyPem", key ?? SamlAdapter.NoKey);
        if (certificate is not null)
        {
            xml.WriteElementString("CertificatePem", certificate);
        }

        xml.WriteEndElement();
    }

    private static void Attributes(XmlWriter xml, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            xml.WriteAttributeString(name, value);
        }
    }
}
