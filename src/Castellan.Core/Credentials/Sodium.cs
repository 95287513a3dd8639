using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Castellan.Core.Credentials;

/// <summary>The part of libsodium that NSec does not offer as Keycloak's stored hashes need it: any cost, any length.</summary>
internal static partial class Sodium
{
    public const int SaltBytes = 16;
    public const int Argon2i = 1;
    public const int Argon2id = 2;

    // crypto_pwhash picks its vector code in sodium_init; without it the portable code would run, at half the rate.
    static Sodium()
    {
        if (Initialize() < 0)
        {
            throw new InvalidOperationException("libsodium could not be initialized.");
        }
    }

    /// <summary>Argon2 1.3 (RFC 9106) with one lane. Takes milliseconds of CPU: only the <see cref="HashingQueue"/> may call it.</summary>
    public static void Argon2(Span<byte> hash, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int passes, int kibibytes, int type)
    {
        if (Hash(hash, (ulong)hash.Length, password, (ulong)password.Length, salt, (ulong)passes, (nuint)kibibytes * 1024, type) != 0)
        {
            throw new InsufficientMemoryException($"Argon2 could not get {kibibytes} KiB.");
        }
    }

    [LibraryImport("libsodium", EntryPoint = "sodium_init")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int Initialize();

    [LibraryImport("libsodium", EntryPoint = "crypto_pwhash")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int Hash(Span<byte> hash, ulong hashLength, ReadOnlySpan<byte> password, ulong passwordLength,
        ReadOnlySpan<byte> salt, ulong passes, nuint bytes, int type);
}
