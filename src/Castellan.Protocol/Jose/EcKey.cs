using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Castellan.Protocol.Jose;

/// <summary>A key on one of the NIST curves.</summary>
#pragma warning disable CA1001 // as RsaKey
public sealed class EcKey : JoseKey
#pragma warning restore CA1001
{
    // Two integers of 66 bytes and a sign, with their heads (RFC 3279 §2.2.3): the longest signature in DER.
    private const int MaxDer = 2 * (66 + 1 + 2) + 3;

    private readonly ECDsa _ecdsa;
    private readonly Lazy<OpenSslKey?> _native;
    private readonly Lazy<ECDiffieHellman> _agreement;

    /// <summary>Takes the key over; the caller must not dispose of it. Refuses other curves.</summary>
    public EcKey(ECDsa ecdsa)
    {
        _ecdsa = ecdsa;
        var parameters = ecdsa.ExportParameters(false);
        Curve = NameOf(parameters.Curve) ?? throw new CryptographicException("The curve is none of P-256, P-384 and P-521.");
        CoordinateLength = LengthOf(Curve);
        (X, Y) = (parameters.Q.X!, parameters.Q.Y!);
        HasPrivate = CanSign(ecdsa);
        _native = new(() => OpenSslKey.Import(Pkcs8()));
        _agreement = new(() => ECDiffieHellman.Create(_ecdsa.ExportParameters(HasPrivate)));
    }

    /// <summary><c>P-256</c>, <c>P-384</c> or <c>P-521</c>.</summary>
    public string Curve { get; }

    /// <summary>The length of a coordinate in bytes.</summary>
    public int CoordinateLength { get; }

    /// <summary>The public point.</summary>
    public ReadOnlyMemory<byte> X { get; }

    /// <summary>The public point.</summary>
    public ReadOnlyMemory<byte> Y { get; }

    /// <inheritdoc/>
    public override string Kty => "EC";

    /// <inheritdoc/>
    public override bool HasPrivate { get; }

    /// <summary>A new key pair; null for a curve that we do not have.</summary>
    public static EcKey? Generate(string curve) => CurveOf(curve) is { } named ? new EcKey(ECDsa.Create(named)) : null;

    internal static EcKey? From(Jwk jwk)
    {
        // RFC 7518 §6.2.1.2: coordinates always have the full width of the field.
        if (CurveOf(jwk.Crv) is not { } curve || jwk.X is not { } x || jwk.Y is not { } y
            || x.Length != LengthOf(jwk.Crv!) || y.Length != x.Length || (jwk.D is { } d && d.Length != x.Length))
        {
            return null;
        }

        // The import checks that the point is on the curve.
        return new EcKey(ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = x, Y = y }, D = jwk.D }));
    }

    /// <inheritdoc/>
    public override bool Fits(SignatureAlgorithm algorithm) => algorithm.Family == SignatureFamily.Ecdsa && algorithm.Curve == Curve;

    /// <inheritdoc/>
    public override int SignatureLength(SignatureAlgorithm algorithm) => 2 * CoordinateLength;

    /// <inheritdoc/>
    public override void Sign(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        Span<byte> der = stackalloc byte[MaxDer];
        if (_native.Value is { } native && native.Sign(algorithm, data, der) is > 0 and var length)
        {
            FromDer(der[..length], signature[..(2 * CoordinateLength)]);
            return;
        }

        if (!_ecdsa.TrySignData(data, signature, algorithm.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out _))
        {
            throw new ArgumentException("There is no room for the signature.", nameof(signature));
        }
    }

    /// <inheritdoc/>
    public override bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Fits(algorithm) && Verify(algorithm.Hash, data, signature);

    /// <summary>Whether it signed a digest of any kind.</summary>
    internal bool Verify(HashAlgorithmName hash, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        signature.Length == 2 * CoordinateLength && _ecdsa.VerifyData(data, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>The shared secret with another key of the same curve; null when the curves differ (RFC 7518 §4.6).</summary>
    public byte[]? Agree(EcKey other)
    {
        if (other.Curve != Curve || !HasPrivate)
        {
            return null;
        }

        using var publicKey = other._agreement.Value.PublicKey;
        return _agreement.Value.DeriveRawSecretAgreement(publicKey);
    }

    /// <summary>The key object, for certificates.</summary>
    internal ECDsa Ecdsa => _ecdsa;

    /// <inheritdoc/>
    public override Jwk ToJwk(bool includePrivate = false) => new()
    {
        Kty = Kty,
        Crv = Curve,
        X = X.ToArray(),
        Y = Y.ToArray(),
        D = includePrivate && HasPrivate ? _ecdsa.ExportParameters(true).D : null,
    };

    /// <inheritdoc/>
    public override byte[] SubjectPublicKeyInfo() => _ecdsa.ExportSubjectPublicKeyInfo();

    /// <inheritdoc/>
    public override byte[] Pkcs8() => _ecdsa.ExportPkcs8PrivateKey();

    /// <summary>From a sequence of two integers (RFC 3279 §2.2.3) to both at their full width, one behind the other (RFC 7518 §3.4).</summary>
    private static void FromDer(ReadOnlySpan<byte> der, Span<byte> signature)
    {
        AsnDecoder.ReadSequence(der, AsnEncodingRules.DER, out var at, out _, out _);
        var r = AsnDecoder.ReadIntegerBytes(der[at..], AsnEncodingRules.DER, out var read);
        var s = AsnDecoder.ReadIntegerBytes(der[(at + read)..], AsnEncodingRules.DER, out _);
        Place(r, signature[..(signature.Length / 2)]);
        Place(s, signature[(signature.Length / 2)..]);
    }

    private static void Place(ReadOnlySpan<byte> integer, Span<byte> field)
    {
        integer = integer.TrimStart((byte)0);
        field.Clear();
        integer.CopyTo(field[(field.Length - integer.Length)..]);
    }

    private static bool CanSign(ECDsa ecdsa)
    {
        try
        {
            CryptographicOperations.ZeroMemory(ecdsa.ExportParameters(true).D);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static ECCurve? CurveOf(string? name) => name switch
    {
        "P-256" => ECCurve.NamedCurves.nistP256,
        "P-384" => ECCurve.NamedCurves.nistP384,
        "P-521" => ECCurve.NamedCurves.nistP521,
        _ => null,
    };

    private static string? NameOf(ECCurve curve) => curve.Oid.Value switch
    {
        "1.2.840.10045.3.1.7" => "P-256",
        "1.3.132.0.34" => "P-384",
        "1.3.132.0.35" => "P-521",
        _ => curve.Oid.FriendlyName switch
        {
            "nistP256" or "ECDSA_P256" => "P-256",
            "nistP384" or "ECDSA_P384" => "P-384",
            "nistP521" or "ECDSA_P521" => "P-521",
            _ => null,
        },
    };

    private static int LengthOf(string curve) => curve switch { "P-256" => 32, "P-384" => 48, _ => 66 };
}
