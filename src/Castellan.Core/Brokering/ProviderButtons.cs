using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Brokering;

/// <summary>Which providers a login page offers to whom.</summary>
public sealed class ProviderButtons(IUserStore users)
{
    /// <summary>The providers in their order. Somebody who is asked to prove themselves again is offered those alone that they are linked to: any other would make them somebody else.</summary>
    /// <param name="organization">The id of the organization that an unknown address led to: its providers stand alone.</param>
    public async ValueTask<IReadOnlyList<IdentityProvider>> OfAsync(Realm realm, AuthenticationTab tab, User? user, string? organization = null, CancellationToken ct = default)
    {
        var offered = IdentityProviders.Of(realm).Buttons(organization ?? tab.Note(LoginNotes.OrganizationChosen)).ToList();
        if (organization is not null && offered.Exists(p => p.OrganizationId == organization))
        {
            return offered.FindAll(p => p.OrganizationId == organization);
        }

        if (user is null || offered.Count == 0 || tab.Note(LoginNotes.ForcedReauthentication) is null)
        {
            return offered;
        }

        var linked = (await users.FederatedIdentitiesAsync(realm.Id, user.Id, ct)).Select(l => l.IdentityProvider).ToHashSet(StringComparer.Ordinal);
        return offered.FindAll(p => linked.Contains(p.Alias));
    }
}
