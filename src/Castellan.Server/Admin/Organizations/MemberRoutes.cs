using System.Text;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Castellan.Server.Admin.Users;

namespace Castellan.Server.Admin.Organizations;

/// <summary>Who belongs to an organization. People are seen only by who may see them: as users, and not by belonging to it.</summary>
internal static class MemberRoutes
{
    private const int UsualPage = 10;

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("organizations/{id}/members", OrganizationRoutes.View, Users(Permission.QueryUsers, ListAsync)),
        AdminRoute.Post("organizations/{id}/members", OrganizationRoutes.Manage, OrganizationRoutes.With(AddAsync)),
        AdminRoute.Get("organizations/{id}/members/count", OrganizationRoutes.View, Users(Permission.QueryUsers, CountAsync)),
        AdminRoute.Get("organizations/{id}/members/{user}", OrganizationRoutes.View, Users(Permission.ViewUsers, ShowAsync)),
        AdminRoute.Delete("organizations/{id}/members/{user}", OrganizationRoutes.Manage, Users(Permission.ManageUsers, RemoveAsync)),
        AdminRoute.Get("organizations/{id}/members/{user}/organizations", OrganizationRoutes.View, Users(Permission.ViewUsers, OfMemberAsync)),
        AdminRoute.Get("organizations/{id}/members/{user}/groups", OrganizationRoutes.View, Users(Permission.ViewUsers, GroupsAsync)),
        AdminRoute.Get("organizations/members/{user}/organizations", OrganizationRoutes.Query, OrganizationRoutes.On(OfUserAsync)),
    ];

    /// <summary>A handler for an organization, for who may do besides what <paramref name="users"/> says: with the user of the path, or with users at all.</summary>
    internal static AdminHandler Users(Permission users, Func<AdminContext, OrganizationRepresentation, ValueTask<AdminAnswer>> handler) =>
        OrganizationRoutes.With(async (context, organization) => await MayAsync(context, users) ? await handler(context, organization) : AdminAnswer.Forbidden);

    private static async ValueTask<bool> MayAsync(AdminContext context, Permission users)
    {
        if (users.Allows(context.Roles))
        {
            return true;
        }

        var scope = users.OnlyLooks ? "view" : "manage";
        if (context.Route("user") is not { Length: > 0 } id)
        {
            return context.Rights.All(AdminObjects.Users, scope);
        }

        // Who may search for users may know that there is none of an id.
        return await context.Users.FindAsync(context.Realm.Id, id, context.Aborted) is { } user ? context.Rights.On(user, scope) : Permission.QueryUsers.Allows(context.Roles);
    }

    private static IOrganizationStore Store(AdminContext context) => context.Service<IOrganizationStore>();

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context, OrganizationRepresentation organization)
    {
        if (!context.Rights.ListsAny(AdminObjects.Users))
        {
            return AdminAnswer.Json([], OrganizationJson.Default.ListMemberRepresentation);
        }

        var managed = context.Query("membershipType")?.ToUpperInvariant() switch
        {
            "MANAGED" => true,
            "UNMANAGED" => false,
            _ => (bool?)null,
        };
        var query = new MemberQuery(context.Query("search"), context.Flag("exact"), managed, context.Rights.ShownUsers, UserSearch.IsForNamesAlone(context));
        var members = await Store(context).MembersAsync(context.Realm.Id, organization.Id!, query, context.First, context.Max(UsualPage), context.Aborted);
        var shown = new List<MemberRepresentation>();
        foreach (var member in members)
        {
            shown.Add(await ShowAsync(context, organization, member, context.Brief(otherwise: true)));
        }

        return AdminAnswer.Json(shown, OrganizationJson.Default.ListMemberRepresentation);
    }

    private static async ValueTask<AdminAnswer> CountAsync(AdminContext context, OrganizationRepresentation organization)
    {
        var count = context.Rights.ListsAny(AdminObjects.Users)
            ? await Store(context).CountMembersAsync(context.Realm.Id, organization.Id!, context.Rights.ShownUsers, context.Aborted)
            : 0;
        return AdminAnswer.Json(count, OrganizationJson.Default.Int32);
    }

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
            return Permission.QueryUsers.Allows(context.Roles) ? AdminAnswer.NotFoundHere : AdminAnswer.Forbidden;
        }

        if (!context.Rights.On(user, "manage"))
        {
            return AdminAnswer.Forbidden;
        }

        if ((await Store(context).OfMemberAsync(context.Realm.Id, user.Id, context.Aborted)).Exists(o => o.Id == organization.Id))
        {
            return AdminAnswer.Message(409, "User is already a member of the organization.");
        }

        await context.ApplyAsync(new PutOrganizationMember(organization.Id!, user.Id, Managed: false));
        await TellAsync(context, "CREATE", organization, user);
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
        await TellAsync(context, "DELETE", organization, member.User);
        return AdminAnswer.NoContent;
    }

    /// <summary>Who comes or goes stands in the details; the rest of the event is about the organization.</summary>
    private static ValueTask TellAsync(AdminContext context, string operation, OrganizationRepresentation organization, User user)
    {
        var details = new Dictionary<string, string> { ["username"] = user.Username };
        if (user.Email is { } email)
        {
            details["email"] = email;
        }

        return context.RecordAsync(
            operation, "ORGANIZATION_MEMBERSHIP", context.PathInRealm, AdminEvents.Text(OrganizationRoutes.Shown(organization, brief: true), AdminJson.Default.OrganizationRepresentation), details: details);
    }

    /// <summary>Which organization the path goes by makes no difference: a person's are all theirs.</summary>
    private static ValueTask<AdminAnswer> OfMemberAsync(AdminContext context, OrganizationRepresentation organization) => OfUserAsync(context);

    private static async ValueTask<AdminAnswer> OfUserAsync(AdminContext context)
    {
        if (!await MayAsync(context, Permission.ViewUsers))
        {
            return AdminAnswer.Forbidden;
        }

        if (await context.Users.FindAsync(context.Realm.Id, context.Route("user"), context.Aborted) is not { } user)
        {
            return AdminAnswer.NotFoundHere;
        }

        var brief = context.Brief(otherwise: true);
        var organizations = await Store(context).OfMemberAsync(context.Realm.Id, user.Id, context.Aborted);
        var shown = organizations.Where(o => context.Rights.Object(AdminObjects.Organizations, o.Id!, "view")).Select(o => OrganizationRoutes.Shown(o, brief));
        return AdminAnswer.Json([.. shown], AdminJson.Default.ListOrganizationRepresentation);
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
        var seen = UserViews.Brief(context, member.User);
        var shown = new MemberRepresentation
        {
            Id = stored.Id, Username = stored.Username, FirstName = seen.FirstName, LastName = seen.LastName, Email = seen.Email,
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
            shown.Attributes = UserProfile.Of(context.Realm).Visible(ProfileContext.Admin, member.User) is { Count: > 0 } attributes ? attributes : null;
        }

        return shown;
    }
}
