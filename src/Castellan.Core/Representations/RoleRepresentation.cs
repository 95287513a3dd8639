namespace Castellan.Core.Representations;

/// <summary>A realm or client role.</summary>
public sealed class RoleRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? Description { get; set; }
    public bool? ScopeParamRequired { get; set; }
    public bool? Composite { get; set; }
    public CompositesRepresentation? Composites { get; set; }
    public bool? ClientRole { get; set; }
    public string? ContainerId { get; set; }
    public Dictionary<string, List<string>>? Attributes { get; set; }
}
