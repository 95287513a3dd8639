using Castellan.Core.Sessions;

namespace Castellan.Core.Login.Steps;

/// <summary>How many sessions a person may have, in the realm and at the client.</summary>
public sealed class SessionLimitsStep : ILoginStep
{
    public string Id => "user-session-limits";

    public bool NeedsUser => true;

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (context.Tab.UserSessionId is not null || context.BrowserSession?.UserId == context.User!.Id)
        {
            // No session more: the browser goes on with the one that it has.
            return StepResult.Passed;
        }

        var settings = context.Execution!;
        var sessions = await context.Services.Sessions.ListByUserAsync(context.Realm.Id, context.User!.Id, ct: context.Ct);
        if (!await FitAsync(context, sessions, Limit(settings, "userRealmLimit"))
            || !await FitAsync(context, [.. sessions.Where(s => s.Client(context.Client.Id) is not null)], Limit(settings, "userClientLimit")))
        {
            await context.TellAsync("session_limit_exceeded");
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
            await context.Services.Ending.EndAsync(context.Realm, session, context.Request.Issuer, context.Ct);
        }

        return true;
    }
}
