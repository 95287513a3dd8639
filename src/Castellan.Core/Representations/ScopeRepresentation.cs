namespace Castellan.Core.Representations;

/// <summary>A scope of a protected resource.</summary>
public sealed class ScopeRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? IconUri { get; set; }
    public List<PolicyRepresentation>? Policies { get; set; }
    public List<ResourceRepresentation>? Resources { get; set; }
    public string? DisplayName { get; set; }
}
