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
        return Permission.ViewRealm.Allows(context.Roles) ? Whole(realm) : new()
        {
            Realm = realm.Name,
            BruteForceProtected = realm.Settings.BruteForceProtected ?? false,
            OrganizationsEnabled = realm.Settings.OrganizationsEnabled ?? false,
            SupportedLocales = realm.Settings.SupportedLocales ?? [],
            RegistrationEmailAsUsername = context.Rights.All(AdminObjects.Users, "view") ? realm.Settings.RegistrationEmailAsUsername ?? false : null,
        };
    }

    /// <summary>A realm in a list.</summary>
    public static RealmRepresentation ShowInList(Realm realm, AdminRoles roles, bool brief) =>
        !Permission.ViewRealm.Allows(roles) ? new() { Realm = realm.Name }
        : brief ? new() { Id = realm.Id, Realm = realm.Name, DisplayName = realm.Settings.DisplayName, DisplayNameHtml = realm.Settings.DisplayNameHtml, Enabled = realm.Enabled }
        : Whole(realm);

    private static RealmRepresentation Whole(Realm realm)
    {
        var shown = realm.Settings.ShallowCopy();
        shown.ClearLists();
        (shown.DefaultDefaultClientScopes, shown.DefaultOptionalClientScopes, shown.LocalizationTexts, shown.DefaultGroups) = (null, null, null, realm.DefaultGroupPaths);
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
