using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Login.Actions;

/// <summary>The profile, to be looked through and mended.</summary>
public class UpdateProfile(UserProfiles profiles) : IRequiredAction
{
    public virtual string Alias => "UPDATE_PROFILE";

    public virtual bool CanBeAskedFor => true;

    public virtual ValueTask<bool> IsWantedAsync(LoginContext context) => new(false);

    public virtual ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        LoginPage page = new UpdateProfilePage(ProfileForm.Fields(context, ProfileContext.UpdateProfile, context.User, null));
        return new(ActionResult.Ask(RequiredActions.IsAppInitiated(context, Alias) ? page : page.With(new LoginMessage(MessageKind.Warning, "updateProfileMessage"))));
    }

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var user = context.User!;
        var outcome = await profiles.ApplyAsync(context.Realm, new ProfileRequest(
            ProfileContext.UpdateProfile, user, ProfileForm.Read(context, ProfileContext.UpdateProfile, form), RemoveMissing: false, Scopes: ProfileForm.ScopesOf(context)), context.Ct);
        if (!outcome.Ok)
        {
            return ActionResult.Ask(new UpdateProfilePage(ProfileForm.Fields(context, ProfileContext.UpdateProfile, user, form)) { Messages = [.. ProfileForm.Messages(outcome.Errors)] });
        }

        var changed = outcome.Changed;
        if (outcome.EmailChanged && UpdateEmail.IsConfirmed(context.Realm))
        {
            // The address counts once a mail to it was answered. That is the business of the other action, which comes next.
            UpdateEmail.Want(context, changed);
            (changed.Email, changed.EmailVerified) = (user.Email, user.Representation.EmailVerified);
            if (context.Realm.Settings.RegistrationEmailAsUsername == true)
            {
                // The name followed the address, and waits with it.
                changed.Username = user.Username;
            }
        }

        if (await context.Services.ApplyAsync(context.Realm, context.Ct, new PutUser(changed)) is var written and not Written.Done)
        {
            return ActionResult.Ask(new UpdateProfilePage(ProfileForm.Fields(context, ProfileContext.UpdateProfile, user, form)).With(ProfileForm.Message(written, UserProfile.Username)));
        }

        context.Event.With("context", "UPDATE_PROFILE").WithChanges(user, changed);
        await ActionEvents.TellAsync(context, Alias, null, null, EventTypes.UpdateProfile);
        return ActionResult.Done;
    }
}

/// <summary>The profile again, for somebody whose profile lacks what the realm demands.</summary>
public sealed class VerifyProfile(UserProfiles profiles) : UpdateProfile(profiles)
{
    public override string Alias => "VERIFY_PROFILE";

    public override bool CanBeAskedFor => false;

    public override ValueTask<bool> IsWantedAsync(LoginContext context) =>
        new(UserProfiles.Problems(context.Realm, context.User!, ProfileForm.ScopesOf(context)).Count > 0);

    public override async ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        var problems = UserProfiles.Problems(context.Realm, context.User!, ProfileForm.ScopesOf(context));
        if (problems.Count == 0)
        {
            await ActionEvents.TellPassedAsync(context, Alias);
            return ActionResult.Done;
        }

        await context.Services.Events.RecordAsync(context.Realm,
            ActionEvents.Copy(context, EventTypes.VerifyProfile).With("fields_to_update", string.Join(',', problems.Select(p => p.Attribute).Distinct())), context.Ct);
        return ActionResult.Ask(new UpdateProfilePage(ProfileForm.Fields(context, ProfileContext.UpdateProfile, context.User, null)) { Messages = [.. ProfileForm.Messages(problems)] });
    }
}
