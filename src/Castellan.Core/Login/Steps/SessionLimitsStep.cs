using Castellan.Core.Events;
using Castellan.Core.Sessions;

namespace Castellan.Core.Login.Steps;

/// <summary>How many sessions a person may have, in the realm and at the client.</summary>
public sealed class SessionLimitsStep : ILoginStep
{
    public string Id => "user-session-limits";

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (context.User is not { } user)
        {
            return StepResult.Passed;
        }

        // The browser goes on with the session that it has, if it is this person's, which may be one more of the client.
        var settings = context.Execution!;
        var own = context.BrowserSession?.UserId == user.Id ? context.BrowserSession : null;
        var sessions = await context.Services.Sessions.ListByUserAsync(context.Realm.Id, user.Id, ct: context.Ct);
        if ((own is null && !await FitAsync(context, sessions, Limit(settings, "userRealmLimit")))
            || (own?.Client(context.Client.Id) is null && !await FitAsync(context, [.. sessions.Where(s => s.Client(context.Client.Id) is not null)], Limit(settings, "userClientLimit"))))
        {
            return StepResult.Fail(FlowError.SessionLimit, new ErrorPage(403, settings.Setting("errorMessage") ?? "sessionLimitExceeded"));
        }

        return StepResult.Passed;
    }

    private static int Limit(Execution settings, string name) => int.TryParse(settings.Setting(name), out var limit) && limit > 0 ? limit : int.MaxValue;

    private static async ValueTask<bool> FitAsync(LoginContext context, List<UserSession> sessions, int limit)
    {
        if (sessions.Count < limit)
        {
            return true;
        }

        if (context.Execution!.Setting("behavior") != "Terminate oldest session")
        {
            return false;
        }

        foreach (var session in sessions.OrderBy(s => s.LastAccess).Take(sessions.Count - limit + 1))
        {
            if (await context.Services.Ending.EndAsync(context.Realm, session, context.Request.Issuer, context.Ct))
            {
                var ended = context.Event.Beside(EventTypes.Logout, session.UserId);
                ended.SessionId = session.Id;
                await context.Services.Events.RecordAsync(context.Realm, ended, context.Ct);
            }
        }

        return true;
    }
}
