using Castellan.Core.Representations;

namespace Castellan.Core.Users;

/// <summary>A user as it is stored, with the ids of its roles and groups. Credentials, links and consents are read on their own.</summary>
public sealed record User(UserRepresentation Representation, IReadOnlyList<string> RoleIds, IReadOnlyList<string> GroupIds)
{
    public string Id => Representation.Id!;

    public string Username => Representation.Username!;

    public string? Email => Representation.Email;

    /// <summary>The directory that the user is from; null for a user of the realm's own.</summary>
    public Federated? Federated { get; init; }

    public bool Enabled => Representation.Enabled ?? false;

    /// <summary>The first value of an attribute, or null.</summary>
    public string? Attribute(string name) => Representation.Attributes?.GetValueOrDefault(name) is [var first, ..] ? first : null;
}
