using Castellan.Core.Login;
using Castellan.Core.Login.Actions;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Users;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Consoles;

/// <summary>The account console's page.</summary>
internal static class AccountConsole
{
    private const string Theme = "keycloak.v3";

    public static async Task SendAsync(HttpContext http, Realm realm)
    {
        var urls = http.RequestServices.GetRequiredService<ServerUrls>();
        var server = urls.Frontend(http, realm);
        var resources = ServerUrls.PathOf(server) + ThemeResources.Folder("account", Theme);
        var user = http.RequestServices.GetService<ISignedIn>() is { } signedIn ? await signedIn.RenewAsync(http, realm) : null;
        var roles = user is null ? [] : Core.Tokens.GrantedRoles.Of(realm, user).Where(r => r.ClientName == "account").Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        var (referrerName, referrerUrl) = await Referrer.FindAsync(http, realm);
        await ConsolePage.SendAsync(http, realm, "account", "Castellan Account Console", resources, [server], json =>
        {
            json.WriteString("serverBaseUrl", server);
            json.WriteString("authUrl", server + "/");
            json.WriteString("authServerUrl", server + "/");
            json.WriteString("realm", realm.Name);
            json.WriteString("clientId", "account-console");
            json.WriteString("resourceUrl", resources);
            json.WriteString("logo", "");
            json.WriteString("logoUrl", "");
            json.WriteString("baseUrl", urls.Issuer(http, realm) + "/account/");
            json.WriteString("locale", Pages.Locales.Choose(http, realm, null, null, user));
            json.WriteString("referrerName", referrerName);
            json.WriteString("referrerUrl", referrerUrl);
            json.WriteString("scope", "");
            json.WriteBoolean("darkMode", realm.Attribute("darkMode") != "false");
            json.WriteStartObject("features");
            var settings = realm.Settings;
            json.WriteBoolean("isRegistrationEmailAsUsername", settings.RegistrationEmailAsUsername == true);
            json.WriteBoolean("isEditUserNameAllowed", settings.EditUsernameAllowed == true);
            json.WriteBoolean("isInternationalizationEnabled", settings.InternationalizationEnabled == true);
            json.WriteBoolean("isLinkedAccountsEnabled", user is not null && realm.Data.IdentityProviders.Any(p => p.Enabled != false));
            json.WriteBoolean("isMyResourcesEnabled", settings.UserManagedAccessAllowed == true);
            json.WriteBoolean("isViewOrganizationsEnabled", settings.OrganizationsEnabled == true);
            json.WriteBoolean("deleteAccountAllowed", roles.Contains("delete-account") && RequiredActions.IsEnabled(realm, DefaultRequiredActions.DeleteAccount));
            json.WriteBoolean("updateEmailFeatureEnabled", http.RequestServices.GetRequiredService<Features>().Has("update-email"));
            json.WriteBoolean("updateEmailActionEnabled", RequiredActions.IsEnabled(realm, UpdateEmail.Id));
            json.WriteBoolean("isViewApplicationsEnabled", roles.Contains("view-applications") || roles.Contains("manage-account"));
            json.WriteBoolean("isViewGroupsEnabled", roles.Contains("view-groups") || roles.Contains("manage-account"));
            json.WriteBoolean("isOid4VciEnabled", false);
            json.WriteEndObject();
        });
    }
}

/// <summary>Who is signed in at this browser, as the realm's single sign-on cookie says.</summary>
public interface ISignedIn
{
    /// <summary>The person; the session counts as used, and the browser gets its cookies anew.</summary>
    ValueTask<User?> RenewAsync(HttpContext http, Realm realm);
}
