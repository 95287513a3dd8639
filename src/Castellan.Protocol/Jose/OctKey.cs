using System.Security.Cryptography;

namespace Castellan.Protocol.Jose;

/// <summary>A symmetric key.</summary>
#pragma warning disable CA1001 // as RsaKey
public sealed class OctKey(byte[] secret) : JoseKey
#pragma warning restore CA1001
{
    private IncrementalHash? _spare;

    /// <summary>
    /// Whether the key signs again and again, as a realm's does and a client's secret does not: then its context is kept, which costs as much to set up
    /// as a signature.
    /// </summary>
    public bool IsKept { get; init; }

    /// <summary>The secret itself.</summary>
    public ReadOnlySpan<byte> Secret => secret;

    /// <inheritdoc/>
    public override string Kty => "oct";

    /// <inheritdoc/>
    public override bool HasPrivate => true;

    /// <inheritdoc/>
    /// <remarks>
    /// RFC 7518 §3.2 wants the key as long as the hash. Client secrets sign assertions too, and theirs are as long as somebody
    /// typed them, so the length is checked where keys are made and not here; an empty key is none.
    /// </remarks>
    public override bool Fits(SignatureAlgorithm algorithm) => algorithm.Family == SignatureFamily.Hmac && secret.Length > 0;

    /// <inheritdoc/>
    public override int SignatureLength(SignatureAlgorithm algorithm) => algorithm.HashLength;

    /// <inheritdoc/>
    public override void Sign(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        if (!IsKept)
        {
            Hash(algorithm, data, signature);
            return;
        }

        // Who comes while the one context is in use makes another.
        var mac = Interlocked.Exchange(ref _spare, null);
        if (mac is null || mac.HashLengthInBytes != algorithm.HashLength)
        {
            mac?.Dispose();
            mac = IncrementalHash.CreateHMAC(algorithm.Hash, secret);
        }

        mac.AppendData(data);
        if (!mac.TryGetHashAndReset(signature, out _))
        {
            mac.Dispose();
            throw new ArgumentException("There is no room for the signature.", nameof(signature));
        }

        if (Interlocked.CompareExchange(ref _spare, mac, null) is not null)
        {
            mac.Dispose();
        }
    }

    /// <inheritdoc/>
    public override bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!Fits(algorithm))
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[64];
        expected = expected[..algorithm.HashLength];
        Sign(algorithm, data, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }

    private void Hash(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> signature)
    {
        switch (algorithm.HashLength)
        {
            case 32:
                HMACSHA256.HashData(secret, data, signature);
                break;
            case 48:
                HMACSHA384.HashData(secret, data, signature);
                break;
            default:
                HMACSHA512.HashData(secret, data, signature);
                break;
        }
    }

    /// <inheritdoc/>
    public override Jwk ToJwk(bool includePrivate = false) => new() { Kty = Kty, K = includePrivate ? [.. secret] : null };

    /// <inheritdoc/>
    public override byte[] SubjectPublicKeyInfo() => throw new NotSupportedException("A symmetric key has no public half.");

    /// <inheritdoc/>
    public override byte[] Pkcs8() => throw new NotSupportedException("A symmetric key has no PKCS #8 form.");
}
