using System.Security.Cryptography;
using Castellan.Protocol.Jose;

namespace Castellan.Protocol.Saml;

/// <summary>An algorithm of XML signatures (RFC 9231) with RSA, which are those that SAML has in use.</summary>
public sealed class XmlSignatureAlgorithm
{
    private readonly SignatureAlgorithm? _jose;

    private XmlSignatureAlgorithm(string name, string address, string digestAddress, HashAlgorithmName hash, SignatureAlgorithm? jose) =>
        (Name, Address, DigestAddress, Hash, _jose) = (name, address, digestAddress, hash, jose);

    /// <summary>The word that clients and providers have for it.</summary>
    public string Name { get; }

    /// <summary>How a signature names it.</summary>
    public string Address { get; }

    /// <summary>How a signature names its digest.</summary>
    public string DigestAddress { get; }

    public HashAlgorithmName Hash { get; }

    /// <summary>Whether it rests on SHA-1: there are service providers that ask for it, and it proves nothing.</summary>
    public bool IsWeak => _jose is null;

    public static readonly XmlSignatureAlgorithm RsaSha1 =
        new("RSA_SHA1", "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1", HashAlgorithmName.SHA1, null);

    public static readonly XmlSignatureAlgorithm RsaSha256 =
        new("RSA_SHA256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256", HashAlgorithmName.SHA256, SignatureAlgorithm.RS256);

    public static IReadOnlyList<XmlSignatureAlgorithm> All { get; } =
    [
        RsaSha1,
        RsaSha256,
        new("RSA_SHA384", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384", HashAlgorithmName.SHA384, SignatureAlgorithm.RS384),
        new("RSA_SHA512", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512", HashAlgorithmName.SHA512, SignatureAlgorithm.RS512),
        new("RSA_SHA256_MGF1", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", "http://www.w3.org/2001/04/xmlenc#sha256", HashAlgorithmName.SHA256, SignatureAlgorithm.PS256),
        new("RSA_SHA512_MGF1", "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", "http://www.w3.org/2001/04/xmlenc#sha512", HashAlgorithmName.SHA512, SignatureAlgorithm.PS512),
    ];

    /// <summary>By the word of a client; null for a word that is none.</summary>
    public static XmlSignatureAlgorithm? Named(string? name) => All.FirstOrDefault(a => a.Name == name);

    /// <summary>By the name in a signature; null for one that is not known.</summary>
    public static XmlSignatureAlgorithm? At(string? address) => All.FirstOrDefault(a => a.Address == address);

    public byte[] Sign(RsaKey key, byte[] data)
    {
        if (_jose is null)
        {
            return key.Rsa.SignData(data, Hash, RSASignaturePadding.Pkcs1);
        }

        var signature = new byte[key.SignatureLength(_jose)];
        key.Sign(_jose, data, signature);
        return signature;
    }

    public bool Verify(RsaKey key, byte[] data, byte[] signature) =>
        _jose is null ? key.Rsa.VerifyData(data, signature, Hash, RSASignaturePadding.Pkcs1) : key.Verify(_jose, data, signature);
}
