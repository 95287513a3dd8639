using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Authorization.Evaluation;

/// <summary>Who asks for permissions, and under which circumstances: what policies decide by.</summary>
public sealed class PolicyContext
{
    public required Realm Realm { get; init; }

    public required IClients Clients { get; init; }

    /// <summary>The person, or the account of a client.</summary>
    public required User User { get; init; }

    /// <summary>The claims of the access token that is asked with.</summary>
    public required JsonElement Claims { get; init; }

    /// <summary>What the client pushed about the circumstances, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The server's time in its own zone.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>A claim as text; null when the token does not have it.</summary>
    public string? Claim(string name) => Claims.TryGetProperty(name, out var value) ? Text(value) : null;

    /// <summary>The texts of a claim that is a text or a list.</summary>
    public IReadOnlyList<string> ClaimValues(string name) => Claims.TryGetProperty(name, out var value)
        ? value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(Text).OfType<string>()] : Text(value) is { } text ? [text] : []
        : [];

    /// <summary>Whether the token names a role of the realm, or of a client by its <c>client_id</c>.</summary>
    public bool TokenHasRole(string? clientId, string role) => HasRole(Claims, clientId, role);

    internal static bool HasRole(JsonElement claims, string? clientId, string role)
    {
        var access = clientId is null
            ? Member(claims, "realm_access")
            : Member(claims, "resource_access") is { } all ? Member(all, clientId) : null;
        return access is { } found && Member(found, "roles") is { ValueKind: JsonValueKind.Array } roles
            && roles.EnumerateArray().Any(r => r.ValueKind == JsonValueKind.String && r.ValueEquals(role));
    }

    internal static JsonElement? Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : null;

    internal static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => value.GetRawText(),
    };
}
