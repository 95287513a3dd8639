namespace Castellan.Core.Representations;

/// <summary>An e-mail domain of an organization.</summary>
public sealed class OrganizationDomainRepresentation
{
    public string? Name { get; set; }
    public bool? Verified { get; set; }
}
