using Castellan.Core.Events;
using Castellan.Core.Mail;

namespace Castellan.Server.Login;

/// <summary>What is said of a link that is not followed, by what it would have led to.</summary>
/// <param name="Event">The type of its events.</param>
/// <param name="Error">The event's error where the token is not ours.</param>
/// <param name="Message">What the person is told then.</param>
/// <param name="OtherAddress">What the person is told where their address is another one by now.</param>
internal sealed record ActionLinkKind(string Event, string Error, string Message, string OtherAddress)
{
    private const string Stale = "staleEmailVerificationLink";

    /// <summary>Null for what no link leads to.</summary>
    public static ActionLinkKind? Of(string? type) => type switch
    {
        ActionTypes.ExecuteActions => new(EventTypes.ExecuteActions, "not_allowed", "invalidCodeMessage", "invalidEmailMessage"),
        ActionTypes.ResetCredentials => new(EventTypes.ResetPassword, "not_allowed", "resetCredentialNotAllowedMessage", "invalidEmailMessage"),
        ActionTypes.VerifyEmail => new(EventTypes.VerifyEmail, "invalid_token", Stale, Stale),
        ActionTypes.UpdateEmail => new(EventTypes.ExecuteActions, "invalid_token", Stale, Stale),
        ActionTypes.Invitation => new(EventTypes.InviteOrg, "invalid_token", "staleInviteOrgLink", "staleInviteOrgLink"),
        ActionTypes.LinkIdentityProvider => new(EventTypes.IdentityProviderLinkAccount, "invalid_token", "staleCodeMessage", "invalidEmailMessage"),
        _ => null,
    };
}
