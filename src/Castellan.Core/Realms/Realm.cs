using System.Collections.Concurrent;
using Castellan.Core.Clients;
using Castellan.Core.Groups;
using Castellan.Core.Representations;
using Castellan.Core.Roles;

namespace Castellan.Core.Realms;

/// <summary>
/// A realm in its compiled form: an immutable picture of its configuration at one version. What hangs on it must be read, never changed;
/// a write goes through <see cref="IRealms.ApplyAsync"/>, after which <see cref="IRealms"/> hands out a newer picture.
/// </summary>
public sealed class Realm(RealmData data)
{
    private readonly ConcurrentDictionary<Type, object> _compiled = new();
    private readonly Dictionary<string, ClientScope> _scopesByName = data.Scopes.ToDictionary(s => s.Representation.Name!, StringComparer.Ordinal);
    private readonly Dictionary<string, ClientScope> _scopesById = data.Scopes.ToDictionary(s => s.Representation.Id!, StringComparer.Ordinal);

    /// <summary>The realm's id: a UUID, or whatever its file said.</summary>
    public string Id => data.Settings.Id!;

    /// <summary>The name in URLs. Case counts.</summary>
    public string Name => data.Settings.Realm!;

    /// <summary>Grows with each write to the configuration.</summary>
    public long Version => data.Version;

    /// <summary>The realm's own settings, without what lies in lists of its own (clients, roles, flows, …).</summary>
    public RealmRepresentation Settings => data.Settings;

    /// <summary>All small parts of the realm as they are stored.</summary>
    public RealmData Data => data;

    public bool Enabled => data.Settings.Enabled ?? false;

    /// <summary>All realm and client roles with their composites.</summary>
    public RoleGraph Roles => data.Roles;

    /// <summary>All groups.</summary>
    public GroupTree Groups => data.Groups;

    /// <summary>The groups that new users join. They are kept by id, so that they follow a rename; a path is found too.</summary>
    public IEnumerable<Group> DefaultGroups => (data.Settings.DefaultGroups ?? []).Select(g => data.Groups.Find(g) ?? data.Groups.FindByPath(g)).OfType<Group>();

    /// <summary>Their paths as representations have them; null when there are none.</summary>
    public List<string>? DefaultGroupPaths => DefaultGroups.Select(data.Groups.Path).ToList() is { Count: > 0 } paths ? paths : null;

    public IReadOnlyList<ClientScope> Scopes => data.Scopes;

    public ClientScope? FindScope(string name) => _scopesByName.GetValueOrDefault(name);

    public ClientScope? FindScopeById(string id) => _scopesById.GetValueOrDefault(id);

    /// <summary>A realm attribute, or null.</summary>
    public string? Attribute(string name) => data.Settings.Attributes?.GetValueOrDefault(name);

    /// <summary>
    /// A view of the realm that some room compiles for itself (its key ring, its flows), made at first use and kept as long as this picture.
    /// </summary>
    public T Compiled<T>(Func<Realm, T> compile) where T : class =>
        (T)(_compiled.TryGetValue(typeof(T), out var known) ? known : _compiled.GetOrAdd(typeof(T), compile(this)));
}
