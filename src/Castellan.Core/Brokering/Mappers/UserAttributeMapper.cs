using Castellan.Core.Brokering.Saml;

namespace Castellan.Core.Brokering.Mappers;

/// <summary>What a provider says becomes an attribute of the person, or their address or one of their names.</summary>
/// <param name="id">The provider id.</param>
/// <param name="find">Finds what the provider says.</param>
/// <param name="target">The setting that names the attribute.</param>
/// <param name="updates">What it does with people who come again.</param>
public sealed class UserAttributeMapper(string id, Func<IdentityMapping, List<string>?> find, string target, AttributeUpdates updates = AttributeUpdates.Always) : IIdentityMapper
{
    public string Id => id;

    /// <summary>For identity providers that speak OpenID Connect: of a claim.</summary>
    public static UserAttributeMapper OfClaims() => new("oidc-user-attribute-idp-mapper", m => ClaimReader.Find(m.Identity, m["claim"]), "user.attribute");

    /// <summary>For identity providers that speak SAML: of an attribute of the assertion.</summary>
    public static UserAttributeMapper OfAssertions() => new("saml-user-attribute-idp-mapper", SaidReader.Find, "user.attribute");

    /// <summary>For identity providers that speak SAML: of what an attribute has in it that is XML.</summary>
    public static UserAttributeMapper OfXml() => new("saml-xpath-attribute-idp-mapper", SaidXml.Find, "user.attribute", AttributeUpdates.WhatIsSaid);

    /// <summary>For a service with an interface of its own, under its name: of a member of the user info (<c>a.b[0]</c> looks inside).</summary>
    public static UserAttributeMapper Of(string service) => new(service + "-user-attribute-mapper", m => ClaimReader.Find(m.Identity, m["jsonField"]?.Trim()), "userAttribute", AttributeUpdates.ByForce);

    public void Prepare(IdentityMapping mapping)
    {
        if (Target(mapping) is not { } attribute)
        {
            return;
        }

        if (find(mapping) is { Count: > 0 } values)
        {
            IdentityAttributes.Set(mapping.Identity, attribute, values);
        }
        else if (Empties(mapping, attribute))
        {
            IdentityAttributes.Empty(mapping.Identity, attribute);
        }
    }

    public void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
        if ((mode == SyncMode.Force || updates != AttributeUpdates.ByForce) && Target(mapping) is { } attribute && find(mapping) is var values
            && (values is { Count: > 0 } || (updates != AttributeUpdates.WhatIsSaid && !IdentityAttributes.IsMember(attribute)) || Empties(mapping, attribute)))
        {
            person.Set(attribute, values);
        }
    }

    /// <summary>Whether the address or a name goes when the provider does not say it: the one that the person has stays otherwise.</summary>
    private static bool Empties(IdentityMapping mapping, string attribute) => mapping.Flag("allow.nullable.property") && IdentityAttributes.MayBeEmpty(attribute);

    private string? Target(IdentityMapping mapping) => mapping[target]?.Trim() is { Length: > 0 } name ? IdentityAttributes.Named(name) : null;
}

/// <summary>What a mapper of attributes does with people who come again.</summary>
public enum AttributeUpdates
{
    /// <summary>The attribute becomes what is said, and goes when nothing is.</summary>
    Always,

    /// <summary>The same, but nothing in the old mode.</summary>
    ByForce,

    /// <summary>The attribute becomes what is said, and stays when nothing is.</summary>
    WhatIsSaid,
}

/// <summary>Attributes of an account that waits for its person.</summary>
internal static class IdentityAttributes
{
    private static readonly string[] s_members = ["email", "firstName", "lastName"];

    /// <summary>The address and the names are meant in whatever case they are written.</summary>
    public static string Named(string name) => Array.Find(s_members, m => m.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;

    public static bool IsMember(string name) => name is "email" or "firstName" or "lastName" or "username";

    public static bool MayBeEmpty(string name) => s_members.Contains(name);

    public static void Empty(BrokeredIdentity identity, string name)
    {
        switch (name)
        {
            case "email":
                identity.Email = null;
                break;
            case "firstName":
                identity.FirstName = null;
                break;
            default:
                identity.LastName = null;
                break;
        }
    }

    public static void Set(BrokeredIdentity identity, string name, List<string> values)
    {
        switch (name)
        {
            case "email":
                identity.Email = values[0].ToLowerInvariant();
                break;
            case "firstName":
                identity.FirstName = values[0];
                break;
            case "lastName":
                identity.LastName = values[0];
                break;
            case "username":
                identity.LocalUsername = values[0];
                break;
            default:
                identity.Attributes[name] = values;
                break;
        }
    }
}
