using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Castellan.Server.Admin.UiExt;

internal sealed record UiInfo(bool UserProfileProvidersEnabled);

internal sealed record RealmName(string Name, string? DisplayName = null);

internal sealed record Listed(string Id);

/// <summary>A client role that can be chosen, or that counts.</summary>
internal sealed record ClientRoleChoice(string Id, string Role, string? Description, string Client, string ClientId);

/// <summary>A role that counts, of the realm or of a client.</summary>
internal sealed record EffectiveRole(string Id, string Name, string? Description, bool ClientRole, string? Client, string? ClientId);

/// <summary>A mapping that is to go.</summary>
internal sealed record MappingToRemove(string? RoleId, string? RoleName = null, string? ClientId = null);

/// <summary>A flow and what is bound to it: the realm's own bindings (DEFAULT), clients, or identity providers.</summary>
internal sealed record FlowWithUse(string Id, string Alias, bool BuiltIn, string? Description, FlowUsedBy? UsedBy);

internal sealed record FlowUsedBy(string Type, IReadOnlyList<string> Values);

/// <summary>A required action, and whether it has settings.</summary>
internal sealed record RequiredActionWithConfig(
    string Alias, string? Name, string? ProviderId, bool Enabled, bool DefaultAction, int Priority, Dictionary<string, string?> Config, bool Configurable);

internal sealed record ListedSession(
    string Id, string Username, string UserId, string? IpAddress, long Start, long LastAccess, string Type, Dictionary<string, string> Clients, bool TransientUser);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UiInfo))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(List<RealmName>))]
[JsonSerializable(typeof(List<Listed>))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(List<ClientRoleChoice>))]
[JsonSerializable(typeof(List<EffectiveRole>))]
[JsonSerializable(typeof(List<MappingToRemove>))]
[JsonSerializable(typeof(List<FlowWithUse>))]
[JsonSerializable(typeof(List<RequiredActionWithConfig>))]
[JsonSerializable(typeof(List<ListedSession>))]
internal sealed partial class UiExtJson : JsonSerializerContext;
