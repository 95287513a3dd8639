using System.Buffers;

namespace Castellan.Server.Http;

/// <summary>
/// Whether the address of a request has but one reading. Proxies, routers and file systems disagree about dot segments, doubled slashes, needless escapes and
/// path parameters, and what they disagree about has opened many a door; such addresses are refused before anything routes them.
/// </summary>
public static class RequestPaths
{
    private static readonly SearchValues<char> s_suspects = SearchValues.Create("%;");

    /// <summary>What is wrong with the target of a request as it came, or null.</summary>
    public static PathFault? Check(ReadOnlySpan<char> target)
    {
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        if (path.Contains("//", StringComparison.Ordinal) || (path.Contains("/.", StringComparison.Ordinal) && HasDotSegments(path)))
        {
            return PathFault.NotNormalized;
        }

        if (path.IndexOfAny(s_suspects) >= 0)
        {
            if (!EscapesAreWhole(path))
            {
                return PathFault.BrokenEscape;
            }

            if (HasNeedlessEscape(path))
            {
                return PathFault.NotNormalized;
            }

            if (path.Contains(';'))
            {
                return PathFault.Semicolon;
            }
        }

        return query < 0 || EscapesAreWhole(target[query..]) ? null : PathFault.BrokenEscape;
    }

    private static bool HasDotSegments(ReadOnlySpan<char> path)
    {
        foreach (var range in path.Split('/'))
        {
            if (path[range] is "." or "..")
            {
                return true;
            }
        }

        return false;
    }

    private static bool EscapesAreWhole(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOf('%'); at >= 0; at = text.IndexOf('%'))
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
            {
                return false;
            }

            text = text[(at + 3)..];
        }

        return true;
    }

    // RFC 3986 §2.3: escapes of unreserved characters stand for the characters themselves.
    private static bool HasNeedlessEscape(ReadOnlySpan<char> path)
    {
        for (var at = path.IndexOf('%'); at >= 0; at = path.IndexOf('%'))
        {
            var character = (char)Convert.ToByte(path.Slice(at + 1, 2).ToString(), 16);
            if (char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~')
            {
                return true;
            }

            path = path[(at + 3)..];
        }

        return false;
    }
}

/// <summary>What is wrong with an address.</summary>
public enum PathFault
{
    NotNormalized,
    Semicolon,
    BrokenEscape,
}
