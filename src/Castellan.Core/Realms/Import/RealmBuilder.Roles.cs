using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private readonly Dictionary<string, List<string>> _oldClientDefaults = new(StringComparer.Ordinal);

    private void BuildRoles()
    {
        TakeRealmRoles();
        TakeClientRoles();
        if (Refusal is not null)
        {
            return;
        }

        AddBuiltInRoles();
        AddMasterRoles();
        AddProtectionRoles();
        BuildComposites(_roles.Values);
    }

    // What the roles of the file contain. Afterwards it stands in mappings alone.
    private void BuildComposites(IEnumerable<RoleRepresentation> all)
    {
        foreach (var role in file.Roles?.Realm ?? [])
        {
            AddComposites($"roles.realm[{role.Name}]", role);
        }

        foreach (var (client, roles) in file.Roles?.Client ?? [])
        {
            foreach (var role in roles)
            {
                AddComposites($"roles.client.{client}[{role.Name}]", role);
            }
        }

        foreach (var role in all)
        {
            (role.Composites, role.Composite) = (null, null);
        }
    }

    private void TakeRealmRoles()
    {
        // The role that goes with the scope comes before the file's roles, unless the file brings both.
        var isMade = !_offlineIsGiven && (file.Roles?.Realm ?? []).Exists(r => r.Name == DefaultRoles.OfflineAccess);
        foreach (var role in file.Roles?.Realm ?? [])
        {
            var place = $"roles.realm[{role.Name}]";
            CheckRole(place, role);
            if (role.Name is not null && FindRealmRole(role.Name) is not null)
            {
                RefuseDuplicate(place);
            }

            if (isMade && role.Name == DefaultRoles.OfflineAccess)
            {
                role.Id = Ids.New();
            }

            if (Refusal is null)
            {
                (role.ClientRole, role.ContainerId) = (false, RealmId);
                AddRole(role);
            }
        }
    }

    private void TakeClientRoles()
    {
        foreach (var (name, roles) in file.Roles?.Client ?? [])
        {
            if (!_clients.TryGetValue(name, out var client))
            {
                RefuseFault($"roles.client.{name}", $"App doesn't exist in role definitions: {name}");
                return;
            }

            foreach (var role in roles)
            {
                var place = $"roles.client.{name}[{role.Name}]";
                CheckRole(place, role);
                if (role.Name is not null && FindClientRole(client, role.Name) is not null)
                {
                    RefuseDuplicate(place);
                }

                if (Refusal is null)
                {
                    (role.ClientRole, role.ContainerId) = (true, client.Id);
                    AddRole(role);
                }
            }
        }
    }

    private void CheckRole(string place, RoleRepresentation role)
    {
        if (string.IsNullOrEmpty(role.Name))
        {
            RefuseFault(place, "A role needs a name");
        }

        CheckLength(place + ".name", role.Name, 255);
        role.Id = string.IsNullOrEmpty(role.Id) ? Ids.New() : role.Id;
        role.Attributes ??= [];
        role.ScopeParamRequired = null;
    }

    // Roles of built-in clients that the file lacks. A client of the file that replaces 'account' keeps only the role that was added to old realms.
    private void AddBuiltInRoles()
    {
        if (FindRealmRole(DefaultRoles.OfflineAccess) is null)
        {
            AddRole(DefaultRoles.Make(DefaultRoles.OfflineAccess, RealmId, ofClient: false));
        }

        var replaced = (file.Clients ?? []).Select(c => c.ClientId).ToHashSet();
        Complete(DefaultClients.Account, !replaced.Contains(DefaultClients.Account) ? DefaultRoles.Account : ["delete-account"]);
        Complete(DefaultClients.Broker, replaced.Contains(DefaultClients.Broker) ? [] : DefaultRoles.Broker);
        if (_clients.TryGetValue(DefaultClients.RealmManagement, out var management))
        {
            Complete(DefaultClients.RealmManagement, DefaultRoles.Administration);
            var admin = FindClientRole(management, DefaultRoles.RealmAdmin) ?? AddRole(DefaultRoles.Make(DefaultRoles.RealmAdmin, management.Id!, ofClient: true));
            ContainAdministration(admin, management);
        }
    }

    // The master realm administers itself by a client of its own, and has the roles that hold all others.
    private void AddMasterRoles()
    {
        if (Name != RealmImport.Master)
        {
            return;
        }

        var admin = FindRealmRole(DefaultRoles.Admin) ?? AddRole(DefaultRoles.Make(DefaultRoles.Admin, RealmId, ofClient: false));
        Map(RoleOwner.Role, admin.Id!, FindRealmRole(DefaultRoles.CreateRealm) ?? AddRole(DefaultRoles.Make(DefaultRoles.CreateRealm, RealmId, ofClient: false)));
        var self = DefaultClients.AdministrationName(Name);
        if (!_clients.ContainsKey(self))
        {
            var client = DefaultClients.MakeAdministration(Name);
            GiveScopes(client, _defaultScopes, _optionalScopes);
            AddClient(client);
        }

        Complete(self, DefaultRoles.Administration);
        ContainAdministration(admin, _clients[self]);
    }

    // Whoever may see users, clients or organizations may search them, also where the roles come from a file that does not say so.
    private void ContainAdministration(RoleRepresentation admin, ClientRepresentation client)
    {
        foreach (var (name, parts) in DefaultRoles.Administration.Select(DefaultRoles.Read))
        {
            var role = FindClientRole(client, name)!;
            Map(RoleOwner.Role, admin.Id!, role);
            foreach (var part in parts)
            {
                Map(RoleOwner.Role, role.Id!, FindClientRole(client, part)!);
            }
        }
    }

    // Whoever may register resources has this role of the client that guards them; it comes with the account that the client gets.
    private void AddProtectionRoles()
    {
        foreach (var client in _needServiceAccounts.Where(c => c.AuthorizationServicesEnabled is true))
        {
            ClientRole(client, "uma_protection");
        }
    }

    private void Complete(string clientId, string[] entries)
    {
        if (!_clients.TryGetValue(clientId, out var client))
        {
            return;
        }

        var made = new List<(RoleRepresentation Role, string[] Parts)>();
        foreach (var entry in entries)
        {
            var (name, parts) = DefaultRoles.Read(entry);
            if (FindClientRole(client, name) is null)
            {
                made.Add((AddRole(DefaultRoles.Make(name, client.Id!, ofClient: true)), parts));
            }
        }

        foreach (var (role, parts) in made)
        {
            foreach (var part in parts)
            {
                if (FindClientRole(client, part) is { } contained)
                {
                    Map(RoleOwner.Role, role.Id!, contained);
                }
            }
        }
    }

    private void AddComposites(string place, RoleRepresentation role)
    {
        foreach (var name in role.Composites?.Realm ?? [])
        {
            if (FindRealmRole(name) is { } part)
            {
                Map(RoleOwner.Role, role.Id!, part);
            }
            else if (name == DefaultRoles.UmaAuthorization)
            {
                // Every realm gets this one in the end, so a file may name it.
                Map(RoleOwner.Role, role.Id!, MakeAuthorizationRole());
            }
            else
            {
                RefuseFault(place + ".composites.realm", $"Unable to find composite realm role: {name}");
            }
        }

        foreach (var (clientId, names) in (role.Composites?.Client ?? []).Concat(role.Composites?.Application ?? []))
        {
            foreach (var name in names)
            {
                if (_clients.TryGetValue(clientId, out var client) && FindClientRole(client, name) is { } part)
                {
                    Map(RoleOwner.Role, role.Id!, part);
                }
                else
                {
                    RefuseFault(place + ".composites.client", $"Unable to find composite client role: {name}");
                }
            }
        }
    }

    private void BuildDefaultRole()
    {
        // Without defaultRole an entry of the usual name is an ordinary role, and the real one has to step aside.
        var name = file.DefaultRole?.Name ?? FreeName(DefaultRoles.DefaultName(Name));
        if (FindRealmRole(name) is { } entry)
        {
            _defaultRole = entry;
        }
        else
        {
            _defaultRole = DefaultRoles.Make("default-roles", RealmId, ofClient: false);
            _defaultRole.Name = name;
            _defaultRole.Id = string.IsNullOrEmpty(file.DefaultRole?.Id) ? _defaultRole.Id : file.DefaultRole.Id;
            _defaultRole.Description = file.DefaultRole?.Description ?? _defaultRole.Description;
            AddRole(_defaultRole);
        }

        if (!_offlineIsGiven)
        {
            Contain(FindRealmRole(DefaultRoles.OfflineAccess));
        }

        if (_clients.TryGetValue(DefaultClients.Account, out var account))
        {
            foreach (var role in DefaultRoles.OfAccount)
            {
                Contain(FindClientRole(account, role));
            }
        }

        foreach (var old in file.DefaultRoles ?? [])
        {
            Contain(RealmRole(old));
        }

        foreach (var (clientId, names) in _oldClientDefaults)
        {
            foreach (var old in names)
            {
                Contain(ClientRole(_clients[clientId], old));
            }
        }

        string FreeName(string wanted)
        {
            var free = wanted;
            for (var n = 1; FindRealmRole(free) is not null; n++)
            {
                free = $"{wanted}-{n}";
            }

            return free;
        }
    }

    private void Contain(RoleRepresentation? part)
    {
        if (part is not null && part.Id != _defaultRole.Id)
        {
            Map(RoleOwner.Role, _defaultRole.Id!, part);
        }
    }

    private RoleRepresentation? _authorizationRole;

    private RoleRepresentation MakeAuthorizationRole() => _authorizationRole ??= AddRole(DefaultRoles.Make(DefaultRoles.UmaAuthorization, RealmId, ofClient: false));

    // Comes after everybody: where the file has the role, or somebody in it, it stays as it is and is nobody's by default.
    private void BuildAuthorizationRole()
    {
        if (FindRealmRole(DefaultRoles.UmaAuthorization) is null || _authorizationRole is not null)
        {
            Contain(MakeAuthorizationRole());
        }
    }

    private List<string>? TakeDefaultRoles(ClientRepresentation client)
    {
        if (client is { DefaultRoles.Count: > 0, ClientId: { } id })
        {
            _oldClientDefaults[id] = client.DefaultRoles;
        }

        return null;
    }

    private void BuildScopeMappings()
    {
        if (!_clients.TryGetValue(DefaultClients.AccountConsole, out var console) || !_clients.TryGetValue(DefaultClients.Account, out var account))
        {
            return;
        }

        if ((file.Clients ?? []).All(c => c.ClientId != DefaultClients.AccountConsole))
        {
            foreach (var name in new[] { "manage-account", "view-groups" })
            {
                if (FindClientRole(account, name) is { } role)
                {
                    Map(RoleOwner.Client, console.Id!, role);
                }
            }
        }

        if (FindRealmRole(DefaultRoles.OfflineAccess) is { } offline && _scopes.TryGetValue("offline_access", out var scope)
            && (file.ClientScopes ?? []).All(s => s.Name != "offline_access"))
        {
            Map(RoleOwner.ClientScope, scope.Id!, offline);
        }

        foreach (var mapping in file.ScopeMappings ?? [])
        {
            Apply("scopeMappings", mapping, RealmRole);
        }

        foreach (var (owner, mappings) in (file.ClientScopeMappings ?? []).Concat(file.ApplicationScopeMappings ?? []))
        {
            if (!_clients.TryGetValue(owner, out var client))
            {
                RefuseFault($"clientScopeMappings.{owner}", $"Unable to find client role mappings for client: {owner}");
                return;
            }

            foreach (var mapping in mappings)
            {
                Apply($"clientScopeMappings.{owner}", mapping, name => ClientRole(client, name));
            }
        }
    }

    private void Apply(string place, ScopeMappingRepresentation mapping, Func<string, RoleRepresentation> role)
    {
        var scopeName = mapping.ClientScope ?? mapping.ClientTemplate?.Replace(' ', '_');
        if (mapping.Client is { } clientId)
        {
            if (!_clients.TryGetValue(clientId, out var client))
            {
                RefuseFault(place, $"Unknown client specification in scope mappings: {clientId}");
                return;
            }

            Add(RoleOwner.Client, client.Id!);
        }
        else if (scopeName is not null)
        {
            if (!_scopes.TryGetValue(scopeName, out var scope))
            {
                RefuseFault(place, $"Unknown clientScope specification in scope mappings: {scopeName}");
                return;
            }

            Add(RoleOwner.ClientScope, scope.Id!);
        }

        void Add(RoleOwner kind, string ownerId)
        {
            foreach (var name in mapping.Roles ?? [])
            {
                Map(kind, ownerId, role(name));
            }
        }
    }
}
