using Castellan.Core.Realms.Import;

namespace Castellan.Server.Admin;

/// <summary>Names that become parts of addresses hold none of the characters that mean something there (RFC 3986 §2.2).</summary>
internal static class ReservedCharacters
{
    /// <summary>The answer to a name that holds one of them; null when it holds none.</summary>
    public static AdminAnswer? Refuse(string name) => Refusals.OfCharacters(name, "") is { } refusal ? AdminAnswer.Error(400, refusal.Code) : null;
}
