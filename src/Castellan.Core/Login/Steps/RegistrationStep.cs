using Castellan.Core.Credentials;
using Castellan.Core.Events;
using Castellan.Core.Federation;
using Castellan.Core.Login.Actions;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Login.Steps;

/// <summary>A new account: the profile, the password, the terms, as far as the form flow of the registration holds them. One page.</summary>
public sealed class RegistrationStep(UserProfiles profiles, PasswordChanges passwords, Invitations invitations) : ILoginStep
{
    private const string PasswordAction = "registration-password-action";

    public string Id => "registration-page-form";

    private static StepResult Stale => StepResult.Fail(FlowError.NoFlow, new InfoPage("staleInviteOrgLink") { Status = 400 });

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        var (invited, invitation) = await InvitationAsync(context);
        return invited && invitation is null ? Stale
            : StepResult.Ask(Page(context, null, invitation).With(DemandsCaptcha(context) ? LoginMessage.Error("recaptchaNotConfigured") : null));
    }

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var (realm, settings) = (context.Realm, context.Realm.Settings);
        if (!context.Tab.MayRegister(realm))
        {
            return StepResult.Fail(FlowError.NoFlow, new ErrorPage(400, "registrationNotAllowedMessage"));
        }

        var (invited, invitation) = await InvitationAsync(context);
        if (invited && invitation is null)
        {
            return Stale;
        }

        context.Event.Type = EventTypes.Register;
        var values = ProfileForm.Read(context, ProfileContext.Registration, form);
        if (settings.RegistrationEmailAsUsername ?? false)
        {
            values[UserProfile.Username] = values.GetValueOrDefault(UserProfile.Email) ?? [];
        }

        string? First(string name) => values.GetValueOrDefault(name) is [{ Length: > 0 } first, ..] ? first : null;
        context.Event.With("register_method", "form").With("username", First(UserProfile.Username)?.ToLowerInvariant()).With("email", First(UserProfile.Email)?.ToLowerInvariant())
            .With("first_name", First(UserProfile.FirstName)).With("last_name", First(UserProfile.LastName));
        if (DemandsCaptcha(context))
        {
            await context.TellAsync("invalid_registration");
            return StepResult.AskAgain(Page(context, form, invitation).With(LoginMessage.Error("recaptchaFailed")));
        }

        var outcome = await profiles.ApplyAsync(realm, new ProfileRequest(ProfileContext.Registration, null, values, Scopes: ProfileForm.ScopesOf(context)), context.Ct);
        var messages = ProfileForm.Messages(outcome.Errors).ToList();
        var password = AsksPassword(context) ? form["password"] ?? "" : null;
        messages.AddRange(PasswordMessages(context, outcome.Changed, password, form));
        if (Holds(context, "registration-terms-and-conditions") && !form.Has("termsAccepted"))
        {
            messages.Add(LoginMessage.At("termsAccepted", "termsAcceptanceRequired"));
        }

        if (invitation is not null && !string.Equals(outcome.Changed.Email, invitation.Token.Email, StringComparison.OrdinalIgnoreCase))
        {
            messages.Add(LoginMessage.Error("invitationEmailMismatch"));
        }

        if (messages.Count > 0)
        {
            await context.TellAsync(outcome.Errors.Any(e => e.Message == ProfileError.EmailExists) ? "email_in_use"
                : outcome.Errors.Any(e => e.Message == ProfileError.UsernameExists) ? "username_in_use" : "invalid_registration");
            // Of several things that are wrong with a field the first is told.
            return StepResult.AskAgain(Page(context, form, invitation) with { Messages = [.. messages.DistinctBy(m => m.Field ?? m.Key)] });
        }

        context.Event.With("username", First(UserProfile.Username)).With("email", First(UserProfile.Email));

        if (invitation is not null && !await invitations.TakeAsync(realm, invitation, context.Ct))
        {
            return Stale;
        }

        var written = await CreateAsync(context, outcome.Changed, form, password, invitation);
        return written == Written.Done && await context.Services.Users.FindAsync(realm.Id, outcome.Changed.Id!, context.Ct) is { } created
            ? await EnterAsync(context, created)
            : StepResult.AskAgain(Page(context, form, invitation).With(ProfileForm.Message(written, UserProfile.Username)));
    }

    /// <summary>Whether the person came by an invitation, and which, while it still stands.</summary>
    private async ValueTask<(bool Invited, FollowedInvitation? Invitation)> InvitationAsync(LoginContext context) =>
        context.Tab.ClientNote(LoginNotes.Invitation) is { } text ? (true, await invitations.ReadAsync(context.Realm, text, context.Request.Issuer, context.Ct)) : (false, null);

    private static async ValueTask<StepResult> EnterAsync(LoginContext context, User user)
    {
        context.Identify(user);
        context.Tab.SetNote(LoginNotes.AttemptedUsername, user.Username);
        await ActionEvents.TellAsync(context, null, null, null, EventTypes.Register);
        context.Event.Type = EventTypes.Login;
        foreach (var detail in (ReadOnlySpan<string>)["register_method", "email", "first_name", "last_name"])
        {
            context.Event.Details!.Remove(detail);
        }

        return StepResult.Passed;
    }

    private IEnumerable<LoginMessage> PasswordMessages(LoginContext context, UserRepresentation person, string? password, LoginForm form)
    {
        if (password is null)
        {
            yield break;
        }

        if (string.IsNullOrWhiteSpace(password))
        {
            yield return LoginMessage.At("password", "missingPasswordMessage");
            yield break;
        }

        if (password != form["password-confirm"])
        {
            yield return LoginMessage.At("password-confirm", "invalidPasswordConfirmMessage");
        }

        if (passwords.Check(context.Realm, person.Username, person.Email, password) is { } refusal)
        {
            yield return LoginMessage.At("password", refusal.Key, [.. refusal.Parameters]);
        }
    }

    private async ValueTask<Written> CreateAsync(LoginContext context, UserRepresentation person, LoginForm form, string? password, FollowedInvitation? invitation)
    {
        var realm = context.Realm;
        // A member of an organization is kept here in any case.
        person.Id = invitation is null ? RealmFederations.Of(realm).NewId(person.Username!) : Ids.New();
        person.Enabled = true;
        person.EmailVerified = false;
        person.CreatedTimestamp = context.Now;
        person.RequiredActions = [.. realm.Data.RequiredActions.Where(a => (a.Enabled ?? false) && (a.DefaultAction ?? false)).Select(a => a.Alias!)];
        if (password is null && Holds(context, PasswordAction) && !person.RequiredActions.Contains(UpdatePassword.Id))
        {
            person.RequiredActions.Add(UpdatePassword.Id);
        }

        if (form["termsAccepted"] == "on" && RequiredActions.IsEnabled(realm, TermsAndConditions.Id))
        {
            TermsAndConditions.Accept(person, context.Now);
            person.RequiredActions.Remove(TermsAndConditions.Id);
        }

        var changes = new List<Change> { new PutUser(person) { IsNew = true } };
        if (realm.Settings.DefaultRole?.Id is { } role)
        {
            changes.Add(new AddRole(RoleOwner.User, person.Id, role));
        }

        changes.AddRange(realm.DefaultGroups.Select(group => new JoinGroup(person.Id, group.Id)));

        if (invitation is not null)
        {
            changes.AddRange(Invitations.Accept(invitation, person.Id, managed: true));
        }

        if (password is null)
        {
            return await context.Services.ApplyAsync(realm, context.Ct, [.. changes]);
        }

        var first = await passwords.FirstAsync(realm, person.Id, person.Username, person.Email, password, context.Ct);
        if (first.Busy)
        {
            throw new BusyException();
        }

        var written = await context.Services.ApplyAsync(realm, context.Ct, [.. changes, .. first.Changes]);
        if (written != Written.Refused)
        {
            return written;
        }

        // A directory has rules of its own for passwords: who does not meet them is known from now on, and is asked for another one next.
        person.RequiredActions = [.. person.RequiredActions.Union([UpdatePassword.Id])];
        return await context.Services.ApplyAsync(realm, context.Ct, [.. changes]);
    }

    /// <param name="invitation">Whose address stands in the field before anything was typed.</param>
    private static RegisterPage Page(LoginContext context, LoginForm? form, FollowedInvitation? invitation) => new(
        WithEmail(ProfileForm.Fields(context, ProfileContext.Registration, null, form), form is null ? invitation?.Token.Email : null),
        AsksPassword(context), Holds(context, "registration-terms-and-conditions"))
    {
        Organization = invitation?.Organization.Name,
    };

    private static ProfileFields WithEmail(ProfileFields fields, string? email) =>
        email is null ? fields : fields with { Values = new Dictionary<string, List<string>>(fields.Values, StringComparer.Ordinal) { [UserProfile.Email] = [email] } };

    /// <summary>
    /// Whether the page asks for a password. Where addresses are verified it does not, so that nobody knows the password of an account on somebody else's
    /// address: it is set behind the link of the mail. Only where the realm has both, in this order: else the account would be left without a password, or
    /// get it before the mail.
    /// </summary>
    private static bool AsksPassword(LoginContext context) => Find(context, PasswordAction) is { } action
        && (action.Flag("always_set_password_on_register_form") || !VerifiesAddresses(context.Realm) || !RequiredActions.IsBefore(context.Realm, VerifyEmail.Id, UpdatePassword.Id));

    /// <summary>Whether the form is to tell people from robots. This server cannot; whoever wants it must not find everybody let in.</summary>
    private static bool DemandsCaptcha(LoginContext context) => Holds(context, "registration-recaptcha-action") || Holds(context, "registration-recaptcha-enterprise");

    private static bool VerifiesAddresses(Realm realm) =>
        (realm.Settings.VerifyEmail ?? false) || realm.Data.RequiredActions.Any(a => a is { Alias: VerifyEmail.Id, DefaultAction: true });

    private static bool Holds(LoginContext context, string action) => Find(context, action) is not null;

    private static Execution? Find(LoginContext context, string action) => context.Execution!.Form?.Executions.FirstOrDefault(e => e.Step == action && e.IsRequired);
}
