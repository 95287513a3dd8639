using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>The role that everybody has, and what is in it.</summary>
internal sealed partial class RealmBuilder
{
    private readonly Dictionary<string, List<string>> _oldClientDefaults = new(StringComparer.Ordinal);

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
            _defaultRole.Description = file.DefaultRole is { } given ? given.Description : _defaultRole.Description;
            _defaultRole.Attributes = file.DefaultRole?.Attributes ?? _defaultRole.Attributes;
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

        if (file.DefaultRole is not null)
        {
            return;
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
}
