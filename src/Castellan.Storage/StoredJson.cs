using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Protocol.Messages;

namespace Castellan.Storage;

/// <summary>Documents as they lie in columns. Members that this version does not know are passed over: a newer node may have written them.</summary>
internal static class StoredJson
{
    private static readonly AdminJson Json = new(Options());

    /// <summary>For what stays in memory.</summary>
    private static readonly AdminJson Kept = new(Options(new KnownStringConverter()));

    public static JsonTypeInfo<RealmRepresentation> Realm => Kept.RealmRepresentation;

    public static JsonTypeInfo<ClientRepresentation> Client => Kept.ClientRepresentation;

    public static JsonTypeInfo<RoleRepresentation> Role => Kept.RoleRepresentation;

    public static JsonTypeInfo<GroupRepresentation> Group => Kept.GroupRepresentation;

    public static JsonTypeInfo<UserRepresentation> User => Json.UserRepresentation;

    public static JsonTypeInfo<UserConsentRepresentation> Consent => Json.UserConsentRepresentation;

    public static JsonTypeInfo<OrganizationRepresentation> Organization => Json.OrganizationRepresentation;

    public static JsonTypeInfo<ScopeRepresentation> AuthorizationScope => Json.ScopeRepresentation;

    public static JsonTypeInfo<ResourceRepresentation> ProtectedResource => Json.ResourceRepresentation;

    public static JsonTypeInfo<PolicyRepresentation> Policy => Json.PolicyRepresentation;

    public static JsonTypeInfo<Dictionary<string, string>> Notes => Json.DictionaryStringString;

    public static JsonTypeInfo Part(PartKind kind) => kind switch
    {
        PartKind.ClientScope => Kept.ClientScopeRepresentation,
        PartKind.Flow => Kept.AuthenticationFlowRepresentation,
        PartKind.AuthenticatorConfig => Kept.AuthenticatorConfigRepresentation,
        PartKind.RequiredAction => Kept.RequiredActionProviderRepresentation,
        PartKind.Component => Kept.ComponentRepresentation,
        PartKind.IdentityProvider => Kept.IdentityProviderRepresentation,
        PartKind.IdentityProviderMapper => Kept.IdentityProviderMapperRepresentation,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static string Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type);

    public static T Read<T>(string json, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(json, type)!;

    /// <summary>What the document of a role says beside the columns of its row. Not by the serializer: a master realm has twenty roles for each realm.</summary>
    public static (string? Description, Dictionary<string, List<string>>? Attributes) ReadRole(string json)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(json.Length));
        try
        {
            return ReadRole(rented.AsSpan(0, Encoding.UTF8.GetBytes(json, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static (string? Description, Dictionary<string, List<string>>? Attributes) ReadRole(ReadOnlySpan<byte> json)
    {
        var (description, attributes) = ((string?)null, (Dictionary<string, List<string>>?)null);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("description"u8))
            {
                reader.Read();
                description = reader.TokenType == JsonTokenType.String ? KnownStrings.Of(ref reader) : null;
            }
            else if (reader.ValueTextEquals("attributes"u8))
            {
                reader.Read();
                if (json[(int)reader.TokenStartIndex..].StartsWith("{}"u8))
                {
                    reader.Skip();
                    continue;
                }

                attributes = JsonSerializer.Deserialize(ref reader, Kept.DictionaryStringListString) is { Count: > 0 } some ? some : null;
            }
            else
            {
                reader.Skip();
            }
        }

        return (description, attributes);
    }

    private static JsonSerializerOptions Options(params JsonConverter[] converters)
    {
        var options = new JsonSerializerOptions(AdminJson.Default.Options)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
            Encoder = PlainJson.Encoder,
        };
        foreach (var converter in converters)
        {
            // Before the lenient ones: what was stored is as it should be.
            options.Converters.Insert(0, converter);
        }

        return options;
    }
}
