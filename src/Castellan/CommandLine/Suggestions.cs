namespace Castellan.CommandLine;

/// <summary>Finds what somebody may have meant: names compared by the pairs of letters that they share.</summary>
internal static class Suggestions
{
    /// <summary>Names in the order of their likeness.</summary>
    public static IEnumerable<string> Nearest(string word, IEnumerable<string> names)
    {
        var pairs = Pairs(word);
        return names.OrderByDescending(n => Likeness(pairs, Pairs(n)));
    }

    /// <summary>Options that begin like the word, at most seven.</summary>
    public static List<string> Options(string flag, IEnumerable<string> flags)
    {
        var start = flag[..Math.Min(flag.Length, 4)];
        var pairs = Pairs(flag);
        return
        [
            .. flags.Where(f => f != flag && f.StartsWith(start, StringComparison.Ordinal))
                .OrderByDescending(f => Likeness(pairs, Pairs(f))).Take(7),
        ];
    }

    private static double Likeness(Dictionary<string, int> a, Dictionary<string, int> b)
    {
        var common = a.Sum(p => p.Value * b.GetValueOrDefault(p.Key));
        return common == 0 ? 0 : common / Math.Sqrt((double)a.Sum(p => p.Value * p.Value) * b.Sum(p => p.Value * p.Value));
    }

    private static Dictionary<string, int> Pairs(string word)
    {
        var pairs = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i + 2 <= word.Length; i++)
        {
            var pair = word.Substring(i, 2);
            pairs[pair] = pairs.GetValueOrDefault(pair) + 1;
        }

        return pairs;
    }
}
