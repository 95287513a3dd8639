using Castellan.Core.Realms.Export;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Components;

namespace Castellan.Server.Admin.Realms;

/// <summary>Parts of a realm as a file, and back.</summary>
internal static class PartialRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } = [AdminRoute.Post("partial-export", Permission.ManageRealm, ExportAsync), PartialImportRoute.Route];

    private static async ValueTask<AdminAnswer> ExportAsync(AdminContext context)
    {
        var (clients, groupsAndRoles) = (context.Flag("exportClients"), context.Flag("exportGroupsAndRoles"));
        if ((clients && !Permission.ViewClients.Allows(context.Roles)) || (groupsAndRoles && !Permission.QueryGroups.Allows(context.Roles)))
        {
            return AdminAnswer.Forbidden;
        }

        var realm = await context.Service<RealmExport>().ConfigurationAsync(context.Realm, new(clients, groupsAndRoles, Masked: ComponentViews.Show), context.Aborted);
        return AdminAnswer.Json(realm, AdminJson.Default.RealmRepresentation, contentType: "application/json");
    }
}
