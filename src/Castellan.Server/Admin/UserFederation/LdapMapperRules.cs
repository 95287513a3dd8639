using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.UserFederation;

/// <summary>What mappers of an LDAP federation must say.</summary>
internal static class LdapMapperRules
{
    private const string Groups = "group-ldap-mapper";
    private const string Roles = "role-ldap-mapper";

    /// <summary>What is wrong with a mapper, or null.</summary>
    /// <param name="federation">The federation that it belongs to.</param>
    public static async ValueTask<string?> RefuseAsync(AdminContext context, ComponentRepresentation mapper, ComponentRepresentation? federation) => mapper.ProviderId switch
    {
        Groups => Group(context.Realm, mapper),
        Roles => Needs(mapper, "roles.dn", "LDAP Roles DN")
            ?? Needs(mapper, "mode", "Mode")
            ?? (LdapProvider.IsTrue(mapper, "use.realm.roles.mapping") || LdapProvider.Text(mapper, "client.id") is not null
                ? null
                : "Client ID needs to be provided in config when Realm Roles Mapping is not used.")
            ?? LdapProvider.Filter(LdapProvider.Text(mapper, "roles.ldap.filter")),
        "user-attribute-ldap-mapper" => Attribute(mapper),
        "certificate-ldap-mapper" => Attribute(mapper)
            ?? (LdapProvider.IsTrue(mapper, "is.der.formatted") && !LdapProvider.IsTrue(mapper, "is.binary.attribute")
                ? "With DER formatted certificate enabled, the 'Is Binary Attribute' option must be enabled too"
                : null),
        "full-name-ldap-mapper" => Needs(mapper, "ldap.full.name.attribute", "LDAP Full Name Attribute")
            ?? (federation is null ? "cant find parent component model"
                : !LdapProvider.IsTrue(mapper, "write.only") ? null
                : LdapProvider.Text(federation, "editMode") != "WRITABLE" ? "Can not set write only when LDAP provider mode is not WRITABLE"
                : LdapProvider.IsTrue(mapper, "read.only") ? "Can not set both write-only and read-only"
                : null),
        "hardcoded-attribute-mapper" => Requires(mapper, "user.model.attribute", "'Attribute Name' is required")
            ?? Requires(mapper, "attribute.value", "'Attribute Value' is required")
            ?? (LdapProvider.Text(mapper, "user.model.attribute")!.ToLowerInvariant() is "username" or "email" ? "Attribute Name cannot be set to username or email" : null),
        "hardcoded-ldap-attribute-mapper" => Requires(mapper, "ldap.attribute.name", "'LDAP Attribute Name' is required")
            ?? Requires(mapper, "ldap.attribute.value", "'LDAP Attribute Value' is required"),
        "hardcoded-ldap-role-mapper" => Requires(mapper, "role", "Role cant be null")
            ?? (await HasRoleAsync(context, LdapProvider.Text(mapper, "role")!) ? null : "There is no role corresponding to configured value"),
        "hardcoded-ldap-group-mapper" => Requires(mapper, "group", "Group cant be null")
            ?? (HasGroup(context.Realm, LdapProvider.Text(mapper, "group")!) ? null : "There is no group corresponding to configured value"),
        _ => null,
    };

    /// <summary>Whether a mapper of groups finds members by something that there is not.</summary>
    public static bool HasUnknownMembership(ComponentRepresentation mapper) =>
        mapper.ProviderId == Groups && mapper.Config?.GetValueOrDefault("membership.attribute.type") is [not ("DN" or "UID"), ..];

    /// <summary>Fills in what a mapper has without being told, and what its federation leaves no choice about.</summary>
    public static void Complete(ComponentRepresentation mapper, ComponentRepresentation? federation)
    {
        if (mapper.ProviderId == Groups && LdapProvider.Text(mapper, "groups.path") is null)
        {
            (mapper.Config ??= [])["groups.path"] = ["/"];
        }

        if (CannotImport(mapper, federation))
        {
            mapper.Config!["mode"] = ["READ_ONLY"];
        }
    }

    /// <summary>The mappers of a federation that have to change with it.</summary>
    public static IEnumerable<ComponentRepresentation> Followers(Realm realm, ComponentRepresentation federation)
    {
        foreach (var mapper in realm.Data.Components.Where(c => c.ParentId == federation.Id && c.ProviderType == LdapProvider.MapperType && CannotImport(c, federation)))
        {
            var follower = mapper.Copy(AdminJson.Default.ComponentRepresentation);
            Complete(follower, federation);
            yield return follower;
        }
    }

    /// <summary>Memberships cannot be brought in together with people who are not brought in.</summary>
    private static bool CannotImport(ComponentRepresentation mapper, ComponentRepresentation? federation) =>
        mapper.ProviderId is Groups or Roles && federation is not null && LdapProvider.Text(federation, "importEnabled") is { } imports
        && !string.Equals(imports, "true", StringComparison.OrdinalIgnoreCase) && string.Equals(LdapProvider.Text(mapper, "mode"), "IMPORT", StringComparison.OrdinalIgnoreCase);

    private static string? Requires(ComponentRepresentation mapper, string setting, string refusal) => LdapProvider.Text(mapper, setting) is null ? refusal : null;

    private static string? Needs(ComponentRepresentation mapper, string setting, string what) => Requires(mapper, setting, $"Missing configuration for {what}");

    private static string? Attribute(ComponentRepresentation mapper) =>
        Needs(mapper, "user.model.attribute", "User Model Attribute")
        ?? Needs(mapper, "ldap.attribute", "LDAP Attribute")
        ?? (LdapProvider.IsTrue(mapper, "is.binary.attribute") && !LdapProvider.IsTrue(mapper, "always.read.value.from.ldap")
            ? "With Binary attribute enabled, the 'Always read value from LDAP' must be enabled too"
            : null);

    private static string? Group(Realm realm, ComponentRepresentation mapper) =>
        Needs(mapper, "groups.dn", "LDAP Groups DN")
        ?? Needs(mapper, "mode", "Mode")
        ?? (LdapProvider.IsTrue(mapper, "preserve.group.inheritance") && LdapProvider.Text(mapper, "membership.attribute.type") == "UID"
            ? "Not possible to preserve group inheritance and use UID membership type together."
            : null)
        ?? LdapProvider.Filter(LdapProvider.Text(mapper, "groups.ldap.filter"))
        ?? (LdapProvider.Text(mapper, "groups.path") is { } path && path != "/" && !HasGroup(realm, path)
            ? "Groups path group does not exist - please create the group on specified path first"
            : null);

    private static bool HasGroup(Realm realm, string path) => realm.Groups.FindByPath(path.TrimEnd('/')) is not null;

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
