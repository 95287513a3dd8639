using System.Buffers;

namespace Castellan.Server.Admin;

/// <summary>Names that become parts of addresses hold none of the characters that mean something there (RFC 3986 §2.2).</summary>
internal static class ReservedCharacters
{
    private static readonly SearchValues<char> s_reserved = SearchValues.Create(":/?#@!$&()*+,;=[]\\");

    /// <summary>The answer to a name that holds one of them; null when it holds none.</summary>
    public static AdminAnswer? Refuse(string name)
    {
        var at = name.AsSpan().IndexOfAny(s_reserved);
        return at < 0 ? null : AdminAnswer.Error(400, $"Character '{name[at]}' not allowed.");
    }
}
