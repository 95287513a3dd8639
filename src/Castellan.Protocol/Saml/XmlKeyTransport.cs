using System.Security.Cryptography;
using System.Xml;
using Castellan.Protocol.Jose;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Encodings;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Security;

namespace Castellan.Protocol.Saml;

/// <summary>How the key of an encrypted element reaches its reader (XML Encryption 1.1 §5.5): RSA with OAEP, or with the old padding.</summary>
internal sealed class XmlKeyTransport
{
    private const string Oaep = SamlNames.Encryption11 + "rsa-oaep";
    private const string OaepSha1Mask = SamlNames.Encryption + "rsa-oaep-mgf1p";
    private const string Pkcs1 = SamlNames.Encryption + "rsa-1_5";
    private const string Sha1 = SamlNames.Signature + "sha1";
    private const string Sha1Mask = SamlNames.Encryption11 + "mgf1sha1";

    private static readonly Dictionary<string, Hash> s_digests = new(StringComparer.Ordinal)
    {
        [Sha1] = new("1", static () => new Sha1Digest(), RSAEncryptionPadding.OaepSHA1),
        [SamlNames.Encryption + "sha256"] = new("256", static () => new Sha256Digest(), RSAEncryptionPadding.OaepSHA256),
        ["http://www.w3.org/2001/04/xmldsig-more#sha384"] = new("384", static () => new Sha384Digest(), RSAEncryptionPadding.OaepSHA384),
        [SamlNames.Encryption + "sha512"] = new("512", static () => new Sha512Digest(), RSAEncryptionPadding.OaepSHA512),
    };

    private readonly string _address;
    private readonly string? _digest;
    private readonly string? _mask;
    private readonly Hash? _hash;
    private readonly Hash? _maskHash;

    private XmlKeyTransport(string address, string? digest = null, string? mask = null)
    {
        (_address, _digest, _mask) = (address, digest, mask);
        _hash = digest is null ? null : s_digests.GetValueOrDefault(digest);
        _maskHash = s_digests.Values.FirstOrDefault(h => SamlNames.Encryption11 + "mgf1sha" + h.Bits == (mask ?? Sha1Mask));
    }

    /// <summary>Whether it has the padding of PKCS #1 1.5, which tells those who may ask often enough what is in it.</summary>
    public bool IsOld => _address == Pkcs1;

    /// <summary>The way that a client chose; null when there is none of that name.</summary>
    public static XmlKeyTransport? For(XmlEncryptionMethod method) => (method.KeyTransport ?? Oaep) switch
    {
        Oaep => new XmlKeyTransport(Oaep, method.Digest ?? SamlNames.Encryption + "sha256", method.Mask ?? SamlNames.Encryption11 + "mgf1sha256").IfUsable(),
        OaepSha1Mask => new XmlKeyTransport(OaepSha1Mask, method.Digest ?? SamlNames.Encryption + "sha256").IfUsable(),
        Pkcs1 => new(Pkcs1),
        _ => null,
    };

    /// <summary>The way that an encrypted key says.</summary>
    public static XmlKeyTransport? Read(XmlElement? method)
    {
        var digest = method.Element("DigestMethod", SamlNames.Signature).Attribute("Algorithm") ?? Sha1;
        // A label (OAEPparams) nobody sends; it would have to be taken into account.
        return method.Element("OAEPparams", SamlNames.Encryption) is not null ? null : method.Attribute("Algorithm") switch
        {
            Oaep => new XmlKeyTransport(Oaep, digest, method.Element("MGF", SamlNames.Encryption11).Attribute("Algorithm") ?? Sha1Mask).IfUsable(),
            OaepSha1Mask => new XmlKeyTransport(OaepSha1Mask, digest).IfUsable(),
            Pkcs1 => new(Pkcs1),
            _ => null,
        };
    }

    public void Write(XmlWriter xml)
    {
        xml.WriteStartElement("xenc", "EncryptionMethod", SamlNames.Encryption);
        xml.WriteAttributeString("Algorithm", _address);
        Method("ds", "DigestMethod", SamlNames.Signature, _digest);
        Method("xenc11", "MGF", SamlNames.Encryption11, _mask);
        xml.WriteEndElement();

        void Method(string prefix, string name, string space, string? address)
        {
            if (address is not null)
            {
                xml.WriteStartElement(prefix, name, space);
                xml.WriteAttributeString("Algorithm", address);
                xml.WriteEndElement();
            }
        }
    }

    /// <summary>The key for its reader; null when theirs is too small.</summary>
    public byte[]? Encrypt(RsaKey key, byte[] secret)
    {
        try
        {
            return Padding is { } padding ? key.Encrypt(secret, padding) : Transform(DotNetUtilities.GetRsaPublicKey(key.Rsa), encrypt: true, secret);
        }
        catch (Exception e) when (e is CryptographicException or CryptoException or DataLengthException)
        {
            return null;
        }
    }

    /// <summary>The key; null when it cannot be had.</summary>
    public byte[]? Decrypt(RsaKey key, byte[] wrapped)
    {
        if (wrapped.Length != (key.Bits + 7) / 8)
        {
            return null;
        }

        try
        {
            return Padding is { } padding ? key.Decrypt(wrapped, padding) : Transform(DotNetUtilities.GetRsaKeyPair(key.Rsa).Private, encrypt: false, wrapped);
        }
        catch (Exception e) when (e is CryptographicException or CryptoException or DataLengthException)
        {
            return null;
        }
    }

    private XmlKeyTransport? IfUsable() => _hash is not null && _maskHash is not null ? this : null;

    // The class library has OAEP with one hash for both uses only.
    private RSAEncryptionPadding? Padding => IsOld ? RSAEncryptionPadding.Pkcs1 : _hash == _maskHash ? _hash!.Padding : null;

    private byte[] Transform(AsymmetricKeyParameter key, bool encrypt, byte[] data)
    {
        var oaep = new OaepEncoding(new RsaBlindedEngine(), _hash!.Digest(), _maskHash!.Digest(), null);
        oaep.Init(encrypt, key);
        return oaep.ProcessBlock(data, 0, data.Length);
    }

    private sealed record Hash(string Bits, Func<IDigest> Digest, RSAEncryptionPadding Padding);
}
