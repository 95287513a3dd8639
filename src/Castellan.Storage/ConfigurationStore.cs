using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Groups;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Protocol.Errors;

namespace Castellan.Storage;

/// <summary>Realms with their parts, clients, roles and groups. Other nodes hear of each change, and ask from time to time whether they missed one.</summary>
public sealed class ConfigurationStore : IConfigurationStore, IDisposable
{
    private const string Channel = "realm";

    /// <summary>An import, which is not to hold up the commits of others or take part in theirs.</summary>
    private const int LongSet = 2_000;

    /// <summary>Between the ids that one column holds.</summary>
    private const string Separator = "\n";

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(15);

    private readonly Db _db;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Loaded> _loaded = new(StringComparer.Ordinal);
    private readonly IDisposable _listening;
    private readonly ITimer? _timer;
    private readonly ISealer? _sealer;

    /// <param name="sealer">Keeps the secrets of key providers and other components from lying in clear; null leaves them as they are.</param>
    public ConfigurationStore(Db db, TimeProvider time, ISealer? sealer = null)
    {
        _sealer = sealer;
        _db = db;
        _time = time;
        _listening = db.Listen(Channel, OnNotified);

        // A notification can be lost; SQLite has no other node that could send one.
        _timer = db.Engine == DbEngine.PostgreSql ? time.CreateTimer(_ => OnNotified(null), null, CheckInterval, CheckInterval) : null;
    }

    public event Action<string>? Changed;

    public ValueTask<List<(string RealmId, string ClientId)>> AuthorizationToMoveAsync(CancellationToken ct = default) =>
        _db.ListAsync(
        $"SELECT m.realm_id, m.client_id FROM authorization_to_move m JOIN realm r ON r.id = m.realm_id ORDER BY m.client_id", static row => (row.GetString(0), row.GetString(1)), ct);

    public ValueTask<List<RealmVersion>> ListRealmsAsync(CancellationToken ct = default) =>
        _db.ListAsync($"SELECT id, name, version FROM realm ORDER BY name", static row => new RealmVersion(row.GetString(0), row.GetString(1), row.GetInt64(2)), ct);

    public ValueTask<string?> FindRealmIdAsync(string name, CancellationToken ct = default) => _db.OneAsync($"SELECT id FROM realm WHERE name = {name}", Rows.Text, ct);

    public async ValueTask<bool> HasRealmAsync(string realmId, CancellationToken ct = default) => await _db.ScalarAsync($"SELECT count(*) FROM realm WHERE id = {realmId}", ct) > 0;

    public ValueTask<List<string>> ListRealmsWithoutAsync(string realmId, string suffix, CancellationToken ct = default) => _db.ListAsync(
        $"""
        SELECT r.name FROM realm r WHERE r.id <> {realmId} AND NOT EXISTS (SELECT 1 FROM client c WHERE c.realm_id = {realmId} AND c.client_id = r.name || {suffix}) ORDER BY r.name
        """,
        Rows.Text, ct);

    public ValueTask<List<string>> ListRealmsWithComponentAsync(string providerType, CancellationToken ct = default) => _db.ListAsync(
        $"""
        SELECT DISTINCT p.realm_id FROM part p WHERE p.kind = {(long)PartKind.Component} AND p.document LIKE {Holds(providerType)} ESCAPE '\'
        """,
        Rows.Text, ct);

    private static string Holds(string text) => $"%\"{Like.Escape(text)}\"%";

    public ValueTask<RealmData?> LoadRealmAsync(string realmId, CancellationToken ct = default) => _db.ReadAsync(reads => LoadAsync(reads, realmId, ct), ct);

    public ValueTask<ClientData?> FindClientByIdAsync(string realmId, string id, CancellationToken ct = default) =>
        _db.OneAsync($"{Clients} WHERE c.id = {id} AND c.realm_id = {realmId}", ReadClient, ct);

    public ValueTask<ClientData?> FindClientAsync(string realmId, string clientId, CancellationToken ct = default) =>
        _db.OneAsync($"{Clients} WHERE c.client_id = {clientId} AND c.realm_id = {realmId}", ReadClient, ct);

    public async ValueTask<List<ClientData>> ListClientsAsync(string realmId, ClientQuery query, int first = 0, int max = -1, CancellationToken ct = default)
    {
        List<Sql> conditions = [$"c.realm_id = {realmId}"];
        if (query.ClientId is { } clientId)
        {
            conditions.Add(query.Search ? $"c.search LIKE {Like.Contains(clientId)} ESCAPE '\\'" : (Sql)$"c.client_id = {clientId}");
        }

        if (query.Only is { } only)
        {
            conditions.Add(Sql.Within("c.id", only));
        }

        Sql sql = $"{Clients} WHERE {Sql.And(conditions)} ORDER BY c.client_id, c.id";
        if (query.Attributes is not { Count: > 0 } attributes)
        {
            return await _db.ListAsync($"{sql} {Like.Page(_db.Engine, first, max)}", ReadClient, ct);
        }

        var all = await _db.ListAsync(sql, ReadClient, ct);
        return [.. all.Where(c => attributes.All(a => c.Representation.Attributes?.GetValueOrDefault(a.Key) == a.Value)).Skip(first).Take(max < 0 ? int.MaxValue : max)];
    }

    public async ValueTask<long> ApplyAsync(ChangeSet changes, CancellationToken ct = default)
    {
        var (version, newRoles) = changes.Changes.Count > LongSet ? await _db.WriteLongAsync(WriteAsync, ct) : await _db.WriteAsync(WriteAsync, ct);
        if (newRoles is { } rolesVersion)
        {
            Follow(changes, rolesVersion);
        }

        return version;

        ValueTask<(long Version, long? NewRoles)> WriteAsync(Tx tx) => this.WriteAsync(tx, changes, ct);
    }

    public ValueTask<ProtocolError?> ApplyAsync(IAsyncEnumerable<Result<ChangeSet>> sets, CancellationToken ct = default) =>
        ChangeStream.RunAsync(_db, sets, (tx, changes) => WriteAsync(tx, changes, ct), ct);

    private async ValueTask<(long Version, long? NewRoles)> WriteAsync(Tx tx, ChangeSet changes, CancellationToken ct)
    {
        var writer = new ChangeWriter(tx, changes, _time.GetUtcNow().ToUnixTimeMilliseconds(), _sealer);
        var version = await writer.RunAsync(ct);
        foreach (var realm in changes.Stale)
        {
            await tx.NotifyAsync(Channel, realm, ct);
        }

        return (version, writer.NewRolesVersion);
    }

    /// <summary>
    /// What is known of the realm's roles is brought to what has just been committed, so that the next picture of it need not read them. Only from the
    /// version right before: whatever another node made of them in between is not known here.
    /// </summary>
    /// <param name="rolesVersion">The version to which the set raised them.</param>
    private void Follow(ChangeSet changes, long rolesVersion)
    {
        if (_loaded.TryGetValue(changes.RealmId, out var before) && before.RolesVersion == rolesVersion - 1 && before.Roles.TryGetTarget(out var roles)
            && roles.After(changes.RealmId, changes.Changes) is { } after)
        {
            _loaded.TryUpdate(changes.RealmId, before with { RolesVersion = rolesVersion, Roles = new(after), Unread = after }, before);
        }
    }

    public void Dispose()
    {
        _listening.Dispose();
        _timer?.Dispose();
    }

    private static Sql Clients => $"SELECT c.document, (SELECT string_agg(m.role_id, {Separator}) FROM role_mapping m WHERE m.owner_kind = {(int)RoleOwner.Client} AND m.owner_id = c.id) FROM client c";

    private static ClientData ReadClient(Row row) => new(StoredJson.Read(row.GetString(0), StoredJson.Client), ReadIds(row, 1));

    private static string[] ReadIds(Row row, int column) => row.TextOrNull(column)?.Split(Separator) ?? [];

    private async ValueTask<RealmData?> LoadAsync(Reads reads, string realmId, CancellationToken ct)
    {
        var realm = await reads.OneAsync(
            $"SELECT version, roles_version, groups_version, document FROM realm WHERE id = {realmId}",
            static row => (Version: row.GetInt64(0), Roles: row.GetInt64(1), Groups: row.GetInt64(2), Document: row.GetString(3)), ct);
        if (realm.Document is null)
        {
            _loaded.TryRemove(realmId, out _);
            return null;
        }

        // Most changes touch neither roles nor groups; realms with ten thousand of them are not to pay for each.
        _loaded.TryGetValue(realmId, out var before);
        var roles = before?.RolesVersion == realm.Roles && before.Roles.TryGetTarget(out var keptRoles) ? keptRoles : await LoadRolesAsync(reads, realmId, ct);
        var groups = before?.GroupsVersion == realm.Groups && before.Groups.TryGetTarget(out var keptGroups) ? keptGroups : await LoadGroupsAsync(reads, realmId, ct);
        _loaded[realmId] = new(realm.Version, realm.Roles, new(roles), realm.Groups, new(groups));

        var parts = (await reads.ListAsync(
            $"""
            SELECT p.kind, p.document, (SELECT string_agg(m.role_id, {Separator}) FROM role_mapping m WHERE m.owner_kind = {(int)RoleOwner.ClientScope} AND m.owner_id = p.id)
            FROM part p WHERE p.realm_id = {realmId} ORDER BY p.position
            """,
            static row => (Kind: (PartKind)row.GetInt64(0), Document: JsonSerializer.Deserialize(row.GetString(1), StoredJson.Part((PartKind)row.GetInt64(0)))!, Roles: ReadIds(row, 2)),
            ct)).ToLookup(p => p.Kind);
        return new()
        {
            Version = realm.Version,
            Settings = StoredJson.Read(realm.Document, StoredJson.Realm),
            Roles = roles,
            Groups = groups,
            Scopes = [.. parts[PartKind.ClientScope].Select(p => new ClientScope((ClientScopeRepresentation)p.Document, p.Roles))],
            Flows = Documents<AuthenticationFlowRepresentation>(PartKind.Flow),
            AuthenticatorConfigs = Documents<AuthenticatorConfigRepresentation>(PartKind.AuthenticatorConfig),
            RequiredActions = Documents<RequiredActionProviderRepresentation>(PartKind.RequiredAction),
            Components = [.. Documents<ComponentRepresentation>(PartKind.Component).Select(c => _sealer is null ? c : SealedComponents.Open(_sealer, c))],
            IdentityProviders = Documents<IdentityProviderRepresentation>(PartKind.IdentityProvider),
            IdentityProviderMappers = Documents<IdentityProviderMapperRepresentation>(PartKind.IdentityProviderMapper),
        };

        List<T> Documents<T>(PartKind kind) => [.. parts[kind].Select(p => (T)p.Document)];
    }

    private static async ValueTask<RoleGraph> LoadRolesAsync(Reads reads, string realmId, CancellationToken ct)
    {
        var composites = await LoadMappingsAsync(reads, realmId, RoleOwner.Role, ct);
        var clients = (await reads.ListAsync($"SELECT id, client_id FROM client WHERE realm_id = {realmId}", static row => (Id: row.GetString(0), Name: row.TextOrNull(1)), ct))
            .ToDictionary(c => c.Id, StringComparer.Ordinal);
        return new(await reads.ListAsync(
            $"SELECT id, container_id, name, document FROM role WHERE realm_id = {realmId} ORDER BY container_id, name",
            row =>
            {
                var id = row.GetString(0);
                var client = clients.GetValueOrDefault(row.GetString(1));
                var (description, attributes) = StoredJson.ReadRole(row.GetString(3));
                return new Role(id, KnownStrings.Of(row.GetString(2)), description, client.Id, client.Name, attributes, composites[id]);
            },
            ct));
    }

    private static async ValueTask<GroupTree> LoadGroupsAsync(Reads reads, string realmId, CancellationToken ct)
    {
        var roles = await LoadMappingsAsync(reads, realmId, RoleOwner.Group, ct);
        return new(await reads.ListAsync(
            $"SELECT document FROM user_group WHERE realm_id = {realmId}",
            row => StoredJson.Read(row.GetString(0), StoredJson.Group) is var group ? new Group(group, roles[group.Id!]) : null!,
            ct));
    }

    private static async ValueTask<Mappings> LoadMappingsAsync(Reads reads, string realmId, RoleOwner kind, CancellationToken ct)
    {
        var mappings = new Mappings();
        await reads.ListAsync(
            $"SELECT owner_id, role_id FROM role_mapping WHERE realm_id = {realmId} AND owner_kind = {(int)kind} ORDER BY owner_id, role_id",
            row =>
            {
                mappings.Add(row.GetString(0), row.GetString(1));
                return 0;
            },
            ct);
        return mappings;
    }

    private async void OnNotified(string? realmId)
    {
        try
        {
            if (realmId is not null)
            {
                Changed?.Invoke(realmId);
                return;
            }

            foreach (var portion in _loaded.Keys.Chunk(1_000))
            {
                var versions = (await _db.ListAsync($"SELECT id, version FROM realm WHERE id IN ({portion})", static row => (Id: row.GetString(0), Version: row.GetInt64(1))))
                    .ToDictionary(r => r.Id, r => r.Version);
                foreach (var id in portion)
                {
                    if (_loaded.TryGetValue(id, out var loaded) && versions.GetValueOrDefault(id) != loaded.Version)
                    {
                        Changed?.Invoke(id);
                    }
                }
            }
        }
        catch (Exception e) when (e is DbException or ObjectDisposedException or TimeoutException or IOException)
        {
            // The next round asks again.
        }
    }

    /// <summary>What the last picture of a realm was made of; kept only as long as somebody uses that picture.</summary>
    /// <param name="Unread">Roles that no picture holds yet.</param>
    private sealed record Loaded(
        long Version, long RolesVersion, WeakReference<RoleGraph> Roles, long GroupsVersion, WeakReference<GroupTree> Groups, RoleGraph? Unread = null);

    private sealed class Mappings
    {
        private readonly Dictionary<string, List<string>> _roles = new(StringComparer.Ordinal);
        private string? _last;
        private List<string> _ofLast = [];

        /// <summary>The roles of an owner, in the order of their ids, as <see cref="RoleGraph.After"/> keeps them.</summary>
        public IReadOnlyList<string> this[string ownerId] => _roles.TryGetValue(ownerId, out var roles) ? roles : [];

        /// <summary>Those of one owner come one after the other.</summary>
        public void Add(string ownerId, string roleId)
        {
            if (ownerId != _last)
            {
                _last = ownerId;
                _roles[ownerId] = _ofLast = [];
            }

            _ofLast.Add(roleId);
        }
    }
}
