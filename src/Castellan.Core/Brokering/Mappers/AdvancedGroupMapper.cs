namespace Castellan.Core.Brokering.Mappers;

/// <summary>A group for those who have all of several claims with their values.</summary>
public sealed class AdvancedGroupMapper : IIdentityMapper
{
    public string Id => "oidc-advanced-group-idp-mapper";

    public void Create(IdentityMapping mapping, PersonDraft person)
    {
        if (person.GroupId(mapping["group"]) is { } group && Applies(mapping))
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

        if (Applies(mapping))
        {
            person.Join(group);
        }
        else
        {
            person.Leave(group);
        }
    }

    private static bool Applies(IdentityMapping mapping) => ClaimReader.Fit(mapping.Identity, mapping["claims"], mapping.Flag("are.claim.values.regex"));
}
