using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>Entries of the directory as roles of the realm or of a client.</summary>
public sealed class RoleMapper(ComponentRepresentation component, LdapFederation federation) : MembershipMapper(component, federation, "role")
{
    private bool IsOfRealm => Text("use.realm.roles.mapping") != "false";

    public override async ValueTask BelongAsync(FederationContext context, DirectoryPicture person, Belongings belongings)
    {
        if (Mode == MembershipMode.Import || await ContainerAsync(context) is not { } container)
        {
            return;
        }

        if (Mode == MembershipMode.LdapOnly)
        {
            belongings.RoleIds.RemoveWhere(id => context.Realm.Roles.Find(id) is { } role && role.ClientId == container.ClientId);
        }

        belongings.RoleIds.UnionWith(await RolesAsync(context, container, await OfAsync(context, person)));
    }

    public override async ValueTask<IReadOnlyList<Change>> ImportMembershipsAsync(FederationContext context, DirectoryPicture person, string userId) =>
        Mode == MembershipMode.Import && await ContainerAsync(context) is { } container
            ? [.. (await RolesAsync(context, container, await OfAsync(context, person))).Select(role => new AddRole(RoleOwner.User, userId, role))]
            : [];

    public override async ValueTask<bool> TakeAsync(FederationContext context, DirectoryPicture person, Change change)
    {
        var (id, adds) = change switch { AddRole add => (add.RoleId, true), RemoveRole remove => (remove.RoleId, false), _ => (null, false) };
        if (id is null || Mode == MembershipMode.Import || await ContainerAsync(context) is not { } container
            || context.Realm.Roles.Find(id) is not { } role || role.ClientId != container.ClientId || ValueOf(person.Entry) is not { } member)
        {
            return false;
        }

        if (adds)
        {
            if (Mode != MembershipMode.LdapOnly)
            {
                return false;
            }

            if ((await FindAsync(context, role.Name) ?? await CreateAsync(context, role.Name, [])) is { } entry)
            {
                await AddMemberAsync(context, entry, member);
            }

            return true;
        }

        if (await HeldAsync(context, role.Name, member) is not { } held)
        {
            return Mode == MembershipMode.LdapOnly;
        }

        if (Mode == MembershipMode.ReadOnly)
        {
            throw FederationRefusal.RoleStays;
        }

        await RemoveMemberAsync(context, held, member);
        return true;
    }

    public override async ValueTask<List<LdapEntry>?> MembersAsync(FederationContext context, string? roleId, string? groupId) =>
        Mode != MembershipMode.Import && roleId is not null && await ContainerAsync(context) is { } container
        && context.Realm.Roles.Find(roleId) is { } role && role.ClientId == container.ClientId
            ? await PeopleOfAsync(context, role.Name)
            : null;

    public override async ValueTask<SyncResult?> FromDirectoryAsync(FederationContext context)
    {
        if (await ContainerAsync(context) is not { } container)
        {
            return SyncResult.OfRoles(0, 0);
        }

        var names = (await context.AllAsync(Search())).Select(e => e.Text(NameAttribute)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var missing = names.Where(n => Find(context.Realm, container, n) is null).ToList();
        await context.ApplyAsync([.. missing.Select(n => Put(container, n))]);
        return SyncResult.OfRoles(missing.Count, names.Count - missing.Count);
    }

    public override async ValueTask<SyncResult?> ToDirectoryAsync(FederationContext context)
    {
        if (Mode != MembershipMode.LdapOnly || await ContainerAsync(context) is not { } container)
        {
            return SyncResult.ToRoles(0, 0);
        }

        var there = (await context.AllAsync(Search())).Select(e => e.Text(NameAttribute)).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var missing = context.Realm.Roles.OfClient(container.ClientId).Select(r => r.Name).Where(n => !there.Contains(n)).ToList();
        foreach (var name in missing)
        {
            await CreateAsync(context, name, []);
        }

        return SyncResult.ToRoles(missing.Count, context.Realm.Roles.OfClient(container.ClientId).Count - missing.Count);
    }

    private sealed record Container(string Id, string? ClientId);

    /// <summary>Whose roles they are; null when the client is gone.</summary>
    private async ValueTask<Container?> ContainerAsync(FederationContext context) => IsOfRealm ? new(context.Realm.Id, null)
        : Text("client.id") is { } id && await context.Clients.FindAsync(context.Realm, id, context.Ct) is { } client ? new(client.Id, client.Id)
        : null;

    /// <summary>The roles of entries; those that are missing are made.</summary>
    private async ValueTask<List<string>> RolesAsync(FederationContext context, Container container, List<LdapEntry> entries)
    {
        var names = entries.Select(e => e.Text(NameAttribute)).OfType<string>().ToList();
        await context.ApplyAsync([.. names.Where(n => Find(context.Realm, container, n) is null).Distinct(StringComparer.Ordinal).Select(n => Put(container, n))]);
        return [.. names.Select(n => Find(context.Realm, container, n)?.Id).OfType<string>()];
    }

    private static Role? Find(Realm realm, Container container, string name) =>
        container.ClientId is { } client ? realm.Roles.FindClientRole(client, name) : realm.Roles.FindRealmRole(name);

    private static PutRole Put(Container container, string name) =>
        new(new RoleRepresentation { Id = Ids.New(), Name = name, ContainerId = container.Id, ClientRole = container.ClientId is not null, Composite = false }) { IsNew = true };
}
