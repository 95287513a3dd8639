using Castellan.Core.Mail;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Organizations;

/// <summary>An invitation that somebody follows: its token, and the organization that it leads into.</summary>
public sealed record FollowedInvitation(ActionToken Token, OrganizationRepresentation Organization);

/// <summary>
/// Follows the links of invitations. A token counts for one organization and one address: it must name an invitation that stands with that
/// organization for that address, and it is taken once.
/// </summary>
public sealed class Invitations(ActionTokens tokens, IOrganizationStore store, TimeProvider time)
{
    /// <summary>The invitation behind the text of a newcomer's link; null when it is none, has run out or was followed already.</summary>
    public async ValueTask<FollowedInvitation?> ReadAsync(Realm realm, string text, string issuer, CancellationToken ct = default)
    {
        var (token, fault) = await tokens.ReadAsync(realm, text, issuer, ct);
        // The token of somebody who has an account names them, and leads nobody to a new one.
        return token is { UserId: "" } && fault == ActionTokenFault.None ? await FindAsync(realm, token, ct) : null;
    }

    /// <summary>The invitation that a token stands for; null when there is none any more.</summary>
    public async ValueTask<FollowedInvitation?> FindAsync(Realm realm, ActionToken token, CancellationToken ct = default) =>
        await OrganizationAsync(realm, token, ct) is { } organization
        && await store.FindInvitationAsync(realm.Id, organization.Id!, token.Nonce, ct) is { } invitation
        && string.Equals(invitation.Email, token.Email, StringComparison.OrdinalIgnoreCase)
        && invitation.Expires > time.GetUtcNow().ToUnixTimeMilliseconds()
        && !await tokens.IsTakenAsync(realm, token, ct)
            ? new(token, organization)
            : null;

    /// <summary>The organization of a token, if a user is a member of it.</summary>
    public async ValueTask<OrganizationRepresentation?> MembershipAsync(Realm realm, ActionToken token, string userId, CancellationToken ct = default) =>
        await OrganizationAsync(realm, token, ct) is { } organization && await store.FindMemberAsync(realm.Id, organization.Id!, userId, ct) is not null ? organization : null;

    /// <summary>Takes the invitation; of any number of callers exactly one gets true.</summary>
    public ValueTask<bool> TakeAsync(Realm realm, FollowedInvitation invitation, CancellationToken ct = default) => tokens.TakeAsync(realm, invitation.Token, ct);

    /// <summary>What following the invitation changes.</summary>
    /// <param name="managed">Whether the user came into being by it, and goes with the organization.</param>
    public static IEnumerable<Change> Accept(FollowedInvitation invitation, string userId, bool managed) =>
        [new PutOrganizationMember(invitation.Organization.Id!, userId, managed), new DeleteInvitation(invitation.Organization.Id!, invitation.Token.Nonce)];

    private async ValueTask<OrganizationRepresentation?> OrganizationAsync(Realm realm, ActionToken token, CancellationToken ct) =>
        realm.Settings.OrganizationsEnabled == true && token is { Type: ActionTypes.Invitation, Organization: { } id }
        && await store.FindAsync(realm.Id, id, ct) is { Enabled: not false } organization
            ? organization
            : null;
}
