using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;

namespace Castellan.Server.Admin.Roles;

/// <summary>Mappings of roles to users, groups, clients and client scopes: the same routes below each.</summary>
internal static class MappingRoutes
{
    /// <summary>Finds what the path names, and the path of its mappings below the realm.</summary>
    public delegate ValueTask<Read<MappingOwner>> Find(AdminContext context);

    /// <param name="path">The template of the mappings: <c>groups/{group}/role-mappings</c>.</param>
    public static IEnumerable<AdminRoute> Under(string path, Permission view, Permission manage, Find find)
    {
        yield return AdminRoute.Get(path, view, Owned(find, AllAsync));
        foreach (var (below, container) in new (string, Container)[] { ("/realm", OfRealm), ("/clients/{of}", OfClientAsync) })
        {
            yield return AdminRoute.Get(path + below, view, In(find, container, List));
            yield return AdminRoute.Post(path + below, manage, In(find, container, AddAsync));
            yield return AdminRoute.Delete(path + below, manage, In(find, container, RemoveAsync));
            yield return AdminRoute.Get(path + below + "/available", view, In(find, container, Available));
            yield return AdminRoute.Get(path + below + "/composite", view, In(find, container, Effective));
        }
    }

    private delegate ValueTask<Read<RoleContainer>> Container(AdminContext context, MappingOwner owner);

    private static ValueTask<Read<RoleContainer>> OfRealm(AdminContext context, MappingOwner owner) => RoleContainer.OfRealm(context);

    private static async ValueTask<Read<RoleContainer>> OfClientAsync(AdminContext context, MappingOwner owner) =>
        await context.Clients.FindByIdAsync(context.Realm, context.Route("of"), context.Aborted) is { } client
            ? new RoleContainer(client)
            : AdminAnswer.NotFound(owner.IsScope ? "Could not find client" : "Client not found");

    private static AdminHandler Owned(Find find, Func<AdminContext, MappingOwner, ValueTask<AdminAnswer>> then) => async context =>
        (await find(context)).Ok(out var owner, out var refusal) ? await then(context, owner) : refusal;

    private static AdminHandler In(Find find, Container container, Func<AdminContext, MappingOwner, RoleContainer, ValueTask<AdminAnswer>> then) =>
        Owned(find, async (context, owner) => (await container(context, owner)).Ok(out var of, out var refusal) ? await then(context, owner, of) : refusal);

    private static async ValueTask<AdminAnswer> AllAsync(AdminContext context, MappingOwner owner)
    {
        var mappings = new MappingsRepresentation();
        foreach (var group in Roles(context, owner.Direct).GroupBy(r => r.ClientId).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var shown = context.Realm.Show(group);
            if (group.Key is null)
            {
                mappings.RealmMappings = shown;
            }
            else if (await context.Clients.FindByIdAsync(context.Realm, group.Key, context.Aborted) is { } client)
            {
                (mappings.ClientMappings ??= [])[client.ClientId] = new() { Id = client.Id, Client = client.ClientId, Mappings = shown };
            }
        }

        return AdminAnswer.Json(mappings, AdminApiJson.Default.MappingsRepresentation);
    }

    private static ValueTask<AdminAnswer> List(AdminContext context, MappingOwner owner, RoleContainer of) =>
        new(Answer(context, Roles(context, owner.Direct).Where(r => r.ClientId == of.ClientId), brief: true));

    private static ValueTask<AdminAnswer> Available(AdminContext context, MappingOwner owner, RoleContainer of)
    {
        var has = owner.Direct.ToHashSet(StringComparer.Ordinal);
        return new(Answer(context, context.Realm.RolesOf(of.ClientId).Where(r => !has.Contains(r.Id) && owner.MayHave(context, r)), brief: true));
    }

    private static ValueTask<AdminAnswer> Effective(AdminContext context, MappingOwner owner, RoleContainer of)
    {
        var brief = context.Brief(otherwise: true);
        if (owner.HasAll)
        {
            return new(Answer(context, context.Realm.RolesOf(of.ClientId), brief));
        }

        var reached = context.Realm.Roles.Expand(owner.Effective).Where(r => r.ClientId == of.ClientId);

        // A client always has its own roles in its scope.
        var own = owner.Kind == RoleOwner.Client && owner.Id == of.ClientId ? context.Realm.RolesOf(of.ClientId) : [];
        return new(Answer(context, reached.Union(own), brief));
    }

    private static async ValueTask<AdminAnswer> AddAsync(AdminContext context, MappingOwner owner, RoleContainer of)
    {
        if (!(await ReadAsync(context)).Ok(out var given, out var refusal) || !FindRoles(context, owner, of, given).Ok(out var roles, out refusal))
        {
            return refusal;
        }

        if (!roles.All(r => owner.MayHave(context, r)))
        {
            return AdminAnswer.Forbidden;
        }

        await context.ApplyAsync(roles.Select(r => new AddRole(owner.Kind, owner.Id, r.Id)));
        if (given.Count > 0 || owner.IsScope)
        {
            await RecordAsync(context, "CREATE", owner, of, given);
        }

        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> RemoveAsync(AdminContext context, MappingOwner owner, RoleContainer of)
    {
        List<RoleRepresentation>? given;
        List<Role>? roles;
        if (context.Http.Request.ContentLength is 0 or null && context.Http.Request.Headers.TransferEncoding.Count == 0)
        {
            // No list at all takes every role of the container away.
            roles = [.. Roles(context, owner.Direct).Where(r => r.ClientId == of.ClientId)];
            given = context.Realm.Show(roles);
        }
        else if (!(await ReadAsync(context)).Ok(out given, out var refusal) || !FindRoles(context, owner, of, given).Ok(out roles, out refusal))
        {
            return refusal;
        }

        if (!roles.All(r => owner.MayHave(context, r)))
        {
            return AdminAnswer.Forbidden;
        }

        await context.ApplyAsync(roles.Select(r => new RemoveRole(owner.Kind, owner.Id, r.Id)));
        await RecordAsync(context, "DELETE", owner, of, given);
        return AdminAnswer.NoContent;
    }

    private static ValueTask<Read<List<RoleRepresentation>>> ReadAsync(AdminContext context) => context.ReadAsync(AdminJson.Default.ListRoleRepresentation);

    /// <summary>
    /// What is given needs its name and its id, so that a list made for another realm does no harm. A scope takes roles of the realm by their id alone
    /// and those of a client by their name.
    /// </summary>
    private static Read<List<Role>> FindRoles(AdminContext context, MappingOwner owner, RoleContainer of, List<RoleRepresentation> given) =>
        context.FindRoles(given, "Role not found", one =>
        {
            if (owner.IsScope && of.Client is null)
            {
                return one.Id is { } id ? context.Realm.Roles.Find(id) : null;
            }

            var role = one.Name is { } name ? of.Find(context, name) : null;
            return role is not null && (owner.IsScope || role.Id == one.Id) ? role : null;
        });

    private static IEnumerable<Role> Roles(AdminContext context, IEnumerable<string> ids) => ids.Select(context.Realm.Roles.Find).OfType<Role>();

    private static AdminAnswer Answer(AdminContext context, IEnumerable<Role> roles, bool brief) =>
        AdminAnswer.Json(context.Realm.Show(roles.OrderBy(r => r.Name, StringComparer.Ordinal), brief), AdminJson.Default.ListRoleRepresentation);

    private static ValueTask RecordAsync(AdminContext context, string operation, MappingOwner owner, RoleContainer of, List<RoleRepresentation> given) => context.RecordAsync(
        operation,
        of.Client is null ? owner.RealmEvent : owner.ClientEvent,
        context.PathInRealm,
        RoleViews.Sent(given),
        AdminJson.Default.ListRoleRepresentation);
}
