using Castellan.Core.Clients;
using Castellan.Core.Representations;
using Castellan.Core.Roles;

namespace Castellan.Server.Admin.Roles;

/// <summary>Whose roles a route is about: the realm's, or a client's.</summary>
public sealed record RoleContainer(Client? Client)
{
    public string? ClientId => Client?.Id;

    public string EventType => Client is null ? "REALM_ROLE" : "CLIENT_ROLE";

    /// <summary>The path of the roles below the realm.</summary>
    public string Path => Client is null ? "roles" : $"clients/{Client.Id}/roles";

    public Role? Find(AdminContext context, string name) =>
        Client is null ? context.Realm.Roles.FindRealmRole(name) : context.Realm.Roles.FindClientRole(Client.Id, name);

    public bool MaySee(AdminContext context) =>
        Client is null ? Permission.ViewRealm.Allows(context.Roles) : context.Rights.On(Client, "view");

    /// <summary>The roles of administration are no business of those who manage other clients.</summary>
    public bool MayChange(AdminContext context) =>
        Client is null || !Granting.IsManagementClient(context.Realm.Name == "master", Client.ClientId) || context.Roles.Has("manage-realm");

    public static ValueTask<Read<RoleContainer>> OfRealm(AdminContext context) => new(new RoleContainer((Client?)null));

    public static async ValueTask<Read<RoleContainer>> OfClient(AdminContext context) =>
        (await context.FindClientAsync()).Ok(out var client, out var refusal) ? new RoleContainer(client) : refusal;
}

/// <summary>Finds what routes name in their path or their body.</summary>
public static class RoleLookups
{
    /// <summary>The client that the path names by its internal id.</summary>
    public static async ValueTask<Read<Client>> FindClientAsync(this AdminContext context, string parameter = "client") =>
        await context.Clients.FindByIdAsync(context.Realm, context.Route(parameter), context.Aborted) is { } client
            ? client
            : AdminAnswer.NotFound("Could not find client");

    /// <summary>The roles that a body lists; all of them must be there.</summary>
    public static Read<List<Role>> FindRoles(this AdminContext context, IEnumerable<RoleRepresentation?> given, string unknown, Func<RoleRepresentation, Role?> find)
    {
        var roles = new List<Role>();
        foreach (var one in given)
        {
            if (one is null || find(one) is not { } role)
            {
                return AdminAnswer.NotFound(unknown);
            }

            roles.Add(role);
        }

        return roles;
    }
}
