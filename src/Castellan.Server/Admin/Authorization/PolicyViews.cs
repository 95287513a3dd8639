using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Authorization;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>How policies and permissions are shown: each type has a form of its own, and all have the general one.</summary>
internal static class PolicyViews
{
    /// <summary>A policy as others name it: Keycloak fills in neither its logic nor its strategy.</summary>
    public static PolicyRepresentation Named(Policy policy) => new()
    {
        Id = policy.Id, Name = policy.Name, Type = policy.Type, Logic = "POSITIVE", DecisionStrategy = "UNANIMOUS", Config = [],
    };

    /// <summary>The same with what the policy says of itself.</summary>
    public static PolicyRepresentation Described(Policy policy)
    {
        var shown = Named(policy);
        shown.Description = Text(policy.Representation.Description);
        return shown;
    }

    /// <summary>The general form.</summary>
    /// <param name="config">With the configuration.</param>
    public static PolicyRepresentation General(Policy policy, bool config = true) => new()
    {
        Id = policy.Id, Name = policy.Name, Description = Text(policy.Representation.Description), Type = policy.Type,
        Logic = policy.Representation.Logic, DecisionStrategy = policy.Representation.DecisionStrategy, Owner = policy.Representation.Owner,
        Config = config ? policy.Representation.Config ?? [] : [],
    };

    /// <summary>The form of its type.</summary>
    public static JsonObject Own(Policy policy)
    {
        var shown = new JsonObject { ["id"] = policy.Id, ["name"] = policy.Name };
        if (Text(policy.Representation.Description) is { } description)
        {
            shown["description"] = description;
        }

        (shown["type"], shown["logic"], shown["decisionStrategy"]) = (policy.Type, policy.Representation.Logic, policy.Representation.DecisionStrategy);
        if (policy.Representation.Owner is { } owner)
        {
            shown["owner"] = owner;
        }

        foreach (var member in PolicyTypes.Find(policy.Type)?.Members ?? [])
        {
            if (Value(member, policy.Config(member.Setting)) is { } value)
            {
                shown[member.Name] = value;
            }
        }

        return shown;
    }

    /// <summary>A policy as it is asked for: <c>fields=*</c> adds what it is about.</summary>
    /// <param name="own">In the form of its type.</param>
    /// <param name="parts">Whether what it is about may be asked for.</param>
    /// <param name="scopes">The resource server's, where they are known already.</param>
    public static async ValueTask<JsonObject> ShowAsync(this AuthorizedClient of, Policy policy, bool own, bool parts, IReadOnlyList<ScopeRepresentation>? scopes = null)
    {
        var shown = own ? Own(policy) : (JsonObject)JsonSerializer.SerializeToNode(General(policy), AdminJson.Default.PolicyRepresentation)!;
        if (parts && of.Context.Query("fields") == "*")
        {
            await of.AddPartsAsync(shown, policy, scopes ?? await of.ScopesAsync(), policies: !own);
        }

        return shown;
    }

    /// <summary>Adds what a permission is about.</summary>
    private static async ValueTask AddPartsAsync(this AuthorizedClient of, JsonObject shown, Policy policy, IReadOnlyList<ScopeRepresentation> scopes, bool policies)
    {
        var resources = new JsonArray();
        foreach (var id in policy.ResourceIds)
        {
            if (await of.FindResourceAsync(id) is { } resource)
            {
                resources.Add(JsonSerializer.SerializeToNode(await of.ShowAsync(resource, scopes), AdminJson.Default.ResourceRepresentation));
            }
        }

        (shown["resources"], shown["resourcesData"]) = (Texts(policy.ResourceIds), resources);
        shown["scopes"] = Texts(policy.ScopeIds);
        shown["scopesData"] = new JsonArray([.. scopes.Where(s => policy.ScopeIds.Contains(s.Id!)).Select(s => JsonSerializer.SerializeToNode(ScopeRoutes.Show(s), AdminJson.Default.ScopeRepresentation))]);
        if (policies)
        {
            shown["policies"] = Texts(policy.PolicyIds);
        }
    }

    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)JsonValue.Create(t))]);

    private static JsonNode? Value(PolicyMember member, string? setting) => member.Kind switch
    {
        PolicyMemberKind.References => PolicyReferences.Array(setting) ?? [],
        PolicyMemberKind.Flag => setting is null && !member.Always ? null : JsonValue.Create(setting == "true"),
        _ => Text(setting) is { } text ? JsonValue.Create(text) : null,
    };

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
