using System.Buffers.Binary;

namespace Castellan.Core.Credentials.WebAuthn;

/// <summary>What an authenticator says of itself and of the person (Web Authentication Level 3 §6.1).</summary>
internal sealed class AuthenticatorData
{
    private const int Head = 37;
    private const int MaxCredentialId = 1023;

    private AuthenticatorData(byte[] bytes) => Bytes = bytes;

    public byte[] Bytes { get; }

    public ReadOnlySpan<byte> RpIdHash => Bytes.AsSpan(0, 32);

    public bool UserPresent => (Bytes[32] & 0x01) != 0;

    public bool UserVerified => (Bytes[32] & 0x04) != 0;

    public long Counter => BinaryPrimitives.ReadUInt32BigEndian(Bytes.AsSpan(33, 4));

    public Guid Aaguid { get; private init; }

    public byte[] CredentialId { get; private init; } = [];

    public CoseKey? Key { get; private init; }

    /// <summary>The key's own bytes.</summary>
    public byte[] KeyBytes { get; private init; } = [];

    /// <param name="withCredential">Whether a new key must be in it.</param>
    public static AuthenticatorData? Read(byte[] bytes, bool withCredential)
    {
        if (bytes.Length < Head)
        {
            return null;
        }

        var hasCredential = (bytes[32] & 0x40) != 0;
        if (!hasCredential || !withCredential)
        {
            return withCredential ? null : new AuthenticatorData(bytes);
        }

        if (bytes.Length < Head + 18)
        {
            return null;
        }

        var idLength = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(Head + 16, 2));
        var keyAt = Head + 18 + idLength;
        if (idLength is 0 or > MaxCredentialId || keyAt >= bytes.Length)
        {
            return null;
        }

        return CoseKey.Read(bytes.AsMemory(keyAt), out var keyLength) is not { } key ? null : new AuthenticatorData(bytes)
        {
            Aaguid = new Guid(bytes.AsSpan(Head, 16), bigEndian: true),
            CredentialId = bytes[(Head + 18)..keyAt],
            Key = key,
            KeyBytes = bytes[keyAt..(keyAt + keyLength)],
        };
    }
}
