using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Brokering;

/// <summary>Which providers a login page offers to whom.</summary>
public sealed class ProviderButtons(IUserStore users)
{
    /// <summary>Tab: the id of the organization that the person's address led to.</summary>
    public const string OrganizationNote = "kc.org";

    /// <summary>The providers in their order. Somebody who is known is offered those alone that they are linked to: any other would make them somebody else.</summary>
    public async ValueTask<IReadOnlyList<IdentityProvider>> OfAsync(Realm realm, AuthenticationTab tab, User? user, CancellationToken ct = default)
    {
        var offered = IdentityProviders.Of(realm).Buttons(tab.Note(OrganizationNote)).ToList();
        if (user is null || offered.Count == 0)
        {
            return offered;
        }

        var linked = (await users.FederatedIdentitiesAsync(realm.Id, user.Id, ct)).Select(l => l.IdentityProvider).ToHashSet(StringComparer.Ordinal);
        return offered.FindAll(p => linked.Contains(p.Alias));
    }
}
