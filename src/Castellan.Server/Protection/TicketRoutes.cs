using Castellan.Core;
using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Sharing;
using Castellan.Core.Representations;
using Castellan.Server.Admin;

namespace Castellan.Server.Protection;

/// <summary>
/// What people asked owners for and were given. The resource server minds all of it; an owner what concerns their resources, and a requester may see and
/// withdraw what they asked for.
/// </summary>
internal static class TicketRoutes
{
    private const int MostAtOnce = 100;

    private static readonly AdminAnswer s_noTicket = AdminAnswer.Error(400, "invalid_request", "invalid_ticket");

    public static IReadOnlyList<ProtectionRoute> All { get; } =
    [
        new("GET", "/permission/ticket", ListAsync),
        new("POST", "/permission/ticket", CreateAsync),
        new("PUT", "/permission/ticket", UpdateAsync),
        new("GET", "/permission/ticket/count", CountAsync),
        new("DELETE", "/permission/ticket/{ticket}", DeleteAsync),
    ];

    private static AdminAnswer Invalid(string why) => AdminAnswer.Error(400, "invalid_permission", why);

    private static AdminAnswer NotYours(string why) => AdminAnswer.Error(403, "not_authorised", why);

    private static async ValueTask<TicketQuery> QueryAsync(ProtectionContext context)
    {
        var scope = context.Query("scopeId");
        if (scope is not null)
        {
            var scopes = await context.ScopesAsync();
            scope = (scopes.Find(s => s.Id == scope) ?? scopes.Find(s => s.Name == scope))?.Id ?? scope;
        }

        return new(
            context.Client.Id, ResourceId: context.Query("resourceId"), ScopeId: scope,
            OwnerId: context.Query("owner") is { } owner ? await context.OwnerIdAsync(owner) : null,
            RequesterId: context.Query("requester") is { } requester ? await context.Principals.IdAsync(PrincipalKind.User, requester, context.Aborted) ?? requester : null,
            Granted: context.Query("granted") is null ? null : context.Flag("granted"),
            PartyId: context.IsServer ? null : context.CallerId);
    }

    private static async ValueTask<AdminAnswer> ListAsync(ProtectionContext context)
    {
        var found = await context.Tickets.ListAsync(
            context.Realm.Id, await QueryAsync(context), Math.Max(context.Number("first", 0), 0), context.Number("max", MostAtOnce) is >= 0 and var max ? max : MostAtOnce, context.Aborted);
        var names = context.Flag("returnNames");
        var scopes = names ? await context.ScopesAsync() : [];
        var shown = new List<PermissionTicketRepresentation>();
        foreach (var (_, ticket) in found)
        {
            var one = Show(ticket);
            if (names)
            {
                one.OwnerName = await context.OwnerNameAsync(ticket.OwnerId);
                one.RequesterName = await context.Principals.NameAsync(PrincipalKind.User, ticket.RequesterId, context.Aborted);
                one.ResourceName = (await context.FindResourceAsync(ticket.ResourceId))?.Name;
                one.ScopeName = scopes.Find(s => s.Id == ticket.ScopeId)?.Name;
            }

            shown.Add(one);
        }

        return AdminAnswer.Json(shown, ProtectionJson.Default.ListPermissionTicketRepresentation);
    }

    private static async ValueTask<AdminAnswer> CountAsync(ProtectionContext context) =>
        AdminAnswer.Json(await context.Tickets.CountAsync(context.Realm.Id, await QueryAsync(context), context.Aborted), ProtectionJson.Default.Int64);

    private static async ValueTask<AdminAnswer> CreateAsync(ProtectionContext context)
    {
        if (!(await context.ReadAsync(ProtectionJson.Default.PermissionTicketRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given is null)
        {
            return AdminAnswer.Error(400, "invalid_request", "invalid_permission");
        }

        if (Lacks(given) is { } lacking)
        {
            return lacking;
        }

        if (await context.FindResourceAsync(given.Resource!) is not { } resource)
        {
            return AdminAnswer.Error(400, "invalid_resource_id", $"Resource set with id [{given.Resource}] does not exists in this server.");
        }

        if (!context.IsServer && resource.OwnerId != context.CallerId)
        {
            return NotYours($"permissions for [{given.Resource}] can be only created by the owner or by the resource server itself");
        }

        if (resource.Representation.OwnerManagedAccess is not true)
        {
            return Invalid("permission can only be created for resources with user-managed access enabled");
        }

        if (await context.Principals.IdAsync(PrincipalKind.User, (given.Requester ?? given.RequesterName)!, context.Aborted) is not { } requester)
        {
            return Invalid("Requester does not exists in this server as user.");
        }

        var scopes = await context.ScopesAsync();
        if ((given.ScopeName is { } name ? scopes.Find(s => s.Name == name) : scopes.Find(s => s.Id == given.Scope)) is not { } scope)
        {
            return AdminAnswer.Error(400, "invalid_scope", $"Scope [{given.Scope ?? given.ScopeName}] is invalid");
        }

        if (!(await context.ScopesOfAsync(resource, scopes)).Contains(scope))
        {
            return AdminAnswer.Error(400, "invalid_resource_id", $"Resource set with id [{given.Resource}] does not have Scope [{scope.Name}]");
        }

        if (await context.Tickets.CountAsync(context.Realm.Id, new(context.Client.Id, ResourceId: resource.Id, ScopeId: scope.Id, RequesterId: requester), context.Aborted) > 0)
        {
            return Invalid("Permission already exists");
        }

        var ticket = new PermissionTicket(Ids.New(), resource.Id, scope.Id, resource.OwnerId, requester, null, context.Now, given.Granted is true ? context.Now : null);
        await context.ApplyAsync([new ChangeShare(context.Client.Id, resource, requester) { New = [ticket] }]);
        return AdminAnswer.Json(Show(ticket), ProtectionJson.Default.PermissionTicketRepresentation);
    }

    private static AdminAnswer? Lacks(PermissionTicketRepresentation given) =>
        given.Id is not null ? Invalid("created permissions should not have id")
        : given.Resource is null ? Invalid("created permissions should have resource")
        : given.Scope is null && given.ScopeName is null ? Invalid("created permissions should have scope or scopeName")
        : given.Requester is null && given.RequesterName is null ? Invalid("created permissions should have requester or requesterName")
        : null;

    private static async ValueTask<AdminAnswer> UpdateAsync(ProtectionContext context)
    {
        if (!(await context.ReadAsync(ProtectionJson.Default.PermissionTicketRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given?.Id is not { } id || await FindAsync(context, id) is not { } found)
        {
            return s_noTicket;
        }

        var (ticket, resource) = found;
        if (!context.IsServer && ticket.OwnerId != context.CallerId)
        {
            return NotYours($"permissions for [{given.Resource}] can be updated only by the owner or by the resource server");
        }

        // One that is granted no more is gone, so that its requester may ask again.
        var (granted, gone) = given.Granted is true ? (id, (string?)null) : (null, id);
        await context.ApplyAsync([new ChangeShare(context.Client.Id, resource, ticket.RequesterId) { Granted = granted, Gone = gone }]);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(ProtectionContext context)
    {
        if (await FindAsync(context, context.Route("ticket")) is not { } found)
        {
            return s_noTicket;
        }

        var (ticket, resource) = found;
        if (!context.IsServer && ticket.OwnerId != context.CallerId && ticket.RequesterId != context.CallerId)
        {
            return NotYours($"permissions for [{ticket.ResourceId}] can be deleted only by the owner, the requester, or the resource server");
        }

        await context.ApplyAsync([new ChangeShare(context.Client.Id, resource, ticket.RequesterId) { Gone = ticket.Id }]);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<(PermissionTicket Ticket, ProtectedResource Resource)?> FindAsync(ProtectionContext context, string id)
    {
        var found = await context.Tickets.ListAsync(context.Realm.Id, new(context.Client.Id, Id: id), ct: context.Aborted);
        return found is [var (_, ticket)] && await context.FindResourceAsync(ticket.ResourceId) is { } resource ? (ticket, resource) : null;
    }

    private static PermissionTicketRepresentation Show(PermissionTicket ticket) => new()
    {
        Id = ticket.Id, Owner = ticket.OwnerId, Resource = ticket.ResourceId, Scope = ticket.ScopeId, Granted = ticket.IsGranted, Requester = ticket.RequesterId,
    };
}
