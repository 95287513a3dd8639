namespace Castellan.Core.Brokering.Mappers;

/// <summary>A role for those of whom something is said; it goes when that is no longer said.</summary>
public abstract class ConditionalRoleMapper : IIdentityMapper
{
    public abstract string Id { get; }

    public void Create(IdentityMapping mapping, PersonDraft person)
    {
        if (person.RoleId(mapping["role"]) is { } role && Applies(mapping))
        {
            person.Grant(role);
        }
    }

    public virtual void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
        if (person.RoleId(mapping["role"]) is not { } role)
        {
            return;
        }

        if (!Applies(mapping))
        {
            person.Revoke(role);
        }
        else if (mode == SyncMode.Force || GivesInOldMode)
        {
            person.Grant(role);
        }
    }

    /// <summary>Whether the old mode gives roles to people who come again, and does not only take them.</summary>
    protected virtual bool GivesInOldMode => false;

    protected abstract bool Applies(IdentityMapping mapping);
}

/// <summary>A role for those who have a claim with a value.</summary>
public sealed class ClaimRoleMapper : ConditionalRoleMapper
{
    public override string Id => "oidc-role-idp-mapper";

    protected override bool Applies(IdentityMapping mapping) =>
        mapping["claim.value"] is { } value && (ClaimReader.Find(mapping.Identity, mapping["claim"])?.Contains(value) ?? false);
}
