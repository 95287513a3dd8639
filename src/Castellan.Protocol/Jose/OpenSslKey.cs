using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Castellan.Protocol.Jose;

/// <summary>
/// A private key in OpenSSL, which signs in contexts that are set up once and kept: the class library, which signs with the same OpenSSL, sets one up
/// for every signature. Where there is no OpenSSL 3 (Windows, macOS, a system with another version) there is no such key, and the class library signs.
/// </summary>
internal sealed partial class OpenSslKey
{
    private readonly PrivateKey _key;
    private readonly ConcurrentDictionary<SignatureAlgorithm, ConcurrentQueue<Context>> _spare = new();

    private OpenSslKey(PrivateKey key) => _key = key;

    /// <summary>The key that this is in PKCS #8 (RFC 5208, DER; it is wiped), or null where OpenSSL 3 is not there or does not take it.</summary>
    public static OpenSslKey? Import(byte[] pkcs8)
    {
        try
        {
            if (!s_isThere.Value)
            {
                return null;
            }

            var key = ReadKey(pkcs8);
            if (!key.IsInvalid)
            {
                return new(key);
            }

            key.Dispose();
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    /// <summary>Signs with PKCS #1 (RFC 8017 §8.2) or ECDSA, whose signatures come in DER. The length of the signature; 0 when OpenSSL refused.</summary>
    public int Sign(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        var contexts = _spare.GetOrAdd(algorithm, static _ => new());
        if (!contexts.TryDequeue(out var context) && (context = NewContext(algorithm)) is null)
        {
            return 0;
        }

        Span<byte> hash = stackalloc byte[algorithm.HashLength];
        CryptographicOperations.HashData(algorithm.Hash, data, hash);
        var length = (nuint)signature.Length;
        if (Sign(context, ref MemoryMarshal.GetReference(signature), ref length, in MemoryMarshal.GetReference(hash), (nuint)hash.Length) != 1)
        {
            context.Dispose();
            return 0;
        }

        contexts.Enqueue(context);
        return (int)length;
    }

    private Context? NewContext(SignatureAlgorithm algorithm)
    {
        var context = NewContext(_key, 0);
        if (!context.IsInvalid && BeginSigning(context) == 1
            && (algorithm.Family != SignatureFamily.RsaPkcs1 || Set(context, "rsa_padding_mode", "pkcs1") == 1) && Set(context, "digest", algorithm.Hash.Name!) == 1)
        {
            return context;
        }

        context.Dispose();
        return null;
    }

    private static unsafe PrivateKey ReadKey(byte[] pkcs8)
    {
        fixed (byte* start = pkcs8)
        {
            var at = start;
            return ReadKey(0, &at, new CLong(pkcs8.Length));
        }
    }

    private static readonly Lazy<bool> s_isThere = new(() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad(Library, out var library) && NativeLibrary.TryGetExport(library, "EVP_PKEY_CTX_ctrl_str", out _));

    private const string Library = "libcrypto.so.3";

    [LibraryImport(Library, EntryPoint = "d2i_AutoPrivateKey")]
    private static unsafe partial PrivateKey ReadKey(nint into, byte** der, CLong length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new")]
    private static partial Context NewContext(PrivateKey key, nint engine);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_sign_init")]
    private static partial int BeginSigning(Context context);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_ctrl_str", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(Context context, string name, string value);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_sign")]
    private static partial int Sign(Context context, ref byte signature, ref nuint length, ref readonly byte hash, nuint hashLength);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_free")]
    private static partial void FreeContext(nint context);

    private sealed class PrivateKey() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeKey(handle);
            return true;
        }
    }

    private sealed class Context() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            FreeContext(handle);
            return true;
        }
    }
}
