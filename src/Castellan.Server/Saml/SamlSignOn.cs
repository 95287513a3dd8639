using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Requests;
using Castellan.Protocol.Saml;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>Begins sign-ins for service providers.</summary>
internal sealed class SamlSignOn(LoginHttp login)
{
    /// <summary>By a request that was checked.</summary>
    public async Task BeginAsync(HttpContext http, SamlRequest request)
    {
        var (realm, client, asked) = (request.Realm, request.Client, (AuthnRequest)request.Message);
        var tab = await TabAsync(http, request);
        if (!SamlContexts.Note(client, asked.Contexts, tab))
        {
            var happened = new LoginEvent { Type = EventTypes.Login, IpAddress = LoginHttp.Ip(http) };
            await login.Services.Events.RecordAsync(realm, happened.With("reason", "Invalid RequestedAuthnContext").Failed("invalid_request"), http.RequestAborted);
            await login.Answers.Of(tab).RefuseAsync(login, http, new(realm, client, tab, SamlAnswer.NoSuchContext), SamlEndpoint.Cache(http));
            return;
        }

        await ContinueAsync(http, realm, client, tab, asked.IsPassive);
    }

    /// <summary>A sign-in as a request asks for it.</summary>
    public async ValueTask<AuthenticationTab> TabAsync(HttpContext http, SamlRequest request)
    {
        var (client, asked) = (request.Client, (AuthnRequest)request.Message);
        var tab = await TabAsync(http, request.Realm, client, request.Consumer!, request.Received.RelayState);
        tab.ClientNotes[SamlNotes.RequestId] = asked.Id;
        if (asked.NameIdFormat is { } format && !client.Flag(Core.Saml.Requests.Checks.NameIdFormatCheck.Forced))
        {
            tab.ClientNotes[SamlNotes.NameIdFormat] = format;
        }

        if (asked.Subject is { Length: <= 255 } subject)
        {
            tab.ClientNotes[LoginNotes.LoginHint] = subject;
        }

        if (asked.ForceAuthn)
        {
            tab.ClientNotes[LoginNotes.ProveAnew] = "true";
        }

        return tab;
    }

    /// <summary>By somebody who follows a link to the realm itself: no provider asked (SAML profiles §4.1.5).</summary>
    public async Task BeginHereAsync(HttpContext http, Realm realm, UnaskedSignIn begun) =>
        await ContinueAsync(http, realm, begun.Client, await TabAsync(http, realm, begun), silent: false);

    /// <summary>A sign-in that no provider asked for.</summary>
    public async ValueTask<AuthenticationTab> TabAsync(HttpContext http, Realm realm, UnaskedSignIn begun)
    {
        var tab = await TabAsync(http, realm, begun.Client, begun.Consumer, string.IsNullOrWhiteSpace(begun.RelayState) ? null : begun.RelayState);
        tab.ClientNotes[SamlNotes.StartedHere] = begun.Name;
        SamlContexts.Note(begun.Client, null, tab);
        return tab;
    }

    private async ValueTask<AuthenticationTab> TabAsync(HttpContext http, Realm realm, Client client, Consumer consumer, string? relayState)
    {
        var notes = new Dictionary<string, string>
        {
            [LoginNotes.Protocol] = SignInProtocols.Saml,
            [SamlNotes.Binding] = consumer.Binding == SamlBinding.Post ? SamlNotes.Post : SamlNotes.Get,
            [SamlNotes.Consumer] = consumer.Address,
        };
        if (consumer.ByArtifact)
        {
            notes[SamlNotes.ByArtifact] = "true";
        }

        if (relayState is not null)
        {
            notes[SamlNotes.RelayState] = relayState;
        }

        return login.Cookies.NewTab(realm, await login.RootAsync(http, realm, RootHash.TakenBack), client.Id, consumer.Address, notes);
    }

    private async Task ContinueAsync(HttpContext http, Realm realm, Client client, AuthenticationTab tab, bool silent)
    {
        var byForm = HttpMethods.IsPost(http.Request.Method);
        var session = await login.BrowserSessionAsync(http, realm, takeBack: !byForm);
        if (session is not null)
        {
            tab.ClientNotes[LoginNotes.Beside] = session.Id;
        }

        if (byForm && !silent)
        {
            // A form from elsewhere may come without our cookies: the browser comes again with them, and by an address that can be opened again.
            await login.Cookies.WriteRestartAsync(http, realm, tab);
            await login.Services.Tabs.AddAsync(tab, http.RequestAborted);
            LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, null), SamlDelivery.NoCache);
            return;
        }

        var context = await login.ContextAsync(http, realm, client, tab, session);
        try
        {
            var outcome = await login.SignIn.ContinueAsync(context);
            if (silent)
            {
                outcome = SilentSignIn.Of(outcome);
            }
            else
            {
                await login.Cookies.WriteRestartAsync(http, realm, tab);
            }

            await login.WriteAsync(http, context, outcome, SamlEndpoint.Cache(http));
        }
        catch (BusyException)
        {
            await LoginActionsEndpoint.BusyAsync(http, login, realm);
        }
    }
}
