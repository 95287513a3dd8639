namespace Castellan.Core.Representations;

/// <summary>A component of the admin API: a provider with configuration.</summary>
public sealed class ComponentRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? ProviderId { get; set; }
    public string? ProviderType { get; set; }
    public string? ParentId { get; set; }
    public string? SubType { get; set; }
    public Dictionary<string, List<string>>? Config { get; set; }
}
