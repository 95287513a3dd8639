namespace Castellan.Core.Representations;

/// <summary>An organization.</summary>
public sealed class OrganizationRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? Alias { get; set; }
    public bool? Enabled { get; set; }
    public string? Description { get; set; }
    public string? RedirectUrl { get; set; }
    public Dictionary<string, List<string>>? Attributes { get; set; }
    public List<OrganizationDomainRepresentation>? Domains { get; set; }
    public List<OrganizationMemberRepresentation>? Members { get; set; }
    public List<IdentityProviderRepresentation>? IdentityProviders { get; set; }
    public List<GroupRepresentation>? Groups { get; set; }
}
