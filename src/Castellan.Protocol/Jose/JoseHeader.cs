using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Castellan.Protocol.Jose;

/// <summary>
/// The members of a JOSE header that mean something to us. Addresses in it (<c>jku</c>, <c>x5u</c>) are not even read: nothing is
/// ever fetched because a token says so.
/// </summary>
public sealed class JoseHeader
{
    /// <summary>The longest header, decoded.</summary>
    public const int MaxLength = 16 * 1024;

    private const int MaxMembers = 32;

    private JoseHeader()
    {
    }

    /// <summary>The algorithm, as written.</summary>
    public string Alg { get; private set; } = "";

    /// <summary>The content encryption of a JWE.</summary>
    public string? Enc { get; private set; }

    /// <summary>What the object says to be.</summary>
    public string? Typ { get; private set; }

    /// <summary>What the payload says to be.</summary>
    public string? Cty { get; private set; }

    /// <summary>The name of the key.</summary>
    public string? Kid { get; private set; }

    /// <summary>The public key that came along: DPoP proofs have one (RFC 9449 §4.2). Trust it for nothing else.</summary>
    public JsonElement? Jwk { get; private set; }

    /// <summary>The ephemeral key of an agreement (RFC 7518 §4.6.1.1).</summary>
    public JsonElement? Epk { get; private set; }

    /// <summary>Who made the agreement, base64url.</summary>
    public string? Apu { get; private set; }

    /// <summary>For whom, base64url.</summary>
    public string? Apv { get; private set; }

    /// <summary>Whether a <c>zip</c> was asked for.</summary>
    public bool IsCompressed { get; private set; }

    /// <summary>Reads a decoded header.</summary>
    public static JoseFault TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out JoseHeader? header)
    {
        header = null;
        if (json.Length > MaxLength)
        {
            return JoseFault.TooLong;
        }

        var parsed = new JoseHeader();
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 16 });
            var fault = parsed.Read(ref reader, json);
            header = fault == JoseFault.None ? parsed : null;
            return fault;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return JoseFault.Malformed; // InvalidOperationException: a string that is not UTF-8
        }
    }

    private JoseFault Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return JoseFault.Malformed;
        }

        var critical = false;
        var names = new Names();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!names.Add(name) || !reader.Read())
            {
                return JoseFault.Malformed;
            }

            var start = (int)reader.TokenStartIndex;
            switch (name)
            {
                case "alg" or "enc" or "typ" or "cty" or "kid" or "apu" or "apv":
                    if (reader.TokenType != JsonTokenType.String)
                    {
                        return JoseFault.Malformed;
                    }

                    Set(name, reader.GetString()!);
                    break;
                case "jwk" or "epk":
                    reader.Skip();
                    using (var document = Json.TryParse(json[start..(int)reader.BytesConsumed].ToArray()))
                    {
                        if (document is null)
                        {
                            return JoseFault.Malformed;
                        }

                        if (name == "jwk")
                        {
                            Jwk = document.RootElement.Clone();
                        }
                        else
                        {
                            Epk = document.RootElement.Clone();
                        }
                    }

                    break;
                case "crit":
                    critical = true;
                    reader.Skip();
                    break;
                case "zip":
                    IsCompressed = true;
                    reader.Skip();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        // The loop ends at the closing brace; anything but white space after it makes Read throw.
        if (reader.TokenType != JsonTokenType.EndObject || reader.Read() || Alg.Length == 0)
        {
            return JoseFault.Malformed;
        }

        return critical ? JoseFault.UnknownCritical : JoseFault.None;
    }

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "alg":
                Alg = SignatureAlgorithm.Find(value)?.Name ?? value;
                break;
            case "enc":
                Enc = value;
                break;
            case "typ":
                Typ = value == "JWT" ? "JWT" : value;
                break;
            case "cty":
                Cty = value;
                break;
            case "kid":
                Kid = value;
                break;
            case "apu":
                Apu = value;
                break;
            default:
                Apv = value;
                break;
        }
    }

    /// <summary>The names seen so far; a second one of a kind is refused (RFC 7515 §4).</summary>
    private struct Names
    {
        private string? _first, _second, _third;
        private HashSet<string>? _more;

        public bool Add(string name)
        {
            if (name == _first || name == _second || name == _third)
            {
                return false;
            }

            if (_first is null)
            {
                _first = name;
            }
            else if (_second is null)
            {
                _second = name;
            }
            else if (_third is null)
            {
                _third = name;
            }
            else
            {
                _more ??= new HashSet<string>(StringComparer.Ordinal);
                return _more.Count < MaxMembers && _more.Add(name);
            }

            return true;
        }
    }
}
