using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Castellan.Server.Pages;

/// <summary>
/// Message files as Keycloak's themes have them: Java's properties, in UTF-8, or in ISO 8859-1 where the bytes are no UTF-8. Of a repeated key the last
/// text counts.
/// </summary>
public static class PropertiesFile
{
    private const string Blanks = " \t\f";
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The texts of a file.</summary>
    /// <exception cref="FormatException">A <c>\u</c> that is not followed by four hexadecimal digits.</exception>
    public static FrozenDictionary<string, string> Read(ReadOnlySpan<byte> bytes)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Lines(Decode(bytes)))
        {
            var end = EndOfKey(line);
            var rest = line.AsSpan(end).TrimStart(Blanks);
            if (rest.Length > 0 && rest[0] is '=' or ':')
            {
                rest = rest[1..].TrimStart(Blanks);
            }

            texts[Unescape(line.AsSpan(0, end))] = Unescape(rest);
        }

        return texts.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    /// <summary>Lines without those that are empty or comments; one that ends with a backslash goes on with the next, without the blanks that begin it.</summary>
    private static IEnumerable<string> Lines(string text)
    {
        var logical = new StringBuilder();
        var goesOn = false;
        foreach (var natural in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var line = natural.TrimStart(Blanks.ToCharArray());
            if (!goesOn && (line.Length == 0 || line[0] is '#' or '!'))
            {
                continue;
            }

            // An even number of backslashes stands for half as many, and ends nothing.
            goesOn = (line.Length - line.TrimEnd('\\').Length) % 2 == 1;
            logical.Append(goesOn ? line.AsSpan(0, line.Length - 1) : line);
            if (!goesOn)
            {
                yield return logical.ToString();
                logical.Clear();
            }
        }

        if (logical.Length > 0)
        {
            yield return logical.ToString();
        }
    }

    /// <summary>The first blank, colon or equals sign without a backslash before it.</summary>
    private static int EndOfKey(string line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\')
            {
                i++;
            }
            else if (line[i] is '=' or ':' || Blanks.Contains(line[i]))
            {
                return i;
            }
        }

        return line.Length;
    }

    private static string Unescape(ReadOnlySpan<char> text)
    {
        if (!text.Contains('\\'))
        {
            return text.ToString();
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
            }
            else if (++i < text.Length)
            {
                plain.Append(text[i] switch
                {
                    't' => '\t',
                    'n' => '\n',
                    'r' => '\r',
                    'f' => '\f',
                    'u' => Unit(text[(i + 1)..]),
                    var other => other,
                });
                i += text[i] == 'u' ? 4 : 0;
            }
        }

        return plain.ToString();
    }

    private static char Unit(ReadOnlySpan<char> text) => text.Length >= 4 && ushort.TryParse(text[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
        ? (char)unit : throw new FormatException("A \\u is not followed by four hexadecimal digits.");
}
