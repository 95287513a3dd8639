using System.Buffers.Text;
using System.Text.Json;
using Castellan.Core.Authorize;
using Castellan.Core.Brokering;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Saml.Requests;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Login;

/// <summary>What addresses and events say of a sign-in under way.</summary>
internal static class SignInWords
{
    /// <summary>The event that a request of the sign-in is about.</summary>
    public static LoginEvent Event(HttpContext http, Client client, AuthenticationTab tab)
    {
        var happened = new LoginEvent
        {
            Type = tab.Path switch
            {
                LoginPaths.ResetCredentials => EventTypes.ResetPassword,
                LoginPaths.FirstBrokerLogin => EventTypes.IdentityProviderFirstLogin,
                LoginPaths.PostBrokerLogin => EventTypes.IdentityProviderPostLogin,
                _ => EventTypes.Login,
            },
            ClientId = client.ClientId, IpAddress = LoginHttp.Ip(http),
        };
        happened.With("auth_method", tab.Protocol).With("code_id", tab.RootId).With("redirect_uri", tab.RedirectUri ?? tab.ClientNote("redirect_uri")).With("username", tab.Note(LoginNotes.AttemptedUsername));
        if (LoginPaths.IsBroker(tab.Path))
        {
            return BrokeredIdentity.Read(tab.Note(LoginNotes.Brokered)) is { } identity ? happened.Of(identity) : happened;
        }

        var byOidc = tab.Protocol == SignInProtocols.OpenIdConnect;
        if (tab.Path != LoginPaths.RequiredAction)
        {
            return byOidc ? happened.With("auth_type", "code") : happened;
        }

        return happened.With("response_type", tab.ClientNote("response_type")).With("response_mode", byOidc ? ResponseTypes.EventWord(Mode(tab)) : null)
            .With("remember_me", tab.Note(LoginNotes.RememberMe) ?? "false")
            .With("identity_provider", tab.SessionNotes.GetValueOrDefault(LoginNotes.IdentityProvider))
            .With("identity_provider_identity", tab.SessionNotes.GetValueOrDefault(LoginNotes.IdentityProviderIdentity));
    }

    /// <summary>What every address within a sign-in carries.</summary>
    public static string TabQuery(Client client, AuthenticationTab tab)
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(
            tab.Protocol == SignInProtocols.Saml ? new ReturnAddress(tab.RedirectUri, null, tab.ClientNote(SamlNotes.Binding), tab.ClientNote(SamlNotes.RelayState))
                : new ReturnAddress(tab.RedirectUri, tab.ClientNote("response_type"), tab.ClientNote("response_mode"), tab.ClientNote("state")), LoginJson.Default.ReturnAddress);
        return $"client_id={Uri.EscapeDataString(client.ClientId)}&tab_id={tab.TabId}&client_data={Base64Url.EncodeToString(data)}";
    }

    /// <summary>What opens a page again in another language.</summary>
    public static string? LocaleQuery(HttpContext http, Client? client, AuthenticationTab? tab)
    {
        if (HttpMethods.IsGet(http.Request.Method) && !http.Request.Query.ContainsKey("session_code"))
        {
            var query = string.Concat(http.Request.Query.Where(q => q.Key is not "kc_locale").SelectMany(q => q.Value.Select(v => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(v ?? "")}&")));
            return query.Length < 4000 ? query : null;
        }

        return client is null || tab is null ? null : TabQuery(client, tab) + (tab.Execution is { } execution ? $"&execution={Uri.EscapeDataString(execution)}&" : "&");
    }

    /// <summary>How the client of a sign-in wants to be answered.</summary>
    public static ResponseMode Mode(AuthenticationTab tab) => ResponseTypes.Mode(tab.ClientNote("response_type"), tab.ClientNote("response_mode"));
}
