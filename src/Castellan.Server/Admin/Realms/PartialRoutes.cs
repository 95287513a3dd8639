using Castellan.Core.Authorization.Administration;
using Castellan.Core.Realms.Export;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Authentication;
using Castellan.Server.Admin.Components;

namespace Castellan.Server.Admin.Realms;

/// <summary>Parts of a realm as a file, and back.</summary>
internal static class PartialRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } = [AdminRoute.Post("partial-export", Permission.ManageRealm, ExportAsync), PartialImportRoute.Route];

    private static async ValueTask<AdminAnswer> ExportAsync(AdminContext context)
    {
        var (clients, groupsAndRoles) = (context.Flag("exportClients"), context.Flag("exportGroupsAndRoles"));
        if ((clients && !Permission.ViewClients.Allows(context.Roles)) || (groupsAndRoles && !MayExportGroups(context)))
        {
            return AdminAnswer.Forbidden;
        }

        var realm = await context.Service<RealmExport>().ConfigurationAsync(context.Realm, new(clients, groupsAndRoles, Masked: ComponentViews.Show, MaskedStep: StepSecrets.Masked), context.Aborted);
        realm.DefaultGroups = RealmViews.DefaultGroups(context);
        return AdminAnswer.Json(realm, AdminJson.Default.RealmRepresentation, contentType: "application/json");
    }

    /// <summary>A file has all groups: with fine-grained permissions it is for who may see all of them.</summary>
    private static bool MayExportGroups(AdminContext context) =>
        Permission.QueryGroups.Allows(context.Roles) && (context.Rights.Delegated is null || context.Rights.All(AdminObjects.Groups, "view"));
}
