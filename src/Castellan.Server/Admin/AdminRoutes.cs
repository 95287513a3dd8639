using Castellan.Core.Federation;
using Castellan.Core.Realms;
using Castellan.Server.Admin.Delegation;
using Castellan.Server.Admin.Events;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Admin;

/// <summary>
/// The Admin REST API: every route there is, and the way that each call takes. A new resource is one folder with a list of its routes,
/// and one line here.
/// </summary>
public static class AdminRoutes
{
    /// <summary>All routes, each with its permission.</summary>
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        .. EventRoutes.All,
        .. Realms.RealmRoutes.All,
        .. Realms.SmtpRoutes.All,
        .. Realms.RealmServiceRoutes.All,
        .. Realms.RealmSessionRoutes.All,
        .. Realms.DefaultGroupRoutes.All,
        .. Realms.LocalizationRoutes.All,
        .. Realms.KeyRoutes.All,
        .. Roles.RoleRoutes.All,
        .. Roles.RolesByIdRoutes.All,
        .. Groups.GroupRoutes.All,
        .. Users.UserRoutes.All,
        .. Clients.ClientRoutes.All,
        .. ClientScopes.ClientScopeRoutes.All,
        .. ClientScopes.RealmScopeRoutes.All,
        .. Authentication.FlowRoutes.All,
        .. Authentication.ExecutionRoutes.All,
        .. Authentication.AuthenticatorConfigRoutes.All,
        .. Authentication.RequiredActionRoutes.All,
        .. Components.ComponentRoutes.All,
        .. UserFederation.UserStorageRoutes.All,
        .. Workflows.WorkflowRoutes.All,
        .. IdentityProviders.IdentityProviderRoutes.All,
        .. Realms.EventConfigRoutes.All,
        .. Realms.ClientPolicyRoutes.All,
        .. ServerInfo.ServerInfoRoutes.All,
        .. Organizations.OrganizationRoutes.All,
        .. Realms.DescriptionConverter.All,
        .. Realms.PartialRoutes.All,
        .. UiExt.UiExtRoutes.All,
    ];

    /// <summary>Maps the admin API. Trailing slashes do not matter.</summary>
    public static void MapAdmin(this IEndpointRouteBuilder endpoints, Features features)
    {
        foreach (var path in All.Select(r => r.Feature is { } feature && !features.Has(feature) ? r with { Handler = _ => new(AdminAnswer.NotEnabled) } : r).GroupBy(r => r.Template, StringComparer.Ordinal))
        {
            var methods = path.ToDictionary(r => r.Method, StringComparer.Ordinal);
            endpoints.Map(path.Key, http => CallAsync(http, methods));
        }

        endpoints.Map("/admin/realms/{realm}/{**rest}", http => CallAsync(http, null));
    }

    private static async Task CallAsync(HttpContext http, Dictionary<string, AdminRoute>? methods)
    {
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            await AdminHeaders.PreflightAsync(http);
            return;
        }

        var route = methods?.GetValueOrDefault(HttpMethods.IsHead(http.Request.Method) ? "GET" : http.Request.Method);
        var (answer, realm) = await AnswerAsync(http, route, methods is not null);
        await answer.SendAsync(http, realm, route is { NoCache: true });
    }

    private static async ValueTask<(AdminAnswer Answer, Realm? Realm)> AnswerAsync(HttpContext http, AdminRoute? route, bool known)
    {
        // Who calls comes before what is asked: a stranger learns nothing about which realms and resources there are.
        var ct = http.RequestAborted;
        if (Bearer.Text(http) is not { } token || await http.RequestServices.GetRequiredService<IAdminCallers>().FindAsync(http, token, ct) is not { } caller)
        {
            return (AdminAnswer.Unauthorized, null);
        }

        AdminHeaders.LetIn(http, caller);
        Realm? realm = null;
        var roles = new AdminRoles([], caller.MayCreateRealms);
        if (http.Request.RouteValues.TryGetValue("realm", out var name))
        {
            realm = await http.RequestServices.GetRequiredService<IRealms>().FindAsync((string)name!, ct);
            if (realm is null)
            {
                return (AdminAnswer.NotFound("Realm not found."), null);
            }

            if (!caller.IsMaster && caller.Realm.Id != realm.Id)
            {
                return (AdminAnswer.Forbidden, realm);
            }

            roles = caller.RolesIn(realm);
        }

        if (route is null)
        {
            return (known ? AdminAnswer.Error(405, "HTTP 405 Method Not Allowed") : AdminAnswer.NotFoundHere, realm);
        }

        // Whatever a route is about, what it tells of people, groups and others is theirs to permit: it is known on each.
        var context = new AdminContext(http, route, caller, realm, roles, realm is null ? null : await Delegations.OfAsync(http, caller, realm, roles));
        if (!route.Permission.Allows(roles) && !await DelegatedRoutes.AllowAsync(context, route))
        {
            return (AdminAnswer.Forbidden, realm);
        }

        try
        {
            return (await route.Handler(context), realm);
        }
        catch (InvalidDataException)
        {
            // A form that is none.
            return (AdminAnswer.Error(400, "HTTP 400 Bad Request"), realm);
        }
        catch (BadHttpRequestException e)
        {
            return (AdminAnswer.Error(e.StatusCode, e.StatusCode == 413 ? "HTTP 413 Request Entity Too Large" : "HTTP 400 Bad Request"), realm);
        }
        catch (FederationRefusal e)
        {
            return (e.IsMessage ? AdminAnswer.Message(400, e.Error) : AdminAnswer.Error(400, e.Error, e.Description), realm);
        }
        catch (DuplicateException)
        {
            return (AdminAnswer.Conflict, realm);
        }
        catch (StaleException)
        {
            return (AdminAnswer.Error(409, "conflict", "The realm was changed in the meantime"), realm);
        }
    }
}
