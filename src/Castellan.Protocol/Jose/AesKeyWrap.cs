using System.Security.Cryptography;

namespace Castellan.Protocol.Jose;

/// <summary>AES Key Wrap with the default initial value (RFC 3394); the class library has only the padded variant of RFC 5649.</summary>
internal static class AesKeyWrap
{
    private const ulong InitialValue = 0xA6A6A6A6A6A6A6A6;

    /// <summary>Wraps a key whose length is a multiple of eight, sixteen at least.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> key)
    {
        using var aes = Aes.Create();
        aes.SetKey(wrappingKey);
        var wrapped = new byte[key.Length + 8];
        key.CopyTo(wrapped.AsSpan(8));
        Span<byte> block = stackalloc byte[16];
        var count = key.Length / 8;
        var a = InitialValue;
        for (var j = 0; j < 6; j++)
        {
            for (var i = 1; i <= count; i++)
            {
                var register = wrapped.AsSpan(8 * i, 8);
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(block, a);
                register.CopyTo(block[8..]);
                aes.EncryptEcb(block, block, PaddingMode.None);
                a = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(block) ^ (ulong)(count * j + i);
                block[8..].CopyTo(register);
            }
        }

        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(wrapped, a);
        return wrapped;
    }

    /// <summary>Unwraps; null when the integrity check fails.</summary>
    public static byte[]? Unwrap(ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> wrapped)
    {
        // 72 bytes hold the longest content key there is, of A256CBC-HS512.
        if (wrapped.Length is < 24 or > 72 || wrapped.Length % 8 != 0)
        {
            return null;
        }

        using var aes = Aes.Create();
        aes.SetKey(wrappingKey);
        var key = wrapped[8..].ToArray();
        Span<byte> block = stackalloc byte[16];
        var count = key.Length / 8;
        var a = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(wrapped);
        for (var j = 5; j >= 0; j--)
        {
            for (var i = count; i >= 1; i--)
            {
                var register = key.AsSpan(8 * (i - 1), 8);
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(block, a ^ (ulong)(count * j + i));
                register.CopyTo(block[8..]);
                aes.DecryptEcb(block, block, PaddingMode.None);
                a = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(block);
                block[8..].CopyTo(register);
            }
        }

        if (a == InitialValue)
        {
            return key;
        }

        CryptographicOperations.ZeroMemory(key);
        return null;
    }
}
