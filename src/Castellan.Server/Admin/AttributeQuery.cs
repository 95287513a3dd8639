namespace Castellan.Server.Admin;

/// <summary>The search language of the parameter <c>q</c>: <c>name:value "long name":"long value"</c>.</summary>
internal static class AttributeQuery
{
    public static Dictionary<string, string> Parse(string query)
    {
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal);
        var at = 0;
        while (at < query.Length)
        {
            if (char.IsWhiteSpace(query[at]))
            {
                at++;
                continue;
            }

            var name = Word(query, ref at, ':');
            if (at >= query.Length || query[at] != ':')
            {
                continue;
            }

            at++;
            wanted[name] = Word(query, ref at, ' ');
        }

        return wanted;
    }

    private static string Word(string query, ref int at, char end)
    {
        var start = at;
        if (at < query.Length && query[at] == '"' && query.IndexOf('"', at + 1) is > 0 and var close)
        {
            at = close + 1;
            return query[(start + 1)..close];
        }

        while (at < query.Length && query[at] != end && !char.IsWhiteSpace(query[at]))
        {
            at++;
        }

        return query[start..at];
    }
}
