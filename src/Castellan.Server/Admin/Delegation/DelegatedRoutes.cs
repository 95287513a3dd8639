using Castellan.Core.Authorization.Administration;
using Castellan.Server.Admin.Clients;
using Castellan.Server.Admin.Groups;

namespace Castellan.Server.Admin.Delegation;

/// <summary>Which routes fine-grained permissions open to administrators whose roles do not, and by which scope of which object.</summary>
public static class DelegatedRoutes
{
    private const string Users = AdminObjects.Users, Groups = AdminObjects.Groups, Clients = AdminObjects.Clients, Organizations = AdminObjects.Organizations;

    /// <summary>
    /// The object that a path is about: the first line that it begins with. A parameter after a question mark is one of the query; without any the path
    /// is about all objects of the type.
    /// </summary>
    private static readonly (string Path, string Type, string? Parameter)[] s_objects =
    [
        ("users/{user}", Users, "user"), ("users/{id}", Users, "id"), ("users", Users, null), ("attack-detection/brute-force/users/{user}", Users, "user"),
        ("attack-detection/brute-force", Users, null), ("brute-force-user", Users, null), ("logout-all", Users, null), ("sessions/client", Clients, "?clientId"), ("sessions", Users, null),
        ("groups/{group}", Groups, "group"), ("groups/{id}", Groups, "id"), ("groups", Groups, null), ("group-by-path", Groups, "path"), ("clients/{client}", Clients, "client"),
        ("clients/{id}", Clients, "id"), ("clients", Clients, null), ("client-scopes", Clients, null), ("client-templates", Clients, null), ("clientScopes", Clients, null),
        ("default-default-client-scopes", Clients, null), ("default-optional-client-scopes", Clients, null), ("client-description-converter", Clients, null),
        ("organizations/{id}", Organizations, "id"), ("organizations", Organizations, null),
    ];

    /// <summary>The roles by which a route belongs to a type: one that is for others, like that of the realm's user profile, is no matter of single objects.</summary>
    private static readonly Dictionary<string, string[]> s_roles = new(StringComparer.Ordinal)
    {
        [Users] = ["view-users", "manage-users", "impersonation"],
        [Groups] = ["view-users", "manage-users"],
        [Clients] = ["view-clients", "manage-clients"],
        [Organizations] = ["view-organizations", "manage-organizations"],
    };

    /// <summary>Routes that need another scope than to view or to manage. No method: any that changes something.</summary>
    private static readonly (string? Method, string Path, string Scope)[] s_scopes =
    [
        ("PUT", "users/{user}/reset-password", "reset-password"), ("POST", "users/{user}/impersonation", "impersonate"), (null, "users/{user}/role-mappings", "map-roles"),
        (null, "users/{id}", "map-roles"), (null, "users/{user}/groups/{group}", "manage-group-membership"), ("GET", "groups/{group}/members", "view-members"),
    ];

    /// <summary>Whether a permission may open a route at all.</summary>
    public static bool IsOpen(AdminRoute route) => About(route).Type is { } type && route.Permission.AnyOf.Any(s_roles[type].Contains);

    internal static async ValueTask<bool> AllowAsync(AdminContext context, AdminRoute route)
    {
        var (_, type, parameter) = About(route);
        if (context.Rights.Delegated is null || type is null || !IsOpen(route))
        {
            return false;
        }

        var (rights, scope) = (context.Rights, ScopeOf(route));
        if (parameter is null)
        {
            return route is { Method: "POST", Path: "users" } ? rights.MakesAny : rights.All(type, scope);
        }

        // Who may search for objects of a type may know that there is none of an id.
        var id = parameter[0] == '?' ? context.Query(parameter[1..]) ?? "" : context.Route(parameter);
        return type switch
        {
            Users => await context.Users.FindAsync(context.Realm.Id, id, context.Aborted) is not { } user ? Permission.QueryUsers.Allows(context.Roles)
                : scope == "reset-password" ? rights.MayResetPassword(user) : rights.On(user, scope),
            Groups => (parameter == "path" ? GroupRoutes.FindByPath(context.Realm.Groups, id) : context.Realm.Groups.Find(id)) is not { } group ? Permission.QueryGroups.Allows(context.Roles) : rights.On(group, scope),
            Clients => await context.Clients.FindByIdAsync(context.Realm, id, context.Aborted) is not { } client ? Permission.QueryClients.Allows(context.Roles)
                : scope == "view" ? rights.On(client, scope) : context.MayManage(client),
            _ => rights.Object(type, id, scope),
        };
    }

    private static (string Path, string? Type, string? Parameter) About(AdminRoute route)
    {
        var subject = Subject(route.Path);
        return s_objects.FirstOrDefault(o => Begins(subject, o.Path));
    }

    private static string ScopeOf(AdminRoute route) =>
        s_scopes.FirstOrDefault(s => Begins(Subject(route.Path), s.Path) && (s.Method ?? (route.Method == "GET" ? null : route.Method)) == route.Method).Scope
        ?? (route.Permission.OnlyLooks ? "view" : "manage");

    /// <summary>The consoles' own routes name what they are about last.</summary>
    private static string Subject(string path) => path.Split('/') is ["ui-ext", .. var rest] ? string.Join('/', rest.Length > 2 ? rest[1..] : rest) : path;

    private static bool Begins(string path, string with) => path.StartsWith(with, StringComparison.Ordinal) && (path.Length == with.Length || path[with.Length] == '/');
}
