using Castellan.Core.Representations;

namespace Castellan.Core.Clients;

/// <summary>A client scope with the ids of the roles in its scope mappings.</summary>
public sealed record ClientScope(ClientScopeRepresentation Representation, IReadOnlyList<string> RoleIds)
{
    public string Id => Representation.Id!;

    public string Name => Representation.Name!;

    /// <summary>A scope attribute, or null.</summary>
    public string? Attribute(string name) => Representation.Attributes?.GetValueOrDefault(name);
}
