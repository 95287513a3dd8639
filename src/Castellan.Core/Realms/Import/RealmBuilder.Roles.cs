using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
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
            foreach (var role in roles ?? [])
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
            else if (file.DefaultRole is { } everybodys && role.Name == everybodys.Name)
            {
                // The entry says what is in the role; what it is stands in the field.
                (role.Id, role.Description) = (string.IsNullOrEmpty(everybodys.Id) ? Ids.New() : everybodys.Id, everybodys.Description ?? role.Description);
                role.Attributes = everybodys.Attributes ?? role.Attributes;
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

            foreach (var role in roles ?? [])
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

        foreach (var (clientId, names) in role.Composites?.Client ?? role.Composites?.Application ?? [])
        {
            foreach (var name in names ?? [])
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
}
