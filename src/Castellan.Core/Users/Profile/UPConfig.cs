using System.Text.Json;
using System.Text.Json.Serialization;
using Castellan.Core.Representations;

namespace Castellan.Core.Users.Profile;

/// <summary>The configuration of a realm's user profile, as the admin API and realm files have it.</summary>
public sealed class UPConfig
{
    public List<UPAttribute>? Attributes { get; set; }
    public List<UPGroup> Groups { get; set; } = [];
    public UnmanagedAttributePolicy? UnmanagedAttributePolicy { get; set; }
}

/// <summary>What may be done with attributes that the profile does not name; absent: nothing.</summary>
public enum UnmanagedAttributePolicy
{
    /// <summary>Everybody may.</summary>
    [JsonStringEnumMemberName("ENABLED")]
    Enabled,

    /// <summary>Administrators see them.</summary>
    [JsonStringEnumMemberName("ADMIN_VIEW")]
    AdminView,

    /// <summary>Administrators see and write them.</summary>
    [JsonStringEnumMemberName("ADMIN_EDIT")]
    AdminEdit,
}

/// <summary>An attribute of the profile.</summary>
public sealed class UPAttribute
{
    public string? Name { get; set; }
    public string? DisplayName { get; set; }

    /// <summary>Validators by id, with their settings.</summary>
    public Dictionary<string, Dictionary<string, JsonElement>?>? Validations { get; set; }

    public Dictionary<string, JsonElement>? Annotations { get; set; }
    public UPAttributeRequired? Required { get; set; }
    public UPAttributePermissions? Permissions { get; set; }
    public UPAttributeSelector? Selector { get; set; }
    public string? Group { get; set; }
    public bool Multivalued { get; set; }
    public string? DefaultValue { get; set; }
}

/// <summary>For whom an attribute is required; with neither, for everybody.</summary>
public sealed class UPAttributeRequired
{
    public List<string>? Roles { get; set; }
    public List<string>? Scopes { get; set; }
}

/// <summary>Who may see and write: <c>admin</c>, <c>user</c>.</summary>
public sealed class UPAttributePermissions
{
    public List<string>? View { get; set; }
    public List<string>? Edit { get; set; }
}

/// <summary>The scopes of which one must be asked for at sign-in, for the attribute to be there.</summary>
public sealed class UPAttributeSelector
{
    public List<string>? Scopes { get; set; }
}

/// <summary>A group of attributes, for forms.</summary>
public sealed class UPGroup
{
    public string? Name { get; set; }
    public string? DisplayHeader { get; set; }
    public string? DisplayDescription { get; set; }
    public Dictionary<string, JsonElement>? Annotations { get; set; }
}

/// <summary>JSON of the user profile.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true,
    Converters = [typeof(LenientBoolean), typeof(LenientInt32), typeof(LenientInt64), typeof(LenientString)])]
[JsonSerializable(typeof(UPConfig))]
[JsonSerializable(typeof(UserProfileMetadata))]
public sealed partial class ProfileJson : JsonSerializerContext;
