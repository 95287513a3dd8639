using Castellan.Core.Codes;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Login.Answers;

/// <summary>A device waits for the sign-in (RFC 8628 §3.3). It has no address of its own to be told at: the person sees how it went.</summary>
public sealed class DeviceAnswer(DeviceAuthorizations devices) : ISignInAnswer
{
    public bool IsFor(AuthenticationTab tab) => tab.ClientNote(LoginNotes.Device) is not null;

    public async Task AcceptAsync(LoginHttp login, HttpContext http, LoginContext context, SignedIn done, string? cache)
    {
        var approved = await devices.ApproveAsync(context.Realm.Id, Device(context.Tab), done.Session.Id, done.Session.UserId, done.ClientSession.Notes, http.RequestAborted);
        Tell(login, http, context.Realm, approved ? null : "server_error");
    }

    public async Task RefuseAsync(LoginHttp login, HttpContext http, RefusedSignIn refused, string? cache)
    {
        await devices.DenyAsync(refused.Realm.Id, Device(refused.Tab), http.RequestAborted);
        Tell(login, http, refused.Realm, refused.Error == "access_denied" ? refused.Error : "server_error");
    }

    private static string Device(AuthenticationTab tab) => tab.ClientNote(LoginNotes.Device)!;

    private static void Tell(LoginHttp login, HttpContext http, Realm realm, string? error) =>
        LoginHttp.Redirect(http, realm, login.Urls.Issuer(http, realm) + DevicePages.Status + (error is null ? "" : $"?error={error}"));
}
