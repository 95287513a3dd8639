using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Credentials;
using Castellan.Core.Representations;

namespace Castellan.Core.Login;

/// <summary>A device that makes one-time codes: HOTP (RFC 4226) and TOTP (RFC 6238), as its credential describes it.</summary>
public sealed class OneTimeCodes
{
    private readonly byte[] _secret;
    private readonly int _digits;
    private readonly int _counter;
    private readonly string _algorithm;

    public OneTimeCodes(byte[] secret, bool counterBased, int digits, int counter, int period, string algorithm) =>
        (_secret, IsCounter, _digits, _counter, Period, _algorithm) = (secret, counterBased, digits, counter, period, algorithm);

    public bool IsCounter { get; }

    public int Period { get; }

    /// <summary>The device of a stored credential; null for one that cannot be used.</summary>
    public static OneTimeCodes? Read(CredentialRepresentation stored)
    {
        var data = CredentialJson.Read(stored.CredentialData, CredentialJson.Default.OtpCredentialData);
        var secret = CredentialJson.Read(stored.SecretData, CredentialJson.Default.OtpSecretData);
        if (data is null || secret?.Value is not { Length: > 0 } text || data.Digits is < 4 or > 9)
        {
            return null;
        }

        var key = data.SecretEncoding == "BASE32" ? Base32.Decode(text) : Encoding.UTF8.GetBytes(text);
        var counterBased = data.SubType == "hotp";
        return key is null || (!counterBased && data.Period <= 0) ? null
            : new OneTimeCodes(key, counterBased, data.Digits, data.Counter, data.Period, data.Algorithm ?? "HmacSHA1");
    }

    /// <summary>The counter whose code this is, from the present one up to <paramref name="window"/> further; null for none.</summary>
    public int? FindCounter(string code, int window)
    {
        int? found = null;
        for (var counter = _counter; counter <= _counter + window; counter++)
        {
            if (Matches(code, counter))
            {
                found ??= counter;
            }
        }

        return found;
    }

    /// <summary>The time step whose code this is, within <paramref name="window"/> steps of now; null for none. RFC 6238 §5.2.</summary>
    public long? FindStep(string code, long nowSeconds, int window)
    {
        var now = nowSeconds / Period;
        long? found = null;
        for (var step = now - window; step <= now + window; step++)
        {
            if (Matches(code, step))
            {
                found = step;
            }
        }

        return found;
    }

    /// <summary>The code of a moving factor (RFC 4226 §5.3).</summary>
    public string Code(long factor)
    {
        Span<byte> message = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(message, factor);
#pragma warning disable CA5350 // RFC 4226 names SHA-1, and it is what phones have
        var hash = _algorithm switch
        {
            "HmacSHA256" => HMACSHA256.HashData(_secret, message),
            "HmacSHA512" => HMACSHA512.HashData(_secret, message),
            _ => HMACSHA1.HashData(_secret, message),
        };
#pragma warning restore CA5350
        var offset = hash[^1] & 0x0f;
        var number = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(offset, 4)) & 0x7fffffff;
        return (number % (uint)Math.Pow(10, _digits)).ToString($"D{_digits}");
    }

    /// <summary>The stored credential with its counter moved.</summary>
    public static CredentialRepresentation WithCounter(CredentialRepresentation stored, int counter)
    {
        var data = JsonNode.Parse(stored.CredentialData!)!.AsObject();
        data["counter"] = counter;
        return With(stored, data.ToJsonString(), stored.SecretData);
    }

    internal static CredentialRepresentation With(CredentialRepresentation stored, string credentialData, string? secretData) => new()
    {
        Id = stored.Id, Type = stored.Type, UserLabel = stored.UserLabel, CreatedDate = stored.CreatedDate, Priority = stored.Priority,
        FederationLink = stored.FederationLink, CredentialData = credentialData, SecretData = secretData,
    };

    private bool Matches(string code, long factor) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(code), Encoding.UTF8.GetBytes(Code(factor)));
}

/// <summary>Base32 (RFC 4648 §6), as authenticator apps take keys.</summary>
public static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder((bytes.Length * 8 / 5) + 1);
        int buffer = 0, bits = 0;
        foreach (var b in bytes)
        {
            buffer = (buffer << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                text.Append(Alphabet[(buffer >> (bits - 5)) & 31]);
            }

            buffer &= (1 << bits) - 1;
        }

        return bits > 0 ? text.Append(Alphabet[(buffer << (5 - bits)) & 31]).ToString() : text.ToString();
    }

    /// <summary>The bytes; null for what is no Base32.</summary>
    public static byte[]? Decode(string text)
    {
        var bytes = new List<byte>(text.Length * 5 / 8);
        int buffer = 0, bits = 0;
        foreach (var c in text.TrimEnd('='))
        {
            var value = Alphabet.IndexOf(char.ToUpperInvariant(c), StringComparison.Ordinal);
            if (value < 0)
            {
                return null;
            }

            buffer = (buffer << 5) | value;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes.Add((byte)(buffer >> bits));
                buffer &= (1 << bits) - 1;
            }
        }

        return [.. bytes];
    }
}
