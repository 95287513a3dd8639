using System.Buffers;

namespace Castellan.Core.Saml.Responses;

/// <summary>Whom an assertion is for: an address (SAML core §2.5.1.4), which may be relative, so that most names are one.</summary>
internal static class Audience
{
    private static readonly SearchValues<char> s_illegal = SearchValues.Create(" \"<>\\^`{|}");

    /// <summary>Whether a name can be an audience.</summary>
    public static bool IsAddress(string name) => name.Length > 0 && name[0] != ':' && name.AsSpan().IndexOfAny(s_illegal) < 0 && !name.Any(char.IsControl) && !HasLoosePercent(name);

    // RFC 3986 §2.1: two digits follow each.
    private static bool HasLoosePercent(string name)
    {
        for (var at = name.IndexOf('%', StringComparison.Ordinal); at >= 0; at = name.IndexOf('%', at + 1))
        {
            if (at + 2 >= name.Length || !char.IsAsciiHexDigit(name[at + 1]) || !char.IsAsciiHexDigit(name[at + 2]))
            {
                return true;
            }
        }

        return false;
    }
}
