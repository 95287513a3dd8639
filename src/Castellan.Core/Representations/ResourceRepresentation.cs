using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.Core.Representations;

/// <summary>A protected resource.</summary>
public sealed class ResourceRepresentation
{
    public string? Name { get; set; }
    public string? Type { get; set; }
    public JsonElement? Owner { get; set; }
    public bool? OwnerManagedAccess { get; set; }
    public string? DisplayName { get; set; }
    [JsonConverter(typeof(LenientLists))]
    public Dictionary<string, List<string>>? Attributes { get; set; }
    [JsonPropertyName("_id")]
    public string? Id { get; set; }
    public List<string>? Uris { get; set; }
    public string? Uri { get; set; }
    [JsonConverter(typeof(LenientScopes))]
    public List<ScopeRepresentation>? Scopes { get; set; }
    [JsonPropertyName("icon_uri")]
    public string? IconUri { get; set; }
}
