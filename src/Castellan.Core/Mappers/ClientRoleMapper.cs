namespace Castellan.Core.Mappers;

/// <summary>The names of client roles: of one client, or of each under a name in which <c>${client_id}</c> stands for it.</summary>
internal sealed class ClientRoleMapper : IProtocolMapper
{
    private const string Placeholder = "${client_id}";

    public string Id => "oidc-usermodel-client-role-mapper";

    public int Priority => 40;

    public void Map(MapperContext context, MapperModel mapper)
    {
        var prefix = mapper["usermodel.clientRoleMapping.rolePrefix"];
        if (mapper["usermodel.clientRoleMapping.clientId"] is { } client)
        {
            if (context.Roles.Clients.TryGetValue(client, out var roles))
            {
                ClaimValues.SetRoles(context, mapper, PathFor(mapper, client), RealmRoleMapper.Prefixed(roles, prefix));
            }

            return;
        }

        // Under one name for all clients their roles come together.
        foreach (var (id, roles) in context.Roles.Clients)
        {
            ClaimValues.SetRoles(context, mapper, PathFor(mapper, id), RealmRoleMapper.Prefixed(roles, prefix));
        }
    }

    /// <summary>The dots of a client id are no levels, so the name is put in after the path was taken apart.</summary>
    private static string[] PathFor(MapperModel mapper, string client)
    {
        var path = new string[mapper.ClaimPath.Length];
        for (var i = 0; i < path.Length; i++)
        {
            var part = mapper.ClaimPath[i];
            path[i] = part == Placeholder ? client : part.Replace(Placeholder, client, StringComparison.Ordinal);
        }

        return path;
    }
}
