using System.Buffers.Text;
using System.Text.Json;
using Castellan.Core;
using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Saml.Requests.Checks;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Login;

/// <summary>Which sign-in a request of <c>login-actions/…</c> belongs to, and what becomes of a request that belongs to none.</summary>
internal static class SignInsUnderWay
{
    /// <summary>The address that begins a sign-in anew.</summary>
    public const string Restart = "restart";

    /// <summary>The sign-in that the request belongs to. When there is none, the request is answered with what helps, and this is null.</summary>
    public static async ValueTask<(Client Client, AuthenticationTab Tab)?> FindAsync(HttpContext http, Realm realm, LoginHttp login, string path)
    {
        var ct = http.RequestAborted;
        if (Callers.CheckTls(http, realm, login.Urls.Issuer(http, realm)) is not null)
        {
            await TellAsync(http, realm, login, path, null, "ssl_required");
            await login.PageAsync(http, realm, new ErrorPage(400, "httpsRequiredMessage"));
            return null;
        }

        if (!realm.Enabled)
        {
            await TellAsync(http, realm, login, path, null, "realm_disabled");
            await login.PageAsync(http, realm, new ErrorPage(400, "realmNotEnabledMessage"));
            return null;
        }

        var query = http.Request.Query;
        var data = query["client_data"].ToString();
        var client = query["client_id"].ToString() is { Length: > 0 and <= 255 } id ? await login.Services.Clients.FindAsync(realm, id, ct) : null;
        var root = await login.Cookies.ReadAuthSessionAsync(http, realm);
        var tabId = query["tab_id"].ToString();
        var tab = root is null || tabId.Length is 0 or > 64 ? null : await login.Services.Tabs.FindAsync(realm.Id, root, tabId, ct);
        tab = client is not null && client.Id == tab?.ClientId ? tab : null;
        if (tab is null && path == LoginPaths.ResetCredentials && HttpMethods.IsGet(http.Request.Method) && data.Length == 0 && !query.ContainsKey("session_code"))
        {
            return await BeginResetAsync(http, realm, login, client);
        }

        if (data.Length > 0 && ReadAddress(data) is null)
        {
            await TellAsync(http, realm, login, path, client, "invalid_request", ("reason", "Invalid client data"));
            await login.PageAsync(http, realm, new ErrorPage(400, "invalidRequestMessage"), client);
            return null;
        }

        if (tab is not null && client is not null)
        {
            if (!client.Enabled)
            {
                await TellAsync(http, realm, login, path, client, "client_disabled", ("code_id", tab.RootId));
                await login.Services.Tabs.TakeAsync(tab, ct);
                await login.PageAsync(http, realm, new ErrorPage(400, "loginRequesterNotEnabledMessage"), client);
                return null;
            }

            return (client, tab);
        }

        var renew = root is null || !await login.Services.Tabs.AnyAsync(realm.Id, root, ct);
        if (client is { Enabled: true } && await login.Cookies.ReadRestartAsync(http, realm, renew ? Secret.Base64Url(18) : root!) is { } again && again.ClientId == client.Id
            && await IsStillAllowedAsync(http, realm, login, ForItsTab(http, realm, login, client, again, data), client))
        {
            await TellAsync(http, realm, login, path, client, "expired_code", ("restart_after_timeout", "true"));
            await RestartTabAsync(http, realm, login, client, again, renew);
            return null;
        }

        if (await login.BrowserSessionAsync(http, realm) is not null)
        {
            await TellAsync(http, realm, login, path, client, "already_logged_in", ("redirected_to_client", client is not null && data.Length > 0 ? "true" : "false"));
            await DoneElsewhereAsync(http, realm, login, client, data);
            return null;
        }

        var stale = http.Request.Cookies.ContainsKey(LoginCookies.Restart);
        await TellAsync(http, realm, login, path, client, stale ? "invalid_code" : "cookie_not_found");
        await login.PageAsync(http, realm, new ErrorPage(400, stale ? "invalidCodeMessage" : "cookieNotFoundMessage"), client);
        return null;
    }

    /// <summary>The cookie knows what the last tab asked; the address says where this one's person is to go on. It is checked like any request of the client.</summary>
    private static AuthenticationTab ForItsTab(HttpContext http, Realm realm, LoginHttp login, Client client, AuthenticationTab tab, string data)
    {
        if (tab.Protocol == SignInProtocols.OpenIdConnect && ReadAddress(data) is { RedirectUri: { } uri } address && RedirectUris.Find(client, login.Urls.Addresses(http, realm), uri, required: true) is { } redirect)
        {
            tab.RedirectUri = redirect;
            foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("redirect_uri", uri), ("response_type", address.ResponseType), ("response_mode", address.ResponseMode), ("state", address.State)])
            {
                if (value is null)
                {
                    tab.ClientNotes.Remove(name);
                }
                else
                {
                    tab.ClientNotes[name] = value;
                }
            }
        }

        return tab;
    }

    /// <summary>What the client asked once is held against what it may ask now: its settings may have changed since.</summary>
    private static async ValueTask<bool> IsStillAllowedAsync(HttpContext http, Realm realm, LoginHttp login, AuthenticationTab again, Client client)
    {
        if (again.Protocol == SignInProtocols.Saml)
        {
            return ProviderCheck.Refuse(client) is null && again.RedirectUri is { } consumer && Consumer.IsStill(client, login.Urls.Addresses(http, realm), consumer);
        }

        if (again.ClientNote(LoginNotes.Device) is { } device)
        {
            return client.MayUseDevices() && await login.Devices.IsOpenAsync(realm.Id, device, http.RequestAborted);
        }

        var request = new AuthorizeRequest(realm, login.Urls.Addresses(http, realm), new(again.ClientNotes) { ["client_id"] = client.ClientId }) { IsResumed = true };
        return await http.RequestServices.GetRequiredService<AuthorizePipeline>().CheckAsync(request, http.RequestAborted) is null && request.RedirectUri == again.RedirectUri;
    }

    /// <summary>
    /// A forgotten password without a sign-in before it: a link in somebody's bookmarks, or one of an application, which may name the address to come back to.
    /// </summary>
    private static async ValueTask<(Client Client, AuthenticationTab Tab)?> BeginResetAsync(HttpContext http, Realm realm, LoginHttp login, Client? client)
    {
        if (!(realm.Settings.ResetPasswordAllowed ?? false))
        {
            await RefuseResetAsync(http, realm, login, client);
            return null;
        }

        var wanted = http.Request.Query["redirect_uri"].ToString() is { Length: > 0 } uri ? uri : null;
        var named = http.Request.Query.ContainsKey("client_id");
        client = named ? client : await login.Services.Clients.FindAsync(realm, "account", http.RequestAborted);
        var refusal = !named && wanted is not null ? new ErrorPage(400, "missingParameterMessage", "client_id")
            : client is null ? new ErrorPage(400, "clientNotFoundMessage")
            : !client.Enabled ? new ErrorPage(400, "clientDisabledMessage") : null;
        if (refusal is not null)
        {
            await login.PageAsync(http, realm, refusal, client);
            return null;
        }

        var parameters = new Dictionary<string, string> { ["response_type"] = wanted is null ? "none" : "code", ["scope"] = "" };
        if (wanted is not null && !await MayAskAsync(http, realm, login, client!, new(parameters) { ["client_id"] = client!.ClientId, ["redirect_uri"] = wanted }))
        {
            return null;
        }

        var back = named ? wanted : login.AccountUrl(http, realm);
        var root = Secret.Base64Url(18);
        await login.Cookies.WriteAuthSessionAsync(http, realm, root);
        var tab = login.Cookies.NewTab(realm, root, client!.Id, back, parameters);
        tab.Path = LoginPaths.ResetCredentials;
        if (back is null)
        {
            tab.SetNote(LoginNotes.EndAfterActions, "true");
        }
        else
        {
            tab.ClientNotes["redirect_uri"] = back;
        }

        return (client, tab);
    }

    /// <summary>Whether the client might begin a sign-in by such a request. Where not, the browser is told; nobody but the person waits for an answer.</summary>
    private static async ValueTask<bool> MayAskAsync(HttpContext http, Realm realm, LoginHttp login, Client client, Dictionary<string, string> parameters)
    {
        var request = new AuthorizeRequest(realm, login.Urls.Addresses(http, realm), parameters);
        if (await http.RequestServices.GetRequiredService<AuthorizePipeline>().CheckAsync(request, http.RequestAborted) is not { } refusal)
        {
            return true;
        }

        var page = refusal.PageKey is { } key ? new ErrorPage(refusal.Error.Status, key, [.. refusal.PageArguments ?? []]) : new ErrorPage(400, AuthorizeRefusal.InvalidRequest);
        await login.PageAsync(http, realm, page, client);
        return false;
    }

    private static async Task RestartTabAsync(HttpContext http, Realm realm, LoginHttp login, Client client, AuthenticationTab tab, bool renew)
    {
        if (renew)
        {
            await login.Cookies.RenewAuthSessionAsync(http, realm, tab.RootId);
        }

        tab.Path = tab.ClientNote(LoginNotes.BegunWith) ?? LoginPaths.Authenticate;
        tab.SetNote(LoginNotes.ForwardedError, "loginTimeout");
        await login.Services.Tabs.AddAsync(tab, http.RequestAborted);
        LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, null));
    }

    /// <summary>
    /// The person signed in in another tab meanwhile. Where the address still says for whom this one was, its client is told to ask again;
    /// the address is believed only as far as the client's registration goes.
    /// </summary>
    public static Task DoneElsewhereAsync(HttpContext http, Realm realm, LoginHttp login, Client? client, string data)
    {
        if (client is { Enabled: true, Protocol: "openid-connect" } && ReadAddress(data) is { } address)
        {
            if (address.RedirectUri is not { } uri || RedirectUris.Find(client, login.Urls.Addresses(http, realm), uri, required: true) is not { } redirect)
            {
                return login.PageAsync(http, realm, new ErrorPage(400, "invalidParameterMessage", "redirect_uri"), client);
            }

            var notes = new Dictionary<string, string>();
            foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("response_type", address.ResponseType), ("response_mode", address.ResponseMode), ("state", address.State)])
            {
                if (value is not null)
                {
                    notes[name] = value;
                }
            }

            var tab = login.Cookies.NewTab(realm, "", client.Id, redirect, notes);
            return login.Answers.Of(tab).RefuseAsync(login, http, new(realm, client, tab, "temporarily_unavailable", "authentication_expired"), LoginHttp.NoStore);
        }

        if (client is { Protocol: SignInProtocols.Saml } && ProviderCheck.Refuse(client) is null && ReadAddress(data) is { RedirectUri: { } there } said)
        {
            if (!Consumer.IsStill(client, login.Urls.Addresses(http, realm), there))
            {
                return login.PageAsync(http, realm, new ErrorPage(400, "invalidRedirectUriMessage"), client);
            }

            var notes = new Dictionary<string, string> { [LoginNotes.Protocol] = SignInProtocols.Saml, [SamlNotes.Binding] = said.ResponseMode == SamlNotes.Get ? SamlNotes.Get : SamlNotes.Post };
            if (said.State is { } relayState)
            {
                notes[SamlNotes.RelayState] = relayState;
            }

            var tab = login.Cookies.NewTab(realm, "", client.Id, there, notes);
            return login.Answers.Of(tab).RefuseAsync(login, http, new(realm, client, tab, "temporarily_unavailable"), LoginHttp.NoStore);
        }

        return login.PageAsync(http, realm, new InfoPage("alreadyLoggedIn") { BackUrl = client is null ? "" : null }, client);
    }

    private static ReturnAddress? ReadAddress(string text)
    {
        try
        {
            return text.Length is 0 or > 8192 ? null : JsonSerializer.Deserialize(Base64Url.DecodeFromChars(text), LoginJson.Default.ReturnAddress);
        }
        catch (Exception broken) when (broken is FormatException or JsonException)
        {
            return null;
        }
    }

    public static async Task RefuseResetAsync(HttpContext http, Realm realm, LoginHttp login, Client? client)
    {
        await TellAsync(http, realm, login, LoginPaths.ResetCredentials, client, "not_allowed");
        await login.PageAsync(http, realm, new ErrorPage(400, "resetCredentialNotAllowedMessage"), client);
    }

    public static LoginEvent Event(HttpContext http, string type, Client? client) => new() { Type = type, ClientId = client?.ClientId, IpAddress = LoginHttp.Ip(http) };

    /// <summary>Tells that a request of a part of the sign-in came to nothing.</summary>
    public static ValueTask TellAsync(HttpContext http, Realm realm, LoginHttp login, string path, Client? client, string error, params ReadOnlySpan<(string Name, string? Value)> details)
    {
        var happened = Event(http, path switch
        {
            LoginPaths.Registration => EventTypes.Register,
            LoginPaths.ResetCredentials => EventTypes.ResetPassword,
            LoginPaths.RequiredAction => EventTypes.CustomRequiredAction,
            LoginPaths.FirstBrokerLogin => EventTypes.IdentityProviderFirstLogin,
            LoginPaths.PostBrokerLogin => EventTypes.IdentityProviderPostLogin,
            Restart => EventTypes.RestartAuthentication,
            _ => EventTypes.Login,
        }, client);
        foreach (var (name, value) in details)
        {
            happened.With(name, value);
        }

        return login.Services.Events.RecordAsync(realm, happened.Failed(error), http.RequestAborted);
    }
}
