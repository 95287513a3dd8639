using Castellan.Core.Clients;
using Castellan.Core.Representations;
using Castellan.Core.Tokens;

namespace Castellan.Core.Organizations;

/// <summary>Finds out which organizations a grant speaks of. Nothing is read where the scope was not asked for.</summary>
public sealed class OrganizationMemberships(IOrganizationStore store)
{
    /// <summary>The grant with the organizations that its scope names and its user belongs to; without the scope when it names only others.</summary>
    public async ValueTask<Grant> CompleteAsync(Grant grant, CancellationToken ct = default)
    {
        if (grant.Realm.Settings.OrganizationsEnabled != true || !grant.Scopes.NamesOrganizations)
        {
            return grant;
        }

        var mine = (await store.OfMemberAsync(grant.Realm.Id, grant.User.Id, ct)).FindAll(o => o.Enabled != false);
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
