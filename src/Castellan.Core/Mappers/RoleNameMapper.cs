namespace Castellan.Core.Mappers;

/// <summary>Renames a role, if the token has it; it can move between realm and client.</summary>
internal sealed class RoleNameMapper : IProtocolMapper
{
    public string Id => "oidc-role-name-mapper";

    public int Priority => 10;

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target != MapperTarget.Response;

    public void Map(MapperContext context, MapperModel mapper)
    {
        if (mapper["role"] is not { } role || mapper["new.role.name"] is not { } renamed)
        {
            return;
        }

        var (client, name) = RoleNames.Split(role);
        if (context.Roles.Remove(client, name))
        {
            (client, name) = RoleNames.Split(renamed);
            context.Roles.Add(client, name);
        }
    }
}
