namespace Castellan.Core.Brokering.Mappers;

/// <summary>A role here for those who have a role there, where both sides write roles as Keycloak does: <c>role</c> or <c>client.role</c>.</summary>
public sealed class ExternalRoleMapper : ConditionalRoleMapper
{
    public override string Id => "keycloak-oidc-role-to-role-idp-mapper";

    /// <summary>In the old mode this kind leaves everything as it is.</summary>
    public override void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
        if (mode == SyncMode.Force)
        {
            base.Update(mapping, person, mode);
        }
    }

    protected override bool Applies(IdentityMapping mapping)
    {
        if (mapping["external.role"] is not { } role)
        {
            return false;
        }

        if (Has(mapping, "realm_access.roles", role))
        {
            return true;
        }

        // Both parts may have dots in them.
        for (var dot = role.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = role.IndexOf('.', dot + 1))
        {
            if (Has(mapping, $"resource_access.{role[..dot].Replace(".", "\\.", StringComparison.Ordinal)}.roles", role[(dot + 1)..]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(IdentityMapping mapping, string claim, string role) => ClaimReader.Find(mapping.Identity, claim)?.Contains(role) ?? false;
}
