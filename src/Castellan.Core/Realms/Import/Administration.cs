using Castellan.Core.Clients;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>The client <c>NAME-realm</c> in the master realm: its roles administer the realm NAME, and all of them are in the role <c>admin</c>.</summary>
internal static class Administration
{
    /// <summary>The writes that give the master realm what it needs to administer another; what is there already stays.</summary>
    public static ChangeSet Add(Realm master, string realm, Client? existing)
    {
        var changes = new ChangeSet(master.Id);
        var client = existing?.Representation ?? DefaultClients.MakeAdministration(realm);
        if (existing is null)
        {
            client.DefaultClientScopes = Names(master, master.Settings.DefaultDefaultClientScopes);
            client.OptionalClientScopes = Names(master, master.Settings.DefaultOptionalClientScopes);
            changes.Add(new PutClient(client));
        }

        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in DefaultRoles.Administration)
        {
            var name = DefaultRoles.Read(entry).Name;
            if (master.Roles.FindClientRole(client.Id!, name) is { } role)
            {
                ids[name] = role.Id;
                continue;
            }

            var made = DefaultRoles.Make(name, client.Id!, ofClient: true);
            ids[name] = made.Id!;
            changes.Add(new PutRole(made));
        }

        var admin = master.Roles.FindRealmRole(DefaultRoles.Admin);
        foreach (var entry in DefaultRoles.Administration)
        {
            var (name, parts) = DefaultRoles.Read(entry);
            changes.Add(parts.Select(part => new AddRole(RoleOwner.Role, ids[name], ids[part])));
            if (admin is not null)
            {
                changes.Add(new AddRole(RoleOwner.Role, admin.Id, ids[name]));
            }
        }

        return changes;
    }

    private static List<string> Names(Realm master, List<string>? scopes) =>
        [.. (scopes ?? []).Where(s => master.FindScope(s) is { Representation.Protocol: null or "openid-connect" })];
}
