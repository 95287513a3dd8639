using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Server.Http;
using Castellan.Server.Mail;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Admin.Users;

/// <summary>A mail with a link that leads a user to what must be done.</summary>
/// <param name="Client">The client to go on to afterwards, if one was named.</param>
/// <param name="Lifespan">How many seconds the link lives.</param>
public sealed record UserMail(User User, IReadOnlyList<string> Actions, Client? Client, string? RedirectUri, int Lifespan);

/// <summary>Sends mails to users on behalf of an administrator.</summary>
public interface IUserMailer
{
    /// <summary>The mail whose link leads through required actions. Null when it went out, else why not.</summary>
    ValueTask<string?> SendActionsAsync(HttpContext http, Realm realm, UserMail mail, CancellationToken ct);

    /// <summary>The mail whose link verifies the address. Null when it went out, else why not.</summary>
    ValueTask<string?> SendVerificationAsync(HttpContext http, Realm realm, UserMail mail, CancellationToken ct);
}

/// <summary>Mails to a user.</summary>
internal static class UserMailRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Put("users/{user}/execute-actions-email", Permission.ManageUsers, UserRoutes.One(ActionsAsync)),
        AdminRoute.Put("users/{user}/reset-password-email", Permission.ManageUsers, UserRoutes.One((c, u) => SendActionsAsync(c, u, ["UPDATE_PASSWORD"]))),
        AdminRoute.Put("users/{user}/send-verify-email", Permission.ManageUsers, UserRoutes.One(VerifyAsync)),
    ];

    private static async ValueTask<AdminAnswer> ActionsAsync(AdminContext context, User user) =>
        (await context.ReadAsync(AdminJson.Default.ListString)).Ok(out var actions, out var refusal) ? await SendActionsAsync(context, user, actions) : refusal;

    private static async ValueTask<AdminAnswer> SendActionsAsync(AdminContext context, User user, List<string> actions)
    {
        if (!(await ReadAsync(context, user, actions)).Ok(out var mail, out var refusal))
        {
            return refusal;
        }

        if (!actions.TrueForAll(UserWrites.KnownActions(context.Realm).Contains))
        {
            return AdminAnswer.Message(400, "Provided invalid required actions");
        }

        if (await SendAsync(context, (mailer, http, realm, ct) => mailer.SendActionsAsync(http, realm, mail, ct)) is { } problem)
        {
            return AdminAnswer.Message(500, $"Failed to send execute actions email: {problem}");
        }

        await context.RecordAsync("ACTION", "USER", context.PathInRealm);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> VerifyAsync(AdminContext context, User user)
    {
        if (!(await ReadAsync(context, user, ["VERIFY_EMAIL"])).Ok(out var mail, out var refusal))
        {
            return refusal;
        }

        if (await SendAsync(context, (mailer, http, realm, ct) => mailer.SendVerificationAsync(http, realm, mail, ct)) is not null)
        {
            return AdminAnswer.Message(500, "Failed to send verify email");
        }

        await context.RecordAsync("ACTION", "USER", $"users/{user.Id}/send-verify-email");
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<string?> SendAsync(AdminContext context, Func<IUserMailer, HttpContext, Realm, CancellationToken, ValueTask<string?>> send)
    {
        if (string.IsNullOrWhiteSpace(context.Realm.Settings.SmtpServer?.GetValueOrDefault("from")))
        {
            return MailFailures.NoSender;
        }

        return context.Http.RequestServices.GetService<IUserMailer>() is { } mailer ? await send(mailer, context.Http, context.Realm, context.Aborted) : MailFailures.NotSent;
    }

    private static async ValueTask<Read<UserMail>> ReadAsync(AdminContext context, User user, List<string> actions)
    {
        if (string.IsNullOrWhiteSpace(user.Email))
        {
            return AdminAnswer.Message(400, "User email missing");
        }

        if (!user.Enabled)
        {
            return AdminAnswer.Message(400, "User is disabled");
        }

        var (clientId, redirectUri) = (context.Query("client_id"), context.Query("redirect_uri"));
        if (clientId is null)
        {
            return redirectUri is null ? new UserMail(user, actions, null, null, Lifespan(context)) : AdminAnswer.Message(400, "Client id missing");
        }

        if (await context.Clients.FindAsync(context.Realm, clientId, context.Aborted) is not { } client)
        {
            return AdminAnswer.Message(400, "Client doesn't exist");
        }

        if (!client.Enabled)
        {
            return AdminAnswer.Message(400, "Client is not enabled");
        }

        if (redirectUri is not null && RedirectUris.Find(client, context.ServerAddresses, redirectUri, required: true) is null)
        {
            return AdminAnswer.Message(400, "Invalid redirect uri.");
        }

        return new UserMail(user, actions, client, redirectUri, Lifespan(context));
    }

    private static int Lifespan(AdminContext context) =>
        context.Number("lifespan") is > 0 and var seconds ? seconds : context.Realm.Settings.ActionTokenGeneratedByAdminLifespan ?? 43200;
}
