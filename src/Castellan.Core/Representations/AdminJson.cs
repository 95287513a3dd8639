using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Castellan.Core.Representations;

/// <summary>
/// The JSON of the admin API, of realm files and of stored documents: camelCase, absent for null, unknown members refused.
/// Keycloak reads scalars leniently (<c>"true"</c>, <c>"77"</c>, <c>7.9</c>), see <see cref="LenientBoolean"/> and its siblings.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = true,
    Converters = [typeof(LenientBoolean), typeof(LenientInt32), typeof(LenientInt64), typeof(LenientString)])]
[JsonSerializable(typeof(RealmRepresentation))]
[JsonSerializable(typeof(RolesRepresentation))]
[JsonSerializable(typeof(ClientRepresentation))]
[JsonSerializable(typeof(ClientScopeRepresentation))]
[JsonSerializable(typeof(ProtocolMapperRepresentation))]
[JsonSerializable(typeof(RoleRepresentation))]
[JsonSerializable(typeof(CompositesRepresentation))]
[JsonSerializable(typeof(GroupRepresentation))]
[JsonSerializable(typeof(UserRepresentation))]
[JsonSerializable(typeof(CredentialRepresentation))]
[JsonSerializable(typeof(FederatedIdentityRepresentation))]
[JsonSerializable(typeof(UserConsentRepresentation))]
[JsonSerializable(typeof(ScopeMappingRepresentation))]
[JsonSerializable(typeof(ComponentExportRepresentation))]
[JsonSerializable(typeof(ComponentRepresentation))]
[JsonSerializable(typeof(AuthenticationFlowRepresentation))]
[JsonSerializable(typeof(AuthenticationExecutionExportRepresentation))]
[JsonSerializable(typeof(AuthenticatorConfigRepresentation))]
[JsonSerializable(typeof(RequiredActionProviderRepresentation))]
[JsonSerializable(typeof(IdentityProviderRepresentation))]
[JsonSerializable(typeof(IdentityProviderMapperRepresentation))]
[JsonSerializable(typeof(PartialImportRepresentation))]
[JsonSerializable(typeof(OrganizationRepresentation))]
[JsonSerializable(typeof(OrganizationDomainRepresentation))]
[JsonSerializable(typeof(OrganizationMemberRepresentation))]
[JsonSerializable(typeof(ResourceServerRepresentation))]
[JsonSerializable(typeof(ResourceRepresentation))]
[JsonSerializable(typeof(ScopeRepresentation))]
[JsonSerializable(typeof(PolicyRepresentation))]
[JsonSerializable(typeof(List<ResourceRepresentation>))]
[JsonSerializable(typeof(List<ScopeRepresentation>))]
[JsonSerializable(typeof(List<PolicyRepresentation>))]
[JsonSerializable(typeof(WorkflowRepresentation))]
[JsonSerializable(typeof(List<WorkflowRepresentation>))]
[JsonSerializable(typeof(UserProfileMetadataRepresentation))]
[JsonSerializable(typeof(List<ClientRepresentation>))]
[JsonSerializable(typeof(List<RoleRepresentation>))]
[JsonSerializable(typeof(List<GroupRepresentation>))]
[JsonSerializable(typeof(List<UserRepresentation>))]
[JsonSerializable(typeof(List<ClientScopeRepresentation>))]
[JsonSerializable(typeof(List<ProtocolMapperRepresentation>))]
[JsonSerializable(typeof(List<CredentialRepresentation>))]
[JsonSerializable(typeof(List<ComponentRepresentation>))]
[JsonSerializable(typeof(List<AuthenticationFlowRepresentation>))]
[JsonSerializable(typeof(List<AuthenticatorConfigRepresentation>))]
[JsonSerializable(typeof(List<RequiredActionProviderRepresentation>))]
[JsonSerializable(typeof(List<IdentityProviderRepresentation>))]
[JsonSerializable(typeof(List<IdentityProviderMapperRepresentation>))]
[JsonSerializable(typeof(List<FederatedIdentityRepresentation>))]
[JsonSerializable(typeof(List<RealmRepresentation>))]
[JsonSerializable(typeof(List<OrganizationRepresentation>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, List<string>>))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class AdminJson : JsonSerializerContext;
