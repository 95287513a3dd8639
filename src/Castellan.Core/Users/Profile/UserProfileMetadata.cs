using System.Text.Json;

namespace Castellan.Core.Users.Profile;

/// <summary>What a form needs to know to ask somebody for a profile.</summary>
public sealed class UserProfileMetadata
{
    public List<UserProfileAttributeMetadata> Attributes { get; set; } = [];
    public List<UserProfileAttributeGroupMetadata> Groups { get; set; } = [];
}

/// <summary>An attribute as one asker sees it.</summary>
public sealed class UserProfileAttributeMetadata
{
    public string? Name { get; set; }
    public string? DisplayName { get; set; }
    public bool Required { get; set; }
    public bool ReadOnly { get; set; }
    public Dictionary<string, JsonElement>? Annotations { get; set; }
    public Dictionary<string, Dictionary<string, JsonElement>> Validators { get; set; } = [];
    public string? Group { get; set; }
    public bool Multivalued { get; set; }
    public string? DefaultValue { get; set; }
}

/// <summary>A group of attributes.</summary>
public sealed class UserProfileAttributeGroupMetadata
{
    public string? Name { get; set; }
    public string? DisplayHeader { get; set; }
    public string? DisplayDescription { get; set; }
    public Dictionary<string, JsonElement>? Annotations { get; set; }
}
