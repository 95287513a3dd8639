using System.Text.Json.Serialization;

namespace Castellan.Core.Representations;

/// <summary>A client scope with its protocol mappers. Unknown members are passed over, here alone, as in Keycloak: its console sends one.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed class ClientScopeRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? Description { get; set; }
    public string? Protocol { get; set; }
    public Dictionary<string, string?>? Attributes { get; set; }
    public List<ProtocolMapperRepresentation>? ProtocolMappers { get; set; }
}
