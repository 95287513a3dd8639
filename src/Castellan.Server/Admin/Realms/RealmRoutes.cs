using System.Text.Json;
using Castellan.Core.Authorization;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Import;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Server.Admin.Realms;

/// <summary>Realms themselves: list, make, show, change, remove.</summary>
internal static class RealmRoutes
{
    // A realm may come with all its people.
    private const long MaxRealm = 512L * 1024 * 1024;
    private static readonly AdminAnswer s_unreadable = AdminAnswer.Message(400, Refusals.Unreadable);

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("/admin/realms", Permission.SignedIn, ListAsync),
        AdminRoute.Post("/admin/realms", Permission.CreateRealm, CreateAsync) with { MaxBody = MaxRealm },
        AdminRoute.Get("", Permission.AnyAdmin, c => new(AdminAnswer.Json(RealmViews.Show(c), AdminJson.Default.RealmRepresentation))),
        AdminRoute.Put("", Permission.ManageRealm, UpdateAsync),
        AdminRoute.Delete("", Permission.ManageRealm, DeleteAsync),
    ];

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context)
    {
        var brief = context.Brief(otherwise: false);
        var shown = new List<RealmRepresentation>();
        foreach (var version in await context.Realms.ListAsync(context.Aborted))
        {
            var roles = context.Caller.RolesIn(version);
            if (roles.IsAdmin && await context.Realms.FindByIdAsync(version.Id, context.Aborted) is { } realm)
            {
                shown.Add(RealmViews.ShowInList(await context.InAsync(realm), brief));
            }
        }

        return shown.Count == 0 ? AdminAnswer.Forbidden : AdminAnswer.Json(shown, AdminJson.Default.ListRealmRepresentation);
    }

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await context.ReadBytesAsync()).Ok(out var bytes, out var refusal))
        {
            return refusal;
        }

        if (!RealmFile.ReadOne(RealmFile.Decode(bytes)).Ok(out var given, out _))
        {
            return s_unreadable;
        }

        if (!(await context.Service<RealmImport>().ImportAsync(given, context.Aborted)).Ok(out var id, out var error))
        {
            return Refuse(error);
        }

        if (await context.Realms.FindByIdAsync(id, context.Aborted) is { } realm)
        {
            // An event of the realm from which it was made: there are those who watch over realms.
            var shown = AdminEvents.Text(RealmViews.Show(await context.InAsync(realm)), AdminJson.Default.RealmRepresentation);
            await (await context.InAsync(context.Caller.Realm)).RecordAsync("CREATE", "REALM", realm.Name, shown);
        }

        return AdminAnswer.Created($"{context.BaseUrl}/admin/realms/{AdminContext.Escape(given.Realm!)}");
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context) =>
        (await context.ReadAsync(AdminJson.Default.RealmRepresentation)).Ok(out var given, out var refusal) ? await UpdateAsync(context, given) : refusal;

    /// <summary>Updates the realm with what is given; the rest stays.</summary>
    internal static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, RealmRepresentation given)
    {
        if (ClientPolicyRoutes.Refuse(context.Realm, given) is { } badPolicy)
        {
            return badPolicy;
        }

        if (!RealmUpdate.Apply(context.Realm, given, context.Service<Core.Credentials.PasswordBlacklists>(), context.Rights.Shows).Ok(out var settings, out var refusal))
        {
            return refusal;
        }

        List<Change> permissions = settings.AdminPermissionsEnabled is true && settings.AdminPermissionsClient is null
            ? await AdminPermissions.MakeAsync(context.Realm, settings, new RealmPrincipals(context.Realm, context.Users, context.Clients), context.Aborted)
            : [];
        if (given.Realm is { } name && name != context.Realm.Name)
        {
            if (!(await context.Service<RealmImport>().RenameAsync(context.Realm, settings, name, context.Aborted)).Ok(out _, out var error))
            {
                return AdminAnswer.Message(error.Status, error.Description ?? error.Code);
            }
        }
        else
        {
            await context.ApplyAsync([new PutRealm(settings), .. permissions]);
            permissions = [];
        }

        await context.ApplyAsync(permissions);
        await context.RecordAsync("UPDATE", "REALM", null, given, AdminJson.Default.RealmRepresentation);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context)
    {
        if (context.Realm.Name == RealmImport.Master)
        {
            return AdminAnswer.Message(400, "Can't remove master realm");
        }

        await context.Service<RealmImport>().DeleteAsync(context.Realm, context.Aborted);
        if (context.Caller.Realm.Id != context.Realm.Id)
        {
            // The realm's own events went with it.
            await (await context.InAsync(context.Caller.Realm)).RecordAsync("DELETE", "REALM", context.Realm.Name);
        }

        return AdminAnswer.NoContent;
    }

    /// <summary>A refusal of an import: a sentence is an <c>errorMessage</c>, a code without one an <c>error</c>. Where Keycloak fails, we say the place.</summary>
    internal static AdminAnswer Refuse(ProtocolError error) =>
        error is { Code: Refusals.Fault, Detail: { } place } ? AdminAnswer.Message(error.Status, $"{place}: {error.Description}")
        : error.Description is { } sentence ? AdminAnswer.Message(error.Status, sentence)
        : AdminAnswer.Error(error.Status, error.Code);
}
