namespace Castellan.Core.Representations;

/// <summary>Roles in the scope of a client or client scope, by name.</summary>
public sealed class ScopeMappingRepresentation
{
    public string? Self { get; set; }
    public string? Client { get; set; }
    public string? ClientTemplate { get; set; }
    public string? ClientScope { get; set; }
    public List<string>? Roles { get; set; }
}
