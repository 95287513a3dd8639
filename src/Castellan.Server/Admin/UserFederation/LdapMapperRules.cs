using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.UserFederation;

/// <summary>What mappers of an LDAP federation must say.</summary>
internal static class LdapMapperRules
{
    /// <summary>What is wrong with a mapper, or null.</summary>
    /// <param name="federation">The federation that it belongs to.</param>
    public static async ValueTask<string?> RefuseAsync(AdminContext context, ComponentRepresentation mapper, ComponentRepresentation? federation) => mapper.ProviderId switch
    {
        "group-ldap-mapper" => Group(context.Realm, mapper),
        "role-ldap-mapper" => Needs(mapper, "roles.dn", "Missing configuration for LDAP Roles DN")
            ?? (LdapProvider.Text(mapper, "use.realm.roles.mapping") == "false" ? Needs(mapper, "client.id", "Client ID needs to be provided in config when Realm Roles Mapping is not used.") : null)
            ?? LdapProvider.Filter(LdapProvider.Text(mapper, "roles.ldap.filter")),
        "user-attribute-ldap-mapper" or "certificate-ldap-mapper" => Needs(mapper, "user.model.attribute", "Missing configuration for User Model Attribute")
            ?? (LdapProvider.IsTrue(mapper, "is.binary.attribute") && !LdapProvider.IsTrue(mapper, "always.read.value.from.ldap")
                ? "With Binary attribute enabled, the 'Always read value from LDAP' must be enabled too"
                : null),
        "full-name-ldap-mapper" => LdapProvider.IsTrue(mapper, "write.only") && (federation is null || LdapProvider.Text(federation, "editMode") != "WRITABLE")
            ? "Can not set write only when LDAP provider mode is not WRITABLE"
            : null,
        "hardcoded-attribute-mapper" => Needs(mapper, "user.model.attribute", "'Attribute Name' is required"),
        "hardcoded-ldap-attribute-mapper" => Needs(mapper, "ldap.attribute.name", "'LDAP Attribute Name' is required"),
        "hardcoded-ldap-role-mapper" => Needs(mapper, "role", "Role cant be null")
            ?? (await HasRoleAsync(context, LdapProvider.Text(mapper, "role")!) ? null : "There is no role corresponding to configured value"),
        "hardcoded-ldap-group-mapper" => Needs(mapper, "group", "Group cant be null")
            ?? (HasGroup(context.Realm, LdapProvider.Text(mapper, "group")!) ? null : "There is no group corresponding to configured value"),
        _ => null,
    };

    /// <summary>Fills in what a mapper has without being told.</summary>
    public static void Complete(ComponentRepresentation mapper)
    {
        if (mapper.ProviderId == "group-ldap-mapper" && LdapProvider.Text(mapper, "groups.path") is null)
        {
            (mapper.Config ??= [])["groups.path"] = ["/"];
        }
    }

    private static string? Needs(ComponentRepresentation mapper, string setting, string refusal) => LdapProvider.Text(mapper, setting) is null ? refusal : null;

    private static string? Group(Realm realm, ComponentRepresentation mapper) =>
        Needs(mapper, "groups.dn", "Missing configuration for LDAP Groups DN")
        ?? Needs(mapper, "mode", "Missing configuration for Mode")
        ?? (LdapProvider.IsTrue(mapper, "preserve.group.inheritance") && LdapProvider.Text(mapper, "membership.attribute.type") == "UID"
            ? "Not possible to preserve group inheritance and use UID membership type together."
            : null)
        ?? LdapProvider.Filter(LdapProvider.Text(mapper, "groups.ldap.filter"))
        ?? (LdapProvider.Text(mapper, "groups.path") is { } path && path != "/" && !HasGroup(realm, path)
            ? "Groups path group does not exist - please create the group on specified path first"
            : null);

    private static bool HasGroup(Realm realm, string path) => realm.Groups.All.Any(g => realm.Groups.Path(g) == path.TrimEnd('/'));

    /// <summary>A role of the realm, or <c>client.role</c>; both names may have dots in them.</summary>
    private static async ValueTask<bool> HasRoleAsync(AdminContext context, string name)
    {
        if (context.Realm.Roles.FindRealmRole(name) is not null)
        {
            return true;
        }

        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = name.IndexOf('.', dot + 1))
        {
            if (await context.Clients.FindAsync(context.Realm, name[..dot], context.Aborted) is { } client && context.Realm.Roles.FindClientRole(client.Id, name[(dot + 1)..]) is not null)
            {
                return true;
            }
        }

        return false;
    }
}
