using Castellan.Core.Roles;
using Castellan.Core.Tokens;
using Castellan.Core.Users;

namespace Castellan.Server.Admin.Roles;

/// <summary>
/// Nobody gives away more than they have: an administration role, or a role that contains one, may be given only by whoever may do himself
/// what it allows. Other roles are free to whoever may manage their owner.
/// </summary>
public static class Granting
{
    public static bool MayGrant(this AdminContext context, Role role) =>
        context.Realm.Roles.Expand([role.Id]).All(r => MayGrantAlone(context, r));

    /// <summary>Whether a user has no administration role that is not the caller's to give: nobody reaches those of others by becoming them.</summary>
    public static bool MayActOn(this AdminContext context, User user) =>
        context.Realm.Roles.Expand(GrantedRoles.Given(context.Realm, user)).All(context.MayGrant);

    /// <summary>
    /// Whether the caller may map a role to a user or a group. Where a realm has fine-grained permissions, administration roles are for its whole
    /// administrators alone to give, and others for whom a permission names.
    /// </summary>
    public static bool MayGive(this AdminContext context, Role role)
    {
        if (context.Realm.Settings.AdminPermissionsEnabled is not true)
        {
            return context.MayGrant(role);
        }

        return IsOfAdministration(context, role) ? context.IsWholeAdmin() : context.Rights.MayGive(role);
    }

    /// <summary>Whether the caller may make a role a part of another.</summary>
    public static bool MayCompose(this AdminContext context, Role role) =>
        context.MayGrant(role) && (context.Realm.Settings.AdminPermissionsEnabled is not true
            || (IsOfAdministration(context, role) ? context.IsWholeAdmin() : context.Rights.Delegated is null || context.Rights.MayMap(role, "composite")));

    /// <summary>Whether the caller may remove or rename a role: who has not what an administration role allows does not take it from those who have.</summary>
    public static bool MayAbolish(this AdminContext context, Role role) => MayGrantAlone(context, role);

    /// <summary>Whether the caller has all administration roles of the realm.</summary>
    public static bool IsWholeAdmin(this AdminContext context) => context.Caller.IsServerAdmin || context.Roles.IsWholeAdmin;

    /// <summary>Whether the caller may put a role into the scope of a client or client scope.</summary>
    public static bool MayPutInScope(this AdminContext context, Role role) => context.Rights.MayMap(role, "client-scope");

    /// <summary>Whether a role is one of administration, or brings one with it.</summary>
    private static bool IsOfAdministration(AdminContext context, Role role)
    {
        var master = context.Realm.Name == "master";
        return context.Realm.Roles.Expand([role.Id]).Any(r =>
            r.ClientName is null ? master && r.Name is "admin" or "create-realm" : IsManagementClient(master, r.ClientName));
    }

    private static bool MayGrantAlone(AdminContext context, Role role)
    {
        var caller = context.Caller;
        if (caller.Realm.Id == context.Realm.Id && caller.Roles.Contains(role.Id))
        {
            return true;
        }

        var master = context.Realm.Name == "master";
        if (role.ClientName is null)
        {
            return !master || role.Name is not ("admin" or "create-realm");
        }

        if (!IsManagementClient(master, role.ClientName))
        {
            return true;
        }

        // In master each realm has a client of such roles. Those of another realm count as what they allow there, which has() cannot say.
        var own = master ? "master-realm" : "realm-management";
        return role.ClientName == own && Has(context.Roles, role.Name);
    }

    /// <summary>Whether the roles of this client are administration roles.</summary>
    public static bool IsManagementClient(bool master, string? clientId) =>
        master ? clientId?.EndsWith("-realm", StringComparison.Ordinal) ?? false : clientId == "realm-management";

    private static bool Has(AdminRoles roles, string name) => name switch
    {
        _ when name.StartsWith("query-", StringComparison.Ordinal) => true,
        _ when name.StartsWith("view-", StringComparison.Ordinal) => roles.HasAny(name, "manage-" + name["view-".Length..]),
        "create-client" => roles.HasAny(name, "manage-clients"),
        "realm-admin" => roles.IsWholeAdmin,
        _ when AdminRoleNames.All.Contains(name) => roles.Has(name),
        _ => true,
    };
}
