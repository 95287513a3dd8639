using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>Builds parts that come into a realm that is there already: what the parts name is looked up in it.</summary>
internal sealed partial class RealmBuilder
{
    /// <summary>Takes note of what the realm has, but for what the parts replace.</summary>
    public void Know(Realm realm, IEnumerable<ClientRepresentation> clients, PartialRemovals gone)
    {
        IsWhole = false;
        foreach (var scope in realm.Scopes)
        {
            _scopes[scope.Name] = scope.Representation;
        }

        _defaultScopes = realm.Settings.DefaultDefaultClientScopes ?? [];
        _optionalScopes = realm.Settings.DefaultOptionalClientScopes ?? [];
        _flows.AddRange(realm.Data.Flows);
        foreach (var client in clients.Where(c => c.ClientId is not null && !gone.Clients.Contains(c.Id!)))
        {
            _clients[client.ClientId!] = client;
        }

        foreach (var role in realm.Roles.All.Where(r => !gone.Roles.Contains(r.Id) && (r.ClientId is null || !gone.Clients.Contains(r.ClientId))))
        {
            _roles[(role.ClientId, role.Name)] = new() { Id = role.Id, Name = role.Name, ClientRole = role.ClientId is not null, ContainerId = role.ClientId ?? RealmId };
        }

        foreach (var group in realm.Groups.All.Where(g => !realm.Groups.Lineage(g).Any(above => gone.Groups.Contains(above.Id))))
        {
            _groupsByPath[realm.Groups.Path(group)] = new() { Id = group.Id, Name = group.Name, ParentId = group.ParentId };
        }

        _defaultRole = realm.Settings.DefaultRole ?? _defaultRole;
        _defaultGroupIds = [.. realm.DefaultGroups.Select(g => FindGroup(realm.Groups.Path(g))).OfType<GroupRepresentation>().Select(g => g.Id!)];
    }

    /// <summary>The parts, in the order in which they may name one another.</summary>
    public bool BuildParts() => Steps(
        BuildGivenClients, BuildGivenRoles, BuildIdentityProviders, () => AddGroups(file.Groups ?? [], null, ""), () => BuildUsers(FilePerson.Of(file.Users)), BuildServiceAccounts);

    private void BuildGivenRoles()
    {
        var known = _roles.Values.ToHashSet();
        TakeRealmRoles();
        TakeClientRoles();
        AddProtectionRoles();
        BuildComposites(_roles.Values.Where(r => !known.Contains(r)));
    }
}

/// <summary>Ids of what parts replace.</summary>
internal sealed class PartialRemovals
{
    public HashSet<string> Clients { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Roles { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Groups { get; } = new(StringComparer.Ordinal);
}
