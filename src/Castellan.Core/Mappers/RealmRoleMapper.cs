namespace Castellan.Core.Mappers;

/// <summary>The names of realm roles.</summary>
internal sealed class RealmRoleMapper : IProtocolMapper
{
    public string Id => "oidc-usermodel-realm-role-mapper";

    public int Priority => 40;

    public void Map(MapperContext context, MapperModel mapper) =>
        ClaimValues.SetRoles(context, mapper, mapper.ClaimPath, Prefixed(context.Roles.Realm, mapper["usermodel.realmRoleMapping.rolePrefix"]));

    internal static IReadOnlyList<string> Prefixed(IReadOnlyList<string> roles, string? prefix) =>
        prefix is null ? roles : [.. roles.Select(r => prefix + r)];
}
