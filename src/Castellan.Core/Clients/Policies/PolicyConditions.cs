using System.Text.Json;
using Castellan.Core.Authorize;
using Castellan.Core.Brokering;
using Castellan.Core.Grants;
using Castellan.Core.Representations;

namespace Castellan.Core.Clients.Policies;

/// <summary>The conditions of client policies.</summary>
internal static class PolicyConditions
{
    /// <summary>Whether a condition holds; null when the occasion is none of its concern.</summary>
    public static bool? Holds(string condition, PolicyOccasion occasion, PolicySettings settings) => condition switch
    {
        "any-client" => true,
        "client-access-type" => occasion is SamlOccasion ? null : settings.Texts("type").Contains(AccessType(occasion.Client)),
        "client-type" => (occasion.Client.Protocol ?? "openid-connect") == (settings.Text("protocol") ?? "saml"),
        "client-attributes" => Attributes(occasion.Client, settings.Text("attributes")),
        "client-roles" => Roles(occasion, settings.Texts("roles")),
        "client-scopes" => occasion is ClientRequestOccasion request ? Scopes(request, settings) : null,
        "grant-type" => occasion is ClientRequestOccasion request ? request.Grants.Any(settings.Texts("grant_types").Contains) : null,
        "acr-condition" => occasion is AuthorizationOccasion authorization
            ? RequestedLevels.Wished(authorization.Requester, authorization["claims"], authorization["acr_values"]).Contains(settings.Text("acr-property") ?? "") : null,
        "identity-provider-alias" => occasion is TokenOccasion { GrantType: JwtAuthorizationGrant.GrantType } assertion ? Provider(assertion, settings.Texts("identity_provider_aliases")) : null,
        "client-updater-context" => occasion is ClientChangeOccasion change ? settings.Texts("update-client-source").Contains("By" + change.Source) : null,
        "client-updater-source-host" => occasion is ClientChangeOccasion change ? Host(change, settings.Texts("trusted-hosts")) : null,
        "client-updater-source-groups" => occasion is ClientChangeOccasion change ? Groups(change, settings.Texts("groups")) : null,
        "client-updater-source-roles" => occasion is ClientChangeOccasion change ? UserRoles(change, settings.Texts("roles")) : null,
        _ => false,
    };

    private static string AccessType(ClientRepresentation client) => client.BearerOnly is true ? "bearer-only" : client.PublicClient is true ? "public" : "confidential";

    /// <summary>A list of keys and values as a text; every one must be the client's.</summary>
    private static bool Attributes(ClientRepresentation client, string? wanted)
    {
        try
        {
            using var list = JsonDocument.Parse(wanted ?? "[]");
            return list.RootElement.ValueKind == JsonValueKind.Array && list.RootElement.GetArrayLength() > 0 && list.RootElement.EnumerateArray().All(pair =>
                pair.ValueKind == JsonValueKind.Object && pair.TryGetProperty("key", out var key) && pair.TryGetProperty("value", out var value)
                && key.ValueKind == JsonValueKind.String && client.Attributes?.GetValueOrDefault(key.GetString()!) == value.ToString());
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool? Roles(PolicyOccasion occasion, IReadOnlyList<string> names) => occasion is ClientChangeOccasion { Existing: null } ? null
        : occasion.Client.Id is { } id && names.Any(name => occasion.Realm.Roles.FindClientRole(id, name) is not null);

    /// <summary>Optional scopes count when the request asks for them, default ones always.</summary>
    private static bool Scopes(ClientRequestOccasion request, PolicySettings settings)
    {
        var wanted = settings.Texts("scopes");
        var type = settings.Text("type") ?? "Optional";
        var asked = request["scope"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return (type is "Optional" or "Any" && request.Requester.OptionalScopes.Any(s => wanted.Contains(s.Name) && asked.Contains(s.Name)))
            || (type is "Default" or "Any" && request.Requester.DefaultScopes.Any(s => wanted.Contains(s.Name)));
    }

    /// <summary>Whether who issued the assertion is one of these providers. The grant makes sure afterwards that they did.</summary>
    private static bool Provider(TokenOccasion occasion, IReadOnlyList<string> aliases)
    {
        if (!ForeignTokens.Read(occasion).Ok(out var claims, out _))
        {
            return false;
        }

        using (claims)
        {
            return claims.Text("iss") is { } issuer && IdentityProviders.Of(occasion.Realm).All.Any(p => aliases.Contains(p.Alias) && p.Issuers.Contains(issuer));
        }
    }

    private static bool Host(ClientChangeOccasion change, IReadOnlyList<string> hosts) =>
        change.Address is { } address && (hosts.Contains(address) || (address is "127.0.0.1" or "::1" && hosts.Contains("localhost")));

    private static bool Groups(ClientChangeOccasion change, IReadOnlyList<string> names) => change.User is { } user
        && user.GroupIds.Select(change.Realm.Groups.Find).Any(g => g is not null && (names.Contains(g.Name) || names.Contains(change.Realm.Groups.Path(g))));

    private static bool UserRoles(ClientChangeOccasion change, IReadOnlyList<string> names) => change.User is { } user
        && Tokens.GrantedRoles.Of(change.Realm, user).Any(r => names.Contains(r.ClientName is null ? r.Name : $"{r.ClientName}.{r.Name}"));
}
