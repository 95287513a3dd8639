using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Server.Http;
using Castellan.Server.Oidc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Login;

/// <summary>Where a person types the code that their device shows (RFC 8628 §3.3), and where they learn how it went.</summary>
public static class DevicePages
{
    private const string Invalid = "oauth2DeviceInvalidUserCodeMessage";

    /// <summary>The address of the last page, below the realm.</summary>
    public const string Status = "/device/status";

    public static void MapDevicePages(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        endpoints.MapRealm("/device", [HttpMethods.Get, HttpMethods.Post], (http, realm) => VerifyAsync(
            http, realm, services.GetRequiredService<LoginHttp>(), services.GetRequiredService<DeviceAuthorizations>()));
        endpoints.MapRealmGet(Status, (http, realm) => StatusAsync(http, realm, services.GetRequiredService<LoginHttp>()));
    }

    private static async Task VerifyAsync(HttpContext http, Realm realm, LoginHttp login, DeviceAuthorizations devices)
    {
        if (await RefuseAsync(http, realm, login))
        {
            return;
        }

        var typed = HttpMethods.IsPost(http.Request.Method)
            ? (await LoginForms.ReadAsync(http))?["device_user_code"].ToString()
            : http.Request.Query["user_code"].ToString();
        if (string.IsNullOrEmpty(typed))
        {
            await AskAsync(http, realm, login, null);
            return;
        }

        var happened = OidcRoutes.Event(http, EventTypes.OAuth2DeviceVerifyUserCode);
        try
        {
            var (client, key, wrong) = await FindAsync(realm, login, devices, happened, typed, http.RequestAborted);
            if (client is null || wrong is not null)
            {
                await login.Services.Events.RecordAsync(realm, happened, http.RequestAborted);
                await AskAsync(http, realm, login, wrong);
                return;
            }

            await BeginAsync(http, realm, login, client, key, (await devices.FindAsync(realm.Id, key, http.RequestAborted))?.Scope, happened);
        }
        catch (BusyException)
        {
            await LoginActionsEndpoint.BusyAsync(http, login, realm);
        }
    }

    /// <summary>The client whose device shows the code, and the key of its request; or the message for a code that does not do.</summary>
    private static async ValueTask<(Client? Client, string Key, string? Wrong)> FindAsync(
        Realm realm, LoginHttp login, DeviceAuthorizations devices, LoginEvent happened, string typed, CancellationToken ct)
    {
        (Client?, string, string?) Refuse(string reason, string message, string error = "invalid_oauth2_user_code")
        {
            happened.With("reason", reason).Failed(error);
            return (null, "", message);
        }

        if (await devices.FindKeyAsync(realm.Id, typed, ct) is not { } key || await devices.FindAsync(realm.Id, key, ct) is not { } asked)
        {
            return Refuse("device code not found (it may already have been used)", Invalid);
        }

        if (asked.Decision != DeviceDecision.Pending)
        {
            return Refuse("device code already used and not yet removed", Invalid);
        }

        if (!await devices.IsOpenAsync(realm.Id, key, ct))
        {
            return Refuse("device code expired", "oauth2DeviceExpiredUserCodeMessage", "expired_oauth2_user_code");
        }

        if (await login.Services.Clients.FindByIdAsync(realm, asked.ClientId, ct) is not { Enabled: true } client)
        {
            return Refuse("client not found", Invalid, "client_not_found");
        }

        happened.ClientId = client.ClientId;
        return client.MayUseDevices() ? (client, key, null) : Refuse(DeviceSettings.Disabled, "oauth2DeviceAuthorizationGrantDisabledMessage", "not_allowed");
    }

    private static async Task BeginAsync(HttpContext http, Realm realm, LoginHttp login, Client client, string key, string? scope, LoginEvent happened)
    {
        var root = await login.RootAsync(http, realm, RootHash.TakenBack);
        var notes = new Dictionary<string, string> { [LoginNotes.Device] = key };
        if (scope is not null)
        {
            notes["scope"] = scope;
        }

        var tab = login.Cookies.NewTab(realm, root, client.Id, null, notes);
        await login.Cookies.WriteRestartAsync(http, realm, tab);
        await login.Services.Tabs.AddAsync(tab, http.RequestAborted);
        await login.Services.Events.RecordAsync(realm, happened.With("code_id", root), http.RequestAborted);
        LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, null));
    }

    private static async Task StatusAsync(HttpContext http, Realm realm, LoginHttp login)
    {
        if (await RefuseAsync(http, realm, login))
        {
            return;
        }

        var error = http.Request.Query["error"].ToString();
        var page = error.Length == 0
            ? new InfoPage("oauth2DeviceVerificationCompleteMessage") { HeaderKey = "oauth2DeviceVerificationCompleteHeader" }
            : new InfoPage(error == "access_denied" ? "oauth2DeviceConsentDeniedMessage" : "oauth2DeviceVerificationFailedMessage") { HeaderKey = "oauth2DeviceVerificationFailedHeader", Failed = true };
        await login.PageAsync(http, realm, page with { BackUrl = "" }, noStore: false);
    }

    private static Task AskAsync(HttpContext http, Realm realm, LoginHttp login, string? wrong) => login.PageAsync(
        http, realm, new DeviceCodePage(LoginHttp.PathOf(login.Urls.Issuer(http, realm) + "/device")) { Messages = wrong is null ? [] : [LoginMessage.Error(wrong)] });

    /// <summary>Answers where the realm or the connection does not let anybody sign in; whether it did.</summary>
    private static async ValueTask<bool> RefuseAsync(HttpContext http, Realm realm, LoginHttp login)
    {
        var page = Callers.CheckTls(http, realm, login.Urls.Issuer(http, realm)) is not null ? new ErrorPage(400, "httpsRequiredMessage")
            : realm.Enabled ? null : new ErrorPage(400, "realmNotEnabledMessage");
        if (page is not null)
        {
            await login.PageAsync(http, realm, page, noStore: false);
        }

        return page is not null;
    }
}
