using Castellan.Core.Authorization.Administration;
using Castellan.Core.Realms;
using Castellan.Core.Users.LoginFailures;

namespace Castellan.Server.Admin.Users;

/// <summary>What guessing did, and how an administrator forgives it.</summary>
internal static class AttackDetectionRoutes
{
    private const string Unknown = "n/a";

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("attack-detection/brute-force/users/{user}", Permission.ViewUsers, StatusAsync),
        AdminRoute.Delete("attack-detection/brute-force/users/{user}", Permission.ManageUsers, context => ClearAsync(context, context.Route("user"))),
        AdminRoute.Delete("attack-detection/brute-force/users", Permission.ManageUsers, context => ClearAsync(context, null)),
        AdminRoute.Get("ui-ext/brute-force-user", Permission.QueryUsers, ListAsync, noCache: false),
    ];

    private static async ValueTask<AdminAnswer> StatusAsync(AdminContext context)
    {
        var guarded = context.Realm.Settings.BruteForceProtected == true;
        var record = guarded ? await context.Service<BruteForceGuard>().FindAsync(context.Realm, context.Route("user"), context.Aborted) : null;
        return AdminAnswer.Json(Show(context, record, full: true), UsersJson.Default.BruteForceStatus);
    }

    private static async ValueTask<AdminAnswer> ClearAsync(AdminContext context, string? userId)
    {
        var guard = context.Service<BruteForceGuard>();
        var any = userId is null || await guard.FindAsync(context.Realm, userId, context.Aborted) is not null;
        await guard.ClearAsync(context.Realm, userId, context.Aborted);
        if (any)
        {
            await context.RecordAsync("DELETE", "USER_LOGIN_FAILURE", "attack-detection/brute-force/users" + (userId is null ? "" : "/" + userId));
        }

        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context)
    {
        if (!context.Rights.ListsAny(AdminObjects.Users))
        {
            return AdminAnswer.Json([], UsersJson.Default.ListBruteUserRepresentation);
        }

        var users = await UserSearch.FindAsync(context);
        var records = await context.Service<BruteForceGuard>().FindAsync(context.Realm, [.. users.Select(u => u.Id)], context.Aborted);
        var shown = await context.ShowMembersAsync(users);
        return AdminAnswer.Json([.. shown.Select(u => new BruteUserRepresentation
        {
            Id = u.Id, CreatedTimestamp = u.CreatedTimestamp, Username = u.Username, Enabled = u.Enabled, Totp = u.Totp, EmailVerified = u.EmailVerified,
            FirstName = u.FirstName, LastName = u.LastName, Email = u.Email, Attributes = u.Attributes, FederationLink = u.FederationLink,
            DisableableCredentialTypes = u.DisableableCredentialTypes, RequiredActions = u.RequiredActions, NotBefore = u.NotBefore, Access = u.Access,
            BruteForceStatus = Show(context, records.GetValueOrDefault(u.Id!), full: false),
        })], UsersJson.Default.ListBruteUserRepresentation);
    }

    private static BruteForceStatus Show(AdminContext context, LoginFailureRecord? record, bool full)
    {
        var locked = record?.IsLocked(context.Now) ?? false;
        var notBefore = !locked ? 0 : record!.NotBefore == long.MaxValue ? long.MaxValue : record.NotBefore / 1000;
        return new(
            record?.Failures ?? 0, locked, record?.LastIpAddress ?? Unknown, record?.LastFailure ?? 0,
            full ? notBefore : null, full ? record?.TemporaryLockouts ?? 0 : null, full ? record?.SecondaryFailures ?? 0 : null);
    }
}
