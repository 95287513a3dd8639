using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Castellan.Protocol.Jose;

/// <summary>A JSON Web Key (RFC 7517) as it is on the wire. <see cref="JoseKey.FromJwk"/> makes a key of it.</summary>
public sealed record Jwk
{
    private const int LongestMember = 16 * 1024;

#pragma warning disable CS1591 // the members are those of RFC 7517 §4 and RFC 7518 §6
    public required string Kty { get; init; }
    public string? Kid { get; init; }
    public string? Use { get; init; }
    public string? Alg { get; init; }
    public IReadOnlyList<string>? KeyOps { get; init; }
    public string? Crv { get; init; }
    public byte[]? N { get; init; }
    public byte[]? E { get; init; }
    public byte[]? X { get; init; }
    public byte[]? Y { get; init; }
    public byte[]? K { get; init; }
    public byte[]? D { get; init; }
    public byte[]? P { get; init; }
    public byte[]? Q { get; init; }
    public byte[]? Dp { get; init; }
    public byte[]? Dq { get; init; }
    public byte[]? Qi { get; init; }
    public IReadOnlyList<string>? X5c { get; init; }
    public string? X5t { get; init; }
    public string? X5tS256 { get; init; }
#pragma warning restore CS1591

    /// <summary>Whether it tells a secret.</summary>
    public bool HasPrivate => D is not null || K is not null;

    /// <summary>A copy that carries this certificate, with both of its thumbprints (RFC 7517 §4.7 to §4.9).</summary>
    public Jwk WithCertificate(ReadOnlySpan<byte> der) => this with
    {
        X5c = [Convert.ToBase64String(der)],
#pragma warning disable CA5350 // x5t is SHA-1 by definition
        X5t = StrictBase64Url.Encode(SHA1.HashData(der)),
#pragma warning restore CA5350
        X5tS256 = StrictBase64Url.Encode(SHA256.HashData(der)),
    };

    /// <summary>Reads a key from its JSON text, which must have distinct names.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out Jwk? jwk)
    {
        jwk = null;
        using var document = Json.TryParse(json);
        return document is not null && TryParse(document.RootElement, out jwk);
    }

    /// <summary>Reads a key; false when a member has the wrong form. Unknown members are ignored (RFC 7517 §4).</summary>
    public static bool TryParse(JsonElement element, [NotNullWhen(true)] out Jwk? jwk)
    {
        jwk = null;
        if (element.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var sound = true;
        var kty = Text("kty");
        if (!sound || kty is null)
        {
            return false;
        }

        var parsed = new Jwk
        {
            Kty = kty,
            Kid = Text("kid"),
            Use = Text("use"),
            Alg = Text("alg"),
            KeyOps = Texts("key_ops"),
            Crv = Text("crv"),
            N = Unsigned("n"),
            E = Unsigned("e"),
            X = Bytes("x"),
            Y = Bytes("y"),
            K = Bytes("k"),
            D = Bytes("d"),
            P = Bytes("p"),
            Q = Bytes("q"),
            Dp = Bytes("dp"),
            Dq = Bytes("dq"),
            Qi = Bytes("qi"),
            X5c = Texts("x5c"),
            X5t = Text("x5t"),
            X5tS256 = Text("x5t#S256"),
        };
        jwk = sound ? parsed : null;
        return sound;

        string? Text(string name)
        {
            if (!element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= LongestMember } text)
            {
                return text;
            }

            sound = false;
            return null;
        }

        IReadOnlyList<string>? Texts(string name)
        {
            if (!element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > 16
                || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            {
                sound = false;
                return null;
            }

            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        }

        byte[]? Bytes(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            if (StrictBase64Url.TryDecode(text, out var bytes))
            {
                return bytes;
            }

            sound = false;
            return null;
        }

        // RFC 7518 §2 (Base64urlUInt) forbids leading zeros, yet some makers write Java's sign byte; the number is the same.
        byte[]? Unsigned(string name) => Bytes(name) is { Length: > 1 } bytes && bytes[0] == 0 ? bytes.AsSpan().TrimStart((byte)0).ToArray() : Bytes(name);
    }

    /// <summary>Writes the key in the order that Keycloak has: name, type, algorithm, use, certificates, then the numbers.</summary>
    public void WriteTo(Utf8JsonWriter json, bool includePrivate = false)
    {
        json.WriteStartObject();
        Text("kid", Kid);
        Text("kty", Kty);
        Text("alg", Alg);
        Text("use", Use);
        Texts("key_ops", KeyOps);
        Texts("x5c", X5c);
        Text("x5t", X5t);
        Text("x5t#S256", X5tS256);
        Text("crv", Crv);
        Bytes("n", N);
        Bytes("e", E);
        Bytes("x", X);
        Bytes("y", Y);
        if (includePrivate)
        {
            Bytes("k", K);
            Bytes("d", D);
            Bytes("p", P);
            Bytes("q", Q);
            Bytes("dp", Dp);
            Bytes("dq", Dq);
            Bytes("qi", Qi);
        }

        json.WriteEndObject();

        void Text(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }

        void Texts(string name, IReadOnlyList<string>? values)
        {
            if (values is null)
            {
                return;
            }

            json.WriteStartArray(name);
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }

        void Bytes(string name, byte[]? value)
        {
            if (value is not null)
            {
                json.WriteString(name, StrictBase64Url.Encode(value));
            }
        }
    }

    /// <summary>The JSON text of the key.</summary>
    public string ToJson(bool includePrivate = false)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Json.Compact))
        {
            WriteTo(json, includePrivate);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The SHA-256 thumbprint of RFC 7638 (and RFC 8037 §2 for OKP), base64url; null when the key lacks a member.</summary>
    public string? Thumbprint()
    {
        // §3.2: exactly these members, in the order of their names, no white space. All values are base64url or plain names.
        var text = Kty switch
        {
            "RSA" when N is not null && E is not null => $$"""{"e":"{{Text(E)}}","kty":"RSA","n":"{{Text(N)}}"}""",
            "EC" when X is not null && Y is not null && Plain(Crv) => $$"""{"crv":"{{Crv}}","kty":"EC","x":"{{Text(X)}}","y":"{{Text(Y)}}"}""",
            "OKP" when X is not null && Plain(Crv) => $$"""{"crv":"{{Crv}}","kty":"OKP","x":"{{Text(X)}}"}""",
            "oct" when K is not null => $$"""{"k":"{{Text(K)}}","kty":"oct"}""",
            _ => null,
        };
        return text is null ? null : StrictBase64Url.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

        static string Text(byte[] bytes) => StrictBase64Url.Encode(bytes);
        static bool Plain(string? name) => name is not null && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
    }
}
