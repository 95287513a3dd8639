using Castellan.Core.Events;
using Castellan.Core.Mail;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Login.Actions;

public sealed record UpdateEmailPage(string? Email) : LoginPage("update-email");

/// <summary>Another e-mail address. Where the realm verifies addresses it counts only once the link in a mail to it was followed.</summary>
public sealed class UpdateEmail(UserProfiles profiles, ILoginMail mail, ResendPause pause) : IRequiredAction
{
    public string Alias => "UPDATE_EMAIL";

    /// <summary>A new address that was given and not verified yet is asked for at each sign-in.</summary>
    public ValueTask<bool> IsWantedAsync(LoginContext context) => new(Pending(context) is not null);

    public ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        if (Pending(context) is { } pending)
        {
            return new(ActionResult.Ask(new UpdateEmailPage(pending).With(new LoginMessage(MessageKind.Info, "emailVerificationPending", [pending]))));
        }

        LoginPage page = new UpdateEmailPage(context.User!.Email);
        return new(ActionResult.Ask(RequiredActions.IsAppInitiated(context, Alias) ? page : page.With(new LoginMessage(MessageKind.Warning, "updateEmailMessage"))));
    }

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var user = context.User!;
        var wanted = form["email"]?.Trim();
        var outcome = await ChangeAsync(profiles, context.Realm, user, wanted, context.Ct);
        if (outcome.Errors.FirstOrDefault(IsOfEmail) is { } wrong)
        {
            return Refuse(wanted, wrong.Message, [wrong.DisplayName ?? wrong.Attribute, .. wrong.Parameters]);
        }

        var email = outcome.Changed.Email;
        var verify = (context.Realm.Settings.VerifyEmail ?? false)
            || context.Realm.Data.RequiredActions.FirstOrDefault(a => a.Alias == Alias)?.Config?.GetValueOrDefault("verifyEmail") == "true";
        if (verify && (outcome.EmailChanged || user.Representation.EmailVerified is not true))
        {
            return await SendAsync(context, email!, form["logout-sessions"] == "on");
        }

        var waited = outcome.Changed.Attributes?.Remove(UserProfile.PendingEmail) ?? false;
        if (!outcome.EmailChanged)
        {
            // Whoever gives the address that stands waits for no other any more.
            return !waited || await context.Services.ApplyAsync(context.Realm, context.Ct, new PutUser(outcome.Changed)) ? ActionResult.Done : Refuse(wanted, "emailExistsMessage");
        }

        outcome.Changed.EmailVerified = false;
        if (!await context.Services.ApplyAsync(context.Realm, context.Ct, new PutUser(outcome.Changed)))
        {
            return Refuse(wanted, "emailExistsMessage");
        }

        await ActionEvents.EndOtherSessionsAsync(context, form);
        context.Event.With("previous_email", user.Email).With("updated_email", email);
        await ActionEvents.TellAsync(context, Alias, null, null, EventTypes.UpdateEmail);
        return ActionResult.Done;
    }

    /// <summary>The person with another address, held against the realm's profile; or what speaks against it.</summary>
    public static ValueTask<ProfileOutcome> ChangeAsync(UserProfiles profiles, Realm realm, User user, string? email, CancellationToken ct)
    {
        var values = new Dictionary<string, List<string>>(ProfileDraft.Current(user), StringComparer.Ordinal) { [UserProfile.Email] = string.IsNullOrEmpty(email) ? [] : [email] };
        return profiles.ApplyAsync(realm, new ProfileRequest(ProfileContext.UpdateEmail, user, values, RemoveMissing: false), ct);
    }

    /// <summary>Whether a problem is one of the address. What else is wrong with a profile is not mended here.</summary>
    public static bool IsOfEmail(ProfileError error) => error.Attribute == UserProfile.Email || error.Message is ProfileError.UsernameExists or ProfileError.EmailExists;

    private async ValueTask<ActionResult> SendAsync(LoginContext context, string email, bool logoutSessions)
    {
        if (await pause.BeginAsync(context, Alias) is > 0 and var seconds)
        {
            return ActionResult.Ask(new UpdateEmailPage(email).With(LoginMessage.Error("emailVerifySendCooldown", seconds)));
        }

        if (await mail.SendUpdateAsync(context, context.User!, email, logoutSessions) is { } reason)
        {
            await pause.EndAsync(context, Alias);
            context.Event.With("reason", reason);
            await context.TellAsync("email_send_failed");
            return ActionResult.Ask(new UpdateEmailPage(email).With(LoginMessage.Error("emailSendErrorMessage")));
        }

        var waiting = UserRepresentations.Copy(context.User!.Representation);
        (waiting.Attributes ??= [])[UserProfile.PendingEmail] = [email];
        await context.Services.ApplyAsync(context.Realm, context.Ct, new PutUser(waiting));
        return ActionResult.End(new InfoPage("emailUpdateConfirmationSent", [email]) { HeaderKey = "emailUpdateConfirmationSentTitle", BackUrl = "" });
    }

    private static string? Pending(LoginContext context) => context.User?.Attribute(UserProfile.PendingEmail);

    private static ActionResult Refuse(string? email, string key, params object?[] arguments) =>
        ActionResult.Ask(new UpdateEmailPage(email).With(LoginMessage.At("email", key, arguments)));
}
