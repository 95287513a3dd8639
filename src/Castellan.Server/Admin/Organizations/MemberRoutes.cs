using System.Text;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Server.Admin.Organizations;

/// <summary>Who belongs to an organization. People are seen only by who may see users.</summary>
internal static class MemberRoutes
{
    private const int UsualPage = 10;

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("organizations/{id}/members", OrganizationRoutes.View, Users(Permission.ViewUsers, ListAsync)),
        AdminRoute.Post("organizations/{id}/members", OrganizationRoutes.Manage, Users(Permission.ManageUsers, AddAsync)),
        AdminRoute.Get("organizations/{id}/members/count", OrganizationRoutes.View, Users(Permission.ViewUsers, CountAsync)),
        AdminRoute.Get("organizations/{id}/members/{user}", OrganizationRoutes.View, Users(Permission.ViewUsers, ShowAsync)),
        AdminRoute.Delete("organizations/{id}/members/{user}", OrganizationRoutes.Manage, Users(Permission.ManageUsers, RemoveAsync)),
        AdminRoute.Get("organizations/{id}/members/{user}/organizations", OrganizationRoutes.View, Users(Permission.ViewUsers, (context, _) => OfUserAsync(context))),
        AdminRoute.Get("organizations/{id}/members/{user}/groups", OrganizationRoutes.View, Users(Permission.ViewUsers, GroupsAsync)),
        AdminRoute.Get("organizations/members/{user}/organizations", OrganizationRoutes.View, OrganizationRoutes.On(OfUserAsync)),
    ];

    /// <summary>A handler for an organization, for who may do with users besides what <paramref name="users"/> says.</summary>
    internal static AdminHandler Users(Permission users, Func<AdminContext, OrganizationRepresentation, ValueTask<AdminAnswer>> handler) =>
        OrganizationRoutes.With((context, organization) => users.Allows(context.Roles) || context.Rights.All(AdminObjects.Users, users.OnlyLooks ? "view" : "manage") ? handler(context, organization) : new(AdminAnswer.Forbidden));

    private static IOrganizationStore Store(AdminContext context) => context.Service<IOrganizationStore>();

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context, OrganizationRepresentation organization)
    {
        var query = new MemberQuery(context.Query("search"), context.Flag("exact"), context.Query("membershipType")?.ToUpperInvariant() switch
        {
            "MANAGED" => true,
            "UNMANAGED" => false,
            _ => null,
        });
        var members = await Store(context).MembersAsync(context.Realm.Id, organization.Id!, query, context.First, context.Max(UsualPage), context.Aborted);
        var shown = new List<MemberRepresentation>();
        foreach (var member in members)
        {
            shown.Add(await ShowAsync(context, organization, member, context.Brief(otherwise: true)));
        }

        return AdminAnswer.Json(shown, OrganizationJson.Default.ListMemberRepresentation);
    }

    private static async ValueTask<AdminAnswer> CountAsync(AdminContext context, OrganizationRepresentation organization) =>
        AdminAnswer.Json(await Store(context).CountMembersAsync(context.Realm.Id, organization.Id!, context.Aborted), OrganizationJson.Default.Int32);

    private static async ValueTask<AdminAnswer> ShowAsync(AdminContext context, OrganizationRepresentation organization) =>
        await FindAsync(context, organization) is { } member
            ? AdminAnswer.Json(await ShowAsync(context, organization, member, brief: false), OrganizationJson.Default.MemberRepresentation)
            : AdminAnswer.NotFoundHere;

    /// <summary>The body is a user's id, with or without quotes.</summary>
    private static async ValueTask<AdminAnswer> AddAsync(AdminContext context, OrganizationRepresentation organization)
    {
        if (!(await context.ReadBytesAsync()).Ok(out var body, out var refusal))
        {
            return refusal;
        }

        var id = Encoding.UTF8.GetString(body).Trim().Trim('"');
        if (await context.Users.FindAsync(context.Realm.Id, id, context.Aborted) is not { } user)
        {
            return AdminAnswer.NotFoundHere;
        }

        if ((await Store(context).OfMemberAsync(context.Realm.Id, user.Id, context.Aborted)).Exists(o => o.Id == organization.Id))
        {
            return AdminAnswer.Message(409, "User is already a member of the organization.");
        }

        await context.ApplyAsync(new PutOrganizationMember(organization.Id!, user.Id, Managed: false));
        await context.RecordAsync("CREATE", "ORGANIZATION_MEMBERSHIP", $"organizations/{organization.Id}/members/{user.Id}");
        return AdminAnswer.Created(context.AddressBelow(user.Id));
    }

    /// <summary>Takes somebody out; whom the organization manages is deleted with that.</summary>
    private static async ValueTask<AdminAnswer> RemoveAsync(AdminContext context, OrganizationRepresentation organization)
    {
        if (await FindAsync(context, organization) is not { } member)
        {
            return AdminAnswer.NotFoundHere;
        }

        await context.ApplyAsync(member.Managed ? new DeleteUser(member.User.Id) : new DeleteOrganizationMember(organization.Id!, member.User.Id));
        await context.RecordAsync("DELETE", "ORGANIZATION_MEMBERSHIP", $"organizations/{organization.Id}/members/{member.User.Id}");
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> OfUserAsync(AdminContext context)
    {
        var brief = context.Brief(otherwise: true);
        var organizations = await Store(context).OfMemberAsync(context.Realm.Id, context.Route("user"), context.Aborted);
        return AdminAnswer.Json([.. organizations.Select(o => OrganizationRoutes.Shown(o, brief))], AdminJson.Default.ListOrganizationRepresentation);
    }

    private static async ValueTask<AdminAnswer> GroupsAsync(AdminContext context, OrganizationRepresentation organization)
    {
        if (await FindAsync(context, organization) is not { } member)
        {
            return AdminAnswer.NotFoundHere;
        }

        var groups = await OrganizationGroups.LoadAsync(context, organization);
        var ids = await Store(context).GroupsOfMemberAsync(context.Realm.Id, organization.Id!, member.User.Id, context.Aborted);
        var found = ids.Select(groups.Tree.Find).OfType<Core.Groups.Group>().OrderBy(g => g.Name, StringComparer.Ordinal);
        var brief = context.Brief(otherwise: true);
        return AdminAnswer.Json([.. context.Page(found).Select(g => groups.Show(g, brief))], AdminJson.Default.ListGroupRepresentation);
    }

    private static ValueTask<OrganizationMember?> FindAsync(AdminContext context, OrganizationRepresentation organization) =>
        Store(context).FindMemberAsync(context.Realm.Id, organization.Id!, context.Route("user"), context.Aborted);

    internal static async ValueTask<MemberRepresentation> ShowAsync(AdminContext context, OrganizationRepresentation organization, OrganizationMember member, bool brief)
    {
        var stored = member.User.Representation;
        var shown = new MemberRepresentation
        {
            Id = stored.Id, Username = stored.Username, FirstName = stored.FirstName, LastName = stored.LastName, Email = stored.Email,
            EmailVerified = stored.EmailVerified ?? false, CreatedTimestamp = stored.CreatedTimestamp, FederationLink = stored.FederationLink,

            // Whom a disabled organization manages cannot sign in.
            Enabled = member.User.Enabled && !(member.Managed && organization.Enabled == false),
            MembershipType = member.Managed ? "MANAGED" : "UNMANAGED",
        };
        if (!brief)
        {
            var credentials = await context.Users.CredentialsAsync(context.Realm.Id, member.User.Id, context.Aborted);
            shown.Totp = credentials.Exists(c => c.Type == "otp");
            shown.DisableableCredentialTypes = [];
            shown.RequiredActions = stored.RequiredActions ?? [];
            shown.NotBefore = stored.NotBefore ?? 0;
            shown.Attributes = stored.Attributes is { Count: > 0 } ? stored.Attributes : null;
        }

        return shown;
    }
}
