using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NSec.Cryptography;

namespace Castellan.Core.Credentials.WebAuthn;

/// <summary>A public key as authenticators give it (RFC 9053 §2 and §7), and signatures under it.</summary>
internal sealed class CoseKey
{
    private readonly int _type;
    private readonly int _curve;
    private readonly byte[] _x;
    private readonly byte[] _y;

    private CoseKey(int type, int algorithm, int curve, byte[] x, byte[] y) => (_type, Algorithm, _curve, _x, _y) = (type, algorithm, curve, x, y);

    public int Algorithm { get; }

    /// <summary>The point of an elliptic curve without compression (SEC 1 §2.3.3), as U2F signs it; null for other keys.</summary>
    public byte[]? Point => _type == 2 ? [4, .. _x, .. _y] : null;

    /// <summary>Reads a key; null for one of no known kind. Says how many bytes it took.</summary>
    public static CoseKey? Read(ReadOnlyMemory<byte> cbor, out int length)
    {
        length = 0;
        int type = 0, algorithm = 0, curve = 0;
        byte[] first = [], second = [], third = [];
        try
        {
            var reader = new CborReader(cbor, CborConformanceMode.Lax);
            var entries = reader.ReadStartMap() ?? 0;
            for (var i = 0; i < entries; i++)
            {
                switch (reader.ReadInt32())
                {
                    case 1: type = reader.ReadInt32(); break;
                    case 3: algorithm = reader.ReadInt32(); break;
                    case -1 when reader.PeekState() == CborReaderState.ByteString: first = reader.ReadByteString(); break;
                    case -1: curve = reader.ReadInt32(); break;
                    case -2: second = reader.ReadByteString(); break;
                    case -3: third = reader.ReadByteString(); break;
                    default: reader.SkipValue(); break;
                }
            }

            reader.ReadEndMap();
            length = cbor.Length - reader.BytesRemaining;
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            return null;
        }

        return (type, algorithm) switch
        {
            (1, -8) when second.Length == 32 => new CoseKey(1, algorithm, curve, second, []),
            (2, -7) when curve == 1 && second.Length == 32 && third.Length == 32 => new CoseKey(2, algorithm, curve, second, third),
            (2, -35) when curve == 2 && second.Length == 48 && third.Length == 48 => new CoseKey(2, algorithm, curve, second, third),
            (2, -36) when curve == 3 && second.Length == 66 && third.Length == 66 => new CoseKey(2, algorithm, curve, second, third),
            (3, -257 or -258 or -259 or -65535) when first.Length is >= 256 and <= 1024 && second.Length is >= 1 and <= 8 => new CoseKey(3, algorithm, 0, first, second),
            _ => null,
        };
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            switch (_type)
            {
                case 1:
                    var ed25519 = SignatureAlgorithm.Ed25519;
                    return ed25519.Verify(NSec.Cryptography.PublicKey.Import(ed25519, _x, KeyBlobFormat.RawPublicKey), data, signature);
                case 2:
                    var curve = _curve switch { 1 => ECCurve.NamedCurves.nistP256, 2 => ECCurve.NamedCurves.nistP384, _ => ECCurve.NamedCurves.nistP521 };
                    using (var ecdsa = ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = _x, Y = _y } }))
                    {
                        return ecdsa.VerifyData(data, signature, Hash(Algorithm), DSASignatureFormat.Rfc3279DerSequence);
                    }

                default:
                    using (var rsa = RSA.Create(new RSAParameters { Modulus = _x, Exponent = _y }))
                    {
                        return rsa.VerifyData(data, signature, Hash(Algorithm), RSASignaturePadding.Pkcs1);
                    }
            }
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            // A point that is not on its curve, a signature that is no DER.
            return false;
        }
    }

    /// <summary>The hash that an algorithm signs.</summary>
    internal static HashAlgorithmName Hash(int algorithm) => algorithm switch
    {
        -35 or -258 => HashAlgorithmName.SHA384,
        -36 or -259 => HashAlgorithmName.SHA512,
        -65535 => HashAlgorithmName.SHA1,
        _ => HashAlgorithmName.SHA256,
    };

    /// <summary>Whether it is the very key that a module speaks of.</summary>
    public bool Is(TpmKey key) => _type == (key.IsElliptic ? 2 : 3) && IsSame(_x, key.First) && IsSame(_y, key.Second);

    /// <summary>Numbers may stand with zeros in front of them, or without.</summary>
    private static bool IsSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => one.TrimStart((byte)0).SequenceEqual(other.TrimStart((byte)0));

    /// <summary>Whether a certificate holds this very key.</summary>
    public bool IsKeyOf(X509Certificate2 certificate)
    {
        if (_type == 2)
        {
            using var ecdsa = certificate.GetECDsaPublicKey();
            return ecdsa?.ExportParameters(false).Q is { X: { } x, Y: { } y } && x.AsSpan().SequenceEqual(_x) && y.AsSpan().SequenceEqual(_y);
        }

        using var rsa = certificate.GetRSAPublicKey();
        return _type == 3 && rsa?.ExportParameters(false).Modulus is { } modulus && modulus.AsSpan().SequenceEqual(_x);
    }
}
