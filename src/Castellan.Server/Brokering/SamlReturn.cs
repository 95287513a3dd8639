using Castellan.Core;
using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Saml;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Requests;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Saml;
using Castellan.Server.Login;
using Castellan.Server.Saml;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Brokering;

/// <summary>Where a provider that speaks SAML sends browsers with its messages. What is not signed by it is not even read any further.</summary>
internal sealed partial class SamlReturn(
    LoginHttp login, BrokerTabs tabs, SamlAnswers answers, UnaskedAnswers unasked, UpstreamSamlLogout logouts, SamlProviderKeys keys, SamlArtifacts artifacts, ILogger<SamlReturn> log)
{
    /// <summary>What enters the sign-in with the person, once it is known who that is.</summary>
    public delegate Task Enter(LoginContext context, SentRequest sent, BrokeredIdentity identity);

    /// <param name="contextOf">Makes the sign-in at work of its tab.</param>
    /// <param name="enter">Goes on with the person.</param>
    /// <param name="refused">Goes on where the provider signed nobody in, with what it says of that, if anything.</param>
    public async Task HandleAsync(
        HttpContext http, Realm realm, IdentityProvider provider, Func<Client, AuthenticationTab, SentRequest, ValueTask<LoginContext>> contextOf, Enter enter, Func<LoginContext, SentRequest, string?, Task> refused)
    {
        var settings = new SamlProvider(realm, provider, login.Urls.Issuer(http, realm));
        var given = await SamlParameters.ReadAsync(http);
        var name = http.Request.RouteValues["name"] as string;
        if (name is not null)
        {
            // Artifacts come to the provider's own address alone.
            given = given with { Artifact = null };
        }

        if (given is { Request: null, Response: null, Artifact: null } or { RelayState.Length: > SamlParameters.MaxRelayState })
        {
            await RefuseAsync(http, realm, SamlRefusal.InvalidRequest);
            return;
        }

        var artifact = given.Request is null ? given.Artifact : null;
        var message = artifact is null ? Read(given) : await artifacts.ResolveAsync(settings, artifact, given.RelayState, http.RequestAborted);
        if (message is null)
        {
            var unread = artifact is not null || given.Request is not null;
            await RefuseAsync(
                http, provider, unread ? SamlFaults.Place("There is no message in it, or behind it.") : SamlFaults.Response("There is no message in it."), realm,
                artifact is null ? "invalid_saml_document" : "invalid_saml_artifact_response");
            return;
        }

        settings = await keys.WithKeysAsync(settings, message.Shown, http.RequestAborted);
        if (message.Message is not ReceivedResponse response)
        {
            await logouts.HandleAsync(http, settings, message);
            return;
        }

        settings = settings with { UnaskedFor = name };
        var holds = SamlSignatures.Check(settings, message, response).Ok(out var signed, out var fault);
        var misaddressed = Misaddressed(settings, message, response, signed);
        if (!holds || misaddressed is not null)
        {
            await RefuseAsync(http, provider, misaddressed is null ? fault! : SamlFaults.Place("The response was sent to another place."), realm, misaddressed);
            return;
        }

        if ((name is null ? await AnsweredAsync(http, realm, provider, message.RelayState) : await unasked.BeginAsync(http, realm, provider, name)) is not var (owner, tab, sent))
        {
            return;
        }

        var context = await contextOf(owner, tab, sent);
        if (await LeftOpen.BegunAnewAsync(login, http, context))
        {
            return;
        }

        if (response.Status[0] != SamlStatus.Success || signed!.Carried.Count == 0)
        {
            await refused(context, sent, response.Status[0] == SamlStatus.Success ? null : response.StatusMessage);
        }
        else if (!(await answers.IdentifyAsync(settings, signed, sent, artifact is null ? given.Response! : Convert.ToBase64String(response.Root.ToBytes()), http.RequestAborted)).Ok(out var identity, out fault))
        {
            await RefuseAsync(http, provider, fault, realm, null);
        }
        else
        {
            await enter(context, sent, identity);
        }
    }

    /// <summary>The sign-in whose request is answered; when there is none the browser is told, or sent on, and this is null.</summary>
    private async ValueTask<(Client Client, AuthenticationTab Tab, SentRequest Sent)?> AnsweredAsync(HttpContext http, Realm realm, IdentityProvider provider, string? relayState)
    {
        if (string.IsNullOrWhiteSpace(relayState))
        {
            await login.Services.Events.RecordAsync(realm, new LoginEvent { Type = EventTypes.Login, IpAddress = LoginHttp.Ip(http) }.Failed("invalid_saml_response"), http.RequestAborted);
            await RefuseAsync(http, realm, "identityProviderUnexpectedErrorMessage");
            return null;
        }

        if (BrokerState.Parse(relayState) is not { } state)
        {
            await RefuseAsync(http, realm, SamlRefusal.InvalidRequest);
            return null;
        }

        var client = await login.Services.Clients.FindByIdAsync(realm, state.ClientId, http.RequestAborted);
        if (await tabs.FindAsync(http, realm, client, state.TabId, state.Data, null) is not var (owner, tab))
        {
            return null;
        }

        // Spent before anything else happens: of any number of answers one gets on from here, and none comes a second time.
        var sent = UpstreamRequest.Take(tab);
        if (sent?.Nonce is null || sent.Provider != provider.Alias || !Secret.Equal(Secret.Hash(state.Code), sent.CodeHash) || !await login.Services.Tabs.SaveAsync(tab, http.RequestAborted))
        {
            LoginHttp.Redirect(http, realm, login.Url(http, realm, owner, tab, tab.Path, null), null);
            return null;
        }

        return (owner, tab, sent);
    }

    /// <summary>What the event says of a response that was sent to another place, or that is signed and does not say to which (SAML bindings §3.5.5.2); null for one that was not.</summary>
    private static string? Misaddressed(SamlProvider provider, ReceivedMessage message, ReceivedResponse response, SignedResponse? signed) =>
        response.Destination is { } destination ? (provider.IsEndpoint(destination) ? null : "invalid_destination")
        : message.IsSigned || signed is { IsAssertionSigned: true } ? "missing_required_destination" : null;

    /// <summary>The message of either binding; null when it cannot be read.</summary>
    private static ReceivedMessage? Read(SamlParameters given) => given.Request is { } request
        ? given.Message(request, LogoutRequest.Read)
        : given.Message(given.Response, static root => ReceivedResponse.Read(root) ?? (SamlMessage?)LogoutResponse.Read(root));

    /// <summary>Nobody is at the sign-in yet for the event to name, and what the message says of them is not believed.</summary>
    private async Task RefuseAsync(HttpContext http, IdentityProvider provider, ProtocolError fault, Realm realm, string? reason)
    {
        LogRefused(realm.Name, provider.Alias, fault.Detail);
        var happened = new LoginEvent { Type = EventTypes.IdentityProviderResponse, IpAddress = LoginHttp.Ip(http) }.With("reason", reason);
        await login.Services.Events.RecordAsync(realm, happened.Failed(SamlFaults.EventError(fault)), http.RequestAborted);
        await RefuseAsync(http, realm, fault.Code);
    }

    private Task RefuseAsync(HttpContext http, Realm realm, string message) => tabs.RefuseAsync(http, realm, new ErrorPage(400, message), null, null);

    [LoggerMessage(Level = LogLevel.Warning, EventId = 3602, Message = "Realm {Realm}: an answer of identity provider {Provider} was refused. {Reason}")]
    private partial void LogRefused(string realm, string provider, string? reason);
}
