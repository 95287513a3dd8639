using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Brokering;

/// <summary>Which providers a login page offers to whom.</summary>
public sealed class ProviderButtons(IUserStore users, ProviderOrganizations organizations)
{
    private const string HiddenWithoutOrganization = "kc.org.broker.login.hide-when-org-unknown";

    /// <summary>
    /// The providers in their order. Somebody who is known is offered those alone that they are linked to: any other would make them somebody else. Only
    /// where the realm has organizations, and they are linked to none, may they come by a new one.
    /// </summary>
    /// <param name="asksWho">Whether the page asks for the name alone: whose organization it is comes out by that only.</param>
    /// <param name="organization">The id of the organization that an unknown address led to: its providers stand alone.</param>
    public async ValueTask<IReadOnlyList<IdentityProvider>> OfAsync(
        Realm realm, AuthenticationTab tab, User? user, bool asksWho = false, string? organization = null, CancellationToken ct = default)
    {
        // An account that waits to be linked is proved by any provider but its own.
        var waits = tab.Path == LoginPaths.FirstBrokerLogin ? BrokeredIdentity.Read(tab.Note(LoginNotes.Brokered))?.Provider : null;
        var all = await organizations.OpenAsync(realm, IdentityProviders.Of(realm).Buttons().Where(p => p.Alias != waits), ct);
        if (organization is not null && all.Exists(p => p.OrganizationId == organization))
        {
            return all.FindAll(p => p.OrganizationId == organization);
        }

        var found = tab.Note(LoginNotes.OrganizationChosen) ?? tab.Note(LoginNotes.OrganizationFound);
        var offered = all.FindAll(p => p.OrganizationId is not { } owner || (!asksWho && (found is null ? !p.Flag(HiddenWithoutOrganization) : owner == found)));
        if (user is null || offered.Count == 0)
        {
            return offered;
        }

        var linked = (await users.FederatedIdentitiesAsync(realm.Id, user.Id, ct)).Select(l => l.IdentityProvider).ToHashSet(StringComparer.Ordinal);
        return linked.Count == 0 && realm.Settings.OrganizationsEnabled == true ? offered : offered.FindAll(p => linked.Contains(p.Alias));
    }
}
