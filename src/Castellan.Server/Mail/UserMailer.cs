using Castellan.Core.Mail;
using Castellan.Core.Realms;
using Castellan.Server.Admin.Users;
using Castellan.Server.Http;
using Castellan.Server.Pages;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Mail;

/// <summary>Mails that an administrator sends to people.</summary>
public sealed class UserMailer(ActionTokens tokens, IMailSender sender, ThemeFolder themes, ServerUrls urls, TimeProvider time) : IUserMailer
{
    public ValueTask<string?> SendActionsAsync(HttpContext http, Realm realm, UserMail mail, CancellationToken ct) =>
        SendAsync(http, realm, mail, ActionTypes.ExecuteActions, (words, link) => MailTexts.ExecuteActions(words, link, mail.Lifespan, mail.Actions), ct);

    public ValueTask<string?> SendVerificationAsync(HttpContext http, Realm realm, UserMail mail, CancellationToken ct) =>
        SendAsync(http, realm, mail, ActionTypes.VerifyEmail, (words, link) => MailTexts.Verification(words, link, mail.Lifespan), ct);

    private async ValueTask<string?> SendAsync(HttpContext http, Realm realm, UserMail mail, string type, Func<MailWords, string, MailText> write, CancellationToken ct)
    {
        if (SmtpSettings.Of(realm) is not { } settings)
        {
            return MailFailures.Of(realm);
        }

        var issuer = urls.Issuer(http, realm);
        var token = new ActionToken(type, mail.User.Id, mail.User.Email, time.GetUtcNow().ToUnixTimeSeconds() + mail.Lifespan)
        {
            Client = mail.Client?.ClientId, RedirectUri = mail.RedirectUri, Actions = type == ActionTypes.ExecuteActions ? mail.Actions : [],
        };
        var link = $"{issuer}/login-actions/action-token?key={await tokens.IssueAsync(realm, token, issuer, ct)}";
        return await sender.SendAsync(settings, mail.User.Email!, write(new MailWords(realm, Locales.OfMail(realm, mail.User), themes.Mail(realm)), link), ct) ? null : MailFailures.NotSent;
    }
}
