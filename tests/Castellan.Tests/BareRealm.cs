using Castellan.Core.Realms;

namespace Castellan.Tests;

/// <summary>A realm with nothing in it, where no server is needed.</summary>
internal static class BareRealm
{
    /// <summary>Its id is its name.</summary>
    public static Realm Named(string name) => new(new RealmData
    {
        Version = 1, Settings = new() { Id = name, Realm = name }, Roles = new([]), Groups = new([]), Scopes = [], Flows = [], AuthenticatorConfigs = [], RequiredActions = [], Components = [],
        IdentityProviders = [], IdentityProviderMappers = [],
    });
}
