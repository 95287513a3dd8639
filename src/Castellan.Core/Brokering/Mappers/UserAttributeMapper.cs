namespace Castellan.Core.Brokering.Mappers;

/// <summary>A claim, or a member of a service's user info (<c>a.b[0]</c> looks inside), becomes an attribute of the person, or their address or one of their names.</summary>
/// <param name="id">The provider id.</param>
/// <param name="source">The setting that names the claim, and <paramref name="target"/> the one that names the attribute.</param>
public sealed class UserAttributeMapper(string id, string source, string target) : IIdentityMapper
{
    public string Id => id;

    /// <summary>For identity providers that speak OpenID Connect.</summary>
    public static UserAttributeMapper OfClaims() => new("oidc-user-attribute-idp-mapper", "claim", "user.attribute");

    /// <summary>For a service with an interface of its own, under its name.</summary>
    public static UserAttributeMapper Of(string service) => new(service + "-user-attribute-mapper", "jsonField", "userAttribute");

    public void Prepare(IdentityMapping mapping)
    {
        if (mapping[target] is { } attribute && Values(mapping) is { Count: > 0 } values)
        {
            IdentityAttributes.Set(mapping.Identity, attribute, values);
        }
    }

    public void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
        if (mapping[target] is { } attribute && (Values(mapping) is var values) && (values is { Count: > 0 } || !IdentityAttributes.IsMember(attribute)))
        {
            person.Set(attribute, values);
        }
    }

    private List<string>? Values(IdentityMapping mapping) => ClaimReader.Find(mapping.Identity, mapping[source]);
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
