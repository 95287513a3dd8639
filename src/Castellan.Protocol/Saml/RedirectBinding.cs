using System.IO.Compression;
using System.Text;
using Castellan.Protocol.Jose;

namespace Castellan.Protocol.Saml;

/// <summary>Messages in the query of an address (SAML bindings §3.4), deflated, and signed as the query that they make.</summary>
public static class RedirectBinding
{
    public const string Request = "SAMLRequest";

    public const string Response = "SAMLResponse";

    public const string RelayState = "RelayState";

    public const string Algorithm = "SigAlg";

    public const string Signature = "Signature";

    private static readonly string[] s_parameters = [Request, Response, RelayState, Algorithm, Signature];

    /// <summary>What a message may unfold to in bytes: a few bytes can hold gigabytes.</summary>
    public const int MaxInflated = 128 * 1024;

    /// <summary>The query of a message, in the order in which it is signed (§3.4.4.1).</summary>
    /// <param name="parameter"><see cref="Request"/> or <see cref="Response"/>.</param>
    /// <param name="signer">Who signs; nobody when null.</param>
    public static string Query(string parameter, byte[] message, string? relayState, XmlSigner? signer)
    {
        var query = new StringBuilder(parameter).Append('=').Append(Uri.EscapeDataString(Convert.ToBase64String(Deflate(message))));
        if (relayState is not null)
        {
            query.Append('&').Append(RelayState).Append('=').Append(Uri.EscapeDataString(relayState));
        }

        if (signer is not null)
        {
            query.Append('&').Append(Algorithm).Append('=').Append(Uri.EscapeDataString(signer.Algorithm.Address));
            var signature = signer.Algorithm.Sign(signer.Key, Encoding.ASCII.GetBytes(query.ToString()));
            query.Append('&').Append(Signature).Append('=').Append(Uri.EscapeDataString(Convert.ToBase64String(signature)));
        }

        return query.ToString();
    }

    /// <summary>
    /// Whether the query was signed by one of the keys. Signed is what was sent, still escaped, whatever stands in between. A parameter that comes twice,
    /// in other letters or escaped, could be read one way here and another way there, and is refused. SHA-1 passes here, as there are service providers
    /// that know nothing else.
    /// </summary>
    /// <param name="rawQuery">With or without the question mark.</param>
    public static bool Verify(string rawQuery, IReadOnlyList<JoseKey> keys)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in rawQuery.TrimStart('?').Split('&'))
        {
            var name = part.Split('=', 2)[0];
            var read = Uri.UnescapeDataString(name.Replace('+', ' '));
            if (s_parameters.FirstOrDefault(p => p.Equals(read, StringComparison.OrdinalIgnoreCase)) is { } parameter && (name != parameter || !parts.TryAdd(name, part)))
            {
                return false;
            }
        }

        if (parts.ContainsKey(Request) == parts.ContainsKey(Response) || XmlSignatureAlgorithm.At(Value(parts, Algorithm)) is not { } algorithm
            || FromBase64(Value(parts, Signature)) is not { Length: > 0 } signature)
        {
            return false;
        }

        string[] order = [Request, Response, RelayState, Algorithm];
        var signed = Encoding.UTF8.GetBytes(string.Join('&', order.Where(parts.ContainsKey).Select(name => parts[name])));
        return keys.Any(key => algorithm.Verify(key, signed, signature));
    }

    /// <summary>The message that a parameter holds; null when it is not deflated base64, or unfolds to more than it may.</summary>
    /// <param name="value">Of the parameter, escaped no more.</param>
    public static byte[]? Inflate(string value)
    {
        if (FromBase64(value) is not { } deflated)
        {
            return null;
        }

        var message = new byte[MaxInflated + 1];
        try
        {
            using var inflate = new DeflateStream(new MemoryStream(deflated, writable: false), CompressionMode.Decompress);
            var length = inflate.ReadAtLeast(message, message.Length, throwOnEndOfStream: false);
            return length is > 0 and <= MaxInflated ? message[..length] : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Bytes that were sent as base64, with or without blanks in it; null when they were not.</summary>
    public static byte[]? FromBase64(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var bytes = new byte[text.Length / 4 * 3 + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    private static byte[] Deflate(byte[] message)
    {
        var deflated = new MemoryStream();
        using (var deflate = new DeflateStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(message);
        }

        return deflated.ToArray();
    }

    private static string? Value(Dictionary<string, string> parts, string name) =>
        parts.GetValueOrDefault(name)?.Split('=', 2) is [_, var value] ? Uri.UnescapeDataString(value) : null;
}
