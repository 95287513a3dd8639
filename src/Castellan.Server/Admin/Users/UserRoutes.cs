using Castellan.Core.Authorization.Administration;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Server.Admin.Roles;

namespace Castellan.Server.Admin.Users;

/// <summary>Users: search, make, show, change, remove; and what hangs on one of them in files of their own.</summary>
internal static class UserRoutes
{
    private static readonly AdminAnswer s_unknown = AdminAnswer.NotFound("User not found");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("users", Permission.QueryUsers, ListAsync),
        AdminRoute.Post("users", Permission.ManageUsers, UserWrites.CreateAsync),
        AdminRoute.Get("users/count", Permission.QueryUsers, async c => AdminAnswer.Json(await UserSearch.CountAsync(c), UsersJson.Default.Int32)),
        .. ProfileRoutes.All,
        AdminRoute.Get("users/{user}", Permission.ViewUsers, One(ShowAsync)),
        AdminRoute.Put("users/{user}", Permission.ManageUsers, One(UserWrites.UpdateAsync)),
        AdminRoute.Delete("users/{user}", Permission.ManageUsers, One(DeleteAsync), noCache: true),
        .. UserCredentialRoutes.All,
        .. UserSessionRoutes.All,
        .. UserGroupRoutes.All,
        .. UserLinkRoutes.All,
        .. UserMailRoutes.All,
        AdminRoute.Post("users/{user}/impersonation", Permission.Impersonate, One(Impersonation.StartAsync), noCache: true),
        .. MappingRoutes.Under("users/{user}/role-mappings", Permission.ViewUsers, Permission.ManageUsers, async context =>
            (await FindAsync(context)).Ok(out var user, out var refusal) ? MappingOwner.Of(context.Realm, user) : refusal),
        .. AttackDetectionRoutes.All,
    ];

    /// <summary>A handler for the user that the path names.</summary>
    public static AdminHandler One(Func<AdminContext, User, ValueTask<AdminAnswer>> then) => async context =>
        (await FindAsync(context)).Ok(out var user, out var refusal) ? await then(context, user) : refusal;

    private static async ValueTask<Read<User>> FindAsync(AdminContext context) =>
        await context.Users.FindAsync(context.Realm.Id, context.Route("user"), context.Aborted) is { } user ? user : s_unknown;

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context) => AdminAnswer.Json(
        // Who may only ask how many there are gets an empty list, as in Keycloak.
        context.Rights.ListsAny(AdminObjects.Users) ? await context.ShowMembersAsync(await UserSearch.FindAsync(context)) : [],
        AdminJson.Default.ListUserRepresentation);

    private static async ValueTask<AdminAnswer> ShowAsync(AdminContext context, User user)
    {
        var shown = await context.ShowAsync(user);
        if (context.Flag("userProfileMetadata"))
        {
            shown.UserProfileMetadata = ProfileRoutes.Metadata(context, user);
        }

        return AdminAnswer.Json(shown, AdminJson.Default.UserRepresentation);
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, User user)
    {
        await RemoveAsync(context, user);
        var gone = new UserRepresentation { Id = user.Id, Username = user.Username };
        await context.RecordAsync("DELETE", "USER", $"users/{user.Id}", gone, AdminJson.Default.UserRepresentation);
        return AdminAnswer.NoContent;
    }

    /// <summary>A user with their sessions and failed logins.</summary>
    internal static async ValueTask RemoveAsync(AdminContext context, User user)
    {
        var sessions = context.Service<ISessions>();
        await context.ApplyAsync(new DeleteUser(user.Id));
        await sessions.DeleteByUserAsync(context.Realm.Id, user.Id, offline: false, context.Aborted);
        await sessions.DeleteByUserAsync(context.Realm.Id, user.Id, offline: true, context.Aborted);
        await context.Service<BruteForceGuard>().ClearAsync(context.Realm, user.Id, context.Aborted);
    }
}
