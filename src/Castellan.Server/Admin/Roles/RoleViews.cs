using System.Collections.Concurrent;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;

namespace Castellan.Server.Admin.Roles;

/// <summary>How roles are shown.</summary>
public static class RoleViews
{
    public static RoleRepresentation Show(this Realm realm, Role role, bool brief) => new()
    {
        Id = role.Id,
        Name = role.Name,
        Description = role.Description,
        Composite = role.IsComposite,
        ClientRole = role.ClientId is not null,
        ContainerId = role.ClientId ?? realm.Id,
        Attributes = brief ? null : role.Attributes?.ToDictionary(StringComparer.Ordinal) ?? [],
    };

    public static List<RoleRepresentation> Show(this Realm realm, IEnumerable<Role> roles, bool brief = true) =>
        [.. roles.Select(r => realm.Show(r, brief))];

    /// <summary>A list of roles as the log keeps it: what was sent, with what is never left unsaid.</summary>
    public static List<RoleRepresentation> Sent(List<RoleRepresentation> given)
    {
        given.ForEach(r => r.Composite ??= false);
        return given;
    }

    /// <summary>The roles of the realm itself (null) or of a client, by name; sorted once for a picture of the realm.</summary>
    public static IReadOnlyList<Role> RolesOf(this Realm realm, string? clientId) =>
        realm.Compiled(static r => new SortedRoles(r)).Of(clientId);

    /// <summary>Whether name or description hold a text; case does not count.</summary>
    public static bool Matches(this Role role, string? search) =>
        string.IsNullOrEmpty(search)
        || role.Name.Contains(search, StringComparison.OrdinalIgnoreCase)
        || (role.Description?.Contains(search, StringComparison.OrdinalIgnoreCase) ?? false);

    /// <summary>What is stored of a role.</summary>
    public static RoleRepresentation Document(Realm realm, Role role) => new()
    {
        Id = role.Id,
        Name = role.Name,
        Description = role.Description,
        ClientRole = role.ClientId is not null,
        ContainerId = role.ClientId ?? realm.Id,
        Attributes = role.Attributes?.ToDictionary(StringComparer.Ordinal),
    };

    private sealed class SortedRoles(Realm realm)
    {
        private readonly ConcurrentDictionary<string, Role[]> _byContainer = new(StringComparer.Ordinal);

        public IReadOnlyList<Role> Of(string? clientId) =>
            _byContainer.GetOrAdd(clientId ?? "", _ => [.. realm.Roles.OfClient(clientId).OrderBy(r => r.Name, StringComparer.Ordinal)]);
    }
}
