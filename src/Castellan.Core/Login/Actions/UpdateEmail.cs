using Castellan.Core.Events;
using Castellan.Core.Mail;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Login.Actions;

public sealed record UpdateEmailPage(string? Email) : LoginPage("update-email");

/// <summary>
/// Another e-mail address. Where addresses are verified it counts only once the link in a mail to it was followed; until then it stands with the person
/// as <see cref="UserProfile.PendingEmail"/>, and each sign-in asks for it.
/// </summary>
public sealed class UpdateEmail(UserProfiles profiles, ILoginMail mail, ResendPause pause) : IRequiredAction
{
    public const string Id = "UPDATE_EMAIL";

    // The address that another form of this sign-in asked for.
    private const string WantedNote = "update-email-wanted";

    public string Alias => Id;

    public bool IsKept => true;

    public ValueTask<bool> IsWantedAsync(LoginContext context) => new(context.User!.Attribute(UserProfile.PendingEmail) is not null);

    public async ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        var user = context.User!;
        if (!(UserProfile.Of(context.Realm).Find(UserProfile.Email)?.IsWritable(ProfileContext.UpdateEmail, user) ?? false))
        {
            return ActionResult.Done;
        }

        if (context.Tab.Notes.Remove(WantedNote, out var wanted))
        {
            return await SendAsync(context, wanted, logoutSessions: false);
        }

        if (user.Attribute(UserProfile.PendingEmail) is { } pending)
        {
            return ActionResult.Ask(new UpdateEmailPage(pending).With(new LoginMessage(MessageKind.Info, "emailVerificationPending", [pending])));
        }

        LoginPage page = new UpdateEmailPage(user.Email);
        return ActionResult.Ask(RequiredActions.IsAppInitiated(context, Alias) ? page : page.With(new LoginMessage(MessageKind.Warning, "updateEmailMessage")));
    }

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var user = context.User!;
        var wanted = form["email"]?.Trim();
        var outcome = await ChangeAsync(profiles, context.Realm, user, wanted, context.Ct);
        if (outcome.Errors.Where(IsOfEmail).ToList() is { Count: > 0 } wrong)
        {
            // Where the name follows the address, what is wrong with it is wrong with the address, and said once.
            var told = wrong.FindAll(e => e.Attribute == UserProfile.Email) is { Count: > 0 } own ? own : wrong;
            return ActionResult.Ask(new UpdateEmailPage(wanted) { Messages = [.. told.Select(e => LoginMessage.At("email", e.Message, [e.DisplayName ?? e.Attribute, .. e.Parameters]))] });
        }

        if (IsConfirmed(context.Realm) && wanted is { Length: > 0 } && (outcome.EmailChanged || user.Representation.EmailVerified is not true))
        {
            return await SendAsync(context, wanted, form["logout-sessions"] == "on");
        }

        if (outcome.EmailChanged)
        {
            outcome.Changed.EmailVerified = false;
        }

        outcome.Changed.Attributes?.Remove(UserProfile.PendingEmail);
        if (await context.Services.ApplyAsync(context.Realm, context.Ct, new PutUser(outcome.Changed)) is var written and not Written.Done)
        {
            return ActionResult.Ask(new UpdateEmailPage(wanted).With(ProfileForm.Message(written, UserProfile.Email)));
        }

        await ActionEvents.EndOtherSessionsAsync(context, form, Alias);
        context.Event.With("previous_email", user.Email).With("updated_email", outcome.Changed.Email);
        await ActionEvents.TellAsync(context, Alias, null, null, EventTypes.UpdateEmail);
        return ActionResult.Done;
    }

    /// <summary>Whether people change their address by this action, and another address must be confirmed before it counts.</summary>
    public static bool IsConfirmed(Realm realm) => realm.Data.RequiredActions.FirstOrDefault(a => a is { Alias: Id, Enabled: true }) is { } action
        && ((realm.Settings.VerifyEmail ?? false) || action.Config?.GetValueOrDefault("verifyEmail") == "true");

    /// <summary>Another form of the sign-in asks for a new address: this action goes on from there.</summary>
    /// <param name="person">The person with the new address, on whose list the action is put.</param>
    public static void Want(LoginContext context, UserRepresentation person)
    {
        context.Tab.SetNote(WantedNote, person.Email);
        if (!(person.RequiredActions ??= []).Contains(Id))
        {
            person.RequiredActions.Add(Id);
        }
    }

    /// <summary>The person with another address, held against the realm's profile; or what speaks against it.</summary>
    public static ValueTask<ProfileOutcome> ChangeAsync(UserProfiles profiles, Realm realm, User user, string? email, CancellationToken ct)
    {
        var values = new Dictionary<string, List<string>>(ProfileDraft.Current(user), StringComparer.Ordinal) { [UserProfile.Email] = [email ?? ""] };
        return profiles.ApplyAsync(realm, new ProfileRequest(ProfileContext.UpdateEmail, user, values, RemoveMissing: false), ct);
    }

    /// <summary>Whether a problem is one of the address. What else is wrong with a profile is not mended here.</summary>
    public static bool IsOfEmail(ProfileError error) => error.Attribute == UserProfile.Email || error.Message is ProfileError.UsernameExists or ProfileError.EmailExists;

    private async ValueTask<ActionResult> SendAsync(LoginContext context, string email, bool logoutSessions)
    {
        if (await pause.BeginAsync(context, Alias) is > 0 and var seconds)
        {
            return ActionResult.Ask(new UpdateEmailPage(context.User!.Attribute(UserProfile.PendingEmail) ?? email).With(LoginMessage.Error("emailVerifySendCooldown", seconds)));
        }

        var before = context.User!.Attribute(UserProfile.PendingEmail);
        // Written before the mail goes: its link counts only while the address waits, and may be followed at once.
        if (!await WaitForAsync(context, email))
        {
            return ActionResult.End(new ErrorPage(400, "invalidUserMessage"));
        }

        var told = ActionEvents.Copy(context, EventTypes.SendVerifyEmail).With("email", email);
        if (await mail.SendUpdateAsync(context, context.User!, email, logoutSessions) is { } reason)
        {
            await pause.EndAsync(context, Alias);
            await WaitForAsync(context, before);
            await context.Services.Events.RecordAsync(context.Realm, told.With("reason", reason).Failed("email_send_failed"), context.Ct);
            return ActionResult.End(new ErrorPage(500, "emailSendErrorMessage"));
        }

        await context.Services.Events.RecordAsync(context.Realm, told, context.Ct);
        return ActionResult.End(new InfoPage("emailUpdateConfirmationSent", [email]) { HeaderKey = "emailUpdateConfirmationSentTitle", BackUrl = "" });
    }

    /// <summary>Notes the address that waits, or that none does; false when the person is there no more.</summary>
    private static ValueTask<bool> WaitForAsync(LoginContext context, string? email) => context.ChangeUserAsync(person =>
    {
        if (email is null)
        {
            return person.Attributes?.Remove(UserProfile.PendingEmail) ?? false;
        }

        (person.Attributes ??= [])[UserProfile.PendingEmail] = [email];
        return true;
    });

    private static ActionResult Refuse(string? email, string key, params object?[] arguments) =>
        ActionResult.Ask(new UpdateEmailPage(email).With(LoginMessage.At("email", key, arguments)));
}
