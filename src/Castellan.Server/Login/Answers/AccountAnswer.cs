using Castellan.Core.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Login.Answers;

/// <summary>A link from a mail began it, and the person signed in instead of following the link: no application waits for them.</summary>
public sealed class AccountAnswer : ISignInAnswer
{
    public bool IsFor(AuthenticationTab tab) => tab.RedirectUri is null;

    public Task AcceptAsync(LoginHttp login, HttpContext http, LoginContext context, SignedIn done, string? cache)
    {
        LoginHttp.Redirect(http, context.Realm, login.AccountUrl(http, context.Realm), cache);
        return Task.CompletedTask;
    }

    public Task RefuseAsync(LoginHttp login, HttpContext http, RefusedSignIn refused, string? cache)
    {
        LoginHttp.Redirect(http, refused.Realm, login.AccountUrl(http, refused.Realm), cache);
        return Task.CompletedTask;
    }
}
