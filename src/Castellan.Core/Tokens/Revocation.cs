using Castellan.Core.Clients;
using Castellan.Core.Users;

namespace Castellan.Core.Tokens;

/// <summary>What an administrator revoked: everything that a realm, a client or a person had until then (<c>notBefore</c>).</summary>
internal static class Revocation
{
    /// <summary>Whether it concerns what was made, or approved, at that moment.</summary>
    /// <param name="at">Seconds since 1970; null where nobody wrote it down.</param>
    public static bool Concerns(long? at, Client client, User? user) =>
        IsBefore(at, client.Realm.Settings.NotBefore) || IsBefore(at, client.Representation.NotBefore) || IsBefore(at, user?.Representation.NotBefore);

    /// <param name="notBefore">Seconds since 1970; null or 0 where nothing was revoked.</param>
    public static bool IsBefore(long? at, int? notBefore) => notBefore is > 0 && at < notBefore;
}
