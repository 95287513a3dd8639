using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin;

/// <summary>The JSON of what only the admin API shows, beside the representations that files and storage know too.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(LenientBoolean), typeof(LenientInt32), typeof(LenientInt64), typeof(LenientString)])]
[JsonSerializable(typeof(Roles.MappingsRepresentation))]
[JsonSerializable(typeof(Groups.CountRepresentation))]
[JsonSerializable(typeof(List<Realms.ClientSessionStat>))]
[JsonSerializable(typeof(Clients.GlobalRequestResult))]
[JsonSerializable(typeof(Realms.KeysMetadata))]
[JsonSerializable(typeof(List<JsonElement>))]
[JsonSerializable(typeof(List<Authentication.AuthenticatorSummary>))]
[JsonSerializable(typeof(Authentication.AuthenticatorDescription))]
[JsonSerializable(typeof(List<Authentication.ExecutionInfo>))]
[JsonSerializable(typeof(Authentication.ExecutionDocument))]
[JsonSerializable(typeof(Authentication.RequiredActionConfig))]
[JsonSerializable(typeof(Authentication.RequiredActionConfigInfo))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSerializable(typeof(List<Dictionary<string, string>>))]
[JsonSerializable(typeof(IdentityProviders.ProviderKindRepresentation))]
[JsonSerializable(typeof(Dictionary<string, IdentityProviders.MapperTypeRepresentation>))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonArray))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(Authorization.PolicyEvaluationRequest))]
[JsonSerializable(typeof(UserFederation.TestLdapConnectionRepresentation))]
[JsonSerializable(typeof(List<UserFederation.LdapCapability>))]
[JsonSerializable(typeof(UserFederation.FederationName))]
[JsonSerializable(typeof(UserFederation.SyncRepresentation))]
[JsonSerializable(typeof(UserFederation.SyncEvent))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(Realms.RealmEventsConfig))]
[JsonSerializable(typeof(Realms.PartialImportResults))]
[JsonSerializable(typeof(Realms.ClientProfiles))]
[JsonSerializable(typeof(Realms.ClientPolicies))]
[JsonSerializable(typeof(List<Realms.ClientProfile>))]
[JsonSerializable(typeof(List<Clients.MapperEvaluation>))]
[JsonSerializable(typeof(CertificateRepresentation))]
[JsonSerializable(typeof(Clients.KeyStoreConfig))]
[JsonSerializable(typeof(List<Clients.ClientInitialAccess>))]
[JsonSerializable(typeof(Clients.ClientInitialAccessCreate))]
internal sealed partial class AdminApiJson : JsonSerializerContext;
