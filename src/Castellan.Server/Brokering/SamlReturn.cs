using Castellan.Core;
using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Saml;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Requests;
using Castellan.Protocol.Saml;
using Castellan.Server.Login;
using Castellan.Server.Saml;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Brokering;

/// <summary>Where a provider that speaks SAML sends browsers with its messages. What is not signed by it is not even read any further.</summary>
public sealed partial class SamlReturn(LoginHttp login, BrokerTabs tabs, SamlAnswers answers, UpstreamSamlLogout logouts, ILogger<SamlReturn> log)
{
    /// <summary>What enters the sign-in with the person, once it is known who that is.</summary>
    public delegate Task Enter(LoginContext context, SentRequest sent, BrokeredIdentity identity);

    /// <param name="contextOf">Makes the sign-in at work of its tab.</param>
    /// <param name="enter">Goes on with the person.</param>
    /// <param name="refused">Goes on where the provider signed nobody in, with what it says of that.</param>
    public async Task HandleAsync(
        HttpContext http, Realm realm, IdentityProvider provider, Func<Core.Clients.Client, AuthenticationTab, SentRequest, ValueTask<LoginContext>> contextOf, Enter enter, Func<LoginContext, SentRequest, string, Task> refused)
    {
        var settings = new SamlProvider(realm, provider, login.Urls.Issuer(http, realm));
        if (await ReadAsync(http) is not { } message)
        {
            await RefuseAsync(http, realm, SamlRefusal.InvalidRequest);
            return;
        }

        if (message.Message is not ReceivedResponse response)
        {
            await logouts.HandleAsync(http, settings, message);
            return;
        }

        if (!SamlSignatures.Open(settings, message, response).Ok(out var assertion, out var fault))
        {
            await RefuseAsync(http, provider, realm, fault);
            return;
        }

        if (message.RelayState is not { } relayState)
        {
            await RefuseAsync(http, realm, "identityProviderUnexpectedErrorMessage");
            return;
        }

        if (BrokerState.Parse(relayState) is not { } state)
        {
            await RefuseAsync(http, realm, SamlRefusal.InvalidRequest);
            return;
        }

        var client = await login.Services.Clients.FindByIdAsync(realm, state.ClientId, http.RequestAborted);
        if (await tabs.FindAsync(http, realm, client, state.TabId, state.Data, null) is not var (owner, tab))
        {
            return;
        }

        // Spent before anything else happens: of any number of answers one gets on from here, and none comes a second time.
        var sent = UpstreamRequest.Take(tab);
        if (sent is null || sent.Provider != provider.Alias || !Secret.Equal(Secret.Hash(state.Code), sent.CodeHash) || !await login.Services.Tabs.SaveAsync(tab, http.RequestAborted))
        {
            LoginHttp.Redirect(http, realm, login.Url(http, realm, owner, tab, tab.Path, null), null);
            return;
        }

        var context = await contextOf(owner, tab, sent);
        if (await LeftOpen.BegunAnewAsync(login, http, context))
        {
            return;
        }

        if (assertion is null)
        {
            await refused(context, sent, ErrorOf(response));
        }
        else if (!answers.Identify(settings, response, assertion, sent).Ok(out var identity, out fault))
        {
            await login.Services.Events.RecordAsync(
                realm, BrokerEvents.Copy(context, EventTypes.IdentityProviderLogin).With("identity_provider", provider.Alias).Failed("identity_provider_login_failure"), http.RequestAborted);
            await RefuseAsync(http, provider, realm, fault);
        }
        else
        {
            await enter(context, sent, identity);
        }
    }

    /// <summary>The error of OpenID Connect that a status is like.</summary>
    private static string ErrorOf(ReceivedResponse response) => response.Status[^1] switch
    {
        SamlStatus.NoPassive => "login_required",
        SamlStatus.RequestDenied => "access_denied",
        _ => "server_error",
    };

    /// <summary>The message of either binding; null when there is none.</summary>
    private static async ValueTask<ReceivedMessage?> ReadAsync(HttpContext http) => await SamlParameters.ReadAsync(http) switch
    {
        { RelayState.Length: > SamlParameters.MaxRelayState } => null,
        { Response: { } response } given => given.Message(response, static root => ReceivedResponse.Read(root) ?? (SamlMessage?)LogoutResponse.Read(root)),
        var given => given.Message(given.Request, LogoutRequest.Read),
    };

    private Task RefuseAsync(HttpContext http, IdentityProvider provider, Realm realm, Castellan.Protocol.Errors.ProtocolError fault)
    {
        LogRefused(realm.Name, provider.Alias, fault.Detail);
        return RefuseAsync(http, realm, fault.Code);
    }

    private Task RefuseAsync(HttpContext http, Realm realm, string message) => tabs.RefuseAsync(http, realm, new ErrorPage(400, message), null, null);

    [LoggerMessage(Level = LogLevel.Warning, EventId = 3602, Message = "Realm {Realm}: an answer of identity provider {Provider} was refused. {Reason}")]
    private partial void LogRefused(string realm, string provider, string? reason);
}
