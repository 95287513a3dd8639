using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;

namespace Castellan.Server.Admin.Roles;

/// <summary>What a composite role holds.</summary>
internal static class RoleParts
{
    public static AdminAnswer List(AdminContext context, Role role, Func<Role, bool> which)
    {
        var search = context.Query("search")?.Trim();
        var parts = role.Composites.Select(context.Realm.Roles.Find).OfType<Role>().Where(which).Where(r => r.Matches(search)).OrderBy(r => r.Name, StringComparer.Ordinal);
        return AdminAnswer.Json(context.Realm.Show(context.Page(parts)), AdminJson.Default.ListRoleRepresentation);
    }

    public static async ValueTask<AdminAnswer> ListOfClientAsync(AdminContext context, Role role) =>
        (await context.FindClientAsync("of")).Ok(out var client, out var refusal) ? List(context, role, r => r.ClientId == client.Id) : refusal;

    public static async ValueTask<AdminAnswer> AddAsync(AdminContext context, Role role, string path)
    {
        if (!(await ReadAsync(context)).Ok(out var parts, out var refusal))
        {
            return refusal;
        }

        if (!parts.All(context.MayCompose))
        {
            return AdminAnswer.Forbidden;
        }

        await context.ApplyAsync(parts.Select(p => new AddRole(RoleOwner.Role, role.Id, p.Id)));
        await RecordAsync(context, "CREATE", role, path, parts);
        return AdminAnswer.NoContent;
    }

    public static async ValueTask<AdminAnswer> RemoveAsync(AdminContext context, Role role, string path)
    {
        if (!(await ReadAsync(context)).Ok(out var parts, out var refusal))
        {
            return refusal;
        }

        await context.ApplyAsync(parts.Select(p => new RemoveRole(RoleOwner.Role, role.Id, p.Id)));
        await RecordAsync(context, "DELETE", role, path, parts);
        return AdminAnswer.NoContent;
    }

    /// <summary>The roles that a representation names as its parts.</summary>
    public static async ValueTask<Read<List<Role>>> ByNameAsync(AdminContext context, CompositesRepresentation given)
    {
        var roles = new List<Role>();
        foreach (var name in given.Realm ?? [])
        {
            if (context.Realm.Roles.FindRealmRole(name) is not { } role)
            {
                return AdminAnswer.NotFound("Realm Role with name " + name + " does not exist");
            }

            roles.Add(role);
        }

        foreach (var (clientId, names) in given.Client ?? [])
        {
            var client = await context.Clients.FindAsync(context.Realm, clientId, context.Aborted);
            foreach (var name in names)
            {
                if (client is null || context.Realm.Roles.FindClientRole(client.Id, name) is not { } role)
                {
                    return AdminAnswer.NotFound("Client Role with name " + name + " does not exist");
                }

                roles.Add(role);
            }
        }

        return roles;
    }

    private static async ValueTask<Read<List<Role>>> ReadAsync(AdminContext context) =>
        (await context.ReadAsync(AdminJson.Default.ListRoleRepresentation)).Ok(out var given, out var refusal)
            ? context.FindRoles(given, "Could not find composite role")
            : refusal;

    private static ValueTask RecordAsync(AdminContext context, string operation, Role role, string path, List<Role> parts) =>
        context.RecordAsync(operation, role.ClientId is null ? "REALM_ROLE" : "CLIENT_ROLE", path, context.Realm.Show(parts, brief: false), AdminJson.Default.ListRoleRepresentation);
}
