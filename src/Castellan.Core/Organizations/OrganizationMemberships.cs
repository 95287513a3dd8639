using Castellan.Core.Clients;
using Castellan.Core.Groups;
using Castellan.Core.Mappers;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Core.Tokens;
using Castellan.Core.Users;

namespace Castellan.Core.Organizations;

/// <summary>A group of an organization that a user is in.</summary>
/// <param name="Roles">The roles of the group itself.</param>
public sealed record MemberGroup(string Path, IReadOnlyList<Role> Roles);

/// <summary>Finds out which organizations a grant speaks of. Nothing is read where the scope was not asked for.</summary>
public sealed class OrganizationMemberships(IOrganizationStore store)
{
    /// <summary>The grant with the organizations that its scope names and its user belongs to; without the scope when it names only others.</summary>
    public async ValueTask<Grant> CompleteAsync(Grant grant, CancellationToken ct = default)
    {
        grant = await WithOrganizationsAsync(grant, ct);
        return grant.Organizations.Count > 0 && grant.Scopes.Mappers.Holds(OrganizationGroupMembershipMapper.Type)
            ? grant with { OrganizationGroups = await GroupsAsync(grant.Realm, grant.User, grant.Organizations, ct) }
            : grant;
    }

    /// <summary>The enabled organizations that a user belongs to, and the groups of those by the organization's id, where these are wanted.</summary>
    public async ValueTask<(IReadOnlyList<OrganizationRepresentation> Organizations, IReadOnlyDictionary<string, IReadOnlyList<MemberGroup>> Groups)> OfUserAsync(
        Realm realm, User user, bool groups, CancellationToken ct = default)
    {
        var mine = realm.Settings.OrganizationsEnabled is true ? await EnabledAsync(realm, user, ct) : [];
        return (mine, await GroupsAsync(realm, user, groups ? mine : [], ct));
    }

    private async ValueTask<List<OrganizationRepresentation>> EnabledAsync(Realm realm, User user, CancellationToken ct) =>
        (await store.OfMemberAsync(realm.Id, user.Id, ct)).FindAll(o => o.Enabled != false);

    private async ValueTask<Dictionary<string, IReadOnlyList<MemberGroup>>> GroupsAsync(Realm realm, User user, IReadOnlyList<OrganizationRepresentation> organizations, CancellationToken ct)
    {
        var all = new Dictionary<string, IReadOnlyList<MemberGroup>>(StringComparer.Ordinal);
        foreach (var organization in organizations)
        {
            var mine = await store.GroupsOfMemberAsync(realm.Id, organization.Id!, user.Id, ct);
            var tree = mine.Count == 0 ? null : await store.GroupsAsync(realm.Id, organization.Id!, ct);
            all[organization.Id!] = [.. mine.Select(id => tree!.Find(id)).OfType<Group>()
                .Select(g => new MemberGroup(tree!.Path(g), [.. g.RoleIds.Select(realm.Roles.Find).OfType<Role>()]))
                .OrderBy(g => g.Path, StringComparer.Ordinal)];
        }

        return all;
    }

    private async ValueTask<Grant> WithOrganizationsAsync(Grant grant, CancellationToken ct)
    {
        if (grant.Realm.Settings.OrganizationsEnabled != true || !grant.Scopes.NamesOrganizations)
        {
            return grant;
        }

        var mine = await EnabledAsync(grant.Realm, grant.User, ct);
        var forms = grant.Scopes.OrganizationForms;
        if (forms.Count == 0)
        {
            var chosen = grant.ClientSession.Notes?.GetValueOrDefault(OrganizationScope.ChoiceNote);
            return grant with { Organizations = chosen is not null ? mine.FindAll(o => o.Id == chosen) : mine.Count == 1 ? mine : [] };
        }

        if (forms.Any(OrganizationScope.IsEvery))
        {
            return grant with { Organizations = mine };
        }

        var named = mine.FindAll(o => forms.Contains(OrganizationScope.Of(o.Alias!)));
        return grant with { Organizations = named, Scopes = grant.Scopes.ForOrganizations([.. named.Select(o => OrganizationScope.Of(o.Alias!))]) };
    }

    /// <summary>Whether every organization that a scope parameter names is there and enabled.</summary>
    public async ValueTask<bool> AreKnownAsync(Client client, string? parameter, CancellationToken ct = default)
    {
        if (parameter is null || !parameter.Contains(OrganizationScope.Name, StringComparison.Ordinal))
        {
            return true;
        }

        foreach (var alias in Scopes.Split(parameter).Select(OrganizationScope.Alias).OfType<string>())
        {
            if (await store.FindByAliasAsync(client.Realm.Id, alias, ct) is not { Enabled: not false })
            {
                return false;
            }
        }

        return true;
    }
}
