using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Saml;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Saml.Responses;
using Castellan.Core.Sessions;
using Castellan.Protocol.Saml;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Brokering;

/// <summary>The end of sessions between here and a provider that speaks SAML, told by either side through the browser (SAML profiles §4.4).</summary>
public sealed class UpstreamSamlLogout(LoginHttp login, BrokerTabs tabs, UpstreamLogout upstream, ISessions sessions, SessionEnding ending, TimeProvider time)
{
    /// <summary>The request that goes to the provider when a session ends here; what is to come afterwards is kept under its relay state. Null when the provider does not want to hear of it.</summary>
    internal async ValueTask<SamlDeparture?> BeginAsync(Realm realm, UserSession session, string issuer, LeftFor left, CancellationToken ct)
    {
        if (IdentityProviders.Of(realm).FindEnabled(session.Notes.GetValueOrDefault(LoginNotes.IdentityProvider)) is not { IsSaml: true } provider)
        {
            return null;
        }

        var settings = new SamlProvider(realm, provider, issuer);
        return provider.Flag("backchannelSupported") ? null
            : SamlLogouts.Begin(settings, session, settings.LogoutBinding, await upstream.KeepAsync(realm, provider, left, ct), time.GetUtcNow());
    }

    /// <summary>A message of the provider about the end of a session.</summary>
    internal async Task HandleAsync(HttpContext http, SamlProvider provider, ReceivedMessage message)
    {
        var realm = provider.Realm;
        var (asks, destination) = (message.Message is LogoutRequest, message.Message.Destination);
        if (destination is null ? message.IsSigned : !provider.IsEndpoint(destination))
        {
            await RefuseAsync(http, realm, SamlRefusal.InvalidRequest, asks && destination is null ? "invalid_request" : "invalid_saml_response", destination is null ? "missing_required_destination" : "invalid_destination");
        }
        else if (!SamlSignatures.Holds(provider, message))
        {
            await RefuseAsync(http, realm, asks ? "invalidRequesterMessage" : "identityProviderInvalidSignatureMessage", "invalid_signature");
        }
        else if (provider.ProviderId is { } id && message.Message.Issuer != id)
        {
            await RefuseAsync(http, realm, "invalidRequesterMessage", "invalid_saml_response");
        }
        else if (message.Message is not LogoutRequest request)
        {
            await ReturnAsync(http, provider, message.RelayState);
        }
        else if (!request.NamesSomebody || (request.SessionIndexes.Count == 0 && request.NameId is null))
        {
            // Whose session it is cannot be seen.
            await tabs.RefuseAsync(http, realm, new ErrorPage(request.NamesSomebody ? 501 : 400, "identityProviderLogoutFailure"), null, null);
        }
        else
        {
            await EndAsync(http, provider, request, message.RelayState);
        }
    }

    private async Task RefuseAsync(HttpContext http, Realm realm, string page, string error, string? reason = null)
    {
        await login.Services.Events.RecordAsync(realm, new LoginEvent { Type = EventTypes.IdentityProviderResponse, IpAddress = LoginHttp.Ip(http) }.With("reason", reason).Failed(error), http.RequestAborted);
        await tabs.RefuseAsync(http, realm, new ErrorPage(400, page), null, null);
    }

    /// <summary>The provider ended its session, as it was asked to.</summary>
    private async Task ReturnAsync(HttpContext http, SamlProvider provider, string? relayState)
    {
        if (await upstream.TakeAsync(provider.Realm, provider.Provider.Alias, relayState ?? "", http.RequestAborted) is not { } left)
        {
            await tabs.RefuseAsync(http, provider.Realm, new ErrorPage(400, "identityProviderUnexpectedErrorMessage"), null, null);
            return;
        }

        await LeftBehind.GoOnAsync(http, login, provider.Realm, left);
    }

    /// <summary>The provider ends a session of its own, and those here that came of it.</summary>
    private async Task EndAsync(HttpContext http, SamlProvider provider, LogoutRequest request, string? relayState)
    {
        var (realm, alias, ct) = (provider.Realm, provider.Provider.Alias, http.RequestAborted);
        var found = new List<UserSession>();
        foreach (var index in request.SessionIndexes)
        {
            found.AddRange(await sessions.ListByBrokerAsync(realm.Id, $"{alias}.{index}", null, false, ct));
        }

        if (request.SessionIndexes.Count == 0 && request.NameId is { } name)
        {
            found.AddRange(await sessions.ListByBrokerAsync(realm.Id, null, $"{alias}.{name}", false, ct));
        }

        foreach (var session in found.DistinctBy(s => s.Id).Where(s => request.NameId is null || s.Notes.GetValueOrDefault(SamlAnswers.NameIdNote) == request.NameId))
        {
            if (await ending.EndAsync(realm, session, provider.Issuer, tellProvider: false, ct))
            {
                await login.Services.Events.RecordAsync(realm, new LoginEvent { Type = EventTypes.Logout, UserId = session.UserId, SessionId = session.Id, IpAddress = LoginHttp.Ip(http) }, ct);
            }
        }

        if (await login.BrowserSessionAsync(http, realm, takeBack: false) is null)
        {
            login.Cookies.ExpireIdentity(http, realm);
        }

        if (provider.LogoutUrl is not { } address || !provider.TryFindSigner(out var signer))
        {
            await login.PageAsync(http, realm, new InfoPage("successLogout"), null);
            return;
        }

        var response = new LogoutResponse { Id = SamlResponses.NewId(), Issued = time.GetUtcNow(), Issuer = provider.EntityId, Destination = address, InResponseTo = request.Id, Status = SamlStatus.Success };
        await SamlDepartures.SendAsync(SamlDeparture.Of(provider, address, provider.LogoutBinding, response.Write, relayState ?? "", signer), RedirectBinding.Response, http, login, realm, null);
    }
}
