using System.Text.Json;

namespace Castellan.Core.Representations;

/// <summary>The authorization settings of a client.</summary>
public sealed class ResourceServerRepresentation
{
    public string? Id { get; set; }
    public string? ClientId { get; set; }
    public string? Name { get; set; }
    public bool? AllowRemoteResourceManagement { get; set; }
    public string? PolicyEnforcementMode { get; set; }
    public List<ResourceRepresentation>? Resources { get; set; }
    public List<PolicyRepresentation>? Policies { get; set; }
    public List<ScopeRepresentation>? Scopes { get; set; }
    public string? DecisionStrategy { get; set; }
    public JsonElement? AuthorizationSchema { get; set; }
}
