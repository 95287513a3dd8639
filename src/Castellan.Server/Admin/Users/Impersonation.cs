using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Server.Admin.Roles;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Admin.Users;

/// <summary>Signs a browser in as a user for somebody else.</summary>
public interface IImpersonator
{
    /// <summary>Makes the session and sets its cookies; ends the caller's own session where both are of one realm.</summary>
    ValueTask StartAsync(HttpContext http, Realm realm, User user, AdminCaller caller, CancellationToken ct);
}

internal static class Impersonation
{
    public static async ValueTask<AdminAnswer> StartAsync(AdminContext context, User user)
    {
        // Nobody reaches administration roles of others by becoming them.
        var roles = context.Realm.Roles.Expand(MappingOwner.Of(context.Realm, user).Effective);
        if (!roles.All(context.MayGrant))
        {
            return AdminAnswer.Forbidden;
        }

        if (!user.Enabled)
        {
            return AdminAnswer.Message(400, "User is disabled");
        }

        await context.Service<IImpersonator>().StartAsync(context.Http, context.Realm, user, context.Caller, context.Aborted);
        var sameRealm = context.Caller.Realm.Id == context.Realm.Id;
        var view = new ImpersonationView(sameRealm, $"{context.BaseUrl}/realms/{AdminContext.Escape(context.Realm.Name)}/account");
        return AdminAnswer.Json(view, UsersJson.Default.ImpersonationView);
    }
}
