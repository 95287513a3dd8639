using System.Security.Cryptography;
using System.Xml;
using Castellan.Protocol.Jose;

namespace Castellan.Protocol.Saml;

/// <summary>How an assertion is encrypted (XML Encryption 1.1): the addresses of the algorithms. What is null has the default.</summary>
public sealed record XmlEncryptionMethod(string? Content = null, string? KeyTransport = null, string? Digest = null, string? Mask = null);

/// <summary>Encrypts assertions for their reader, and opens those that others encrypted for us.</summary>
public sealed class XmlEncryption
{
    private const string Type = SamlNames.Encryption + "Element";

    private readonly XmlContentEncryption _content;
    private readonly XmlKeyTransport _transport;
    private readonly byte[] _secret;
    private readonly byte[] _wrapped;

    private XmlEncryption(XmlContentEncryption content, XmlKeyTransport transport, byte[] secret, byte[] wrapped) =>
        (_content, _transport, _secret, _wrapped) = (content, transport, secret, wrapped);

    /// <summary>What encrypts one assertion, with a key of its own; null when the reader's key or an algorithm cannot be used.</summary>
    /// <param name="key">The public key of the reader.</param>
    public static XmlEncryption? For(RsaKey key, XmlEncryptionMethod method)
    {
        if (XmlContentEncryption.At(method.Content ?? XmlContentEncryption.Default) is not { } content || XmlKeyTransport.For(method) is not { } transport)
        {
            return null;
        }

        var secret = RandomNumberGenerator.GetBytes(content.KeyLength);
        return transport.Encrypt(key, secret) is { } wrapped ? new(content, transport, secret, wrapped) : null;
    }

    /// <summary>The encrypted form of an assertion.</summary>
    public XmlElement Encrypt(XmlElement assertion)
    {
        // The inclusive form: declarations that only values use (xs:string) have to come along.
        var hidden = _content.Encrypt(_secret, CanonicalXml.Inclusive(assertion));
        return XmlParts.Write(xml =>
        {
            xml.WriteStartElement("saml", "EncryptedAssertion", SamlNames.Assertion);
            Start("EncryptedData");
            xml.WriteAttributeString("Type", Type);
            Start("EncryptionMethod");
            xml.WriteAttributeString("Algorithm", _content.Address);
            xml.WriteEndElement();
            xml.WriteStartElement("ds", "KeyInfo", SamlNames.Signature);
            Start("EncryptedKey");
            _transport.Write(xml);
            Cipher(_wrapped);
            xml.WriteEndElement();
            xml.WriteEndElement();
            Cipher(hidden);
            xml.WriteEndElement();
            xml.WriteEndElement();

            void Start(string name) => xml.WriteStartElement("xenc", name, SamlNames.Encryption);

            void Cipher(byte[] bytes)
            {
                Start("CipherData");
                xml.WriteElementString("xenc", "CipherValue", SamlNames.Encryption, Convert.ToBase64String(bytes));
                xml.WriteEndElement();
            }
        }).DocumentElement!;
    }

    /// <summary>
    /// What was encrypted; null when it cannot be had, whatever the reason: who could tell one reason from another could have the text piece by piece.
    /// </summary>
    /// <param name="encrypted">An EncryptedAssertion or EncryptedID.</param>
    /// <param name="keys">Private keys to try.</param>
    /// <param name="oldPadding">Whether the padding of PKCS #1 1.5 is taken.</param>
    public static XmlElement? Open(XmlElement encrypted, IEnumerable<RsaKey> keys, bool oldPadding)
    {
        var data = encrypted.Only("EncryptedData", SamlNames.Encryption);
        // The key stands in the data, or beside it (SAML core §2.3.4).
        var sent = data.Element("KeyInfo", SamlNames.Signature).Element("EncryptedKey", SamlNames.Encryption) ?? encrypted.Element("EncryptedKey", SamlNames.Encryption);
        if (XmlContentEncryption.At(data.Element("EncryptionMethod", SamlNames.Encryption).Attribute("Algorithm")) is not { } content || Cipher(data) is not { } hidden
            || sent is null || Cipher(sent) is not { } wrapped || XmlKeyTransport.Read(sent.Element("EncryptionMethod", SamlNames.Encryption)) is not { } transport
            || (transport.IsOld && !oldPadding))
        {
            return null;
        }

        foreach (var key in keys)
        {
            // A wrong padding goes on with a random key, so that it fails where a wrong text does.
            var secret = transport.Decrypt(key, wrapped) is { } opened && opened.Length == content.KeyLength ? opened : RandomNumberGenerator.GetBytes(content.KeyLength);
            if (content.Decrypt(secret, hidden) is { } text && UntrustedXml.Read(text) is { } document)
            {
                return document.DocumentElement;
            }
        }

        return null;
    }

    private static byte[]? Cipher(XmlElement? element) => element.Element("CipherData", SamlNames.Encryption).Element("CipherValue", SamlNames.Encryption).Bytes();
}
