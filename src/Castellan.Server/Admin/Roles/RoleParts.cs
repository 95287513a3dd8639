using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;

namespace Castellan.Server.Admin.Roles;

/// <summary>What a composite role holds.</summary>
internal static class RoleParts
{
    public static AdminAnswer List(AdminContext context, Role role, Func<Role, bool>? which = null) =>
        AdminAnswer.Json(context.Realm.Show(Of(context, role).Where(r => which?.Invoke(r) ?? true)), AdminJson.Default.ListRoleRepresentation);

    /// <summary>The parts of a role that is named by its id can be searched, and come in pages.</summary>
    public static AdminAnswer Page(AdminContext context, Role role)
    {
        var search = context.Query("search")?.Trim();
        return AdminAnswer.Json(context.Realm.Show(context.Page(Of(context, role).Where(r => r.Matches(search)))), AdminJson.Default.ListRoleRepresentation);
    }

    private static IEnumerable<Role> Of(AdminContext context, Role role) =>
        role.Composites.Select(context.Realm.Roles.Find).OfType<Role>().OrderBy(r => r.Name, StringComparer.Ordinal);

    public static async ValueTask<AdminAnswer> ListOfClientAsync(AdminContext context, Role role) =>
        (await context.FindClientAsync("of")).Ok(out var client, out var refusal) ? List(context, role, r => r.ClientId == client.Id) : refusal;

    public static async ValueTask<AdminAnswer> AddAsync(AdminContext context, Role role, string path)
    {
        if (!(await ReadAsync(context)).Ok(out var given, out var refusal) || !Find(context, given).Ok(out var parts, out refusal))
        {
            return refusal;
        }

        if (!parts.All(context.MayCompose))
        {
            return AdminAnswer.Forbidden;
        }

        await context.ApplyAsync(parts.Select(p => new AddRole(RoleOwner.Role, role.Id, p.Id)));
        await RecordAsync(context, "CREATE", role, path, given);
        return AdminAnswer.NoContent;
    }

    public static async ValueTask<AdminAnswer> RemoveAsync(AdminContext context, Role role, string path)
    {
        if (!(await ReadAsync(context)).Ok(out var given, out var refusal) || !Find(context, given).Ok(out var parts, out refusal))
        {
            return refusal;
        }

        // Whoever could take a part away that is not theirs to give would take it from everybody who has the whole.
        if (!parts.All(context.MayCompose))
        {
            return AdminAnswer.Forbidden;
        }

        await context.ApplyAsync(parts.Select(p => new RemoveRole(RoleOwner.Role, role.Id, p.Id)));
        await RecordAsync(context, "DELETE", role, path, given);
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
            if (await context.Clients.FindAsync(context.Realm, clientId, context.Aborted) is not { } client)
            {
                // Keycloak passes over what a client that there is not would have.
                continue;
            }

            foreach (var name in names)
            {
                if (context.Realm.Roles.FindClientRole(client.Id, name) is not { } role)
                {
                    return AdminAnswer.NotFound("Client Role with name " + name + " does not exist");
                }

                roles.Add(role);
            }
        }

        return roles;
    }

    private static ValueTask<Read<List<RoleRepresentation>>> ReadAsync(AdminContext context) => context.ReadAsync(AdminJson.Default.ListRoleRepresentation);

    private static Read<List<Role>> Find(AdminContext context, List<RoleRepresentation> given) =>
        context.FindRoles(given, "Could not find composite role", one => one.Id is { } id ? context.Realm.Roles.Find(id) : null);

    private static ValueTask RecordAsync(AdminContext context, string operation, Role role, string path, List<RoleRepresentation> given) =>
        context.RecordAsync(operation, role.ClientId is null ? "REALM_ROLE" : "CLIENT_ROLE", path, RoleViews.Sent(given), AdminJson.Default.ListRoleRepresentation);
}
