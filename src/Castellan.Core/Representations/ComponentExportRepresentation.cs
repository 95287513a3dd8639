namespace Castellan.Core.Representations;

/// <summary>A component inside a realm file.</summary>
public sealed class ComponentExportRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? ProviderId { get; set; }
    public string? SubType { get; set; }
    public Dictionary<string, List<ComponentExportRepresentation>>? SubComponents { get; set; }
    public Dictionary<string, List<string>>? Config { get; set; }
}
