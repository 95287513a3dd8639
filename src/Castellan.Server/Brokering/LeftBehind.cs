using Castellan.Core.Brokering;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Brokering;

/// <summary>Where a browser goes on that comes back from the logout of a provider.</summary>
internal static class LeftBehind
{
    public static async Task GoOnAsync(HttpContext http, LoginHttp login, Realm realm, LeftFor left)
    {
        // The state is nobody's secret once it was sent: a browser that stands in another session keeps it.
        if (await login.BrowserSessionAsync(http, realm, takeBack: false) is null)
        {
            login.Cookies.ExpireIdentity(http, realm);
        }

        if (left.RedirectUri is { } address)
        {
            LoginHttp.Redirect(http, realm, address, null);
            return;
        }

        var client = left.ClientId is { } id ? await login.Services.Clients.FindByIdAsync(realm, id, http.RequestAborted) : null;
        await login.PageAsync(http, realm, new InfoPage("successLogout"), client);
    }
}
