using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Admin.Delegation;

/// <summary>Finds out what the fine-grained permissions of a realm let a caller do.</summary>
internal static class Delegations
{
    /// <returns>Null where they do not count: the realm has them off, the caller is of another realm, or may do everything anyway.</returns>
    public static async ValueTask<DelegatedPermissions?> OfAsync(HttpContext http, AdminCaller caller, Realm realm, AdminRoles roles)
    {
        if (realm.Settings is not { AdminPermissionsEnabled: true, AdminPermissionsClient.Id: { } client } || caller.Realm.Id != realm.Id || roles.IsWholeAdmin)
        {
            return null;
        }

        var services = http.RequestServices;
        var granted = realm.Roles.Expand(GrantedRoles.Given(realm, caller.User)).Where(r => caller.Roles.Contains(r.Id));
        var now = services.GetRequiredService<TimeProvider>().GetLocalNow();
        var context = DelegatedPermissions.ContextOf(realm, services.GetRequiredService<IClients>(), caller.User, caller.Client, granted, caller.Scope, now);
        return await DelegatedPermissions.LoadAsync(services.GetRequiredService<IAuthorizationStore>(), client, context, http.RequestAborted);
    }
}
