using Castellan.Core.Brokering;
using Castellan.Core.Events;
using Castellan.Core.Login.Actions;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Login.Steps.Broker;

public sealed record ReviewProfilePage(ProfileFields Fields) : LoginPage("idp-review-user-profile");

/// <summary>What the provider says of the person, to be looked through before an account is made: always, never, or when something is missing.</summary>
public sealed class ReviewProfileStep(UserProfiles profiles, ProviderOrganizations organizations) : ILoginStep
{
    internal const string Name = "idp-review-profile";

    public string Id => Name;

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (Arrival.Of(context) is not var (provider, identity))
        {
            return StepResult.Attempted;
        }

        var enforced = context.Tab.Note(LoginNotes.EnforceReview) is not null;
        var outside = await organizations.IsOutsideAsync(context.Realm, provider, identity.Email, context.Ct);
        var asks = enforced || outside || identity.NameIsIncomplete || context.Execution!.Setting("update.profile.on.first.login") switch
        {
            "on" => true,
            "off" => false,
            _ => (await CheckAsync(context, BrokeredUsers.ProfileOf(context.Realm, identity))).Errors.Count > 0,
        };
        return !asks ? StepResult.Passed
            : StepResult.Ask(Page(context, identity, null).With(outside && !enforced ? Outside : null));
    }

    public async ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (Arrival.Of(context) is not var (provider, identity))
        {
            return StepResult.Attempted;
        }

        var known = BrokeredUsers.ProfileOf(context.Realm, identity);
        var values = new Dictionary<string, List<string>>(known, StringComparer.Ordinal);
        foreach (var (name, value) in ProfileForm.Read(context, ProfileContext.IdentityProviderReview, form))
        {
            values[name] = value;
        }

        var outcome = await CheckAsync(context, values);
        var messages = ProfileForm.Messages(outcome.Errors).ToList();
        if (messages.Count == 0 && await organizations.IsOutsideAsync(context.Realm, provider, outcome.Changed.Email, context.Ct))
        {
            messages.Add(Outside);
        }

        if (messages.Count > 0)
        {
            return StepResult.AskAgain(Page(context, identity, form) with { Messages = messages });
        }

        await TellAsync(context, identity, known, outcome);
        var changed = outcome.Changed;
        if (identity.Email != changed.Email || (known[UserProfile.Username] is [var said] && said != changed.Username))
        {
            context.Tab.SetNote(LoginNotes.ReviewChanged, "true");
        }

        // An address that the person typed is not the one that the provider vouches for.
        identity.EmailVerified = string.Equals(identity.Email, changed.Email, StringComparison.OrdinalIgnoreCase) ? identity.EmailVerified : false;
        (identity.LocalUsername, identity.NameIsIncomplete, identity.Email, identity.FirstName, identity.LastName) =
            (changed.Username, false, changed.Email, changed.FirstName, changed.LastName);
        identity.Attributes = changed.Attributes ?? [];
        Arrival.Keep(context, identity);
        context.Tab.SetNote(LoginNotes.EnforceReview, "true");
        return StepResult.Passed;
    }

    private static LoginMessage Outside => LoginMessage.At(UserProfile.Email, "emailOutsideOrganization");

    private ValueTask<ProfileOutcome> CheckAsync(LoginContext context, IReadOnlyDictionary<string, List<string>> values) =>
        profiles.ApplyAsync(context.Realm, new ProfileRequest(ProfileContext.IdentityProviderReview, null, values, Scopes: ProfileForm.ScopesOf(context)), context.Ct);

    private static LoginPage Page(LoginContext context, BrokeredIdentity identity, LoginForm? form) =>
        new ReviewProfilePage(ProfileForm.Fields(context, ProfileContext.IdentityProviderReview, null, form, BrokeredUsers.ProfileOf(context.Realm, identity)));

    private static async ValueTask TellAsync(LoginContext context, BrokeredIdentity identity, Dictionary<string, List<string>> known, ProfileOutcome outcome)
    {
        async ValueTask Record(string type, params (string Name, string? Value)[] details)
        {
            var told = BrokerEvents.Copy(context, type).With("context", "IDP_REVIEW");
            foreach (var (name, value) in details)
            {
                told.With(name, value);
            }

            await context.Services.Events.RecordAsync(context.Realm, told, context.Ct);
        }

        var changed = outcome.Changed;
        if (identity.Email != changed.Email)
        {
            await Record(EventTypes.UpdateEmail, ("previous_email", identity.Email), ("updated_email", changed.Email));
        }

        if (known[UserProfile.Username] is [var before] && before != changed.Username)
        {
            await Record(EventTypes.UpdateProfile, ("previous_username", before), ("updated_username", changed.Username));
        }

        if (identity.FirstName != changed.FirstName || identity.LastName != changed.LastName)
        {
            await Record(EventTypes.UpdateProfile);
        }

        await Record(EventTypes.UpdateProfile, ("updated_email", changed.Email));
    }
}
