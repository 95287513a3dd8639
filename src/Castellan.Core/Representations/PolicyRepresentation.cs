namespace Castellan.Core.Representations;

/// <summary>A policy or permission.</summary>
public sealed class PolicyRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? Description { get; set; }
    public string? Type { get; set; }
    public List<string>? Policies { get; set; }
    public List<string>? Resources { get; set; }
    public List<string>? Scopes { get; set; }
    public string? Logic { get; set; }
    public string? DecisionStrategy { get; set; }
    public string? Owner { get; set; }
    public string? ResourceType { get; set; }
    public Dictionary<string, string?>? Config { get; set; }
}
