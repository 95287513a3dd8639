namespace Castellan.Protocol.Ldap;

/// <summary>An address of something in a directory (RFC 4516): where it is asked for, and with which base and scope; null where it does not say.</summary>
public sealed record LdapUrl(string Host, int Port, bool Tls, string? BaseDn, LdapScope? Scope)
{
    /// <summary>An address as a directory refers to it; null for one of another protocol, or none.</summary>
    public static LdapUrl? Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("ldap" or "ldaps") || uri.Host.Length == 0)
        {
            return null;
        }

        var tls = uri.Scheme == "ldaps";
        string[] parts = uri.Query is ['?', .. var rest] ? rest.Split('?') : [];
        return new(
            uri.IdnHost, uri.Port > 0 ? uri.Port : tls ? 636 : 389, tls,
            uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(uri.AbsolutePath[1..]) : null,
            parts.Length < 2 ? null : parts[1].ToLowerInvariant() switch { "base" => LdapScope.Base, "one" => LdapScope.OneLevel, "sub" => LdapScope.Subtree, _ => null });
    }

    /// <summary>Where it is asked for.</summary>
    public string Address => $"{(Tls ? "ldaps" : "ldap")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";
}
