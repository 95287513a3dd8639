namespace Castellan.Server.Ldap;

/// <summary>Where a directory listens (RFC 4516; the path and what follows do not matter here).</summary>
public sealed record LdapAddress(string Host, int Port, bool Tls)
{
    /// <summary>The addresses in a setting, with blanks between; null when one of them is none.</summary>
    public static IReadOnlyList<LdapAddress>? Parse(string setting)
    {
        var addresses = new List<LdapAddress>();
        foreach (var text in setting.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("ldap" or "ldaps") || uri.Host.Length == 0)
            {
                return null;
            }

            var tls = uri.Scheme == "ldaps";
            addresses.Add(new(uri.IdnHost, uri.Port > 0 ? uri.Port : tls ? 636 : 389, tls));
        }

        return addresses.Count == 0 ? null : addresses;
    }
}
