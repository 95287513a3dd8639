using Castellan.Core.Representations;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Federation.Mappers;

/// <summary>The kinds of mappers that there are. What a kind has to say is checked where it is configured.</summary>
internal static class LdapMappers
{
    private static readonly Dictionary<string, Func<ComponentRepresentation, LdapFederation, LdapMapper>> s_kinds = new(StringComparer.Ordinal)
    {
        ["user-attribute-ldap-mapper"] = (c, f) => new UserAttributeMapper(c, f),
        ["full-name-ldap-mapper"] = (c, f) => new FullNameMapper(c, f),
        // A certificate is an attribute like others: in the base 64 of its octets where it is a binary one.
        ["certificate-ldap-mapper"] = (c, f) => new UserAttributeMapper(c, f),
        ["hardcoded-attribute-mapper"] = (c, f) => new HardcodedAttributeMapper(c, f),
        ["hardcoded-ldap-attribute-mapper"] = (c, f) => new HardcodedLdapAttributeMapper(c, f),
        ["hardcoded-ldap-role-mapper"] = (c, f) => new HardcodedRoleMapper(c, f),
        ["hardcoded-ldap-group-mapper"] = (c, f) => new HardcodedGroupMapper(c, f),
        ["group-ldap-mapper"] = (c, f) => new GroupMapper(c, f),
        ["role-ldap-mapper"] = (c, f) => new RoleMapper(c, f),
        ["msad-user-account-control-mapper"] = (c, f) => new MsadMapper(c, f),
        ["msad-lds-user-account-control-mapper"] = (c, f) => new MsadLdsMapper(c, f),
    };

    /// <summary>The user's name first, from the attribute that names people before others; then attributes, then all that may build on them.</summary>
    public static int Rank(LdapMapper mapper) => mapper is not UserAttributeMapper attribute ? 3
        : !string.Equals(attribute.Model, UserProfile.Username, StringComparison.OrdinalIgnoreCase) ? 2
        : string.Equals(attribute.Attribute, mapper.Federation.UsernameAttribute, StringComparison.OrdinalIgnoreCase) ? 0 : 1;

    /// <summary>The mapper of a component; null for a kind that does nothing here (Kerberos).</summary>
    public static LdapMapper? Make(ComponentRepresentation component, LdapFederation federation) =>
        s_kinds.TryGetValue(component.ProviderId ?? "", out var make) ? make(component, federation) : null;
}
