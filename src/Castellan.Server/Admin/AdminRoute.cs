namespace Castellan.Server.Admin;

/// <summary>Does what a route is for; the caller is known and may be here.</summary>
public delegate ValueTask<AdminAnswer> AdminHandler(AdminContext context);

/// <summary>
/// A route of the admin API. A <paramref name="Path"/> without a slash in front lies below <c>/admin/realms/{realm}</c>.
/// </summary>
public sealed record AdminRoute(string Method, string Path, Permission Permission, AdminHandler Handler)
{
    private static readonly (string Path, string Feature)[] s_features =
    [
        ("organizations", "organization"), ("clients/{client}/authz/", "authorization"), ("workflows", "workflows"), ("client-policies/", "client-policies"),
        ("users/{user}/impersonation", "impersonation"),
    ];

    /// <summary>Whether good answers say <c>Cache-Control: no-cache</c>.</summary>
    public bool NoCache { get; init; }

    /// <summary>The most bytes that a body may have.</summary>
    public long MaxBody { get; init; } = 4 * 1024 * 1024;

    /// <summary>The path as the server's router knows it.</summary>
    public string Template => Path.StartsWith('/') ? Path : Path.Length == 0 ? "/admin/realms/{realm}" : "/admin/realms/{realm}/" + Path;

    /// <summary>The feature that the route is part of, where it is one that can be switched off.</summary>
    public string? Feature => s_features.FirstOrDefault(f => Path.StartsWith(f.Path, StringComparison.Ordinal)).Feature;

    /// <summary>Whether the route belongs to one realm.</summary>
    public bool InRealm => Template.StartsWith("/admin/realms/{realm}", StringComparison.Ordinal);

    public static AdminRoute Get(string path, Permission permission, AdminHandler handler, bool noCache = true) =>
        new("GET", path, permission, handler) { NoCache = noCache };

    public static AdminRoute Post(string path, Permission permission, AdminHandler handler, bool noCache = false) =>
        new("POST", path, permission, handler) { NoCache = noCache };

    public static AdminRoute Put(string path, Permission permission, AdminHandler handler, bool noCache = false) =>
        new("PUT", path, permission, handler) { NoCache = noCache };

    public static AdminRoute Delete(string path, Permission permission, AdminHandler handler, bool noCache = false) =>
        new("DELETE", path, permission, handler) { NoCache = noCache };
}
