namespace Castellan.Core.Brokering.Mappers;

/// <summary>A role for those who have all of several claims with their values.</summary>
public sealed class AdvancedRoleMapper : ConditionalRoleMapper
{
    public override string Id => "oidc-advanced-role-idp-mapper";

    protected override bool Applies(IdentityMapping mapping) => ClaimReader.Fit(mapping.Identity, mapping["claims"], mapping.Flag("are.claim.values.regex"));
}
