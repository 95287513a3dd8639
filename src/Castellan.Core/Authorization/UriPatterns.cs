namespace Castellan.Core.Authorization;

/// <summary>
/// Addresses of resources as patterns: <c>/a/*</c> covers everything below, <c>/a/*.html</c> an ending, <c>/a/{id}/b</c> any one segment.
/// An address that is equal wins, then one with named segments, then the longest with a star.
/// </summary>
public static class UriPatterns
{
    /// <summary>The resource whose address fits best.</summary>
    public static ProtectedResource? Best(IEnumerable<ProtectedResource> resources, string uri)
    {
        var path = uri.Split('?', 2)[0];
        return resources.Select(r => (Resource: r, Fit: (r.Representation.Uris ?? []).Select(u => Fit(u, path)).DefaultIfEmpty(-1).Max()))
            .Where(r => r.Fit >= 0).OrderByDescending(r => r.Fit).Select(r => r.Resource).FirstOrDefault();
    }

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
