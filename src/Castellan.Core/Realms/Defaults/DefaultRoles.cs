using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Defaults;

/// <summary>Roles that come with a realm: of the realm itself and of its built-in clients.</summary>
public static class DefaultRoles
{
    public const string OfflineAccess = "offline_access", UmaAuthorization = "uma_authorization", Admin = "admin", CreateRealm = "create-realm", RealmAdmin = "realm-admin";

    /// <summary>What a new user of any realm may: the parts of the default role among the roles of the client <c>account</c>.</summary>
    public static readonly string[] OfAccount = ["manage-account", "view-profile"];

    /// <summary>The roles of the client <c>account</c>; after a colon the role of the same client that it contains.</summary>
    public static readonly string[] Account =
    [
        "view-profile", "manage-account:manage-account-links", "manage-account-links", "view-applications", "view-consent",
        "manage-consent:view-consent", "view-groups", "delete-account",
    ];

    /// <summary>The roles of an administration client: <c>realm-management</c>, and <c>NAME-realm</c> in the master realm.</summary>
    public static readonly string[] Administration =
    [
        "create-client", "view-realm", "view-users:query-users,query-groups", "view-clients:query-clients", "view-events", "view-identity-providers",
        "view-authorization", "view-organizations:query-organizations", "manage-realm", "manage-users", "manage-clients", "manage-events",
        "manage-identity-providers", "manage-authorization", "manage-organizations", "query-users", "query-clients", "query-realms", "query-groups",
        "query-organizations", "impersonation",
    ];

    public static readonly string[] Broker = ["read-token"];

    /// <summary>The name of a realm's default role.</summary>
    public static string DefaultName(string realm) => "default-roles-" + realm.ToLowerInvariant();

    /// <summary>Name and parts of an entry of the lists above.</summary>
    public static (string Name, string[] Parts) Read(string entry) =>
        entry.Split(':', 2) is [var name, var parts] ? (name, parts.Split(',')) : (entry, []);

    public static RoleRepresentation Make(string name, string containerId, bool ofClient) => new()
    {
        Id = Ids.New(), Name = name, Description = $"${{role_{(name == OfflineAccess ? "offline-access" : name)}}}",
        ClientRole = ofClient, ContainerId = containerId, Attributes = [],
    };
}
