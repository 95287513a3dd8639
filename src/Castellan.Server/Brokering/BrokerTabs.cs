using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Server.Http;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Brokering;

/// <summary>The sign-in that a request to the broker belongs to. Only the browser that began it has the cookie that finds it.</summary>
public sealed class BrokerTabs(LoginHttp login)
{
    /// <summary>The sign-in; when there is none the request is answered with what helps, and this is null.</summary>
    /// <param name="client">The client that the address names.</param>
    /// <param name="address">What the address says of the client's request, to send the person home when their sign-in is done.</param>
    /// <param name="alias">The provider that the address names, for the event of a refusal.</param>
    public async ValueTask<(Client Client, AuthenticationTab Tab)?> FindAsync(HttpContext http, Realm realm, Client? client, string tabId, string address, string? cache, string? alias = null)
    {
        if (!await IsOpenAsync(http, realm, cache))
        {
            return null;
        }

        var ct = http.RequestAborted;
        var root = await login.Cookies.ReadAuthSessionAsync(http, realm);
        var tab = root is null || tabId.Length is 0 or > 64 ? null : await login.Services.Tabs.FindAsync(realm.Id, root, tabId, ct);
        if (tab is not null && client is not null && tab.ClientId == client.Id)
        {
            if (client.Enabled)
            {
                return (client, tab);
            }

            await TellAsync(http, realm, client, tab, "client_disabled", alias);
            await RefuseAsync(http, realm, new ErrorPage(400, "loginRequesterNotEnabledMessage"), client, cache);
            return null;
        }

        if (root is not null && await login.BrowserSessionAsync(http, realm, takeBack: false) is not null)
        {
            await SignInsUnderWay.DoneElsewhereAsync(http, realm, login, client, address);
            return null;
        }

        await TellAsync(http, realm, client, null, "cookie_not_found", alias);
        await RefuseAsync(http, realm, new ErrorPage(400, "cookieNotFoundMessage"), client, cache);
        return null;
    }

    /// <summary>Records that somebody did not get on with a provider, or, without an error, that they were sent there once more.</summary>
    public ValueTask TellAsync(HttpContext http, Realm realm, Client? client, AuthenticationTab? tab, string? error, string? alias = null)
    {
        var told = new LoginEvent { Type = EventTypes.IdentityProviderLogin, ClientId = client?.ClientId, IpAddress = LoginHttp.Ip(http) };
        told.With("code_id", tab?.RootId).With("identity_provider", alias);
        return login.Services.Events.RecordAsync(realm, error is null ? told.With("login_retry", "true") : told.Failed(error), http.RequestAborted);
    }

    /// <summary>Whether the realm signs anybody in over this connection; if not, the request is answered.</summary>
    public async ValueTask<bool> IsOpenAsync(HttpContext http, Realm realm, string? cache)
    {
        if (Callers.CheckTls(http, realm, login.Urls.Issuer(http, realm)) is not null)
        {
            await RefuseAsync(http, realm, new ErrorPage(400, "httpsRequiredMessage"), null, cache);
            return false;
        }

        if (!realm.Enabled)
        {
            await RefuseAsync(http, realm, new ErrorPage(400, "realmNotEnabledMessage"), null, cache);
            return false;
        }

        return true;
    }

    /// <summary>A page that ends what the browser was about.</summary>
    public Task RefuseAsync(HttpContext http, Realm realm, LoginPage page, Client? client, string? cache)
    {
        login.Cookies.ExpireDetached(http, realm);
        return login.PageAsync(http, realm, page, client, noStore: false, cacheControl: cache);
    }
}
