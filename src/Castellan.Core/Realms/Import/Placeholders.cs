using System.Text;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Realms.Import;

/// <summary>
/// Replaces <c>${NAME}</c>, <c>${NAME:fallback}</c> and <c>${A,B:fallback}</c> in a file by values of the environment. What names nothing and
/// has no fallback stays as it is: message keys such as <c>${role_admin}</c> look the same.
/// </summary>
public static class Placeholders
{
    /// <param name="json">The file. Placeholders stand inside of its texts only, so values are escaped for JSON.</param>
    /// <param name="lookup">The environment.</param>
    public static byte[] Replace(byte[] json, Func<string, string?> lookup)
    {
        if (json.AsSpan().IndexOf("${"u8) < 0)
        {
            return json;
        }

        var output = new MemoryStream(json.Length + 1024);
        ReadOnlySpan<byte> rest = json;
        while (rest.IndexOf("${"u8) is >= 0 and var at)
        {
            output.Write(rest[..at]);
            rest = rest[at..];
            var end = rest.IndexOf((byte)'}');
            if (end < 0 || rest[..end].Contains((byte)'"') || Value(Encoding.UTF8.GetString(rest[2..end]), lookup) is not { } value)
            {
                output.Write(rest[..2]);
                rest = rest[2..];
                continue;
            }

            output.Write(Encoding.UTF8.GetBytes(value));
            rest = rest[(end + 1)..];
        }

        output.Write(rest);
        return output.ToArray();
    }

    // A fallback is text of the file already, so it is escaped as it stands.
    private static string? Value(string inside, Func<string, string?> lookup)
    {
        var colon = inside.IndexOf(':', StringComparison.Ordinal);
        foreach (var name in (colon < 0 ? inside : inside[..colon]).Split(','))
        {
            if (name.Length > 0 && lookup(name) is { } value)
            {
                return PlainJson.Encoder.Encode(value);
            }
        }

        return colon < 0 ? null : inside[(colon + 1)..];
    }
}
