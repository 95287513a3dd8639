using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Saml;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Server.Login;
using Castellan.Server.Saml;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Brokering;

/// <summary>
/// Sign-ins that begin at an identity provider that speaks SAML: it answers what nobody asked (SAML profiles §4.1.5), at an address that names the client to
/// whom the person goes on.
/// </summary>
internal sealed class UnaskedAnswers(LoginHttp login, BrokerTabs tabs, NamedClients clients, SamlSignOn signOn)
{
    /// <summary>A new sign-in, which no other answer can be for; when there is none the request is answered with what helps, and this is null.</summary>
    public async ValueTask<(Client Client, AuthenticationTab Tab, SentRequest Sent)?> BeginAsync(HttpContext http, Realm realm, IdentityProvider provider, string name)
    {
        if (!await tabs.IsOpenAsync(http, realm, LoginHttp.NoStore))
        {
            return null;
        }

        var (begun, refusal) = await clients.FindAsync(http, realm, name);
        if (provider.LinkOnly)
        {
            // Who may not leave for it here does not come in by it either.
            (begun, refusal) = (null, new("not_allowed", "identityProviderUnexpectedErrorMessage"));
        }

        if (begun is null)
        {
            await login.Services.Events.RecordAsync(
                realm, new LoginEvent { Type = EventTypes.Login, IpAddress = LoginHttp.Ip(http), ClientId = refusal!.ClientId }.With("identity_provider", provider.Alias).Failed(refusal.Error), http.RequestAborted);
            await tabs.RefuseAsync(http, realm, new ErrorPage(refusal.Status, refusal.PageKey), null, LoginHttp.NoStore);
            return null;
        }

        var tab = await signOn.TabAsync(http, realm, begun);
        if (await login.BrowserSessionAsync(http, realm, takeBack: false) is { } session)
        {
            tab.ClientNotes[LoginNotes.Beside] = session.Id;
        }

        return (begun.Client, tab, SentRequest.Unasked(provider));
    }
}
