using System.Text.Json;
using System.Text.Json.Serialization;
using Castellan.Core.Representations;

namespace Castellan.Server.Protection;

/// <summary>A resource as resource servers register it (UMA 2.0 Federated Authorization §3.1): scopes stand under UMA's name and under Keycloak's.</summary>
internal sealed class UmaResourceRepresentation
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
    [JsonPropertyName("resource_scopes"), JsonConverter(typeof(LenientScopes))]
    public List<ScopeRepresentation>? ResourceScopes { get; set; }
    [JsonConverter(typeof(LenientScopes))]
    public List<ScopeRepresentation>? Scopes { get; set; }
    [JsonPropertyName("icon_uri")]
    public string? IconUri { get; set; }

    /// <summary>As administration has it.</summary>
    public ResourceRepresentation ToResource() => new()
    {
        Id = Id, Name = Name, DisplayName = DisplayName, Type = Type, IconUri = IconUri, OwnerManagedAccess = OwnerManagedAccess, Attributes = Attributes, Uris = Uris, Uri = Uri,
        Scopes = [.. ResourceScopes ?? [], .. Scopes ?? []],
    };
}

/// <summary>What a ticket is asked for (§4.1).</summary>
internal sealed class PermissionRequest
{
    [JsonPropertyName("resource_id")]
    public string? ResourceId { get; set; }
    [JsonPropertyName("resource_scopes")]
    public List<string>? Scopes { get; set; }
    [JsonConverter(typeof(LenientLists))]
    public Dictionary<string, List<string>>? Claims { get; set; }
}

internal sealed record PermissionResponse(string Ticket);

/// <summary>A ticket as it is kept.</summary>
internal sealed class PermissionTicketRepresentation
{
    public string? Id { get; set; }
    public string? Owner { get; set; }
    public string? Resource { get; set; }
    public string? Scope { get; set; }
    public bool? Granted { get; set; }
    public string? ScopeName { get; set; }
    public string? ResourceName { get; set; }
    public string? Requester { get; set; }
    public string? OwnerName { get; set; }
    public string? RequesterName { get; set; }
}

/// <summary>A policy of an owner's.</summary>
internal sealed class UmaPermissionRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? Description { get; set; }
    public string? Type { get; set; }
    public List<string>? Policies { get; set; }
    public List<string>? Resources { get; set; }
    public List<string>? Scopes { get; set; }
    public string? Logic { get; set; }
    public string? DecisionStrategy { get; set; }
    public string? Owner { get; set; }
    public string? ResourceType { get; set; }
    public JsonElement? ResourcesData { get; set; }
    public JsonElement? ScopesData { get; set; }
    public List<string>? Roles { get; set; }
    public List<string>? Groups { get; set; }
    public List<string>? Clients { get; set; }
    public List<string>? Users { get; set; }
    public string? Condition { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(LenientBoolean), typeof(LenientInt32), typeof(LenientInt64), typeof(LenientString)])]
[JsonSerializable(typeof(UmaResourceRepresentation))]
[JsonSerializable(typeof(List<ResourceRepresentation>))]
[JsonSerializable(typeof(List<PermissionRequest>))]
[JsonSerializable(typeof(PermissionResponse))]
[JsonSerializable(typeof(PermissionTicketRepresentation))]
[JsonSerializable(typeof(List<PermissionTicketRepresentation>))]
[JsonSerializable(typeof(UmaPermissionRepresentation))]
[JsonSerializable(typeof(List<UmaPermissionRepresentation>))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(long))]
internal sealed partial class ProtectionJson : JsonSerializerContext;
