using Castellan.Core.Events;

namespace Castellan.Core.Login.Actions;

/// <summary>Events of required actions: what the person did, under its newer and its older name.</summary>
public static class ActionEvents
{
    public static async ValueTask TellAsync(LoginContext context, string? action, string? credentialType, string? error, params string[] types)
    {
        context.Event.With("custom_required_action", action).With("credential_type", credentialType);
        foreach (var type in types)
        {
            var told = Copy(context, type);
            await context.Services.Events.RecordAsync(context.Realm, error is null ? told : told.Failed(error), context.Ct);
        }
    }

    /// <summary>Nothing was left to do when the action had its turn. What else happens in this sign-in does not carry it along.</summary>
    public static ValueTask TellPassedAsync(LoginContext context, string action) =>
        context.Services.Events.RecordAsync(context.Realm, Copy(context, EventTypes.CustomRequiredAction).With("custom_required_action", action), context.Ct);

    /// <summary>Another event with the details of the sign-in's own.</summary>
    public static LoginEvent Copy(LoginContext context, string type) => context.Event.Beside(type, context.User?.Id);

    /// <summary>Ends the person's other sessions, offline ones too, where the form says so.</summary>
    /// <param name="action">The required action whose form it is.</param>
    public static ValueTask EndOtherSessionsAsync(LoginContext context, LoginForm form, string action, string? credentialType = null) => form["logout-sessions"] == "on"
        ? EndOtherSessionsAsync(context, Copy(context, EventTypes.Logout)
            .With("custom_required_action", action).With("credential_type", credentialType).With("logout_triggered_by_required_action", action)) : default;

    /// <summary>Ends the person's other sessions, offline ones too, and tells of each.</summary>
    /// <param name="told">The event without the session that it is about.</param>
    public static async ValueTask EndOtherSessionsAsync(LoginContext context, LoginEvent told)
    {
        var (services, realm, user) = (context.Services, context.Realm, context.User!);
        var sessions = await services.Sessions.ListByUserAsync(realm.Id, user.Id, ct: context.Ct);
        sessions.AddRange(await services.Sessions.ListByUserAsync(realm.Id, user.Id, offline: true, context.Ct));
        foreach (var session in sessions)
        {
            if (session.Id != context.BrowserSession?.Id && await services.Ending.EndAsync(realm, session, context.Request.Issuer, context.Ct))
            {
                var ended = told.Beside(told.Type, user.Id);
                ended.SessionId = session.Id;
                await services.Events.RecordAsync(realm, ended, context.Ct);
            }
        }
    }
}
