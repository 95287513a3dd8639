using Castellan.Core.Authorization.Administration;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Roles;

namespace Castellan.Server.Admin.Realms;

/// <summary>How realms are shown: as much as the caller may see.</summary>
internal static class RealmViews
{
    private static readonly string[] s_otpApplications = ["totpAppFreeOTPName", "totpAppMicrosoftAuthenticatorName", "totpAppGoogleName"];

    public static RealmRepresentation Show(AdminContext context)
    {
        var realm = context.Realm;
        return Permission.ViewRealm.Allows(context.Roles) ? Whole(context) : new()
        {
            Realm = realm.Name,
            BruteForceProtected = realm.Settings.BruteForceProtected ?? false,
            OrganizationsEnabled = realm.Settings.OrganizationsEnabled ?? false,
            SupportedLocales = realm.Settings.SupportedLocales ?? [],
            RegistrationEmailAsUsername = context.Rights.All(AdminObjects.Users, "view") ? realm.Settings.RegistrationEmailAsUsername ?? false : null,
        };
    }

    /// <summary>A realm in a list.</summary>
    public static RealmRepresentation ShowInList(AdminContext context, bool brief)
    {
        var realm = context.Realm;
        return !Permission.ViewRealm.Allows(context.Roles) ? new() { Realm = realm.Name }
            : brief ? new() { Id = realm.Id, Realm = realm.Name, DisplayName = realm.Settings.DisplayName, DisplayNameHtml = realm.Settings.DisplayNameHtml, Enabled = realm.Enabled }
            : Whole(context);
    }

    /// <summary>The paths of those groups of newcomers that the caller may see; null where there are none.</summary>
    public static List<string>? DefaultGroups(AdminContext context) =>
        context.Realm.DefaultGroups.Where(context.Rights.Shows).Select(context.Realm.Groups.Path).ToList() is { Count: > 0 } paths ? paths : null;

    private static RealmRepresentation Whole(AdminContext context)
    {
        var realm = context.Realm;
        var shown = realm.Settings.ShallowCopy();
        shown.ClearLists();
        (shown.DefaultDefaultClientScopes, shown.DefaultOptionalClientScopes, shown.LocalizationTexts, shown.DefaultGroups) = (null, null, null, DefaultGroups(context));
        shown.DefaultRole = shown.DefaultRole?.Id is { } id && realm.Roles.Find(id) is { } role ? realm.Show(role, brief: true) : null;
        shown.OtpSupportedApplications ??= [.. s_otpApplications];
        shown.EnabledEventTypes ??= [];
        shown.EventsListeners ??= [];
        shown.SmtpServer = Mask(shown.SmtpServer) ?? [];
        shown.HideUnset();
        return shown;
    }

    private static Dictionary<string, string?>? Mask(Dictionary<string, string?>? smtp)
    {
        if (smtp is null || !(smtp.ContainsKey("password") || smtp.ContainsKey("authTokenClientSecret")))
        {
            return smtp;
        }

        return smtp.ToDictionary(s => s.Key, s => s.Key is "password" or "authTokenClientSecret" ? Masks.Of(s.Value) : s.Value, StringComparer.Ordinal);
    }
}
