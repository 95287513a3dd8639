using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Storage;

/// <summary>Documents as they lie in columns. Members that this version does not know are passed over: a newer node may have written them.</summary>
internal static class StoredJson
{
    private static readonly AdminJson Json = new(new JsonSerializerOptions(AdminJson.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static JsonTypeInfo<RealmRepresentation> Realm => Json.RealmRepresentation;

    public static JsonTypeInfo<ClientRepresentation> Client => Json.ClientRepresentation;

    public static JsonTypeInfo<RoleRepresentation> Role => Json.RoleRepresentation;

    public static JsonTypeInfo<GroupRepresentation> Group => Json.GroupRepresentation;

    public static JsonTypeInfo<UserRepresentation> User => Json.UserRepresentation;

    public static JsonTypeInfo<UserConsentRepresentation> Consent => Json.UserConsentRepresentation;

    public static JsonTypeInfo<OrganizationRepresentation> Organization => Json.OrganizationRepresentation;

    public static JsonTypeInfo<ScopeRepresentation> AuthorizationScope => Json.ScopeRepresentation;

    public static JsonTypeInfo<ResourceRepresentation> ProtectedResource => Json.ResourceRepresentation;

    public static JsonTypeInfo<PolicyRepresentation> Policy => Json.PolicyRepresentation;

    public static JsonTypeInfo<Dictionary<string, string>> Notes => Json.DictionaryStringString;

    public static JsonTypeInfo Part(PartKind kind) => kind switch
    {
        PartKind.ClientScope => Json.ClientScopeRepresentation,
        PartKind.Flow => Json.AuthenticationFlowRepresentation,
        PartKind.AuthenticatorConfig => Json.AuthenticatorConfigRepresentation,
        PartKind.RequiredAction => Json.RequiredActionProviderRepresentation,
        PartKind.Component => Json.ComponentRepresentation,
        PartKind.IdentityProvider => Json.IdentityProviderRepresentation,
        PartKind.IdentityProviderMapper => Json.IdentityProviderMapperRepresentation,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static string Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type);

    public static T Read<T>(string json, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(json, type)!;
}
