using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Requests;
using Castellan.Protocol.Saml;
using Castellan.Server.Http;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>The one address at which a realm takes the messages of service providers through the browser: reads, checks, hands on.</summary>
internal sealed class SamlEndpoint(LoginHttp login, SamlRequestPipeline pipeline, SamlSignOn signOn, SamlLogout logout, SamlSoap soap, ArtifactsOfProviders artifacts)
{
    public async Task HandleAsync(HttpContext http, Realm realm)
    {
        if (SamlSoap.Is(http))
        {
            await soap.HandleAsync(http, realm);
            return;
        }

        SecurityHeaders.OnlyForBrowsers(http);
        if (await ClosedAsync(http, realm))
        {
            return;
        }

        var given = await SamlParameters.ReadAsync(http);
        SamlRefusal? refusal = given is { Request: null, Response: null, Artifact: null } ? new("saml_token_not_found", SamlRefusal.InvalidRequest)
            : given.RelayState?.Length > SamlParameters.MaxRelayState ? new("invalid_token", SamlRefusal.InvalidRequest)
            : null;
        if (refusal is not null)
        {
            await RefuseAsync(http, realm, EventTypes.Login, refusal);
            return;
        }

        if (given.Artifact is { } artifact)
        {
            var (message, unfetched) = await artifacts.FetchAsync(http, realm, artifact, given.RelayState);
            await (unfetched is not null ? RefuseAsync(http, realm, EventTypes.Login, unfetched)
                : message?.Message is LogoutResponse ? ResponseAsync(http, realm, message) : RequestAsync(http, realm, message));
            return;
        }

        await (given.Request is { } request ? RequestAsync(http, realm, given.Message(request)) : ResponseAsync(http, realm, given.Message(given.Response)));
    }

    /// <summary>What pages of the endpoint say about caches.</summary>
    public static string Cache(HttpContext http) => HttpMethods.IsPost(http.Request.Method) ? SamlDelivery.NoCache : LoginHttp.NoStore;

    private async Task RequestAsync(HttpContext http, Realm realm, ReceivedMessage? received)
    {
        if (received is not { Message: AuthnRequest or LogoutRequest })
        {
            await RefuseAsync(http, realm, EventTypes.Login, new("invalid_token", SamlRefusal.InvalidRequest));
            return;
        }

        var request = new SamlRequest(realm, login.Urls.Addresses(http, realm), login.Urls.Issuer(http, realm) + SamlEndpoints.Path, received);
        if (await pipeline.CheckAsync(request, http.RequestAborted) is { } refusal)
        {
            await RefuseAsync(http, realm, Refused(http, request, refusal), refusal);
            return;
        }

        await (received.Message is AuthnRequest ? signOn.BeginAsync(http, request) : logout.BeginAsync(http, request));
    }

    /// <summary>The event of a request that goes no further. What nobody could be found for counts as a sign-in.</summary>
    public static LoginEvent Refused(HttpContext http, SamlRequest request, SamlRefusal refusal) =>
        Event(http, request.Message is AuthnRequest || request.Client is not { Enabled: true } ? EventTypes.Login : EventTypes.Logout, refusal);

    private async Task ResponseAsync(HttpContext http, Realm realm, ReceivedMessage? received)
    {
        if ((received is null ? new("invalid_token", SamlRefusal.InvalidRequest) : await logout.TakeAsync(http, realm, received)) is { } refusal)
        {
            await RefuseAsync(http, realm, EventTypes.Logout, refusal);
        }
    }

    /// <summary>Answers where the realm or the connection does not let anybody in; whether it did.</summary>
    public async ValueTask<bool> ClosedAsync(HttpContext http, Realm realm)
    {
        SamlRefusal? refusal = Callers.CheckTls(http, realm, login.Urls.Issuer(http, realm)) is not null ? new("ssl_required", "httpsRequiredMessage")
            : realm.Enabled ? null : new("realm_disabled", "realmNotEnabledMessage");
        if (refusal is not null)
        {
            await RefuseAsync(http, realm, EventTypes.Login, refusal);
        }

        return refusal is not null;
    }

    public Task RefuseAsync(HttpContext http, Realm realm, string type, SamlRefusal refusal) => RefuseAsync(http, realm, Event(http, type, refusal), refusal);

    private async Task RefuseAsync(HttpContext http, Realm realm, LoginEvent happened, SamlRefusal refusal)
    {
        await login.Services.Events.RecordAsync(realm, happened, http.RequestAborted);
        await login.PageAsync(http, realm, new ErrorPage(refusal.Status, refusal.PageKey), cacheControl: Cache(http));
    }

    private static LoginEvent Event(HttpContext http, string type, SamlRefusal refusal)
    {
        var happened = new LoginEvent { Type = type, IpAddress = LoginHttp.Ip(http), ClientId = refusal.ClientId };
        return refusal.PolicyDetail is { } detail ? happened.FailedByPolicy(refusal.Error, detail) : happened.With("reason", refusal.Reason).Failed(refusal.Error);
    }
}
