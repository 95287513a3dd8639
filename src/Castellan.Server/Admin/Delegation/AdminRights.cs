using Castellan.Core.Authorization.Administration;
using Castellan.Core.Clients;
using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Roles;
using Castellan.Core.Users;

namespace Castellan.Server.Admin.Delegation;

/// <summary>What a caller may do with objects of a realm: by administration roles, which open all objects of a type, or by fine-grained permissions.</summary>
/// <param name="delegated">What the realm's permissions decide for the caller; null where they do not count.</param>
/// <param name="mayActOn">Whether a user has no administration role that the caller lacks. Whom a permission opens, and who has more to say, may only be viewed.</param>
public sealed class AdminRights(AdminRoles roles, DelegatedPermissions? delegated, Func<User, bool> mayActOn)
{
    /// <summary>The roles that open a scope of all objects of a type.</summary>
    private static readonly Dictionary<(string Type, string Scope), string[]> s_roles = new()
    {
        [(AdminObjects.Users, "view")] = ["view-users", "manage-users"],
        [(AdminObjects.Users, "manage")] = ["manage-users"],
        [(AdminObjects.Users, "map-roles")] = ["manage-users"],
        [(AdminObjects.Users, "manage-group-membership")] = ["manage-users"],
        [(AdminObjects.Users, "impersonate")] = ["impersonation"],
        [(AdminObjects.Groups, "view")] = ["view-users", "manage-users"],
        [(AdminObjects.Groups, "view-members")] = ["view-users", "manage-users"],
        [(AdminObjects.Groups, "manage")] = ["manage-users"],
        [(AdminObjects.Groups, "manage-members")] = ["manage-users"],
        [(AdminObjects.Groups, "manage-membership")] = ["manage-users"],
        [(AdminObjects.Clients, "view")] = ["view-clients", "manage-clients"],
        [(AdminObjects.Clients, "manage")] = ["manage-clients"],
        [(AdminObjects.Roles, "map-role")] = ["manage-users"],
        [(AdminObjects.Organizations, "view")] = ["view-organizations", "manage-organizations", "manage-realm"],
        [(AdminObjects.Organizations, "manage")] = ["manage-organizations", "manage-realm"],
    };

    /// <summary>What the realm's permissions decide for the caller; null where they do not count.</summary>
    public DelegatedPermissions? Delegated => delegated;

    /// <summary>Whether the caller may do this with every object of a type, and with the type itself: make new ones.</summary>
    public bool All(string type, string scope) => ByRole(type, scope) || delegated?.OfType(type, scope) is true;

    public bool Object(string type, string id, string scope) => ByRole(type, scope) || delegated?.Of(type, id, scope) is true;

    public bool On(User user, string scope) => ByRole(AdminObjects.Users, scope) || (Decided(user, scope) is true && (scope == "view" || mayActOn(user)));

    public bool On(Group group, string scope) => Object(AdminObjects.Groups, group.Id, scope);

    public bool On(Client client, string scope) => Object(AdminObjects.Clients, client.Id, scope);

    /// <summary>Whether the caller may make users at all: any, or members of some group.</summary>
    public bool MakesAny => All(AdminObjects.Users, "manage") || delegated?.Objects(AdminObjects.Groups, "manage-members") is { All: true } or { Ids.Count: > 0 };

    /// <summary>Whether the caller may make a user who is in these groups: whoever minds the members of each, and who they are, needs no right to all users.</summary>
    public bool MayMake(IReadOnlyList<Group> groups) =>
        All(AdminObjects.Users, "manage") || (groups.Count > 0 && groups.All(g => On(g, "manage-members") && On(g, "manage-membership")));

    /// <summary>Who may manage a user may set a new password, unless a permission about just that says otherwise.</summary>
    public bool MayResetPassword(User user) =>
        ByRole(AdminObjects.Users, "manage") || ((Decided(user, "reset-password") ?? Decided(user, "manage")) is true && mayActOn(user));

    /// <summary>Whether the caller sees users, groups or clients at all: some of them, or that there are none.</summary>
    public bool ListsAny(string type) => delegated is not null || ByRole(type, "view");

    /// <summary>Whether a list shows a user: with fine-grained permissions to those who may view them.</summary>
    public bool Shows(User user) => delegated is null || On(user, "view");

    public bool Shows(Group group) => delegated is null || On(group, "view");

    /// <summary>The users that a list shows; null for all.</summary>
    public UserRestriction? ShownUsers => ByRole(AdminObjects.Users, "view") ? null : delegated?.Users("view");

    /// <summary>The users of whom a list may tell that is open to others than those who see users, as that of a client's sessions is; null for all.</summary>
    public UserRestriction? ToldUsers => ByRole(AdminObjects.Users, "view") ? null : delegated?.Users("view") ?? UserRestriction.Nobody;

    /// <summary>The objects of a type that a list shows; null for all.</summary>
    public Restriction? Shown(string type) => ByRole(type, "view") ? null : delegated?.Objects(type, "view");

    /// <summary>Whether the caller may make a role part of the scope of a client or client scope, or of a composite role.</summary>
    /// <param name="how"><c>client-scope</c> or <c>composite</c>.</param>
    public bool MayMap(Role role, string how) =>
        roles.Has(role.ClientId is null ? "manage-realm" : "manage-clients") || May(role, "map-roles-" + how, "map-role-" + how);

    /// <summary>Whether the caller may give a role, which is none of administration, to users and groups.</summary>
    public bool MayGive(Role role) => ByRole(AdminObjects.Roles, "map-role") || May(role, "map-roles", "map-role");

    private bool? Decided(User user, string scope) => delegated?.OfUser(user.Id, user.GroupIds, scope);

    private bool May(Role role, string ofClient, string ofRole) =>
        (role.ClientId is { } client && delegated?.Of(AdminObjects.Clients, client, ofClient) is true) || delegated?.Of(AdminObjects.Roles, role.Id, ofRole) is true;

    private bool ByRole(string type, string scope) => s_roles.TryGetValue((type, scope), out var any) && roles.HasAny(any);
}
