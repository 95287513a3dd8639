using System.Security.Cryptography;

namespace Castellan.Protocol.Jose;

/// <summary>The mathematics behind a signature algorithm, and so the kind of key that it wants.</summary>
public enum SignatureFamily
{
    /// <summary>HMAC, a symmetric key.</summary>
    Hmac,

    /// <summary>RSASSA-PKCS1-v1_5.</summary>
    RsaPkcs1,

    /// <summary>RSASSA-PSS.</summary>
    RsaPss,

    /// <summary>ECDSA over one NIST curve.</summary>
    Ecdsa,

    /// <summary>EdDSA (RFC 8037), Ed25519 or Ed448 by the key.</summary>
    EdDsa,
}

/// <summary>A JWS signature algorithm (RFC 7518 §3, RFC 8037 §3.1). There is no <c>none</c> among them.</summary>
public sealed class SignatureAlgorithm
{
    private SignatureAlgorithm(string name, SignatureFamily family, HashAlgorithmName hash, int hashLength, string? curve = null) =>
        (Name, Family, Hash, HashLength, Curve) = (name, family, hash, hashLength, curve);

    /// <summary>The name in the header's <c>alg</c>.</summary>
    public string Name { get; }

    /// <summary>What kind of key it wants.</summary>
    public SignatureFamily Family { get; }

    /// <summary>The hash over the signing input; for EdDSA the one that <c>at_hash</c> takes.</summary>
    public HashAlgorithmName Hash { get; }

    /// <summary>The length of that hash in bytes; <c>at_hash</c> is its left half, but for EdDSA (32 bytes, as Keycloak has it).</summary>
    public int HashLength { get; }

    /// <summary>The one curve of an ECDSA algorithm (RFC 7518 §3.4).</summary>
    public string? Curve { get; }

    /// <summary>Whether signer and verifier share one secret.</summary>
    public bool IsSymmetric => Family == SignatureFamily.Hmac;

    /// <inheritdoc/>
    public override string ToString() => Name;

#pragma warning disable CS1591 // the names say it
    public static readonly SignatureAlgorithm HS256 = new("HS256", SignatureFamily.Hmac, HashAlgorithmName.SHA256, 32);
    public static readonly SignatureAlgorithm HS384 = new("HS384", SignatureFamily.Hmac, HashAlgorithmName.SHA384, 48);
    public static readonly SignatureAlgorithm HS512 = new("HS512", SignatureFamily.Hmac, HashAlgorithmName.SHA512, 64);
    public static readonly SignatureAlgorithm RS256 = new("RS256", SignatureFamily.RsaPkcs1, HashAlgorithmName.SHA256, 32);
    public static readonly SignatureAlgorithm RS384 = new("RS384", SignatureFamily.RsaPkcs1, HashAlgorithmName.SHA384, 48);
    public static readonly SignatureAlgorithm RS512 = new("RS512", SignatureFamily.RsaPkcs1, HashAlgorithmName.SHA512, 64);
    public static readonly SignatureAlgorithm PS256 = new("PS256", SignatureFamily.RsaPss, HashAlgorithmName.SHA256, 32);
    public static readonly SignatureAlgorithm PS384 = new("PS384", SignatureFamily.RsaPss, HashAlgorithmName.SHA384, 48);
    public static readonly SignatureAlgorithm PS512 = new("PS512", SignatureFamily.RsaPss, HashAlgorithmName.SHA512, 64);
    public static readonly SignatureAlgorithm ES256 = new("ES256", SignatureFamily.Ecdsa, HashAlgorithmName.SHA256, 32, "P-256");
    public static readonly SignatureAlgorithm ES384 = new("ES384", SignatureFamily.Ecdsa, HashAlgorithmName.SHA384, 48, "P-384");
    public static readonly SignatureAlgorithm ES512 = new("ES512", SignatureFamily.Ecdsa, HashAlgorithmName.SHA512, 64, "P-521");
    public static readonly SignatureAlgorithm EdDSA = new("EdDSA", SignatureFamily.EdDsa, HashAlgorithmName.SHA512, 64);
#pragma warning restore CS1591

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SignatureAlgorithm> All { get; } =
        [HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA];

    /// <summary>All that have a public half.</summary>
    public static IReadOnlyList<SignatureAlgorithm> Asymmetric { get; } = [.. All.Where(algorithm => !algorithm.IsSymmetric)];

    /// <summary>The algorithm of that name, compared exactly; null for any other, <c>none</c> too.</summary>
    public static SignatureAlgorithm? Find(string? name) => name switch
    {
        "HS256" => HS256,
        "HS384" => HS384,
        "HS512" => HS512,
        "RS256" => RS256,
        "RS384" => RS384,
        "RS512" => RS512,
        "PS256" => PS256,
        "PS384" => PS384,
        "PS512" => PS512,
        "ES256" => ES256,
        "ES384" => ES384,
        "ES512" => ES512,
        "EdDSA" => EdDSA,
        _ => null,
    };
}
