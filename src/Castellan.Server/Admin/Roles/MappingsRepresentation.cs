using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Roles;

/// <summary>All roles that are mapped to something.</summary>
internal sealed class MappingsRepresentation
{
    public List<RoleRepresentation>? RealmMappings { get; set; }

    /// <summary>By <c>client_id</c>.</summary>
    public Dictionary<string, ClientMappingsRepresentation>? ClientMappings { get; set; }
}

/// <summary>Roles of one client that are mapped to something.</summary>
internal sealed class ClientMappingsRepresentation
{
    public string? Id { get; set; }

    public string? Client { get; set; }

    public List<RoleRepresentation>? Mappings { get; set; }
}
