using System.Collections.Frozen;
using System.Globalization;
using System.Security.Claims;
using System.Text.Json;

namespace Castellan.AspNetCore;

/// <summary>A token that was found good: what the policies ask for at hand, the claims made when somebody wants them.</summary>
internal sealed class AccessToken
{
    private readonly byte[] _payload;
    private readonly FrozenSet<string> _realmRoles;
    private readonly FrozenSet<string> _scopes;
    private readonly Dictionary<string, FrozenSet<string>> _clientRoles;
    private Claim[]? _claims;

    private AccessToken(byte[] payload, JsonElement claims)
    {
        _payload = payload;
        Issuer = Text(claims, "iss") ?? "";
        Subject = Text(claims, "sub");
        ClientId = Text(claims, "azp") ?? Text(claims, "client_id");
        Username = Text(claims, "preferred_username") ?? Text(claims, "username");
        _scopes = (Text(claims, "scope") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
        _realmRoles = claims.TryGetProperty("realm_access", out var realm) ? Roles(realm) : [];
        _clientRoles = claims.TryGetProperty("resource_access", out var clients) && clients.ValueKind == JsonValueKind.Object
            ? clients.EnumerateObject().ToDictionary(client => client.Name, client => Roles(client.Value), StringComparer.Ordinal)
            : [];
    }

    public string Issuer { get; }

    public string? Subject { get; }

    public string? ClientId { get; }

    public string? Username { get; }

    public IReadOnlyCollection<string> Scopes => _scopes;

    public IReadOnlyCollection<string> RealmRoles => _realmRoles;

    /// <summary>All claims, in the form that .NET programs know. The array is shared by all requests with this token.</summary>
    public Claim[] Claims => _claims ??= MakeClaims();

    /// <summary>Takes a payload whose token was checked.</summary>
    public static AccessToken From(ReadOnlyMemory<byte> payload, JsonElement claims) => new(payload.ToArray(), claims);

    public bool HasScope(string scope) => _scopes.Contains(scope);

    public bool HasRealmRole(string role) => _realmRoles.Contains(role);

    public bool HasClientRole(string client, string role) => _clientRoles.TryGetValue(client, out var roles) && roles.Contains(role);

    public IReadOnlyCollection<string> ClientRoles(string client) => _clientRoles.GetValueOrDefault(client, []);

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static FrozenSet<string> Roles(JsonElement access) =>
        access.ValueKind == JsonValueKind.Object && access.TryGetProperty("roles", out var roles) && roles.ValueKind == JsonValueKind.Array
            ? roles.EnumerateArray().Where(role => role.ValueKind == JsonValueKind.String).Select(role => role.GetString()!).ToFrozenSet(StringComparer.Ordinal)
            : [];

    private Claim[] MakeClaims()
    {
        using var document = JsonDocument.Parse(_payload);
        var claims = new List<Claim>(32);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in member.Value.EnumerateArray())
                {
                    Add(member.Name, item);
                }
            }
            else
            {
                Add(member.Name, member.Value);
            }
        }

        if (Subject is not null)
        {
            Add2(ClaimTypes.NameIdentifier, Subject, ClaimValueTypes.String);
        }

        foreach (var role in _realmRoles)
        {
            Add2(CastellanIdentity.RoleType, role, ClaimValueTypes.String);
        }

        return [.. claims];

        void Add(string name, JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.String:
                    Add2(name, value.GetString()!, ClaimValueTypes.String);
                    break;
                case JsonValueKind.Number when value.TryGetInt64(out var whole):
                    Add2(name, whole.ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer64);
                    break;
                case JsonValueKind.Number:
                    Add2(name, value.GetRawText(), ClaimValueTypes.Double);
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    Add2(name, value.GetBoolean() ? "true" : "false", ClaimValueTypes.Boolean);
                    break;
                case JsonValueKind.Object or JsonValueKind.Array:
                    Add2(name, value.GetRawText(), "JSON");
                    break;
            }
        }

        void Add2(string name, string value, string type) => claims.Add(new Claim(name, value, type, Issuer));
    }
}
