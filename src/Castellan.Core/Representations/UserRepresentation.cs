using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.Core.Representations;

/// <summary>A user as Keycloak's admin API and realm files show it.</summary>
public sealed class UserRepresentation
{
    public string? Self { get; set; }
    public string? Id { get; set; }
    public string? Username { get; set; }
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public string? Email { get; set; }
    public bool? EmailVerified { get; set; }
    [JsonConverter(typeof(LenientLists))]
    public Dictionary<string, List<string>>? Attributes { get; set; }
    public UserProfileMetadataRepresentation? UserProfileMetadata { get; set; }
    public string? Origin { get; set; }
    public bool? Enabled { get; set; }
    public long? CreatedTimestamp { get; set; }
    public bool? Totp { get; set; }
    public string? FederationLink { get; set; }
    public string? ServiceAccountClientId { get; set; }
    public List<CredentialRepresentation>? Credentials { get; set; }
    public List<string>? DisableableCredentialTypes { get; set; }
    public List<string>? RequiredActions { get; set; }
    public List<FederatedIdentityRepresentation>? FederatedIdentities { get; set; }
    public List<string>? RealmRoles { get; set; }
    public Dictionary<string, List<string>>? ClientRoles { get; set; }
    public Dictionary<string, List<string>>? ApplicationRoles { get; set; }
    public JsonElement? SocialLinks { get; set; }
    public List<UserConsentRepresentation>? ClientConsents { get; set; }
    public int? NotBefore { get; set; }
    public List<string>? Groups { get; set; }
    public Dictionary<string, bool>? Access { get; set; }

    /// <summary>A copy that shares the lists.</summary>
    public UserRepresentation ShallowCopy() => (UserRepresentation)MemberwiseClone();
}
