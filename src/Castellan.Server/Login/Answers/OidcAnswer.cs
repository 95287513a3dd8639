using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Login;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Realms;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Login.Answers;

/// <summary>The client hears at its redirect URI, as RFC 6749 §4.1.2 has it and in the response mode that it asked for.</summary>
public sealed class OidcAnswer(AuthorizeAnswers answers) : ISignInAnswer
{
    public bool IsFor(AuthenticationTab tab) => tab.Protocol == SignInProtocols.OpenIdConnect;

    public Task AcceptAsync(LoginHttp login, HttpContext http, LoginContext context, SignedIn done, string? cache) =>
        SendAsync(login, http, context.Realm, context.Client, context.Tab.RedirectUri!, SignInWords.Mode(context.Tab), done.Parameters, cache);

    public Task RefuseAsync(LoginHttp login, HttpContext http, RefusedSignIn refused, string? cache)
    {
        var (realm, client, tab) = (refused.Realm, refused.Client, refused.Tab);
        return RefuseAsync(login, http, realm, client, tab.RedirectUri!, SignInWords.Mode(tab), tab.ClientNote("state"), refused.Error, refused.Description, cache);
    }

    /// <summary>Sends the client an error.</summary>
    public Task RefuseAsync(
        LoginHttp login, HttpContext http, Realm realm, Client client, string redirectUri, ResponseMode mode, string? state, string error, string? description,
        string? cache = LoginHttp.NoStore) =>
        SendAsync(login, http, realm, client, redirectUri, mode, AuthorizeAnswers.Error(client, login.Urls.Issuer(http, realm), state, error, description), cache);

    /// <summary>Sends parameters to the client in the way that the response mode says.</summary>
    private async Task SendAsync(
        LoginHttp login, HttpContext http, Realm realm, Client client, string redirectUri, ResponseMode mode, IReadOnlyList<KeyValuePair<string, string>> parameters, string? cache)
    {
        if (ResponseTypes.IsJwt(mode))
        {
            if (!(await answers.JwtAsync(realm, client, login.Urls.Issuer(http, realm), parameters, http.RequestAborted)).Ok(out var token, out _))
            {
                // What was to be encrypted never goes out in the clear.
                await login.PageAsync(http, realm, new ErrorPage(400, AuthorizeRefusal.InvalidRequest), client);
                return;
            }

            parameters = [new("response", token)];
        }

        if (mode is ResponseMode.FormPost or ResponseMode.FormPostJwt)
        {
            await login.PageAsync(http, realm, new FormPostPage(redirectUri, parameters), client);
            return;
        }

        if (redirectUri == InstalledApp.Urn)
        {
            redirectUri = login.Urls.Issuer(http, realm) + InstalledApp.Path;
        }

        LoginHttp.Redirect(http, realm, AuthorizeAnswers.Url(redirectUri, mode is ResponseMode.Fragment or ResponseMode.FragmentJwt, parameters), cache);
    }
}
