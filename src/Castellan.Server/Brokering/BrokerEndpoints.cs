using Castellan.Core;
using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Saml;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Protocol.Saml;
using Castellan.Server.Http;
using Castellan.Server.Login;
using Castellan.Server.Saml;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Brokering;

/// <summary>Where browsers leave for identity providers, come back from them, and go on behind a provider's flows: <c>broker/…</c>.</summary>
internal sealed partial class BrokerEndpoints(LoginHttp login, BrokerTabs tabs, UpstreamDoor door, Upstream upstream, SamlDoor samlDoor, SamlReturn samlReturn, BrokeredSignIn brokered, ProviderOrganizations organizations, ILogger<BrokerEndpoints> log)
{
    private const string NoCache = "no-cache";
    private const string Expired = "authentication_expired";
    private const int MaxParameter = 8192;
    private const int MaxWords = 255;
    private static readonly string[] s_needed = ["session_code", "client_id", "tab_id"];

    private const string LoginFailure = "identity_provider_login_failure";
    private const string UnexpectedKey = "identityProviderUnexpectedErrorMessage";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        void On(string path, string[] methods, Func<BrokerEndpoints, HttpContext, Realm, Task> handle) =>
            endpoints.MapRealm("/broker/" + path, methods, (http, realm) => handle(services.GetRequiredService<BrokerEndpoints>(), http, realm));
        On("{alias}/login", [HttpMethods.Get, HttpMethods.Post], (broker, http, realm) => broker.LeaveAsync(http, realm));
        On("{alias}/endpoint", [HttpMethods.Get, HttpMethods.Post], (broker, http, realm) => broker.ReturnAsync(http, realm));
        On("{alias}/endpoint/descriptor", [HttpMethods.Get], (broker, http, realm) => broker.DescribeAsync(http, realm));
        On("{alias}/endpoint/clients/{name}", [HttpMethods.Get, HttpMethods.Post], (broker, http, realm) => broker.ReturnAsync(http, realm));
        On("{alias}/link", [HttpMethods.Get], (broker, http, realm) => broker.RefuseLinkAsync(http, realm));
        StoredTokenEndpoint.Map(endpoints);
        BrokerLogoutEndpoints.Map(endpoints);
        On("after-first-broker-login", [HttpMethods.Get], (broker, http, realm) => broker.AfterAsync(http, realm, LoginPaths.FirstBrokerLogin));
        On("after-post-broker-login", [HttpMethods.Get], (broker, http, realm) => broker.AfterAsync(http, realm, LoginPaths.PostBrokerLogin));
    }

    /// <summary>The address at which a provider sends browsers back.</summary>
    public static string ReturnAddress(string issuer, IdentityProvider provider) => $"{issuer}/broker/{Uri.EscapeDataString(provider.Alias)}/endpoint";

    /// <summary>The old way to link an account, which took an application's word for it. <c>kc_action=idp_link</c> asks the person.</summary>
    private Task RefuseLinkAsync(HttpContext http, Realm realm) => tabs.RefuseAsync(http, realm, new ErrorPage(400, "invalidRequestMessage"), null, null);

    /// <summary>What a provider that speaks SAML has to know of the realm.</summary>
    private Task DescribeAsync(HttpContext http, Realm realm)
    {
        var alias = (string)http.Request.RouteValues["alias"]!;
        return IdentityProviders.Of(realm).FindEnabled(alias) is { IsSaml: true } && realm.Data.IdentityProviders.FirstOrDefault(p => p.Alias == alias) is { } provider
            ? JsonAnswers.BytesAsync(http, BrokerDescriptor.Write(realm, provider, login.Urls.Issuer(http, realm)), "application/xml", realm)
            : JsonAnswers.ErrorAsync(http, StatusCodes.Status404NotFound, $"Identity Provider [{alias}] not found.", realm);
    }

    /// <summary>A button, or a redirect to one: on to the provider. The code that the page carried is spent by it.</summary>
    private async Task LeaveAsync(HttpContext http, Realm realm)
    {
        var query = http.Request.Query;
        var cache = HttpMethods.IsGet(http.Request.Method) ? NoCache : null;
        var alias = (string)http.Request.RouteValues["alias"]!;
        if (await FindAsync(http, realm, alias, cache) is not var (owner, tab))
        {
            return;
        }

        var code = query["session_code"].ToString();
        var context = await login.ContextAsync(http, realm, owner, tab, null);
        if (tab.Code is null || !Secret.Equal(code, tab.Code))
        {
            await login.PageAsync(http, realm, new PageExpiredPage(), owner, context, noStore: false, cacheControl: cache);
            return;
        }

        tab.Code = null;
        if (query["login_hint"].ToString() is { Length: > 0 and <= 255 } hint)
        {
            tab.ClientNotes[LoginNotes.LoginHint] = hint;
        }

        var provider = IdentityProviders.Of(realm).FindEnabled(alias) is { } enabled && !await organizations.IsClosedAsync(realm, enabled, http.RequestAborted) ? enabled : null;
        var message = provider is { LinkOnly: false, IsSaml: true } ? samlDoor.Begin(context, provider) : null;
        var url = provider is null or { LinkOnly: true } or { IsSaml: true } ? message?.Address : await door.BeginAsync(http, context, provider);
        if (!await login.Services.Tabs.SaveAsync(tab, http.RequestAborted))
        {
            await login.PageAsync(http, realm, new PageExpiredPage(), owner, context, noStore: false, cacheControl: cache);
        }
        else if (url is null)
        {
            await tabs.TellAsync(http, realm, owner, tab, "couldNotSendAuthenticationRequestMessage", alias);
            await tabs.RefuseAsync(http, realm, new ErrorPage(502, "couldNotSendAuthenticationRequestMessage"), owner, null);
        }
        else if (message is not null)
        {
            await message.SendAsync(RedirectBinding.Request, http, login, realm, owner, cache);
        }
        else
        {
            LoginHttp.Redirect(http, realm, url, cache, StatusCodes.Status303SeeOther, asPage: false);
        }
    }

    /// <summary>
    /// The authorization response (RFC 6749 §4.1.2). What it answers is what this browser's sign-in sent last, to this provider: the state is compared with
    /// what the sign-in remembers, which is spent before anything else happens.
    /// </summary>
    private async Task ReturnAsync(HttpContext http, Realm realm)
    {
        var alias = (string)http.Request.RouteValues["alias"]!;
        if (IdentityProviders.Of(realm).FindEnabled(alias) is not { CanSignIn: true } provider || await organizations.IsClosedAsync(realm, provider, http.RequestAborted))
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status404NotFound, $"Identity Provider [{alias}] not found.", realm);
            return;
        }

        if (provider.IsSaml)
        {
            await samlReturn.HandleAsync(
                http, realm, provider, (owner, tab, sent) => ContextAsync(http, realm, owner, tab, sent, redirect: true), (context, sent, identity) => EnterAsync(http, context, provider, sent, identity),
                (context, sent, said) => ErrorAsync(http, context, provider, sent, said ?? "server_error", said ?? "", said));
            return;
        }

        if (http.Request.RouteValues.ContainsKey("name"))
        {
            // Only SAML has answers that nobody asked for.
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status404NotFound, "HTTP 404 Not Found", realm);
            return;
        }

        if (!HttpMethods.IsGet(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        var query = http.Request.Query;
        if (query["state"].ToString() is not { Length: > 0 } text)
        {
            await tabs.TellAsync(http, realm, null, null, LoginFailure);
            await tabs.RefuseAsync(http, realm, new ErrorPage(400, "identityProviderMissingStateMessage"), null, null);
            return;
        }

        if (query.Any(q => q.Value.Count > 1 || q.Value.ToString().Length > MaxParameter) || BrokerState.Parse(text) is not { } state)
        {
            await tabs.TellAsync(http, realm, null, null, "invalidRequestMessage");
            await tabs.RefuseAsync(http, realm, new ErrorPage(400, "invalidRequestMessage"), null, null);
            return;
        }

        var client = await login.Services.Clients.FindByIdAsync(realm, state.ClientId, http.RequestAborted);
        if (await tabs.FindAsync(http, realm, client, state.TabId, state.Data, null) is not var (owner, tab))
        {
            return;
        }

        var sent = UpstreamRequest.Take(tab);
        if (sent is null || !Secret.Equal(Secret.Hash(state.Code), sent.CodeHash))
        {
            // Nothing waits for this answer, or for another one: it is as if it had not come.
            LoginHttp.Redirect(http, realm, login.Url(http, realm, owner, tab, tab.Path, null), null);
            return;
        }

        // Spent: of any number of answers one gets on from here.
        if (!await login.Services.Tabs.SaveAsync(tab, http.RequestAborted))
        {
            LoginHttp.Redirect(http, realm, login.Url(http, realm, owner, tab, tab.Path, null), null);
            return;
        }

        if (sent.Provider != provider.Alias)
        {
            LogRefused(realm.Name, provider.Alias, "The answer came to the address of another provider.");
            await tabs.TellAsync(http, realm, owner, tab, LoginFailure);
            await tabs.RefuseAsync(http, realm, new ErrorPage(502, UnexpectedKey), owner, null);
            return;
        }

        var context = await ContextAsync(http, realm, owner, tab, sent, redirect: true);
        if (await LeftOpen.BegunAnewAsync(login, http, context))
        {
            return;
        }

        if (query["iss"].ToString() is { Length: > 0 } issuer && provider.Issuers is { Count: > 0 } issuers && !issuers.Contains(issuer))
        {
            // RFC 9207 §2.4: the answer of another authorization server; its code must not be shown to this one.
            LogRefused(realm.Name, provider.Alias, "The answer is of another issuer.");
            await tabs.TellAsync(http, realm, owner, tab, LoginFailure);
            await tabs.RefuseAsync(http, realm, new ErrorPage(502, UnexpectedKey), owner, null);
        }
        else if (ErrorOf(query, provider) is { } error)
        {
            await ErrorAsync(http, context, provider, sent, error, query["error_description"].ToString());
        }
        else if (query[provider.Service?.CodeParameter ?? "code"].ToString() is not { Length: > 0 } code)
        {
            await tabs.TellAsync(http, realm, owner, tab, LoginFailure);
            await tabs.RefuseAsync(http, realm, new ErrorPage(400, "identityProviderMissingCodeOrErrorMessage"), owner, null);
        }
        else if (!(await upstream.IdentifyAsync(realm, provider, sent, code, ReturnAddress(context.Request.Issuer, provider), LoginHttp.Ip(http), http.RequestAborted)).Ok(out var identity, out var refusal))
        {
            LogRefused(realm.Name, provider.Alias, refusal.Detail);
            await tabs.TellAsync(http, realm, owner, tab, LoginFailure);
            var key = refusal.Code == UpstreamRefusals.EssentialClaim ? "federatedIdentityUnmatchedEssentialClaimMessage" : UnexpectedKey;
            await tabs.RefuseAsync(http, realm, new ErrorPage(502, key), owner, null);
        }
        else
        {
            await EnterAsync(http, context, provider, sent, identity);
        }
    }

    private static string? ErrorOf(IQueryCollection query, IdentityProvider provider) =>
        query["error"].ToString() is { Length: > 0 } error ? error
        : provider.Service?.DeniedParameter is { } denied && query.ContainsKey(denied) ? "access_denied"
        : null;

    private async Task EnterAsync(HttpContext http, LoginContext context, IdentityProvider provider, SentRequest sent, BrokeredIdentity identity)
    {
        try
        {
            if (sent.Action)
            {
                await login.WriteAsync(http, context, await brokered.LinkAsync(context, provider, identity));
                return;
            }

            await login.WriteAsync(http, context, await brokered.ArriveAsync(context, provider, identity), null);
        }
        catch (BusyException)
        {
            await LoginActionsEndpoint.BusyAsync(http, login, context.Realm);
        }
    }

    /// <summary>The provider did not sign anybody in (RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6).</summary>
    private async Task ErrorAsync(HttpContext http, LoginContext context, IdentityProvider provider, SentRequest sent, string error, string description, string? words = null)
    {
        var tab = context.Tab;
        LogRefused(context.Realm.Name, provider.Alias, $"The provider answered {(error.Length <= 64 && error.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? error : "an error of its own")}.");
        if (sent.Action)
        {
            var passive = error is "login_required" or "interaction_required";
            await login.WriteAsync(http, context, await brokered.LinkRefusedAsync(context, provider, error, passive ? error : Words(words) ?? UnexpectedKey));
            return;
        }

        switch (error)
        {
            case "login_required" or "interaction_required":
                await login.WriteAsync(http, context, new LoginOutcome.Refuse(error), null);
                return;
            case "temporarily_unavailable" or Expired when description == Expired && await AgainAsync(http, context, provider):
                return;
        }

        tab.Code = null;
        tab.SetNote(LoginNotes.ForwardedError, error == "access_denied" ? $"access-denied-when-idp-auth\n{provider.Name.ReplaceLineEndings(" ")}" : Words(words) ?? UnexpectedKey);
        await login.WriteAsync(http, context, await login.SignIn.ContinueAsync(context));
    }

    /// <summary>The provider's own sign-in ran out: it is begun anew. False when it cannot be.</summary>
    private async ValueTask<bool> AgainAsync(HttpContext http, LoginContext context, IdentityProvider provider)
    {
        var message = provider.IsSaml ? samlDoor.Begin(context, provider) : null;
        var url = provider.IsSaml ? message?.Address : await door.BeginAsync(http, context, provider);
        if (url is null || !await login.KeepAsync(context.Tab, http.RequestAborted))
        {
            return false;
        }

        await tabs.TellAsync(http, context.Realm, context.Client, context.Tab, error: null, provider.Alias);

        if (message is not null)
        {
            await message.SendAsync(RedirectBinding.Request, http, login, context.Realm, context.Client, null);
        }
        else
        {
            LoginHttp.Redirect(http, context.Realm, url, null, StatusCodes.Status303SeeOther, asPage: false);
        }

        return true;
    }

    /// <summary>What a provider says to the person, in a line.</summary>
    private static string? Words(string? said) => said is { Length: > 0 and <= MaxWords } ? said.ReplaceLineEndings(" ") : null;

    /// <summary>The sign-in whose page led here; when there is none the request is answered, and this is null.</summary>
    private async ValueTask<(Client Client, AuthenticationTab Tab)?> FindAsync(HttpContext http, Realm realm, string? alias, string? cache)
    {
        var query = http.Request.Query;
        if (Array.Exists(s_needed, name => query[name].ToString().Length == 0))
        {
            await tabs.TellAsync(http, realm, null, null, "invalidRequestMessage", alias);
            await tabs.RefuseAsync(http, realm, new ErrorPage(400, "invalidRequestMessage"), null, cache);
            return null;
        }

        var client = query["client_id"].ToString() is { Length: <= 255 } id ? await login.Services.Clients.FindAsync(realm, id, http.RequestAborted) : null;
        return await tabs.FindAsync(http, realm, client, query["tab_id"].ToString(), query["client_data"].ToString(), cache, alias);
    }

    /// <summary>Behind a provider's flow. The code of the tab proves that the flow led here.</summary>
    private async Task AfterAsync(HttpContext http, Realm realm, string path)
    {
        var query = http.Request.Query;
        if (await FindAsync(http, realm, null, NoCache) is not var (owner, tab))
        {
            return;
        }

        if (tab.Path != path || tab.Note(LoginNotes.BrokerPassed) != path || tab.Code is null || !Secret.Equal(query["session_code"].ToString(), tab.Code))
        {
            LoginHttp.Redirect(http, realm, login.Url(http, realm, owner, tab, tab.Path, tab.Execution), NoCache);
            return;
        }

        // Spent: of requests at the same time (a double click, a reload) one goes on from here.
        tab.Code = null;
        if (!await login.Services.Tabs.SaveAsync(tab, http.RequestAborted))
        {
            LoginHttp.Redirect(http, realm, login.Url(http, realm, owner, tab, tab.Path, tab.Execution), NoCache);
            return;
        }

        var context = await ContextAsync(http, realm, owner, tab, null, redirect: false);
        if (await LeftOpen.BegunAnewAsync(login, http, context))
        {
            return;
        }

        if (BrokeredIdentity.Read(tab.Note(LoginNotes.Brokered)) is { } identity)
        {
            context.Event.Of(identity);
        }

        var outcome = path == LoginPaths.FirstBrokerLogin ? await brokered.AfterFirstAsync(context) : await brokered.AfterPostAsync(context);
        await login.WriteAsync(http, context, outcome, NoCache);
    }

    /// <summary>The sign-in at work, with an event that says how it came here.</summary>
    private async ValueTask<LoginContext> ContextAsync(HttpContext http, Realm realm, Client client, AuthenticationTab tab, SentRequest? sent, bool redirect)
    {
        var session = await login.BrowserSessionAsync(http, realm, takeBack: false);
        if (sent is { Action: true })
        {
            return await login.ContextAsync(http, realm, client, tab, session);
        }

        var happened = new LoginEvent { Type = EventTypes.Login, ClientId = client.ClientId, IpAddress = LoginHttp.Ip(http) };
        happened.With("code_id", tab.RootId).With("redirect_uri", redirect ? tab.RedirectUri : null);
        return await login.ContextAsync(http, realm, client, tab, session, happened);
    }

    [LoggerMessage(Level = LogLevel.Warning, EventId = 3601, Message = "Realm {Realm}: identity provider {Provider} signed nobody in. {Reason}")]
    private partial void LogRefused(string realm, string provider, string? reason);
}
