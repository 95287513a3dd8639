using System.Collections.ObjectModel;
using System.Text;
using System.Text.Json;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Authorization.Requesting;

/// <summary>What a client says of the circumstances (UMA 2.0 Grant §3.3.1, <c>claim_token</c>): a JSON object of lists of texts.</summary>
public static class PushedClaims
{
    /// <summary>The format in which claims are pushed: base64url of the object, whatever its name says.</summary>
    public const string Format = "urn:ietf:params:oauth:token-type:jwt";

    /// <summary>The format in which an ID token says who asks.</summary>
    public const string IdTokenFormat = "http://openid.net/specs/openid-connect-core-1_0.html#IDToken";

    /// <summary>The most names, and the most bytes of the object: every permission that is granted repeats them.</summary>
    public const int MostNames = 50, MaxLength = 8 * 1024;

    /// <summary>An object of <see cref="MaxLength"/> bytes in base64 with padding.</summary>
    public const int LongestToken = (MaxLength + 2) / 3 * 4;

    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> None = ReadOnlyDictionary<string, IReadOnlyList<string>>.Empty;

    /// <summary>The claims of a <c>claim_token</c>; null when it is no such object.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>>? Read(string token)
    {
        var bytes = Decode(token);
        if (bytes is null)
        {
            return null;
        }

        using var claims = JwtClaims.TryParse(bytes);
        return claims is null ? null : Read(claims.Root);
    }

    /// <summary>The claims of an object; null when it is none.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>>? Read(JsonElement claims)
    {
        if (claims.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var read = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var claim in claims.EnumerateObject())
        {
            read[claim.Name] = Values(claim.Value);
        }

        return read;
    }

    /// <summary>The texts of a member that is a list of them.</summary>
    internal static List<string> Texts(JsonElement value, string name) =>
        value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Array ? Values(member) : [];

    private static List<string> Values(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().Select(PolicyContext.Text).OfType<string>()]
        : PolicyContext.Text(value) is { } text ? [text] : [];

    private static byte[]? Decode(string token)
    {
        // Clients send either alphabet, with padding or without.
        var bytes = Encoding.ASCII.GetBytes(token.Replace('+', '-').Replace('/', '_').TrimEnd('='));
        try
        {
            return System.Buffers.Text.Base64Url.DecodeFromUtf8(bytes);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
