using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Castellan.Protocol.Jose;

/// <summary>
/// Where a token is made: claims go straight into <see cref="Json"/>, then <see cref="Sign(SigningKey, string?)"/>. Rent one, dispose
/// of it, and apart from the token's own string nothing is allocated.
/// </summary>
public sealed class JwtBuffer : IDisposable
{
    private const int KeptCapacity = 64 * 1024;

    [ThreadStatic]
    private static JwtBuffer? s_spare;

    private readonly ArrayBufferWriter<byte> _payload = new(2048);
    private bool _rented;

    private JwtBuffer() => Json = new Utf8JsonWriter(_payload, Jose.Json.Compact);

    /// <summary>Where the payload is written.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>The payload so far.</summary>
    public ReadOnlySpan<byte> Payload => Written.Span;

    /// <summary>The payload so far; gone with the buffer.</summary>
    public ReadOnlyMemory<byte> Written
    {
        get
        {
            Json.Flush();
            return _payload.WrittenMemory;
        }
    }

    /// <summary>An empty buffer.</summary>
    public static JwtBuffer Rent()
    {
        var buffer = s_spare ?? new JwtBuffer();
        s_spare = null;
        buffer._rented = true;
        return buffer;
    }

    /// <summary>Signs what was written and returns the token.</summary>
    public string Sign(SigningKey key, string? typ = "JWT") => JwsWriter.Sign(key, Payload, typ);

    /// <summary>Signs what was written and returns the token as ASCII.</summary>
    public byte[] SignAscii(SigningKey key, string? typ = "JWT") => JwsWriter.SignAscii(key, Payload, typ);

    /// <summary>Signs what was written and appends the token as ASCII.</summary>
    public void Sign(SigningKey key, IBufferWriter<byte> output, string? typ = "JWT") => JwsWriter.Sign(key, Payload, output, typ);

    /// <summary>Empties the buffer, to write another payload.</summary>
    public void Clear()
    {
        Json.Reset();
        _payload.ResetWrittenCount();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_rented)
        {
            return;
        }

        _rented = false;
        // What was in it is overwritten, not kept readable: payloads hold personal data.
        if (_payload.Capacity <= KeptCapacity)
        {
            _payload.Clear();
            Json.Reset();
            s_spare = this;
        }
    }
}

/// <summary>Writes JWS in compact form (RFC 7515 §7.1).</summary>
public static class JwsWriter
{
    /// <summary>Signs the payload and returns the token.</summary>
    public static string Sign(SigningKey key, ReadOnlySpan<byte> payload, string? typ = "JWT")
    {
        var header = key.Header(typ);
        var length = Length(key, header.Length, payload.Length);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Write(key, header, payload, rented.AsSpan(0, length));
            return Encoding.ASCII.GetString(rented, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <summary>Signs the payload and returns the token as ASCII.</summary>
    public static byte[] SignAscii(SigningKey key, ReadOnlySpan<byte> payload, string? typ = "JWT")
    {
        var header = key.Header(typ);
        var token = new byte[Length(key, header.Length, payload.Length)];
        Write(key, header, payload, token);
        return token;
    }

    /// <summary>Signs the payload and appends the token as ASCII; what it consists of needs no escaping in JSON.</summary>
    public static void Sign(SigningKey key, ReadOnlySpan<byte> payload, IBufferWriter<byte> output, string? typ = "JWT")
    {
        var header = key.Header(typ);
        var length = Length(key, header.Length, payload.Length);
        Write(key, header, payload, output.GetSpan(length)[..length]);
        output.Advance(length);
    }

    private static int Length(SigningKey key, int header, int payload) =>
        header + StrictBase64Url.EncodedLength(payload) + 1 + StrictBase64Url.EncodedLength(key.SignatureLength);

    private static void Write(SigningKey key, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, Span<byte> token)
    {
        header.CopyTo(token);
        var dot = header.Length + StrictBase64Url.Encode(payload, token[header.Length..]);
        Span<byte> signature = stackalloc byte[1024];
        signature = signature[..key.SignatureLength];
        key.Sign(token[..dot], signature);
        token[dot] = (byte)'.';
        StrictBase64Url.Encode(signature, token[(dot + 1)..]);
    }
}
