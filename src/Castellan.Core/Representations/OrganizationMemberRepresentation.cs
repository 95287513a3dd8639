namespace Castellan.Core.Representations;

/// <summary>A member of an organization in a realm file.</summary>
public sealed class OrganizationMemberRepresentation
{
    public string? Id { get; set; }
    public string? Username { get; set; }
    public string? MembershipType { get; set; }
    public string? Email { get; set; }
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public bool? Enabled { get; set; }
    public bool? EmailVerified { get; set; }
    public Dictionary<string, List<string>>? Attributes { get; set; }
    public long? CreatedTimestamp { get; set; }
    public List<string>? Groups { get; set; }
}
