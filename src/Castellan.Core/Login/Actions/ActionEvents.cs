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
            var told = new LoginEvent
            {
                Type = type, ClientId = context.Event.ClientId, UserId = context.User?.Id, IpAddress = context.Event.IpAddress,
                Details = context.Event.Details is { } details ? new(details) : null,
            };
            await context.Services.Events.RecordAsync(context.Realm, error is null ? told : told.Failed(error), context.Ct);
        }
    }

    /// <summary>Ends the person's other sessions, where the form says so.</summary>
    public static async ValueTask EndOtherSessionsAsync(LoginContext context, LoginForm form)
    {
        if (form["logout-sessions"] != "on")
        {
            return;
        }

        foreach (var session in await context.Services.Sessions.ListByUserAsync(context.Realm.Id, context.User!.Id, ct: context.Ct))
        {
            if (session.Id != context.BrowserSession?.Id)
            {
                await context.Services.Ending.EndAsync(context.Realm, session, context.Request.Issuer, context.Ct);
            }
        }
    }
}
