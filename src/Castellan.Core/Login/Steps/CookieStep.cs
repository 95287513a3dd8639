using Castellan.Core.Brokering;

namespace Castellan.Core.Login.Steps;

/// <summary>Single sign-on: the browser's session is enough, unless the client wants the person to prove themselves anew or at a higher level.</summary>
public sealed class CookieStep(ProviderOrganizations organizations) : ILoginStep
{
    public string Id => "auth-cookie";

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        var forked = context.Tab.Note(LoginNotes.Forked) is not null;
        if ((context.BrowserSession ?? (forked ? context.SignedInHere : null)) is not { } session
            || await context.Services.Users.FindAsync(context.Realm.Id, session.UserId, context.Ct) is not { Enabled: true } user)
        {
            return StepResult.Attempted;
        }

        context.Identify(user);
        context.Tab.SetNote(LoginNotes.Levels, session.Notes.GetValueOrDefault(LoginNotes.Levels));
        if (MustProveAnew(context, session.Notes.GetValueOrDefault(LoginNotes.AuthTime)))
        {
            Levels.SetCurrent(context, Levels.None);
            context.Tab.SetNote(LoginNotes.ForcedReauthentication, "true");
            context.Tab.SetNote(LoginNotes.ForwardedInfo, "reauthenticate");
            return StepResult.Attempted;
        }

        if (forked)
        {
            return StepResult.Attempted;
        }

        var held = Levels.HighestOfSession(context);
        Levels.SetCurrent(context, held);
        if (await Levels.DemandedAsync(context) > held || (context.Tab.ClientNote(LoginNotes.LevelByProof) is not null && context.Tab.Note(LoginNotes.Levels) is null))
        {
            if (context.Tab.ClientNote(LoginNotes.KcAction) is not null)
            {
                context.Tab.SetNote(LoginNotes.ForwardedInfo, "authenticateStrong");
            }

            return StepResult.Attempted;
        }

        // The flow that a client policy demands stands for a level: the session counts while it holds that.
        if (Levels.OfDemandedFlow(context) is { } demanded && !Levels.StillHolds(context, demanded, Levels.UsualAge))
        {
            return StepResult.Attempted;
        }

        if (await OrganizationStep.AsksAsync(organizations, context, user))
        {
            context.Tab.SetNote(LoginNotes.SsoPending, session.Id);
            return StepResult.Attempted;
        }

        context.Tab.SetNote(LoginNotes.SsoAuth, "true");
        context.Tab.UserSessionId = session.Id;
        return StepResult.Passed;
    }

    /// <summary>SAML core §3.4.1: <c>ForceAuthn</c>; OIDC Core §3.1.2.1: <c>prompt=login</c>, and <c>max_age</c> seconds that have passed; or an action that wants a fresh sign-in.</summary>
    private static bool MustProveAnew(LoginContext context, string? authTime)
    {
        var prompt = context.Tab.ClientNote("prompt")?.Split(' ') ?? [];
        if (prompt.Contains("login") || context.Tab.ClientNote(LoginNotes.ProveAnew) is not null)
        {
            return true;
        }

        var at = long.TryParse(authTime, out var seconds) ? seconds : 0;
        var now = context.Now / 1000;
        if (long.TryParse(context.Tab.ClientNote("max_age"), out var maxAge) && at + maxAge < now)
        {
            return true;
        }

        return ActionAge.Of(context) is { } age && at + age < now;
    }
}
