using System.Text.Json;

namespace Castellan.Core.Representations;

/// <summary>What a form needs to know of the user profile.</summary>
public sealed class UserProfileMetadataRepresentation
{
    public JsonElement? Attributes { get; set; }
    public JsonElement? Groups { get; set; }
}
