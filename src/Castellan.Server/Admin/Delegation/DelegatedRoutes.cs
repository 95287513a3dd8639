using Castellan.Core.Authorization.Administration;

namespace Castellan.Server.Admin.Delegation;

/// <summary>Which routes fine-grained permissions open to administrators whose roles do not, and by which scope of which object.</summary>
internal static class DelegatedRoutes
{
    private const string Users = AdminObjects.Users, Groups = AdminObjects.Groups, Clients = AdminObjects.Clients, Organizations = AdminObjects.Organizations;

    /// <summary>The object that a path is about: the first line that it begins with. Without a parameter it is about all objects of the type.</summary>
    private static readonly (string Path, string Type, string? Parameter)[] s_objects =
    [
        ("users/{user}", Users, "user"), ("users/{id}", Users, "id"), ("users", Users, null), ("attack-detection/brute-force/users/{user}", Users, "user"), ("attack-detection/brute-force", Users, null),
        ("brute-force-user", Users, null), ("groups/{group}", Groups, "group"), ("groups/{id}", Groups, "id"), ("groups", Groups, null),
        ("clients/{client}", Clients, "client"), ("clients/{id}", Clients, "id"), ("clients", Clients, null), ("client-scopes", Clients, null), ("clientScopes", Clients, null),
        ("organizations/{id}", Organizations, "id"), ("organizations", Organizations, null),
    ];

    /// <summary>Routes that need another scope than to view or to manage. No method: any that changes something.</summary>
    private static readonly (string? Method, string Path, string Scope)[] s_scopes =
    [
        ("PUT", "users/{user}/reset-password", "reset-password"), ("POST", "users/{user}/impersonation", "impersonate"), (null, "users/{user}/role-mappings", "map-roles"), (null, "users/{id}", "map-roles"),
        (null, "users/{user}/groups/{group}", "manage-group-membership"), ("GET", "groups/{group}/members", "view-members"),
    ];

    public static async ValueTask<bool> AllowAsync(AdminContext context, AdminRoute route)
    {
        if (context.Rights.Delegated is null || s_objects.FirstOrDefault(o => Begins(Subject(route.Path), o.Path)) is not { Type: { } type } about)
        {
            return false;
        }

        var scope = ScopeOf(route);
        if (about.Parameter is not { } parameter)
        {
            return context.Rights.All(type, scope);
        }

        var id = context.Route(parameter);
        if (type != Users)
        {
            return context.Rights.Object(type, id, scope);
        }

        // Who may search for people may know that there is none of this id.
        return await context.Users.FindAsync(context.Realm.Id, id, context.Aborted) is not { } user
            ? Permission.QueryUsers.Allows(context.Roles)
            : scope == "reset-password" ? context.Rights.MayResetPassword(user) : context.Rights.On(user, scope);
    }

    private static string ScopeOf(AdminRoute route) =>
        s_scopes.FirstOrDefault(s => Begins(Subject(route.Path), s.Path) && (s.Method ?? (route.Method == "GET" ? null : route.Method)) == route.Method).Scope
        ?? (route.Permission.OnlyLooks ? "view" : "manage");

    /// <summary>The consoles' own routes name what they are about last.</summary>
    private static string Subject(string path) => path.Split('/') is ["ui-ext", .. var rest] ? string.Join('/', rest.Length > 2 ? rest[1..] : rest) : path;

    private static bool Begins(string path, string with) => path.StartsWith(with, StringComparison.Ordinal) && (path.Length == with.Length || path[with.Length] == '/');
}
