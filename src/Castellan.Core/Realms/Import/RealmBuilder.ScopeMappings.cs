using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>Which roles the scopes of clients and client scopes let through.</summary>
internal sealed partial class RealmBuilder
{
    private void BuildScopeMappings()
    {
        if (_clients.TryGetValue(DefaultClients.AccountConsole, out var console) && _clients.TryGetValue(DefaultClients.Account, out var account)
            && (file.Clients ?? []).All(c => c.ClientId != DefaultClients.AccountConsole))
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

        foreach (var (owner, mappings) in file.ClientScopeMappings ?? [])
        {
            if (!_clients.TryGetValue(owner, out var client))
            {
                RefuseFault($"clientScopeMappings.{owner}", $"Unable to find client role mappings for client: {owner}");
                return;
            }

            foreach (var mapping in mappings ?? [])
            {
                Apply($"clientScopeMappings.{owner}", mapping, name => ClientRole(client, name));
            }
        }
    }

    private void Apply(string place, ScopeMappingRepresentation mapping, Func<string, RoleRepresentation> role)
    {
        var scopeName = mapping.ClientScope ?? ScopeName(mapping.ClientTemplate);
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
        else
        {
            RefuseFault(place, "Either client or clientScope needs to be specified in scope mappings");
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
