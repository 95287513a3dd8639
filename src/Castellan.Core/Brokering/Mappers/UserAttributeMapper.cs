namespace Castellan.Core.Brokering.Mappers;

/// <summary>A claim becomes an attribute of the person, or their address or one of their names.</summary>
public sealed class UserAttributeMapper : IIdentityMapper
{
    public string Id => "oidc-user-attribute-idp-mapper";

    public void Prepare(IdentityMapping mapping)
    {
        if (mapping["user.attribute"] is { } attribute && Values(mapping) is { Count: > 0 } values)
        {
            IdentityAttributes.Set(mapping.Identity, attribute, values);
        }
    }

    public void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
        if (mapping["user.attribute"] is { } attribute && (Values(mapping) is var values) && (values is { Count: > 0 } || !IdentityAttributes.IsMember(attribute)))
        {
            person.Set(attribute, values);
        }
    }

    private static List<string>? Values(IdentityMapping mapping) => ClaimReader.Find(mapping.Identity, mapping["claim"]);
}

/// <summary>A member of a service's user info becomes an attribute; <c>a.b[0]</c> looks inside.</summary>
public sealed class ServiceAttributeMapper(string service) : IIdentityMapper
{
    public string Id => service + "-user-attribute-mapper";

    public void Prepare(IdentityMapping mapping)
    {
        if (mapping["userAttribute"] is { } attribute && Values(mapping) is { Count: > 0 } values)
        {
            IdentityAttributes.Set(mapping.Identity, attribute, values);
        }
    }

    public void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
        if (mapping["userAttribute"] is { } attribute && (Values(mapping) is var values) && (values is { Count: > 0 } || !IdentityAttributes.IsMember(attribute)))
        {
            person.Set(attribute, values);
        }
    }

    private static List<string>? Values(IdentityMapping mapping) => ClaimReader.Find(mapping.Identity, mapping["jsonField"]);
}

/// <summary>Attributes of an account that waits for its person.</summary>
internal static class IdentityAttributes
{
    public static bool IsMember(string name) => name is "email" or "firstName" or "lastName" or "username";

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
