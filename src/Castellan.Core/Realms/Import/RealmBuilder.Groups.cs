using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private void BuildGroups()
    {
        AddGroups(file.Groups ?? [], null, "");
        foreach (var path in file.DefaultGroups ?? [])
        {
            if (FindGroup(path) is { } group)
            {
                _defaultGroupIds.Add(group.Id!);
            }
            else if (file.Groups is not null)
            {
                RefuseFault("defaultGroups", $"default group in realm rep doesn't exist: {path}");
            }
        }

        file.DefaultGroups = _defaultGroupIds.Count == 0 ? null : _defaultGroupIds;
    }

    private GroupRepresentation? FindGroup(string path) => _groupsByPath.GetValueOrDefault(path.StartsWith('/') ? path : "/" + path);

    private void AddGroups(List<GroupRepresentation> groups, GroupRepresentation? parent, string above)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var group in groups)
        {
            var path = $"{above}/{group.Name}";
            var place = $"groups[{path}]";
            if (string.IsNullOrEmpty(group.Name))
            {
                RefuseFault(place, "A group needs a name");
                return;
            }

            CheckLength(place + ".name", group.Name, 255);
            if (!names.Add(group.Name))
            {
                RefuseDuplicate(place);
            }

            group.Id = string.IsNullOrEmpty(group.Id) ? Ids.New() : group.Id;
            group.ParentId = parent?.Id;
            group.Attributes ??= [];
            _groupsByPath[path] = group;
            TakeId("group", group.Id, place);
            var row = new GroupRepresentation { Id = group.Id, Name = group.Name, Description = group.Description, ParentId = group.ParentId, Attributes = group.Attributes };
            Changes.Add(new PutGroup(row) { IsNew = true });
            foreach (var role in group.RealmRoles ?? [])
            {
                Map(RoleOwner.Group, group.Id, RealmRole(role));
            }

            MapClientRoles(place, RoleOwner.Group, group.Id, group.ClientRoles);
            AddGroups(group.SubGroups ?? [], group, path);
        }
    }

    private void MapClientRoles(string place, RoleOwner kind, string ownerId, Dictionary<string, List<string>>? roles)
    {
        foreach (var (clientId, names) in roles ?? [])
        {
            if (!_clients.TryGetValue(clientId, out var client))
            {
                RefuseFault(place + ".clientRoles", $"Unable to find client role mappings for client: {clientId}");
                return;
            }

            foreach (var name in names ?? [])
            {
                Map(kind, ownerId, ClientRole(client, name));
            }
        }
    }
}
