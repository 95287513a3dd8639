using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Castellan.Core.Credentials.WebAuthn;

/// <summary>What a Trusted Platform Module says of a key that it made (Trusted Platform Module Library, part 2: structures; big-endian throughout).</summary>
/// <param name="Name">What the module calls the key: how it hashes, and the hash of all that it is (part 1 §16).</param>
/// <param name="First">The modulus, or x.</param>
/// <param name="Second">The exponent, or y.</param>
internal sealed record TpmKey(byte[] Name, bool IsElliptic, byte[] First, byte[] Second)
{
    private const ushort Null = 0x0010, Rsa = 0x0001, Elliptic = 0x0023;
    private const uint Generated = 0xFF544347;
    private const ushort Certify = 0x8017;

    /// <summary>A TPMT_PUBLIC; null for what is none, or of another kind than signs.</summary>
    public static TpmKey? Read(byte[] area)
    {
        var reader = new Reader(area);
        var (type, hash) = (reader.Number(), reader.Number());
        _ = reader.Take(4);
        _ = reader.Sized();
        _ = reader.Number() == Null ? [] : reader.Take(4);
        var scheme = reader.Number();
        _ = scheme == Null ? [] : reader.Take(2);
        byte[] first, second;
        switch (type)
        {
            case Rsa:
                _ = reader.Take(2);
                second = reader.Take(4);
                // Zero stands for the usual exponent.
                second = second is [0, 0, 0, 0] ? [1, 0, 1] : second;
                first = reader.Sized();
                break;
            case Elliptic:
                _ = reader.Take(2);
                _ = reader.Number() == Null ? [] : reader.Take(2);
                (first, second) = (reader.Sized(), reader.Sized());
                break;
            default:
                return null;
        }

        var digest = hash switch { 0x000B => SHA256.HashData(area), 0x000C => SHA384.HashData(area), 0x000D => SHA512.HashData(area), _ => null };
        return digest is null || !reader.IsAtEnd ? null : new TpmKey([(byte)(hash >> 8), (byte)hash, .. digest], type == Elliptic, first, second);
    }

    /// <summary>Whether a TPMS_ATTEST certifies this key for what is to be signed.</summary>
    /// <param name="digest">The hash of what is to be signed.</param>
    public bool IsCertifiedBy(byte[] attest, byte[] digest)
    {
        var reader = new Reader(attest);
        if (BinaryPrimitives.ReadUInt32BigEndian(reader.Take(4)) != Generated || reader.Number() != Certify)
        {
            return false;
        }

        _ = reader.Sized();
        var extra = reader.Sized();
        _ = reader.Take(17 + 8);
        return extra.AsSpan().SequenceEqual(digest) && reader.Sized().AsSpan().SequenceEqual(Name);
    }

    /// <exception cref="CryptographicException">There is less than is asked for.</exception>
    private ref struct Reader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public ushort Number() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

        /// <summary>Bytes behind their number (TPM2B).</summary>
        public byte[] Sized() => Take(Number());

        public byte[] Take(int count)
        {
            if (count > _rest.Length)
            {
                throw new CryptographicException("The structure of the module ends too early.");
            }

            var taken = _rest[..count].ToArray();
            _rest = _rest[count..];
            return taken;
        }
    }
}
