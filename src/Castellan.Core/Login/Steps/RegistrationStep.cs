using Castellan.Core.Credentials;
using Castellan.Core.Events;
using Castellan.Core.Login.Actions;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Login.Steps;

/// <summary>A new account: the profile, the password, the terms, as far as the form flow of the registration holds them. One page.</summary>
public sealed class RegistrationStep(UserProfiles profiles, PasswordChanges passwords) : ILoginStep
{
    public string Id => "registration-page-form";

    public ValueTask<StepResult> BeginAsync(LoginContext context) => new(StepResult.Ask(Page(context, null)));

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var (realm, settings) = (context.Realm, context.Realm.Settings);
        if (!(settings.RegistrationAllowed ?? false))
        {
            return StepResult.Fail(FlowError.NoFlow, new ErrorPage(400, "registrationNotAllowedMessage"));
        }

        context.Event.Type = EventTypes.Register;
        context.Event.With("register_method", "form").With("username", form["username"] ?? form["email"]).With("email", form["email"])
            .With("first_name", form["firstName"]).With("last_name", form["lastName"]);
        var values = ProfileForm.Read(context, ProfileContext.Registration, null, form);
        if (settings.RegistrationEmailAsUsername ?? false)
        {
            values[UserProfile.Username] = values.GetValueOrDefault(UserProfile.Email) ?? [];
        }

        var outcome = await profiles.ApplyAsync(realm, new ProfileRequest(ProfileContext.Registration, null, values, Scopes: ProfileForm.ScopesOf(context)), context.Ct);
        var messages = ProfileForm.Messages(outcome.Errors).ToList();
        var password = Holds(context, "registration-password-action") ? form["password"] ?? "" : null;
        messages.AddRange(PasswordMessages(context, outcome.Changed, password, form));
        if (Holds(context, "registration-terms-and-conditions") && form["termsAccepted"] != "on")
        {
            messages.Add(LoginMessage.At("termsAccepted", "termsAcceptanceRequired"));
        }

        if (messages.Count > 0)
        {
            await context.TellAsync(outcome.Errors.Any(e => e.Message == ProfileError.EmailExists) ? "email_in_use"
                : outcome.Errors.Any(e => e.Message == ProfileError.UsernameExists) ? "username_in_use" : "invalid_registration");
            return StepResult.AskAgain(Page(context, form) with { Messages = messages });
        }

        return await CreateAsync(context, outcome.Changed, password) is { } created
            ? await EnterAsync(context, created)
            : StepResult.AskAgain(Page(context, form).With(LoginMessage.At("username", "usernameExistsMessage")));
    }

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

        if (password.Length == 0)
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

    /// <summary>Null when the name or address was taken between the check and the write.</summary>
    private async ValueTask<User?> CreateAsync(LoginContext context, UserRepresentation person, string? password)
    {
        var realm = context.Realm;
        person.Id = Ids.New();
        person.Enabled = true;
        person.EmailVerified = false;
        person.CreatedTimestamp = context.Now;
        person.RequiredActions = [.. realm.Data.RequiredActions.Where(a => (a.Enabled ?? false) && (a.DefaultAction ?? false)).Select(a => a.Alias!)];
        var changes = new List<Change> { new PutUser(person) };
        if (realm.Settings.DefaultRole?.Id is { } role)
        {
            changes.Add(new AddRole(RoleOwner.User, person.Id, role));
        }

        changes.AddRange(realm.DefaultGroups.Select(group => new JoinGroup(person.Id, group.Id)));

        if (password is not null)
        {
            var first = await passwords.FirstAsync(realm, person.Id, person.Username, person.Email, password, context.Ct);
            if (first.Busy)
            {
                throw new BusyException();
            }

            changes.AddRange(first.Changes);
        }

        return await context.Services.ApplyAsync(realm, context.Ct, [.. changes]) ? await context.Services.Users.FindAsync(realm.Id, person.Id, context.Ct) : null;
    }

    private static LoginPage Page(LoginContext context, LoginForm? form) => new RegisterPage(
        ProfileForm.Fields(context, ProfileContext.Registration, null, form), Holds(context, "registration-password-action"), Holds(context, "registration-terms-and-conditions"));

    private static bool Holds(LoginContext context, string action) => context.Execution!.Form?.Executions.Any(e => e.Step == action && e.IsRequired) ?? false;
}
