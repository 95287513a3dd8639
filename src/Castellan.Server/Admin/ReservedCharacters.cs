using Castellan.Core.Realms.Import;

namespace Castellan.Server.Admin;

/// <summary>Names that become parts of addresses hold none of the characters that mean something there (RFC 3986 §2.2).</summary>
internal static class ReservedCharacters
{
    /// <summary>The words for a name that holds a blank where it must not.</summary>
    public const string NoBlank = "Empty Space not allowed.";

    private static readonly System.Buffers.SearchValues<char> s_blank = System.Buffers.SearchValues.Create(" \t\n\v\f\r");

    /// <summary>Whether a name holds a blank of any kind.</summary>
    public static bool HasBlank(string name) => name.AsSpan().IndexOfAny(s_blank) >= 0;

    /// <summary>The answer to a name that holds one of them; null when it holds none.</summary>
    public static AdminAnswer? Refuse(string name) => Refusals.OfCharacters(name, "") is { } refusal ? AdminAnswer.Error(400, refusal.Code) : null;
}
