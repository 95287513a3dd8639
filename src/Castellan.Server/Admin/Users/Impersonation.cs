using Castellan.Core;
using Castellan.Core.Events;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Server.Admin.Roles;
using Castellan.Server.Login;

namespace Castellan.Server.Admin.Users;

/// <summary>Signs the administrator's browser in as a user.</summary>
internal static class Impersonation
{
    public static async ValueTask<AdminAnswer> StartAsync(AdminContext context, User user)
    {
        if (!context.MayActOn(user))
        {
            return AdminAnswer.Forbidden;
        }

        if (!user.Enabled)
        {
            return AdminAnswer.Message(400, "User is disabled");
        }

        if (user.Representation.ServiceAccountClientId is not null)
        {
            return AdminAnswer.Message(400, "Service accounts cannot be impersonated");
        }

        var (caller, sessions) = (context.Caller, context.Service<ISessions>());
        var own = caller.Realm.Id == context.Realm.Id ? caller.SessionId : null;
        if (own is not null && await sessions.FindAsync(context.Realm.Id, own, ct: context.Aborted) is { } before)
        {
            // One browser, one session of a realm: the administrator's own gives way, and its applications hear of it.
            await sessions.DeleteAsync(context.Realm.Id, own, ct: context.Aborted);
            await SessionEnd.TellAsync(context, before);
        }

        var session = new UserSession
        {
            Id = Secret.Base64Url(18), RealmId = context.Realm.Id, UserId = user.Id, LoginUsername = user.Username, IpAddress = LoginHttp.Ip(context.Http), Started = context.Now,
            LastAccess = context.Now,
            Notes = new Dictionary<string, string> { ["IMPERSONATOR_ID"] = caller.User.Id, ["IMPERSONATOR_USERNAME"] = caller.User.Username },
        };
        await sessions.AddAsync(session, context.Aborted);
        await context.Service<LoginCookies>().WriteIdentityAsync(context.Http, context.Realm, session, user.Username);
        var happened = new LoginEvent { Type = EventTypes.Impersonate, UserId = user.Id, SessionId = session.Id, IpAddress = LoginHttp.Ip(context.Http) };
        happened.With("impersonator_realm", caller.Realm.Name).With("impersonator", caller.User.Username);
        await context.Service<IEvents>().RecordAsync(context.Realm, happened, context.Aborted);
        var view = new ImpersonationView(SameRealm: own is not null, $"{context.BaseUrl}/realms/{AdminContext.Escape(context.Realm.Name)}/account");
        return AdminAnswer.Json(view, UsersJson.Default.ImpersonationView);
    }
}
