namespace Castellan.Core.Brokering.Mappers;

/// <summary>A role for everybody who comes by the provider.</summary>
public sealed class HardcodedRoleMapper : IIdentityMapper
{
    public string Id => "oidc-hardcoded-role-idp-mapper";

    public void Create(IdentityMapping mapping, PersonDraft person) => Grant(mapping, person);

    /// <summary>In the old mode this kind is for new people alone.</summary>
    public void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
        if (mode == SyncMode.Force)
        {
            Grant(mapping, person);
        }
    }

    private static void Grant(IdentityMapping mapping, PersonDraft person)
    {
        if (person.RoleId(mapping["role"]) is { } role)
        {
            person.Grant(role);
        }
    }
}
