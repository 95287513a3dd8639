using System.Security.Cryptography;

namespace Castellan.Protocol.Jose;

/// <summary>
/// Key material of one kind, with what it can do. Made once and kept: making an RSA object costs five times what its signature
/// does. All members may be called from many threads at a time; nothing in it changes after it is made.
/// </summary>
public abstract class JoseKey
{
    /// <summary>The key type of RFC 7518 §6.1.</summary>
    public abstract string Kty { get; }

    /// <summary>Whether it can sign and decrypt.</summary>
    public abstract bool HasPrivate { get; }

    /// <summary>Whether the algorithm is for this kind of key, curve and size.</summary>
    public abstract bool Fits(SignatureAlgorithm algorithm);

    /// <summary>The length of the signatures of that algorithm.</summary>
    public abstract int SignatureLength(SignatureAlgorithm algorithm);

    /// <summary>Signs; <paramref name="signature"/> has room for <see cref="SignatureLength"/> bytes.</summary>
    public abstract void Sign(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> signature);

    /// <summary>Whether the signature is right. Never throws for what a stranger sent.</summary>
    public abstract bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);

    /// <summary>The key as JWK, without name, use or algorithm.</summary>
    public abstract Jwk ToJwk(bool includePrivate = false);

    /// <summary>The public half, DER-encoded (RFC 5280 §4.1.2.7); a symmetric key has none.</summary>
    public abstract byte[] SubjectPublicKeyInfo();

    /// <summary>The private key, PKCS #8, DER-encoded; a symmetric key has no such form.</summary>
    public abstract byte[] Pkcs8();

    /// <summary>The <c>kid</c> that Keycloak gives a key pair: base64url of SHA-256 over the public key's DER.</summary>
    public string KeyId() => StrictBase64Url.Encode(SHA256.HashData(SubjectPublicKeyInfo()));

    /// <summary>The key that a JWK describes, or null when the kind is unknown or the members do not make a key.</summary>
    public static JoseKey? FromJwk(Jwk jwk)
    {
        try
        {
            return jwk.Kty switch
            {
                "RSA" => RsaKey.From(jwk),
                "EC" => EcKey.From(jwk),
                "OKP" => OkpKey.From(jwk),
                "oct" => jwk.K is { Length: > 0 } k ? new OctKey(k) : null,
                _ => null,
            };
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            return null; // a point off its curve, an even modulus, …
        }
    }
}
