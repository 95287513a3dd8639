namespace Castellan.Core.Representations;

/// <summary>The roles of a realm file: of the realm, and of each client by client id.</summary>
public sealed class RolesRepresentation
{
    public List<RoleRepresentation>? Realm { get; set; }
    public Dictionary<string, List<RoleRepresentation>>? Client { get; set; }
    public Dictionary<string, List<RoleRepresentation>>? Application { get; set; }
}
