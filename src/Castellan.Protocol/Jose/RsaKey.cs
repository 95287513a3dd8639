using System.Security.Cryptography;

namespace Castellan.Protocol.Jose;

/// <summary>An RSA key.</summary>
#pragma warning disable CA1001 // kept as long as its realm; the handle's finalizer frees it, since nobody knows when the last thread is through
public sealed class RsaKey : JoseKey
#pragma warning restore CA1001
{
    // Above this a signature check costs milliseconds, and whoever sends us a key chooses its size.
    private const int LargestModulus = 8192;
    private readonly RSA _rsa;
    private readonly Lazy<OpenSslKey?> _native;

    /// <summary>Takes the key over; the caller must not dispose of it.</summary>
    public RsaKey(RSA rsa)
    {
        _rsa = rsa;
        var parameters = rsa.ExportParameters(false);
        (Modulus, Exponent) = (parameters.Modulus!, parameters.Exponent!);
        HasPrivate = CanSign(rsa);
        _native = new(() => OpenSslKey.Import(Pkcs8()));
    }

    /// <summary>The modulus, big-endian.</summary>
    public ReadOnlyMemory<byte> Modulus { get; }

    /// <summary>The public exponent, big-endian.</summary>
    public ReadOnlyMemory<byte> Exponent { get; }

    /// <summary>The size of the modulus in bits.</summary>
    public int Bits => _rsa.KeySize;

    /// <inheritdoc/>
    public override string Kty => "RSA";

    /// <inheritdoc/>
    public override bool HasPrivate { get; }

    /// <summary>A new key pair.</summary>
    public static RsaKey Generate(int bits) => new(RSA.Create(bits));

    internal static RsaKey? From(Jwk jwk)
    {
        if (jwk is not { N: { Length: > 0 and <= LargestModulus / 8 } n, E: { Length: > 0 and <= 8 } e })
        {
            return null;
        }

        if ((n[^1] & 1) == 0 || (e[^1] & 1) == 0 || e is [1])
        {
            return null;
        }

        var parameters = new RSAParameters { Modulus = n, Exponent = e };
        if (jwk is { D: { } d, P: { } p, Q: { } q, Dp: { } dp, Dq: { } dq, Qi: { } qi })
        {
            // RFC 7518 §6.3.2 writes integers without leading zeros; the class library wants each at its full width.
            var half = (n.Length + 1) / 2;
            parameters.D = Pad(d, n.Length);
            (parameters.P, parameters.Q) = (Pad(p, half), Pad(q, half));
            (parameters.DP, parameters.DQ, parameters.InverseQ) = (Pad(dp, half), Pad(dq, half), Pad(qi, half));
        }
        else if (jwk.D is not null)
        {
            return null; // §6.3.2 permits the exponent alone; nobody writes that, and taking it for a public key would mislead
        }

        return new RsaKey(RSA.Create(parameters));
    }

    private static byte[] Pad(byte[] value, int length)
    {
        if (value.Length == length)
        {
            return value;
        }

        if (value.Length > length)
        {
            throw new CryptographicException("An RSA member is longer than its modulus allows.");
        }

        var padded = new byte[length];
        value.CopyTo(padded, length - value.Length);
        return padded;
    }

    private static bool CanSign(RSA rsa)
    {
        try
        {
            CryptographicOperations.ZeroMemory(rsa.ExportParameters(true).D);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override bool Fits(SignatureAlgorithm algorithm) => algorithm.Family switch
    {
        SignatureFamily.RsaPkcs1 => true,
        // RFC 8017 §9.1.1: hash, salt of the same length, and two bytes must fit.
        SignatureFamily.RsaPss => Bits / 8 >= 2 * algorithm.HashLength + 2,
        _ => false,
    };

    /// <inheritdoc/>
    public override int SignatureLength(SignatureAlgorithm algorithm) => (Bits + 7) / 8;

    /// <inheritdoc/>
    public override void Sign(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        if (algorithm.Family == SignatureFamily.RsaPkcs1 && _native.Value is { } native && native.Sign(algorithm, data, signature) > 0)
        {
            return;
        }

        if (!_rsa.TrySignData(data, signature, algorithm.Hash, Padding(algorithm), out _))
        {
            throw new ArgumentException("There is no room for the signature.", nameof(signature));
        }
    }

    /// <inheritdoc/>
    public override bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Fits(algorithm)
        && signature.Length == SignatureLength(algorithm)
        && _rsa.VerifyData(data, signature, algorithm.Hash, Padding(algorithm));

    private static RSASignaturePadding Padding(SignatureAlgorithm algorithm) =>
        algorithm.Family == SignatureFamily.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;

    /// <summary>Encrypts a content encryption key.</summary>
    public byte[] Encrypt(ReadOnlySpan<byte> data, RSAEncryptionPadding padding) => _rsa.Encrypt(data, padding);

    /// <summary>Decrypts a content encryption key; null when that fails.</summary>
    public byte[]? Decrypt(ReadOnlySpan<byte> data, RSAEncryptionPadding padding)
    {
        try
        {
            return _rsa.Decrypt(data, padding);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The key object, for certificates.</summary>
    internal RSA Rsa => _rsa;

    /// <inheritdoc/>
    public override Jwk ToJwk(bool includePrivate = false)
    {
        var parameters = _rsa.ExportParameters(includePrivate && HasPrivate);
        return new Jwk
        {
            Kty = Kty,
            N = parameters.Modulus,
            E = parameters.Exponent,
            D = parameters.D,
            P = parameters.P,
            Q = parameters.Q,
            Dp = parameters.DP,
            Dq = parameters.DQ,
            Qi = parameters.InverseQ,
        };
    }

    /// <inheritdoc/>
    public override byte[] SubjectPublicKeyInfo() => _rsa.ExportSubjectPublicKeyInfo();

    /// <inheritdoc/>
    public override byte[] Pkcs8() => _rsa.ExportPkcs8PrivateKey();

    /// <summary>The private key in the older form of PKCS #1, which Keycloak writes into realm files.</summary>
    public byte[] Pkcs1() => _rsa.ExportRSAPrivateKey();
}
