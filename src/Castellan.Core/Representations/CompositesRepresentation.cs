namespace Castellan.Core.Representations;

/// <summary>The parts of a composite role by name.</summary>
public sealed class CompositesRepresentation
{
    public List<string>? Realm { get; set; }
    public Dictionary<string, List<string>>? Client { get; set; }
    public Dictionary<string, List<string>>? Application { get; set; }
}
