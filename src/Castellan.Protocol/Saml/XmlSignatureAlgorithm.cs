using System.Security.Cryptography;
using Castellan.Protocol.Jose;

namespace Castellan.Protocol.Saml;

/// <summary>An algorithm of XML signatures (RFC 9231): those with RSA, which SAML has in use, and of others' signatures those with elliptic curves.</summary>
public sealed class XmlSignatureAlgorithm
{
    private readonly SignatureAlgorithm? _jose;

    private XmlSignatureAlgorithm(string? name, string address, string digestAddress, HashAlgorithmName hash, SignatureAlgorithm? jose) =>
        (Name, Address, DigestAddress, Hash, _jose) = (name, address, digestAddress, hash, jose);

    /// <summary>The word that clients and providers have for it; null for what the realm does not sign with.</summary>
    public string? Name { get; }

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
        new(null, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256", HashAlgorithmName.SHA256, SignatureAlgorithm.ES256),
        new(null, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384", HashAlgorithmName.SHA384, SignatureAlgorithm.ES384),
        new(null, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512", HashAlgorithmName.SHA512, SignatureAlgorithm.ES512),
    ];

    /// <summary>By the word of a client; null for a word that is none.</summary>
    public static XmlSignatureAlgorithm? Named(string? name) => name is null ? null : All.FirstOrDefault(a => a.Name == name);

    /// <summary>By the name in a signature; null for one that is not known.</summary>
    public static XmlSignatureAlgorithm? At(string? address) => All.FirstOrDefault(a => a.Address == address);

    public byte[] Sign(JoseKey key, byte[] data)
    {
        if (_jose is null)
        {
            return ((RsaKey)key).Rsa.SignData(data, Hash, RSASignaturePadding.Pkcs1);
        }

        var signature = new byte[key.SignatureLength(_jose)];
        key.Sign(_jose, data, signature);
        return signature;
    }

    // XML Signature §6.4.3: any digest with any curve, unlike in JOSE; the two numbers stand side by side there, too.
    public bool Verify(JoseKey key, byte[] data, byte[] signature) => key switch
    {
        EcKey curve => _jose is { Family: SignatureFamily.Ecdsa } && curve.Verify(Hash, data, signature),
        RsaKey rsa when _jose is null => rsa.Rsa.VerifyData(data, signature, Hash, RSASignaturePadding.Pkcs1),
        _ => _jose is not null && key.Verify(_jose, data, signature),
    };
}
