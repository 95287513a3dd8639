namespace Castellan.Core.Brokering.Mappers;

/// <summary>A group for everybody who comes by the provider.</summary>
public sealed class HardcodedGroupMapper : IIdentityMapper
{
    public string Id => "oidc-hardcoded-group-idp-mapper";

    public void Create(IdentityMapping mapping, PersonDraft person) => Join(mapping, person);

    public void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode) => Join(mapping, person);

    private static void Join(IdentityMapping mapping, PersonDraft person)
    {
        if (person.GroupId(mapping["group"]) is { } group)
        {
            person.Join(group);
        }
    }
}
