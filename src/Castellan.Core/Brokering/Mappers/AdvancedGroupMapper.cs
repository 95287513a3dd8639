using Castellan.Core.Brokering.Saml;

namespace Castellan.Core.Brokering.Mappers;

/// <summary>A group for those of whom the provider says all of several things.</summary>
/// <param name="id">The provider id.</param>
/// <param name="applies">Whether it says them.</param>
public sealed class AdvancedGroupMapper(string id, Func<IdentityMapping, bool> applies) : IIdentityMapper
{
    public string Id => id;

    /// <summary>For identity providers that speak OpenID Connect.</summary>
    public static AdvancedGroupMapper OfClaims() => new("oidc-advanced-group-idp-mapper", m => ClaimReader.Fit(m.Identity, m["claims"], m.Flag("are.claim.values.regex")));

    /// <summary>For identity providers that speak SAML.</summary>
    public static AdvancedGroupMapper OfAssertions() => new("saml-advanced-group-idp-mapper", SaidReader.Fit);

    public void Create(IdentityMapping mapping, PersonDraft person)
    {
        if (person.GroupId(mapping["group"]) is { } group && applies(mapping))
        {
            person.Join(group);
        }
    }

    public void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
        if (person.GroupId(mapping["group"]) is not { } group)
        {
            return;
        }

        if (applies(mapping))
        {
            person.Join(group);
        }
        else
        {
            person.Leave(group);
        }
    }
}
