using Castellan.Protocol.Ldap;

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
            if (LdapUrl.Parse(text) is not { } url)
            {
                return null;
            }

            addresses.Add(new(url.Host, url.Port, url.Tls));
        }

        return addresses.Count == 0 ? null : addresses;
    }
}
