using Castellan.Core.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Login;

/// <summary>Sign-ins that were left open while what they go by came to an end, in another tab perhaps.</summary>
internal static class LeftOpen
{
    /// <summary>
    /// Begins such a sign-in anew and answers the request; false when the sign-in is as it was. Whoever sits there now proves who they are: a page, or a
    /// way back from a provider, that was left open gives nobody back what was signed out of.
    /// </summary>
    public static async ValueTask<bool> BegunAnewAsync(LoginHttp login, HttpContext http, LoginContext context)
    {
        if (!context.IsLeftOpen)
        {
            return false;
        }

        var tab = context.Tab;
        tab.Reset(LoginPaths.Authenticate);
        tab.Code = null;
        tab.SetNote(LoginNotes.ForwardedError, "loginTimeout");
        await login.Services.Tabs.SaveAsync(tab, http.RequestAborted);
        LoginHttp.Redirect(http, context.Realm, login.Url(http, context.Realm, context.Client, tab, tab.Path, null));
        return true;
    }
}
