using System.Xml;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Realms;
using Castellan.Core.Saml;
using Castellan.Core.Saml.Artifacts;
using Castellan.Core.Saml.Logout;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Saml.Requests.Checks;
using Castellan.Core.Saml.Responses;
using Castellan.Core.Sessions;
using Castellan.Protocol.Saml;
using Castellan.Server.Login;
using Castellan.Server.Oidc;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>
/// Ends sessions for service providers (SAML profiles §4.4): the session first, then the browser goes round the providers that hear through it, and at
/// last to whoever began.
/// </summary>
internal sealed class SamlLogout(LoginHttp login, SessionEnding ending, Artifacts artifacts, ProviderKeys keys, TimeProvider time)
{
    /// <summary>By a request that was checked and that came through the browser. What ends is the browser's session, whatever name or index it has there.</summary>
    public async Task BeginAsync(HttpContext http, SamlRequest request)
    {
        var (realm, client) = (request.Realm, request.Client);
        var answer = new AwaitedAnswer(client.Id, request.Message.Id, LogoutAddress.ForAnswer(client, request.Server, request.Received.Binding), request.Received.RelayState);
        if (await login.BrowserSessionAsync(http, realm, takeBack: false) is not { } session)
        {
            await EndNamedAsync(http, request);
            await AnswerAsync(http, realm, client, answer with { To = LogoutAddress.ForAnswerAtOnce(client, request.Server, request.Received.Binding) });
            return;
        }

        var root = await login.RootAsync(http, realm, RootHash.LeftAlone);
        var left = await InBrowserAsync(realm, request.Server, session, client.Id, http.RequestAborted);
        await ending.EndAsync(realm, session, login.Urls.Issuer(http, realm), [client.Id, .. left.Select(p => p.ClientId)], http.RequestAborted);
        await NextAsync(http, realm, root, LogoutChain.Of(session, left) with { Answer = answer }, client);
    }

    /// <summary>Ends the sessions that a request names, as far as they are the provider's own. No browser is asked.</summary>
    public async ValueTask EndNamedAsync(HttpContext http, SamlRequest request)
    {
        var (realm, client) = (request.Realm, request.Client);
        foreach (var index in ((LogoutRequest)request.Message).SessionIndexes)
        {
            if (SamlPart.SessionOf(index, client) is { } id && await login.Services.Sessions.FindAsync(realm.Id, id, ct: http.RequestAborted) is { } session && session.Client(client.Id) is not null
                && await ending.EndAsync(realm, session, login.Urls.Issuer(http, realm), [client.Id], http.RequestAborted))
            {
                await TellAsync(http, realm, client, LogoutChain.Of(session, []), request.Received.Binding, null);
            }
        }
    }

    /// <summary>Sends the browser round the providers of a session that is ended by another protocol; false when none hears in this way.</summary>
    /// <param name="left">Those that do.</param>
    public async ValueTask<bool> BeginOtherAsync(HttpContext http, Realm realm, UserSession session, List<SamlPart> left, OtherLogout other)
    {
        if (left.Count == 0)
        {
            return false;
        }

        var root = await login.Cookies.ReadAuthSessionAsync(http, realm) ?? await login.RootAsync(http, realm, RootHash.LeftAlone);
        await NextAsync(http, realm, root, LogoutChain.Of(session, left) with { Other = other }, null);
        return true;
    }

    /// <summary>The providers of a session that hear through the browser.</summary>
    /// <param name="but">The client that knows already.</param>
    public async ValueTask<List<SamlPart>> InBrowserAsync(Realm realm, ServerAddresses server, UserSession session, string? but, CancellationToken ct)
    {
        var parts = new List<SamlPart>();
        foreach (var part in session.Clients)
        {
            if (part.ClientId != but && await login.Services.Clients.FindByIdAsync(realm, part.ClientId, ct) is { Enabled: true, Protocol: SignInProtocols.Saml } client
                && !LogoutBehind.Hears(client) && SamlPart.Of(part) is var told && LogoutAddress.ForRequest(client, server, told.Binding) is not null)
            {
                parts.Add(told);
            }
        }

        return parts;
    }

    /// <summary>A provider has answered, whatever it says: the next one is asked. The same answer does not count twice.</summary>
    public async ValueTask<SamlRefusal?> TakeAsync(HttpContext http, Realm realm, ReceivedMessage received)
    {
        const string error = "invalid_logout_response";
        if (received.Message is not LogoutResponse answer)
        {
            return new("invalid_saml_response", SamlRefusal.InvalidRequest, "invalid_saml_response");
        }

        if (answer.Destination is not { } destination ? received.IsSigned : !DestinationCheck.IsFor(destination, login.Urls.Issuer(http, realm) + SamlEndpoints.Path))
        {
            return new(error, SamlRefusal.InvalidRequest, answer.Destination is null ? "missing_required_destination" : "invalid_destination");
        }

        if (answer.InResponseTo is not { Length: <= 64 } id || await login.Cookies.ReadAuthSessionAsync(http, realm) is not { } root
            || await login.Services.Tabs.FindAsync(realm.Id, root, id, http.RequestAborted) is not { } tab || LogoutChain.ReadFrom(tab) is not { Left: [var asked, .. var rest] } chain)
        {
            // Nobody is being signed out here: who is signed in stays so.
            return new(await login.BrowserSessionAsync(http, realm, takeBack: false) is null ? "invalid_token" : error, SamlRefusal.InvalidRequest);
        }

        if (answer.Issuer is not { Length: <= 255 } issuer || await login.Services.Clients.FindAsync(realm, issuer, http.RequestAborted) is not { } client)
        {
            return new("client_not_found", "clientNotFoundMessage") { ClientId = answer.Issuer };
        }

        // §4.4.3.4: of whom it is not, it does not count.
        if (client.Id != asked.ClientId || client.Protocol != SignInProtocols.Saml)
        {
            return client.Protocol == SignInProtocols.Saml ? new(error, SamlRefusal.InvalidRequest) : new("invalid_client", "Wrong client protocol.");
        }

        if (!await keys.AcceptAsync(client, received, http.RequestAborted))
        {
            return new("invalid_signature", "invalidRequesterMessage");
        }

        if (!await login.Services.Tabs.TakeAsync(tab, http.RequestAborted))
        {
            return new("invalid_token", SamlRefusal.InvalidRequest);
        }

        await login.Services.Events.RecordAsync(realm, new LoginEvent { Type = EventTypes.Logout, IpAddress = LoginHttp.Ip(http) }, http.RequestAborted);
        await NextAsync(http, realm, root, chain with { Left = rest }, client);
        return null;
    }

    /// <param name="last">The client whose message brought the browser here.</param>
    private async Task NextAsync(HttpContext http, Realm realm, string root, LogoutChain chain, Client? last)
    {
        for (; chain.Left is [var part, .. var rest]; chain = chain with { Left = rest })
        {
            // Who was disabled meanwhile, or lost its address or key, is passed over: the others are to hear.
            if (await login.Services.Clients.FindByIdAsync(realm, part.ClientId, http.RequestAborted) is not { Enabled: true } client
                || LogoutAddress.ForRequest(client, login.Urls.Addresses(http, realm), part.Binding) is not { } target || !RealmSigner.TryFind(realm, client, out var signer))
            {
                continue;
            }

            var request = part.Request(SamlResponses.NewId(), login.Urls.Issuer(http, realm), target.Address, time.GetUtcNow());
            var tab = login.Cookies.NewTab(realm, root, client.Id, null, [], request.Id);
            tab.Path = LogoutChain.Path;
            chain.WriteTo(tab);
            await login.Services.Tabs.AddAsync(tab, http.RequestAborted);
            await SendAsync(http, realm, client, RedirectBinding.Request, request.Write, target, null, signer);
            return;
        }

        if (chain.Other is { } other)
        {
            await LogoutEndpoint.GoOnAsync(http, realm, login, other);
            return;
        }

        // What else was begun in this browser was begun beside the session that ended.
        await login.Services.Tabs.RemoveAllAsync(realm.Id, root, http.RequestAborted);
        login.Cookies.ExpireSignIn(http, realm);
        if (chain.Answer is { To: { } to } answer && await login.Services.Clients.FindByIdAsync(realm, answer.ClientId, http.RequestAborted) is { } began)
        {
            await TellAsync(http, realm, last ?? began, chain, to.Binding, answer);
            await AnswerAsync(http, realm, began, answer);
            return;
        }

        await FailAsync(http, realm);
    }

    private async Task AnswerAsync(HttpContext http, Realm realm, Client client, AwaitedAnswer answer)
    {
        if (answer.To is not { } to || !RealmSigner.TryFind(realm, client, out var signer))
        {
            await FailAsync(http, realm);
            return;
        }

        var response = Response(http, realm, answer.RequestId) with { Destination = to.Address };
        await SendAsync(http, realm, client, RedirectBinding.Response, response.Write, to, answer.RelayState, signer);
    }

    private async Task SendAsync(HttpContext http, Realm realm, Client client, string parameter, Func<Action<XmlWriter>?, XmlDocument> write, LogoutAddress to, string? relayState, XmlSigner? signer)
    {
        var cache = SamlEndpoint.Cache(http);
        if (to.ByArtifact)
        {
            // The message that the provider fetches is signed around it.
            var message = write(null).DocumentElement!;
            var artifact = await artifacts.KeepAsync(realm, client, login.Urls.Issuer(http, realm), message, http.RequestAborted);
            await new SamlDelivery(realm, client, parameter, message, to.Address, to.Binding, relayState, null).SendArtifactAsync(login, http, artifact, cache);
            return;
        }

        await SamlDelivery.Of(realm, client, parameter, write, to.Address, to.Binding, relayState, signer).SendAsync(login, http, cache);
    }

    /// <summary>What a provider hears whose request was followed.</summary>
    public LogoutResponse Response(HttpContext http, Realm realm, string requestId) => new()
    {
        Id = SamlResponses.NewId(), Issued = time.GetUtcNow(), Issuer = login.Urls.Issuer(http, realm), InResponseTo = requestId, Status = SamlStatus.Success,
    };

    private Task FailAsync(HttpContext http, Realm realm) => login.PageAsync(http, realm, new ErrorPage(400, "failedLogout"), cacheControl: SamlEndpoint.Cache(http));

    private ValueTask TellAsync(HttpContext http, Realm realm, Client client, LogoutChain chain, SamlBinding binding, AwaitedAnswer? answer) => login.Services.Events.RecordAsync(
        realm,
        new LoginEvent { Type = EventTypes.Logout, IpAddress = LoginHttp.Ip(http), ClientId = client.ClientId, UserId = chain.UserId, SessionId = chain.SessionId }
            .With("auth_method", chain.Method).With("username", chain.Username).With("redirect_uri", answer?.To?.Address).With("SAML_LOGOUT_REQUEST_ID", answer?.RequestId)
            .With("response_mode", binding switch { SamlBinding.Post => "post", SamlBinding.Soap => "soap", _ => "get" }),
        http.RequestAborted);
}
