using System.Text.RegularExpressions;

namespace Castellan.Core.Clients.Policies;

/// <summary>The patterns in settings of policies.</summary>
internal static class Patterns
{
    /// <summary>
    /// A pattern for the whole of a text, matched without going back over it: who may choose texts must not be able to stop the server with one. Null for a
    /// pattern that nobody can read; it allows nothing.
    /// </summary>
    public static Regex? Read(string pattern)
    {
        try
        {
            return new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
