using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Authorization;

/// <summary>A resource as somebody wants it, whoever that is, and the changes that make it so.</summary>
public sealed record ResourceEdit(ProtectedResource Resource, IReadOnlyList<ScopeRepresentation> Scopes, IReadOnlyList<Change> Changes)
{
    /// <param name="clientId">The resource server's internal id.</param>
    /// <param name="scopes">The scopes that it has. One that is named and that nobody knows yet is made.</param>
    /// <param name="before">The resource that is changed; null for a new one.</param>
    public static ResourceEdit Read(
        string clientId, ResourceRepresentation given, IEnumerable<ScopeRepresentation> scopes, string id, string owner, ProtectedResource? before)
    {
        var changes = new List<Change>();
        var all = scopes.ToList();
        var ids = new List<string>();
        foreach (var scope in given.Scopes ?? [])
        {
            var known = all.Find(s => scope.Name is null ? s.Id == scope.Id : s.Name == scope.Name);
            if (known is null && !string.IsNullOrEmpty(scope.Name))
            {
                known = new() { Id = Ids.New(), Name = scope.Name, DisplayName = Text(scope.DisplayName), IconUri = Text(scope.IconUri) };
                all.Add(known);
                changes.Add(new PutAuthorizationScope(clientId, known));
            }

            if (known is not null && !ids.Contains(known.Id!))
            {
                ids.Add(known.Id!);
            }
        }

        var resource = new ProtectedResource(
            new()
            {
                Id = id, Name = string.IsNullOrEmpty(given.Name) ? before?.Name : given.Name, DisplayName = given.DisplayName, Type = given.Type, IconUri = given.IconUri,
                OwnerManagedAccess = given.OwnerManagedAccess ?? false, Attributes = given.Attributes ?? before?.Representation.Attributes ?? [],
                Uris = [.. (given.Uris ?? (given.Uri is { Length: > 0 } uri ? [uri] : [])).Distinct(StringComparer.Ordinal)],
            },
            owner, ids);
        return new(resource, all, [.. changes, new PutProtectedResource(clientId, resource)]);
    }

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
