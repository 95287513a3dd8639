namespace Castellan.Server.Admin;

/// <summary>
/// Which administration roles open a route: any one of those named. Every route has one, so that none is open by omission; the route inventory
/// test plays the matrix of routes and roles from it.
/// </summary>
public sealed class Permission
{
    private readonly Func<AdminRoles, bool> _allows;

    private Permission(string name, Func<AdminRoles, bool> allows, params string[] anyOf) => (Name, _allows, AnyOf) = (name, allows, anyOf);

    /// <summary>Anybody with a valid token; the handler shows no more than the caller's roles allow, and refuses who has none.</summary>
    public static Permission SignedIn { get; } = new("signed in", static _ => true);

    /// <summary>Any administration role in the realm.</summary>
    public static Permission AnyAdmin { get; } = new("any administration role", static r => r.IsAdmin);

    /// <summary>The <c>create-realm</c> role of the master realm.</summary>
    public static Permission CreateRealm { get; } = new("create-realm", static r => r.MayCreateRealms);

    public static Permission ViewRealm { get; } = Any("view-realm", "manage-realm");

    public static Permission ManageRealm { get; } = Any("manage-realm");

    public static Permission ViewClients { get; } = Any("view-clients", "manage-clients");

    public static Permission ManageClients { get; } = Any("manage-clients");

    /// <summary>Lists that show nothing to those who may only search.</summary>
    public static Permission QueryClients { get; } = Any("query-clients", "view-clients", "manage-clients");

    public static Permission CreateClients { get; } = Any("create-client", "manage-clients");

    /// <summary>Client scopes are shown to whoever may see clients, in short to whoever may search them.</summary>
    public static Permission ViewClientScopes { get; } = Any("query-clients", "view-clients", "manage-clients");

    public static Permission ViewUsers { get; } = Any("view-users", "manage-users");

    public static Permission ManageUsers { get; } = Any("manage-users");

    public static Permission QueryUsers { get; } = Any("query-users", "view-users", "manage-users");

    public static Permission QueryGroups { get; } = Any("query-groups", "view-users", "manage-users");

    public static Permission Impersonate { get; } = Any("impersonation");

    public static Permission ViewEvents { get; } = Any("view-events", "manage-events");

    public static Permission ManageEvents { get; } = Any("manage-events");

    public static Permission ViewIdentityProviders { get; } = Any("view-identity-providers", "manage-identity-providers");

    public static Permission ManageIdentityProviders { get; } = Any("manage-identity-providers");

    public static Permission ViewAuthorization { get; } = Any("view-authorization", "manage-authorization");

    public static Permission ManageAuthorization { get; } = Any("manage-authorization");

    public string Name { get; }

    /// <summary>The roles of which one suffices; empty for the rules that are no list of roles.</summary>
    public IReadOnlyList<string> AnyOf { get; }

    /// <summary>Whether it is given to those who only look at things or search for them, too.</summary>
    public bool OnlyLooks => AnyOf.Any(r => r.StartsWith("view-", StringComparison.Ordinal) || r.StartsWith("query-", StringComparison.Ordinal));

    /// <summary>A permission of one's own: any one of these roles suffices.</summary>
    public static Permission Any(params string[] roles) => new(string.Join(" or ", roles), r => r.HasAny(roles), roles);

    public bool Allows(AdminRoles roles) => _allows(roles);

    public override string ToString() => Name;
}

/// <summary>What a caller may do in one realm: names of roles of <c>realm-management</c>, or of the realm's client in the master realm.</summary>
public sealed class AdminRoles(IEnumerable<string> names, bool mayCreateRealms)
{
    private readonly HashSet<string> _names = new(names, StringComparer.Ordinal);

    public static AdminRoles None { get; } = new([], mayCreateRealms: false);

    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Whether the caller has any administration role in the realm.</summary>
    public bool IsAdmin => _names.Overlaps(AdminRoleNames.All);

    /// <summary>Whether the caller has every administration role in the realm.</summary>
    public bool IsWholeAdmin => AdminRoleNames.All.All(_names.Contains);

    /// <summary>Whether the caller has the <c>create-realm</c> role of the master realm.</summary>
    public bool MayCreateRealms { get; } = mayCreateRealms;

    public bool Has(string role) => _names.Contains(role);

    public bool HasAny(params ReadOnlySpan<string> roles)
    {
        foreach (var role in roles)
        {
            if (_names.Contains(role))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The administration roles that every realm has.</summary>
public static class AdminRoleNames
{
    public static readonly IReadOnlyList<string> All =
    [
        "create-client", "impersonation", "manage-authorization", "manage-clients", "manage-events", "manage-identity-providers",
        "manage-organizations", "manage-realm", "manage-users", "query-clients", "query-groups", "query-organizations", "query-realms",
        "query-users", "view-authorization", "view-clients", "view-events", "view-identity-providers", "view-organizations", "view-realm",
        "view-users",
    ];
}
