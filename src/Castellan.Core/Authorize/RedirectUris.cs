using Castellan.Core.Clients;

namespace Castellan.Core.Authorize;

/// <summary>
/// Which addresses of a client people may be sent to. An address is compared as a text; nothing is decoded, joined or resolved on either side,
/// so that there is no second reading of it. Only two things may vary: what stands behind a <c>*</c> at the end of a registered address, and the
/// port of a loopback address of plain HTTP (RFC 8252 §7.3).
/// </summary>
public static class RedirectUris
{
    private const int MaxLength = 2048;

    /// <summary>What is added to an address after a logout. One that has it already would mean one thing to one reader and another to the next.</summary>
    private static readonly HashSet<string> s_ofLogouts = new(StringComparer.OrdinalIgnoreCase) { "state" };

    /// <summary>What answers add to an address.</summary>
    private static readonly HashSet<string> s_ofAnswers = new(StringComparer.OrdinalIgnoreCase)
    {
        "code", "id_token", "access_token", "token_type", "expires_in", "state", "iss", "error", "error_description", "session_state", "response", "kc_action", "kc_action_status",
    };

    /// <summary>What answers by SAML add to an address.</summary>
    private static readonly HashSet<string> s_ofSaml = new(StringComparer.OrdinalIgnoreCase) { "SAMLRequest", "SAMLResponse", "SAMLart", "RelayState", "SigAlg", "Signature" };

    /// <summary>The address to send people to, or null when it is none of the client's.</summary>
    /// <param name="required">Whether leaving it out is refused even where the client has just one.</param>
    public static string? Find(Client client, ServerAddresses server, string? wanted, bool required)
    {
        var registered = Registered(client, server, client.Representation.RedirectUris);
        if (wanted is not null)
        {
            return Matches(wanted, registered) && !Speaks(wanted, s_ofAnswers) ? wanted : null;
        }

        return !required && registered is [var only] && !only.EndsWith('*') ? only : null;
    }

    /// <summary>Whether people may be sent there after a logout (OIDC RP-Initiated Logout §3): attribute <c>post.logout.redirect.uris</c>.</summary>
    public static bool IsPostLogout(Client client, ServerAddresses server, string wanted)
    {
        var setting = client.Attribute("post.logout.redirect.uris");
        if (setting is "-" || setting?.StartsWith("-##", StringComparison.Ordinal) is true)
        {
            return false;
        }

        var listed = setting?.Split("##", StringSplitOptions.RemoveEmptyEntries) ?? ["+"];
        return !Speaks(wanted, s_ofLogouts) && Matches(wanted, Registered(client, server, [.. listed.SelectMany(uri => uri == "+" ? client.Representation.RedirectUris ?? [] : [uri])]));
    }

    /// <summary>Whether assertions may go there (SAML core §3.4.1, AssertionConsumerServiceURL): an address that people may be sent to, or the one for assertions.</summary>
    /// <param name="own">What the client has for assertions.</param>
    public static bool IsConsumer(Client client, ServerAddresses server, string wanted, string? own) =>
        !Speaks(wanted, s_ofSaml) && ((wanted == own && IsHarmless(wanted)) || Matches(wanted, Registered(client, server, client.Representation.RedirectUris)));

    /// <summary>Whether a request object may be fetched from there (OIDC Core §6.2): attribute <c>request.uris</c>. There is no other part of one than all of it.</summary>
    public static bool IsRequestUri(Client client, ServerAddresses server, string wanted) =>
        !wanted.Contains('#', StringComparison.Ordinal) && Matches(wanted, Registered(client, server, [.. client.Attribute("request.uris")?.Split("##", StringSplitOptions.RemoveEmptyEntries) ?? []]));

    /// <summary>Whether an address is one of those registered.</summary>
    public static bool Matches(string wanted, IReadOnlyList<string> registered)
    {
        if (!IsHarmless(wanted))
        {
            return false;
        }

        foreach (var uri in registered)
        {
            if (uri == wanted || (uri.EndsWith('*') && MatchesWildcard(wanted, uri)) || MatchesLoopback(wanted, uri))
            {
                return true;
            }
        }

        return false;
    }

    private static List<string> Registered(Client client, ServerAddresses server, List<string>? uris) =>
        [.. (uris ?? []).Where(u => u.Length > 0).Select(u => server.Absolute(client, u))];

    /// <summary>
    /// Whether the address has but one reading. Browsers drop tabs and line ends, take a backslash for a slash, and resolve dot segments even where
    /// they are encoded; a user name before the host hides the host; <c>javascript:</c> and its like are programs. None of these is ever allowed.
    /// </summary>
    internal static bool IsHarmless(string uri)
    {
        if (uri.Length is 0 or > MaxLength || uri.Any(c => c is <= ' ' or '\\' or '<' or '>' or '"' or '`' or '{' or '}' or '^' or '|' or >= '\x7f'))
        {
            return false;
        }

        var colon = uri.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !char.IsAsciiLetter(uri[0]) || !uri.AsSpan(0, colon).ToString().All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.'))
        {
            return false;
        }

        if (uri[..colon].ToLowerInvariant() is "javascript" or "data" or "vbscript" or "file" or "blob" or "about" or "view-source" or "filesystem")
        {
            return false;
        }

        var rest = uri[(colon + 1)..];
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var end = rest.AsSpan(2).IndexOfAny("/?#");
            var authority = end < 0 ? rest[2..] : rest.Substring(2, end);
            if (authority.Contains('@', StringComparison.Ordinal) || authority.Contains('%', StringComparison.Ordinal) || authority.Contains('*', StringComparison.Ordinal))
            {
                return false;
            }
        }
        else if (uri[..colon].ToLowerInvariant() is "http" or "https")
        {
            return false;
        }

        return true;
    }

    /// <summary>Whether the query or fragment has one of the parameters.</summary>
    private static bool Speaks(string uri, HashSet<string> names)
    {
        var at = uri.AsSpan().IndexOfAny('?', '#');
        return at >= 0 && uri[(at + 1)..].Split('&', '#').Any(p => names.Contains(Uri.UnescapeDataString(p.Split('=')[0].Replace('+', ' '))));
    }

    private static bool MatchesWildcard(string wanted, string registered)
    {
        var prefix = registered[..^1];
        if (prefix.Length == 0)
        {
            // A bare * stands for any web address, and for nothing else.
            return wanted.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || wanted.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        }

        // The star stands for a path below the prefix: it cannot extend the host, nor climb out. Query and fragment do not take part.
        var path = wanted.AsSpan();
        var query = path.IndexOfAny('?', '#');
        path = query < 0 ? path : path[..query];
        if (HasDotSegments(path))
        {
            return false;
        }

        if (prefix.EndsWith('/') && path.SequenceEqual(prefix.AsSpan(0, prefix.Length - 1)))
        {
            return EndsInPath(prefix);
        }

        return (path.StartsWith(prefix, StringComparison.Ordinal) && EndsInPath(prefix)) || LoopbackPrefix(path, prefix);
    }

    /// <summary>Whether a prefix reaches into the path, so that what follows cannot be host or port.</summary>
    private static bool EndsInPath(string prefix)
    {
        var authority = prefix.IndexOf("://", StringComparison.Ordinal);
        return authority < 0 ? prefix.Contains(':', StringComparison.Ordinal) : prefix.IndexOf('/', authority + 3) > 0;
    }

    /// <summary>Dot segments in any spelling that some reader resolves, a semicolon that some reader cuts at, an encoded slash or backslash.</summary>
    private static bool HasDotSegments(ReadOnlySpan<char> path)
    {
        var text = path.ToString().ToLowerInvariant();
        while (text.Contains("%25", StringComparison.Ordinal))
        {
            text = text.Replace("%25", "%", StringComparison.Ordinal);
        }

        text = text.Replace("%2e", ".", StringComparison.Ordinal).Replace("%3b", ";", StringComparison.Ordinal);
        return text.Contains("%2f", StringComparison.Ordinal) || text.Contains("%5c", StringComparison.Ordinal) || text.Contains("%00", StringComparison.Ordinal)
            || text.Split('/').Any(segment => segment.Split(';')[0] is "." or "..");
    }

    private static bool MatchesLoopback(string wanted, string registered) =>
        Uri.TryCreate(registered, UriKind.Absolute, out var uri) && uri.IsDefaultPort && IsLoopback(uri) && WithoutPort(wanted) is { } bare && bare == registered;

    private static bool LoopbackPrefix(ReadOnlySpan<char> path, string prefix) =>
        Uri.TryCreate(prefix, UriKind.Absolute, out var uri) && uri.IsDefaultPort && IsLoopback(uri)
        && WithoutPort(path.ToString()) is { } bare && bare.StartsWith(prefix, StringComparison.Ordinal) && EndsInPath(prefix);

    private static bool IsLoopback(Uri uri) => uri.Scheme == "http" && uri.Host is "localhost" or "127.0.0.1" or "[::1]";

    /// <summary>A loopback address of plain HTTP without its port; null for any other.</summary>
    private static string? WithoutPort(string uri)
    {
        const string scheme = "http://";
        if (!uri.StartsWith(scheme, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = uri.AsSpan(scheme.Length);
        foreach (var host in (ReadOnlySpan<string>)["localhost", "127.0.0.1", "[::1]"])
        {
            if (rest.StartsWith(host, StringComparison.Ordinal) && rest.Length > host.Length && rest[host.Length] == ':')
            {
                var digits = host.Length + 1;
                while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
                {
                    digits++;
                }

                return digits > host.Length + 1 && (digits == rest.Length || rest[digits] is '/' or '?') ? string.Concat(scheme, host, rest[digits..]) : null;
            }
        }

        return null;
    }
}
