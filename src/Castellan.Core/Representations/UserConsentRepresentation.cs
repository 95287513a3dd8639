namespace Castellan.Core.Representations;

/// <summary>What a user granted to a client. Dates are milliseconds.</summary>
public sealed class UserConsentRepresentation
{
    public string? ClientId { get; set; }
    public List<string>? GrantedClientScopes { get; set; }
    public long? CreatedDate { get; set; }
    public long? LastUpdatedDate { get; set; }
    public List<string>? GrantedRealmRoles { get; set; }
    public Dictionary<string, List<string>>? GrantedClientRoles { get; set; }
}
