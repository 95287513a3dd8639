using Castellan.Core.Brokering.Saml;

namespace Castellan.Core.Brokering.Mappers;

/// <summary>A role for those who have an attribute with a value in the assertion.</summary>
public sealed class SaidRoleMapper : ConditionalRoleMapper
{
    public override string Id => "saml-role-idp-mapper";

    protected override bool GivesInOldMode => true;

    protected override bool Applies(IdentityMapping mapping) => SaidReader.Has(mapping, mapping["attribute.value"] ?? "");
}

/// <summary>A role for those who have all of several attributes with their values in the assertion.</summary>
public sealed class AdvancedSaidRoleMapper : ConditionalRoleMapper
{
    public override string Id => "saml-advanced-role-idp-mapper";

    protected override bool GivesInOldMode => true;

    protected override bool Applies(IdentityMapping mapping) => SaidReader.Fit(mapping);
}
