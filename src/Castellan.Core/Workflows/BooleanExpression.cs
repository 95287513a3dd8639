namespace Castellan.Core.Workflows;

/// <summary>
/// Expressions of workflows: names with an optional parameter in brackets, joined by <c>and</c>, <c>or</c> and <c>not</c> (or <c>!</c>), as in
/// <c>has-role(clerk) and !is-member-of(/staff)</c>. A parameter is any text without a closing bracket.
/// </summary>
public static class BooleanExpression
{
    private const int MaxDepth = 64;

    /// <summary>The names that an expression calls; null when it is none.</summary>
    public static IReadOnlyList<string>? Names(string text)
    {
        var names = new List<string>();
        var at = 0;
        return Or(text, ref at, names, 0) && Blank(text, ref at) == text.Length ? names : null;
    }

    private static bool Or(string text, ref int at, List<string> names, int depth) => Joined("or", text, ref at, names, depth, (string t, ref int i, List<string> n, int d) =>
        Joined("and", t, ref i, n, d, One));

    private delegate bool Part(string text, ref int at, List<string> names, int depth);

    private static bool Joined(string word, string text, ref int at, List<string> names, int depth, Part part)
    {
        if (!part(text, ref at, names, depth))
        {
            return false;
        }

        while (Word(word, text, ref at))
        {
            if (!part(text, ref at, names, depth))
            {
                return false;
            }
        }

        return true;
    }

    private static bool One(string text, ref int at, List<string> names, int depth)
    {
        Blank(text, ref at);
        if (depth > MaxDepth || at == text.Length)
        {
            return false;
        }

        if (text[at] == '!')
        {
            at++;
            return One(text, ref at, names, depth + 1);
        }

        if (Word("not", text, ref at))
        {
            return One(text, ref at, names, depth + 1);
        }

        if (text[at] == '(')
        {
            at++;
            return Or(text, ref at, names, depth + 1) && Taken(')', text, ref at);
        }

        var start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '-' or '_'))
        {
            at++;
        }

        if (at == start)
        {
            return false;
        }

        names.Add(text[start..at]);
        if (at < text.Length && text[at] == '(')
        {
            var end = text.IndexOf(')', at);
            at = end < 0 ? text.Length : end + 1;
            return end > 0;
        }

        return true;
    }

    private static int Blank(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static bool Taken(char expected, string text, ref int at)
    {
        if (Blank(text, ref at) == text.Length || text[at] != expected)
        {
            return false;
        }

        at++;
        return true;
    }

    private static bool Word(string word, string text, ref int at)
    {
        Blank(text, ref at);
        var end = at + word.Length;
        if (string.Compare(text, at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) != 0 || (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('(' or '!')))
        {
            return false;
        }

        at = end;
        return true;
    }
}
