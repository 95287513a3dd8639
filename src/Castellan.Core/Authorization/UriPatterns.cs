namespace Castellan.Core.Authorization;

/// <summary>
/// Addresses of resources as patterns: <c>/a/*</c> covers everything below, <c>/a/*.html</c> an ending, <c>/a/{id}/b</c> any one segment.
/// An address that is equal wins, then one with named segments, then the longest with a star.
/// </summary>
public static class UriPatterns
{
    // What would be read as something else than a character of a segment: a slash, or a part of a pattern.
    private static readonly string[] s_kept = ["2F", "5C", "2A", "7B", "7D"];

    /// <summary>The resource whose address fits best.</summary>
    public static ProtectedResource? Best(IEnumerable<ProtectedResource> resources, string uri)
    {
        var path = uri.Split('?', '#')[0];
        var all = resources.ToList();
        if (all.Find(r => r.Representation.Uris?.Contains(path) is true) is { } equal)
        {
            return equal;
        }

        // An encoded slash is one to some servers and to others not: where that makes a difference, nothing fits.
        var best = BestOf(all, Normal(path));
        return ReferenceEquals(best, BestOf(all, Normal(WithSlashes(path)))) ? best : null;
    }

    private static ProtectedResource? BestOf(List<ProtectedResource> resources, string path) => resources
        .Select(r => (Resource: r, Fit: (r.Representation.Uris ?? []).Select(u => Fit(Normal(u), path)).DefaultIfEmpty(-1).Max()))
        .Where(r => r.Fit >= 0).OrderByDescending(r => r.Fit).Select(r => r.Resource).FirstOrDefault();

    /// <summary>
    /// One way to write each path: who adds a slash, parameters of a segment, dots (RFC 3986 §5.2.4) or codes of characters (§6.2.2.2) means the same
    /// resource, and must not get one by it that less is asked for.
    /// </summary>
    private static string Normal(string path)
    {
        var host = path.IndexOf("://", StringComparison.Ordinal);
        var root = host > 0 ? path.IndexOf('/', host + 3) : 0;
        if (root < 0)
        {
            return path + "/";
        }

        var segments = new List<string>();
        foreach (var segment in path[root..].Split('/').Select(s => Decoded(s).Split(';')[0]))
        {
            if (segment == ".." && segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }
            else if (segment is not ("" or "." or ".."))
            {
                segments.Add(segment);
            }
        }

        return path[..root] + (path[root..].StartsWith('/') ? "/" : "") + string.Join('/', segments);
    }

    private static string Decoded(string segment) => segment.Contains('%', StringComparison.Ordinal)
        ? Uri.UnescapeDataString(s_kept.Aggregate(segment, static (text, code) => text.Replace("%" + code, "%25" + code, StringComparison.OrdinalIgnoreCase)))
        : segment;

    private static string WithSlashes(string path) =>
        path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Replace("%5C", "/", StringComparison.OrdinalIgnoreCase).Replace('\\', '/');

    /// <summary>How well a pattern fits an address; negative when it does not.</summary>
    private static long Fit(string pattern, string path)
    {
        if (pattern == path)
        {
            return long.MaxValue;
        }

        if (pattern.Contains('{', StringComparison.Ordinal))
        {
            return SegmentsFit(pattern.Split('/'), path.Split('/')) ? int.MaxValue + (long)pattern.Length : -1;
        }

        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return -1;
        }

        var (start, end) = (pattern[..star], pattern[(star + 1)..]);
        var fits = path.StartsWith(start, StringComparison.Ordinal) || (end.Length == 0 && path + "/" == start);
        return fits && path.EndsWith(end, StringComparison.Ordinal) && path.Length + 1 >= start.Length + end.Length ? pattern.Length : -1;
    }

    private static bool SegmentsFit(string[] pattern, string[] path)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == "*" && i == pattern.Length - 1)
            {
                return path.Length >= i;
            }

            if (i >= path.Length || !(pattern[i] == path[i] || (pattern[i].StartsWith('{') && pattern[i].EndsWith('}') && path[i].Length > 0)))
            {
                return false;
            }
        }

        return pattern.Length == path.Length;
    }
}
