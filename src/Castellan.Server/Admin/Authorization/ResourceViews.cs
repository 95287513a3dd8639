using Castellan.Core.Authorization;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>How resources are shown.</summary>
internal static class ResourceViews
{
    /// <summary>A resource as others name it.</summary>
    public static ResourceRepresentation Named(ProtectedResource resource) => new() { Id = resource.Id, Name = resource.Name };

    /// <param name="deep">With attributes and scopes.</param>
    public static async ValueTask<ResourceRepresentation> ShowAsync(this AuthorizedClient of, ProtectedResource resource, IReadOnlyList<ScopeRepresentation> scopes, bool deep = true) =>
        Show(
            resource, resource.OwnerId == of.Client.Id ? of.Client.ClientId : await of.Principals.NameAsync(PrincipalKind.User, resource.OwnerId, of.Context.Aborted), scopes, deep);

    /// <summary>A resource with its owner's name.</summary>
    /// <param name="deep">With attributes and scopes.</param>
    public static ResourceRepresentation Show(ProtectedResource resource, string? ownerName, IReadOnlyList<ScopeRepresentation> scopes, bool deep = true)
    {
        var stored = resource.Representation;
        return new()
        {
            Id = resource.Id, Name = resource.Name, DisplayName = stored.DisplayName, Type = resource.Type, IconUri = stored.IconUri,
            OwnerManagedAccess = stored.OwnerManagedAccess ?? false, Uris = stored.Uris ?? [], Owner = ResourceOwner.Show(resource.OwnerId, ownerName),
            Attributes = deep ? stored.Attributes ?? [] : null,
            Scopes = deep && resource.ScopeIds.Count > 0 ? Scopes(resource, scopes, icons: true) : null,
        };
    }

    public static async ValueTask<List<ResourceRepresentation>> ShowAsync(this AuthorizedClient of, IEnumerable<ProtectedResource> resources, bool deep)
    {
        var scopes = deep ? await of.ScopesAsync() : [];
        var shown = new List<ResourceRepresentation>();
        foreach (var resource in resources)
        {
            shown.Add(await of.ShowAsync(resource, scopes, deep));
        }

        return shown;
    }

    /// <summary>The scopes of a resource by id and name.</summary>
    public static List<ScopeRepresentation> Scopes(ProtectedResource resource, IReadOnlyList<ScopeRepresentation> all, bool icons = false) =>
    [
        .. all.Where(s => resource.ScopeIds.Contains(s.Id!)).Select(s => new ScopeRepresentation
        {
            Id = s.Id, Name = s.Name, IconUri = icons && !string.IsNullOrEmpty(s.IconUri) ? s.IconUri : null,
        }),
    ];
}
