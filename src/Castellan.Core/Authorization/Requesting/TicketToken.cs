using System.Text.Json;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Authorization.Requesting;

/// <summary>
/// The permission ticket that a resource server hands to a client (UMA 2.0 Grant §3.3.1, Federated Authorization §4): a token that the realm signs for itself
/// with its symmetric key, so that nobody else can make or read anything into one.
/// </summary>
/// <param name="Id">Its <c>jti</c>.</param>
/// <param name="ResourceServer">The <c>client_id</c> of whoever asked for it.</param>
/// <param name="Claims">What the resource server pushed about the circumstances.</param>
public sealed record TicketToken(
    string Id, string ResourceServer, string? Subject, IReadOnlyList<WantedPermission> Permissions, IReadOnlyDictionary<string, IReadOnlyList<string>> Claims, long? IssuedAt, long? Expires)
{
    /// <summary>As Keycloak signs tokens that are for the server itself.</summary>
    public const string Algorithm = "HS512";

    public bool IsActive(long nowSeconds) => Expires is { } end && nowSeconds < end;

    /// <summary>Reads a ticket of this realm; null when it is none. No other token of the realm passes for one: those say their type.</summary>
    public static TicketToken? Read(Realm realm, string text, string issuer)
    {
        if (text.Length > Jws.DefaultMaxLength || Jws.TryParse(text, out var jws) != JoseFault.None || jws!.Algorithm?.Name != Algorithm
            || KeyRing.Of(realm).Verification.Verify(jws) != JoseFault.None)
        {
            return null;
        }

        using var claims = jws.Claims();
        if (claims is null || claims.Has("typ") || !claims.HasAudience(issuer) || claims.Text("azp") is not { } party || claims.Text("jti") is not { } id
            || !claims.Root.TryGetProperty("permissions", out var permissions) || permissions.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var wanted = new List<WantedPermission>();
        foreach (var permission in permissions.EnumerateArray())
        {
            if (permission.ValueKind == JsonValueKind.Object)
            {
                wanted.Add(new(Text(permission, "rsid"), PushedClaims.Texts(permission, "scopes")));
            }
        }

        return new(
            id, party, claims.Text("sub"), wanted, claims.Root.TryGetProperty("claims", out var pushed) ? PushedClaims.Read(pushed) ?? PushedClaims.None : PushedClaims.None,
            claims.Seconds("iat"), claims.Seconds("exp"));
    }

    /// <summary>The ticket as it is handed out.</summary>
    public string Sign(SigningKey key, string issuer)
    {
        using var buffer = JwtBuffer.Rent();
        var json = buffer.Json;
        json.WriteStartObject();
        Number("exp", Expires);
        Number("iat", IssuedAt);
        json.WriteString("jti", Id);
        json.WriteString("aud", issuer);
        if (Subject is not null)
        {
            json.WriteString("sub", Subject);
        }

        json.WriteString("azp", ResourceServer);
        json.WriteStartArray("permissions");
        foreach (var permission in Permissions)
        {
            json.WriteStartObject();
            if (permission.Scopes.Count > 0)
            {
                Texts("scopes", permission.Scopes);
            }

            json.WriteString("rsid", permission.Resource);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (Claims.Count > 0)
        {
            json.WriteStartObject("claims");
            foreach (var (name, values) in Claims)
            {
                Texts(name, values);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        return buffer.Sign(key);

        void Number(string name, long? value)
        {
            if (value is { } number)
            {
                json.WriteNumber(name, number);
            }
        }

        void Texts(string name, IEnumerable<string> values)
        {
            json.WriteStartArray(name);
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }
    }

    private static string? Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
