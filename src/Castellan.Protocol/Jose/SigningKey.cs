using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;

namespace Castellan.Protocol.Jose;

/// <summary>A private key bound to one algorithm and a name, with its headers encoded in advance.</summary>
public sealed class SigningKey
{
    // Header types come from our own code (JWT, at+jwt, logout+jwt, …), never from a request; the bound guards against a mistake.
    private const int MaxHeaders = 32;
    private readonly ConcurrentDictionary<string, byte[]> _headers = new(StringComparer.Ordinal);
    private readonly byte[] _jwt;
    private readonly string? _thumbprint;

    /// <summary>Binds the key; throws when it cannot sign with that algorithm, which is a mistake of ours and not of a caller.</summary>
    /// <param name="thumbprint">That of its certificate, for the header's <c>x5t</c> (RFC 7515 §4.1.7); none is written when null.</param>
    public SigningKey(JoseKey key, SignatureAlgorithm algorithm, string? kid, string? thumbprint = null)
    {
        if (!key.HasPrivate || !key.Fits(algorithm))
        {
            throw new ArgumentException($"A {key.Kty} key of this kind cannot sign with {algorithm}.", nameof(key));
        }

        (Key, Algorithm, Kid, _thumbprint) = (key, algorithm, kid, thumbprint);
        SignatureLength = key.SignatureLength(algorithm);
        _jwt = Encode("JWT");
    }

    /// <summary>The key itself.</summary>
    public JoseKey Key { get; }

    /// <summary>The one algorithm it signs with.</summary>
    public SignatureAlgorithm Algorithm { get; }

    /// <summary>Its name in the header; none is written when null.</summary>
    public string? Kid { get; }

    /// <summary>The length of its signatures in bytes.</summary>
    public int SignatureLength { get; }

    /// <summary>Signs; <paramref name="signature"/> has room for <see cref="SignatureLength"/> bytes.</summary>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature) => Key.Sign(Algorithm, data, signature);

    /// <summary>The key that checks its signatures.</summary>
    public VerificationKey ToVerificationKey() => new(Key, Kid, [Algorithm]);

    /// <summary>The encoded header with this <c>typ</c>, and the dot after it.</summary>
    internal ReadOnlySpan<byte> Header(string? typ)
    {
        if (typ == "JWT")
        {
            return _jwt;
        }

        if (_headers.TryGetValue(typ ?? "", out var encoded))
        {
            return encoded;
        }

        encoded = Encode(typ);
        if (_headers.Count < MaxHeaders)
        {
            _headers.TryAdd(typ ?? "", encoded);
        }

        return encoded;
    }

    private byte[] Encode(string? typ)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, Json.Compact))
        {
            json.WriteStartObject();
            json.WriteString("alg", Algorithm.Name);
            if (typ is not null)
            {
                json.WriteString("typ", typ);
            }

            if (Kid is not null)
            {
                json.WriteString("kid", Kid);
            }

            if (_thumbprint is not null)
            {
                json.WriteString("x5t", _thumbprint);
            }

            json.WriteEndObject();
        }

        var encoded = new byte[StrictBase64Url.EncodedLength(buffer.WrittenCount) + 1];
        StrictBase64Url.Encode(buffer.WrittenSpan, encoded);
        encoded[^1] = (byte)'.';
        return encoded;
    }
}
