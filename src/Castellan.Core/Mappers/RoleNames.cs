namespace Castellan.Core.Mappers;

/// <summary>Roles as mappers write them: <c>name</c>, or <c>client.name</c>.</summary>
internal static class RoleNames
{
    /// <summary>Takes a role apart as Keycloak does: at its last dot, whatever roles there are. Client ids may hold dots, names of roles may not.</summary>
    public static (string? Client, string Name) Split(string role)
    {
        var dot = role.LastIndexOf('.');
        return dot < 0 ? (null, role) : (role[..dot], role[(dot + 1)..]);
    }
}
