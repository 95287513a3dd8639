using Castellan.Core.Mail;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Server.Http;
using Castellan.Server.Pages;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Mail;

/// <summary>The mail that asks somebody into an organization: to confirm, who is known; to register, who is not.</summary>
public sealed class InvitationMail(ActionTokens tokens, IMailSender sender, ThemeFolder themes, ServerUrls urls)
{
    /// <summary>The client that people come out at when the organization names no address.</summary>
    private const string Client = "account";

    /// <summary>Whether the mail went out.</summary>
    /// <param name="user">The user who has the address, if one does.</param>
    public async ValueTask<bool> SendAsync(HttpContext http, Realm realm, OrganizationRepresentation organization, Invitation invitation, User? user, CancellationToken ct)
    {
        if (SmtpSettings.Of(realm) is not { } settings)
        {
            return false;
        }

        var issuer = urls.Issuer(http, realm);
        var token = new ActionToken(ActionTypes.Invitation, user?.Id ?? "", invitation.Email, invitation.Expires / 1000)
        {
            Nonce = invitation.Id, Client = Client, Organization = organization.Id,
            RedirectUri = organization.RedirectUrl is { Length: > 0 } address ? address : $"{issuer}/account/",
        };
        var text = await tokens.IssueAsync(realm, token, issuer, ct);
        var link = user is null
            ? $"{issuer}/protocol/openid-connect/registrations?response_type=code&client_id={Client}&token={text}"
            : $"{issuer}/login-actions/action-token?key={text}";
        var seconds = (int)((invitation.Expires - invitation.Sent) / 1000);
        var words = new MailWords(realm, Locales.OfMail(realm, user), themes.Mail(realm));
        return await sender.SendAsync(settings, invitation.Email, MailTexts.Invitation(words, organization.Name!, link, seconds, invitation.FirstName, invitation.LastName), ct);
    }
}
