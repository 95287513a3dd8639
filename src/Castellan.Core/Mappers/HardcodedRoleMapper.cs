namespace Castellan.Core.Mappers;

/// <summary>Adds a role that the user need not have: <c>name</c> or <c>client.name</c>.</summary>
internal sealed class HardcodedRoleMapper : IProtocolMapper
{
    public string Id => "oidc-hardcoded-role-mapper";

    public int Priority => 20;

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target != MapperTarget.Response;

    public void Map(MapperContext context, MapperModel mapper)
    {
        if (mapper["role"] is { } role)
        {
            var (client, name) = RoleNames.Split(role);
            context.Roles.Add(client, name);
        }
    }
}
