using Castellan.Core.Groups;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

/// <summary>Sorts parts into those that come in, those that are passed over, and those that replace something.</summary>
internal sealed class PartialSorting(Realm realm, PartialImportRepresentation parts, List<ClientRepresentation> known)
{
    // The client that administers this realm, and those that administer others, come and go with realms.
    private static readonly HashSet<string> s_builtIn =
        [DefaultClients.Account, DefaultClients.AdminCli, DefaultClients.Broker, DefaultClients.RealmManagement, DefaultClients.AdminConsole];

    private readonly List<(string Action, PartialKind Kind, string Name, Func<string?> Id, object Part)> _results = [];

    /// <summary>What is to be built.</summary>
    public RealmRepresentation Rest { get; } = new() { Id = realm.Id, Realm = realm.Name, DuplicateEmailsAllowed = realm.Settings.DuplicateEmailsAllowed };

    public PartialRemovals Gone { get; } = new();

    /// <summary>Takes away what is replaced.</summary>
    public List<Change> Removals { get; } = [];

    /// <summary>The ids of what was built are known only now.</summary>
    public List<PartialResult> Results() => _results.ConvertAll(r => new PartialResult(r.Action, r.Kind, r.Name, r.Id(), r.Part));

    /// <summary>The refusal of the first part that is there already, when that is what the parts ask for.</summary>
    public async ValueTask<ProtocolError?> SortAsync(IUserLookup users, CancellationToken ct)
    {
        if (parts.IfResourceExists is not (null or "SKIP" or "OVERWRITE" or "FAIL"))
        {
            return new("unknown_error", "Cannot parse the JSON", 400);
        }

        var fail = parts.IfResourceExists is null or "FAIL";
        var given = parts.Clients?.FindAll(c => !IsBuiltIn(c.ClientId));
        if (parts.Roles?.Client?.Keys.FirstOrDefault(name => known.TrueForAll(k => k.ClientId != name) && given?.Exists(c => c.ClientId == name) is not true) is { } missing)
        {
            return new("invalid_realm", $"Can not import client roles for nonexistent client named {missing}", 412);
        }

        ForgetIds();
        ProtocolError? refusal = null;
        Rest.Clients = Sort(
            PartialKind.Client, given, c => c.ClientId ?? c.Id ?? "", c => known.Find(k => k.ClientId == c.ClientId)?.Id, c => c.Id, c => $"Client id '{c.ClientId}' already exists",
            id =>
            {
                Gone.Clients.Add(id);
                Removals.Add(new DeleteClient(id));
            });
        foreach (var client in Gone.Clients)
        {
            // The account goes with its client; a new one comes with the new client.
            if (await users.FindServiceAccountIdAsync(client, ct) is { } account)
            {
                Removals.Add(new DeleteUser(account));
            }
        }

        Rest.Roles = new()
        {
            Realm = Sort(
                PartialKind.RealmRole, parts.Roles?.Realm, r => r.Name ?? "", r => realm.Roles.FindRealmRole(r.Name ?? "")?.Id, r => r.Id, r => $"Realm role '{r.Name}' already exists.", RemoveRole),
            Client = parts.Roles?.Client?.ToDictionary(c => c.Key, c => SortRolesOf(c.Key, c.Value)),
        };
        Rest.IdentityProviders = Sort(
            PartialKind.IdentityProvider, parts.IdentityProviders, p => p.Alias ?? "", p => realm.Data.IdentityProviders.FirstOrDefault(k => k.Alias == p.Alias)?.InternalId, p => p.InternalId,
            p => $"Identity Provider '{p.Alias}' already exists.", RemoveProvider);
        Rest.IdentityProviderMappers = Sort(
            PartialKind.IdentityProviderMapper, parts.IdentityProviderMappers, m => m.Name ?? "",
            m => realm.Data.IdentityProviderMappers.FirstOrDefault(k => k.IdentityProviderAlias == m.IdentityProviderAlias && k.Name == m.Name)?.Id, m => m.Id,
            m => $"Identity Provider Mapper'{m.Name}' already exists.", id => Removals.Add(new DeletePart(PartKind.IdentityProviderMapper, id)));
        Rest.Groups = Sort(
            PartialKind.Group, parts.Groups, g => g.Name ?? "", g => FindGroup(g.Path ?? "/" + g.Name)?.Id, g => g.Id, g => $"Group '{g.Path ?? "/" + g.Name}' already exists",
            id =>
            {
                Gone.Groups.Add(id);
                Removals.Add(new DeleteGroup(id));
            });
        await SortUsersAsync();
        return refusal;

        List<T> Sort<T>(PartialKind kind, List<T>? given, Func<T, string> name, Func<T, string?> find, Func<T, string?> id, Func<T, string> sentence, Action<string> remove)
            where T : class
        {
            var rest = new List<T>();
            foreach (var part in given ?? [])
            {
                if (Take(kind, part, name(part), find(part), () => id(part), () => sentence(part), remove))
                {
                    rest.Add(part);
                }
            }

            return rest;
        }

        List<RoleRepresentation> SortRolesOf(string clientId, List<RoleRepresentation> roles)
        {
            var client = known.Find(k => k.ClientId == clientId)?.Id;
            return Sort(
                PartialKind.ClientRole, roles, r => $"{clientId}-->{r.Name}", r => client is null || Gone.Clients.Contains(client) ? null : realm.Roles.FindClientRole(client, r.Name ?? "")?.Id,
                _ => known.Concat(Rest.Clients ?? []).Last(c => c.ClientId == clientId).Id, r => $"Client role '{r.Name}' for client '{clientId}' already exists.", RemoveRole);
        }

        async ValueTask SortUsersAsync()
        {
            Rest.Users = [];
            foreach (var user in parts.Users ?? [])
            {
                var email = realm.Settings.DuplicateEmailsAllowed is true || string.IsNullOrEmpty(user.Email) ? null : user.Email.ToLowerInvariant();
                var existing = await users.FindIdAsync(user.Username?.ToLowerInvariant() ?? "", email, ct);
                var name = user.Username ?? user.Email ?? "";
                var sharing = realm.Settings.DuplicateEmailsAllowed is true ? user.Email : null;
                if (Take(PartialKind.User, user, name, existing, () => user.Id, () => $"User with user name {name}{(sharing is null ? "" : $" or with email {sharing}")} already exists.", id => Removals.Add(new DeleteUser(id))))
                {
                    Rest.Users.Add(user);
                }
            }
        }

        bool Take(PartialKind kind, object part, string name, string? existing, Func<string?> id, Func<string> sentence, Action<string> remove)
        {
            if (existing is null)
            {
                _results.Add(("ADDED", kind, name, id, part));
                return true;
            }

            if (fail)
            {
                refusal ??= new("invalid_realm", sentence(), 409);
                return false;
            }

            if (parts.IfResourceExists != "OVERWRITE")
            {
                _results.Add(("SKIPPED", kind, name, () => kind == PartialKind.ClientRole ? id() : existing, part));
                return false;
            }

            // Keycloak counts a role that it replaces as added too.
            if (kind is PartialKind.RealmRole or PartialKind.ClientRole)
            {
                _results.Add(("ADDED", kind, name, id, part));
            }

            _results.Add(("OVERWRITTEN", kind, name, id, part));
            remove(existing);
            return true;
        }
    }

    private void RemoveRole(string id)
    {
        Gone.Roles.Add(id);
        Removals.Add(new DeleteRole(id));
    }

    private void RemoveProvider(string id)
    {
        var alias = realm.Data.IdentityProviders.First(p => p.InternalId == id).Alias;
        Removals.AddRange(realm.Data.IdentityProviderMappers.Where(m => m.IdentityProviderAlias == alias).Select(m => new DeletePart(PartKind.IdentityProviderMapper, m.Id!)));
        Removals.Add(new DeletePart(PartKind.IdentityProvider, id));
    }

    private static bool IsBuiltIn(string? clientId) => clientId is not null && (s_builtIn.Contains(clientId) || clientId.EndsWith("-realm", StringComparison.Ordinal));

    // Parts may come from another realm of this server, which has the ids; people and groups keep theirs.
    private void ForgetIds()
    {
        foreach (var client in parts.Clients ?? [])
        {
            client.Id = null;
            client.ProtocolMappers?.ForEach(m => m.Id = null);
        }

        foreach (var role in (parts.Roles?.Realm ?? []).Concat(parts.Roles?.Client?.Values.SelectMany(r => r ?? []) ?? []))
        {
            role.Id = null;
        }

        parts.IdentityProviders?.ForEach(p => p.InternalId = null);
    }

    private Group? FindGroup(string path) => realm.Groups.All.FirstOrDefault(g => realm.Groups.Path(g) == '/' + path.TrimStart('/'));
}
