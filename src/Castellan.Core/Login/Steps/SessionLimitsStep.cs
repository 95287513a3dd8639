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
        IReadOnlyList<UserSession> ended = [];
        var fits = true;
        if (own?.Client(context.Client.Id) is null)
        {
            // Those of the client first: what its own limit ends may be enough for the realm's too.
            (fits, ended) = await FitAsync(context, [.. sessions.Where(s => s.Client(context.Client.Id) is not null)], Limit(settings, "userClientLimit"));
        }

        if (fits && own is null)
        {
            (fits, _) = await FitAsync(context, [.. sessions.Except(ended)], Limit(settings, "userRealmLimit"));
        }

        return fits ? StepResult.Passed : StepResult.Fail(FlowError.SessionLimit, new ErrorPage(403, settings.Setting("errorMessage") ?? "sessionLimitExceeded"));
    }

    private static int Limit(Execution settings, string name) => int.TryParse(settings.Setting(name), out var limit) && limit > 0 ? limit : int.MaxValue;

    /// <summary>Whether there is room for one session more, and those that ended for it.</summary>
    private static async ValueTask<(bool Fits, IReadOnlyList<UserSession> Ended)> FitAsync(LoginContext context, List<UserSession> sessions, int limit)
    {
        if (sessions.Count < limit)
        {
            return (true, []);
        }

        if (context.Execution!.Setting("behavior") != "Terminate oldest session")
        {
            return (false, []);
        }

        List<UserSession> oldest = [.. sessions.OrderBy(s => s.LastAccess).Take(sessions.Count - limit + 1)];
        foreach (var session in oldest)
        {
            if (await context.Services.Ending.EndAsync(context.Realm, session, context.Request.Issuer, context.Ct))
            {
                var ended = context.Event.Beside(EventTypes.Logout, session.UserId);
                ended.SessionId = session.Id;
                await context.Services.Events.RecordAsync(context.Realm, ended, context.Ct);
            }
        }

        return (true, oldest);
    }
}
