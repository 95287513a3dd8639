using System.Formats.Asn1;
using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Castellan.Protocol.Jose;

/// <summary>A key of an Edwards curve (RFC 8037): Ed25519 or Ed448.</summary>
public sealed class OkpKey : JoseKey
{
    private readonly byte[] _public;
    private readonly byte[]? _seed;
    private readonly bool _is448;

    private OkpKey(bool is448, byte[] publicKey, byte[]? seed) => (_is448, _public, _seed) = (is448, publicKey, seed);

    /// <summary><c>Ed25519</c> or <c>Ed448</c>.</summary>
    public string Curve => _is448 ? "Ed448" : "Ed25519";

    /// <inheritdoc/>
    public override string Kty => "OKP";

    /// <inheritdoc/>
    public override bool HasPrivate => _seed is not null;

    /// <summary>A new key pair; null for a curve that we do not have.</summary>
    public static OkpKey? Generate(string curve) => curve switch
    {
        "Ed25519" => FromSeed(curve, RandomNumberGenerator.GetBytes(Ed25519.SecretKeySize)),
        "Ed448" => FromSeed(curve, RandomNumberGenerator.GetBytes(Ed448.SecretKeySize)),
        _ => null,
    };

    /// <summary>The key pair of a private seed; null when its length is not that of the curve.</summary>
    public static OkpKey? FromSeed(string curve, byte[] seed)
    {
        var is448 = curve == "Ed448";
        if ((!is448 && curve != "Ed25519") || seed.Length != SeedLength(is448))
        {
            return null;
        }

        var publicKey = new byte[SeedLength(is448)];
        if (is448)
        {
            Ed448.GeneratePublicKey(seed, publicKey);
        }
        else
        {
            Ed25519.GeneratePublicKey(seed, publicKey);
        }

        return new OkpKey(is448, publicKey, seed);
    }

    /// <summary>A public key; null when it is no point of full order on its curve.</summary>
    public static OkpKey? FromPublic(string curve, byte[] publicKey)
    {
        var is448 = curve == "Ed448";
        if ((!is448 && curve != "Ed25519") || publicKey.Length != SeedLength(is448))
        {
            return null;
        }

        // A key of small order would let one signature fit many messages.
        var sound = is448 ? Ed448.ValidatePublicKeyFull(publicKey, 0) : Ed25519.ValidatePublicKeyFull(publicKey, 0);
        return sound ? new OkpKey(is448, publicKey, null) : null;
    }

    internal static OkpKey? From(Jwk jwk)
    {
        if (jwk is not { Crv: { } curve, X: { } x })
        {
            return null;
        }

        if (jwk.D is not { } d)
        {
            return FromPublic(curve, x);
        }

        return FromSeed(curve, d) is { } pair && pair._public.AsSpan().SequenceEqual(x) ? pair : null;
    }

    /// <inheritdoc/>
    public override bool Fits(SignatureAlgorithm algorithm) => algorithm.Family == SignatureFamily.EdDsa;

    /// <inheritdoc/>
    public override int SignatureLength(SignatureAlgorithm algorithm) => _is448 ? Ed448.SignatureSize : Ed25519.SignatureSize;

    /// <inheritdoc/>
    public override void Sign(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        var seed = _seed ?? throw new CryptographicException("The key has no private half.");
        var made = new byte[SignatureLength(algorithm)];
        var message = data.ToArray();
        if (_is448)
        {
            Ed448.Sign(seed, 0, _public, 0, [], message, 0, message.Length, made, 0);
        }
        else
        {
            Ed25519.Sign(seed, 0, _public, 0, message, 0, message.Length, made, 0);
        }

        made.CopyTo(signature);
    }

    /// <inheritdoc/>
    public override bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!Fits(algorithm) || signature.Length != SignatureLength(algorithm))
        {
            return false;
        }

        var (sent, message) = (signature.ToArray(), data.ToArray());
        return _is448
            ? Ed448.Verify(sent, 0, _public, 0, [], message, 0, message.Length)
            : Ed25519.Verify(sent, 0, _public, 0, message, 0, message.Length);
    }

    /// <inheritdoc/>
    public override Jwk ToJwk(bool includePrivate = false) =>
        new() { Kty = Kty, Crv = Curve, X = [.. _public], D = includePrivate && _seed is not null ? [.. _seed] : null };

    /// <inheritdoc/>
    public override byte[] SubjectPublicKeyInfo()
    {
        // RFC 8410 §4.
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oid(_is448));
            }

            writer.WriteBitString(_public);
        }

        return writer.Encode();
    }

    /// <inheritdoc/>
    public override byte[] Pkcs8()
    {
        // RFC 8410 §7: the seed is an OCTET STRING within the OCTET STRING.
        var seed = _seed ?? throw new CryptographicException("The key has no private half.");
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oid(_is448));
            }

            using (writer.PushOctetString())
            {
                writer.WriteOctetString(seed);
            }
        }

        return writer.Encode();
    }

    internal static string? CurveOf(string oid) => oid switch { "1.3.101.112" => "Ed25519", "1.3.101.113" => "Ed448", _ => null };

    private static string Oid(bool is448) => is448 ? "1.3.101.113" : "1.3.101.112";

    private static int SeedLength(bool is448) => is448 ? Ed448.SecretKeySize : Ed25519.SecretKeySize;
}
