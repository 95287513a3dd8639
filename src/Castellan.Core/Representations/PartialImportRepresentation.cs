using System.Text.Json.Serialization;

namespace Castellan.Core.Representations;

/// <summary>Parts that come into a realm that is there already. A whole realm file will do: what is no such part is passed over.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed class PartialImportRepresentation
{
    public string? IfResourceExists { get; set; }
    public List<UserRepresentation>? Users { get; set; }
    public List<ClientRepresentation>? Clients { get; set; }
    public List<GroupRepresentation>? Groups { get; set; }
    public List<IdentityProviderRepresentation>? IdentityProviders { get; set; }
    public List<IdentityProviderMapperRepresentation>? IdentityProviderMappers { get; set; }
    public RolesRepresentation? Roles { get; set; }
}
