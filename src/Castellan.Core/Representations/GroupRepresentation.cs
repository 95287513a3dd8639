namespace Castellan.Core.Representations;

/// <summary>A group; sub-groups are nested.</summary>
public sealed class GroupRepresentation
{
    public string? Id { get; set; }
    public string? Name { get; set; }
    public string? Description { get; set; }
    public string? Path { get; set; }
    public string? ParentId { get; set; }
    public long? SubGroupCount { get; set; }
    public List<GroupRepresentation>? SubGroups { get; set; }
    public Dictionary<string, List<string>>? Attributes { get; set; }
    public List<string>? RealmRoles { get; set; }
    public Dictionary<string, List<string>>? ClientRoles { get; set; }
    public Dictionary<string, bool>? Access { get; set; }
}
