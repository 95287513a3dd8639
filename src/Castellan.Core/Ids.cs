using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Castellan.Core;

/// <summary>Identifiers of realms, clients, users and whatever else is named by a UUID, as Keycloak makes them.</summary>
public static class Ids
{
    private static long s_last;

    /// <summary>A new random UUID in its text form (RFC 9562 §5.4).</summary>
    public static string New()
    {
        Span<byte> own = stackalloc byte[16];
        Randomness.Take(own);
        own[6] = (byte)((own[6] & 0x0F) | 0x40); // version 4
        own[8] = (byte)((own[8] & 0x3F) | 0x80); // the variant of the RFC
        return new Guid(own, bigEndian: true).ToString();
    }

    /// <summary>A new UUID of the time (RFC 9562 §5.7). In their text form those of this process stand in the order in which they were made.</summary>
    /// <param name="now">Milliseconds since 1970.</param>
    public static string Next(long now)
    {
        // Milliseconds, and below them twelve bits that count within each (§6.2, method 1).
        long last, next;
        do
        {
            last = Interlocked.Read(ref s_last);
            next = Math.Max(now << 12, last + 1);
        }
        while (Interlocked.CompareExchange(ref s_last, next, last) != last);

        Span<byte> own = stackalloc byte[16];
        Randomness.Take(own[8..]);
        BinaryPrimitives.WriteInt64BigEndian(own, (next >> 12 << 16) | (next & 0xFFF) | 0x7000); // version 7
        own[8] = (byte)((own[8] & 0x3F) | 0x80);
        return new Guid(own, bigEndian: true).ToString();
    }
}

/// <summary>Random bytes in small portions: one call to the generator serves many, since every token and every session needs a few.</summary>
internal static class Randomness
{
    private const int Kept = 1024;
    private const int LongestPortion = 64;

    [ThreadStatic]
    private static byte[]? s_random;

    [ThreadStatic]
    private static int s_left;

    /// <summary>Fills with bytes that nobody was given before; what was taken is wiped here.</summary>
    public static void Take(Span<byte> bytes)
    {
        if (bytes.Length > LongestPortion)
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }

        var random = s_random ??= new byte[Kept];
        if (s_left < bytes.Length)
        {
            RandomNumberGenerator.Fill(random);
            s_left = random.Length;
        }

        s_left -= bytes.Length;
        var own = random.AsSpan(s_left, bytes.Length);
        own.CopyTo(bytes);
        own.Clear();
    }
}

/// <summary>Random values that nobody can guess.</summary>
public static class Secret
{
    private const string Alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>New random bytes.</summary>
    public static byte[] New(int bytes)
    {
        var random = new byte[bytes];
        Randomness.Take(random);
        return random;
    }

    /// <summary>Letters and digits, about 5.95 bits each: the form of Keycloak's client secrets.</summary>
    public static string Text(int length) => RandomNumberGenerator.GetString(Alphanumerics, length);

    /// <summary>Random bytes as base64url without padding: the form of session ids since Keycloak 26.5 (18 bytes, 24 characters).</summary>
    public static string Base64Url(int bytes) => System.Buffers.Text.Base64Url.EncodeToString(New(bytes));

    /// <summary>Whether two secrets are equal, in a time that depends on their lengths alone.</summary>
    public static bool Equal(string given, string expected)
    {
        Span<byte> first = stackalloc byte[SHA256.HashSizeInBytes], second = stackalloc byte[SHA256.HashSizeInBytes];
        Digest(given, first);
        Digest(expected, second);
        return CryptographicOperations.FixedTimeEquals(first, second);
    }

    /// <summary>The form in which codes and tokens are stored: SHA-256, base64url.</summary>
    public static string Hash(string token) =>
        System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static void Digest(string text, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[512];
        bytes = Encoding.UTF8.TryGetBytes(text, bytes, out var length) ? bytes[..length] : Encoding.UTF8.GetBytes(text);
        SHA256.HashData(bytes, hash);
        bytes.Clear();
    }
}
