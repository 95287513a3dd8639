using System.Xml;
using Castellan.Core.Clients;
using Castellan.Core.Login;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Saml;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Saml.Responses;
using Castellan.Protocol.Saml;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>
/// Sign-ins of clients that are no browser (SAML profiles §4.2, Enhanced Client or Proxy): name and password come along with the request, and the realm's
/// flow for that says what is asked of them. What would need a page cannot be done here.
/// </summary>
internal sealed class SamlWithoutBrowser(LoginHttp login, SamlSignOn signOn, SamlAnswer answers, FlowRunner runner, RequiredActions actions, Consents consents, Completion completion)
{
    private const string Ecp = "urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp";
    private const string Next = "http://schemas.xmlsoap.org/soap/actor/next";

    public static bool IsAllowed(Client client) => client.Flag("saml.allow.ecp.flow");

    /// <summary>Answers a request that was checked.</summary>
    public async Task HandleAsync(HttpContext http, SamlRequest request)
    {
        var (realm, client) = (request.Realm, request.Client);
        if (!IsAllowed(client) || Flows.Of(realm).Find(DefaultFlows.SamlEcp) is not { } flow || !RealmSigner.TryFind(realm, client, out var signer))
        {
            await SamlSoap.FaultAsync(http, realm);
            return;
        }

        var tab = await signOn.TabAsync(http, request);
        var context = await login.ContextAsync(http, realm, client, tab, null);
        await login.Services.Tabs.AddAsync(tab, http.RequestAborted);
        var result = await runner.RunAsync(context, flow);
        if (await ErrorAsync(context, result) is { } error)
        {
            await login.Services.Tabs.TakeAsync(tab, http.RequestAborted);
            await context.TellAsync(error);
            await (result is FlowResult.Failed { Error: FlowError.UnknownUser } ? PageAsync(http, context, "invalidUserMessage") : RefuseAsync(http, context, "login_required"));
            return;
        }

        if (await completion.FinishAsync(context) is not { } done)
        {
            await RefuseAsync(http, context, "login_required");
            return;
        }

        var written = await answers.WriteAsync(login, http, context, done);

        // Nobody comes back to it: who has no browser brings name and password each time.
        await login.Services.Sessions.DeleteAsync(realm.Id, done.Session.Id, ct: context.Ct);
        if (!written.Ok(out var response, out var unwritten))
        {
            await (unwritten.Code == SamlResponses.Unwritable ? PageAsync(http, context, unwritten.Description!) : RefuseAsync(http, context, unwritten.Code));
            return;
        }

        await login.Cookies.WriteIdentityAsync(http, realm, done.Session, done.Session.LoginUsername ?? context.User!.Username);
        var root = response.Write(null).DocumentElement!;
        signer?.Sign(root);
        await SamlSoap.WriteAsync(http, realm, SoapEnvelope.Around(root, xml =>
        {
            Block(xml, "Response", tab.RedirectUri);
            if (ProviderKeys.MustSign(client))
            {
                Block(xml, "RequestAuthenticated", null);
            }
        }));
    }

    /// <summary>Why the person is not signed in; null when they are.</summary>
    private async ValueTask<string?> ErrorAsync(LoginContext context, FlowResult result) => result switch
    {
        FlowResult.PassedFlow when !context.User!.Enabled => "user_disabled",
        FlowResult.PassedFlow when await actions.NextAsync(context) is not null || RequiredActions.IsSetUpMissing(context) => "resolve_required_actions",
        FlowResult.PassedFlow when await consents.IsMissingAsync(context) => "consent_denied",
        FlowResult.PassedFlow => null,
        FlowResult.Failed { Error: FlowError.UserDisabled } => "user_disabled",
        FlowResult.Failed { Error: FlowError.UserLocked } => "user_temporarily_disabled",
        _ => "invalid_user_credentials",
    };

    /// <summary>Tells why there is no assertion: mostly that it takes more than can be shown here. Of nobody there is a page instead.</summary>
    private async Task RefuseAsync(HttpContext http, LoginContext context, string error)
    {
        var refusal = answers.Refusal(login, http, new(context.Realm, context.Client, context.Tab, error));
        await SamlSoap.WriteAsync(http, context.Realm, SoapEnvelope.Around(refusal.Write().DocumentElement!));
    }

    private Task PageAsync(HttpContext http, LoginContext context, string key) =>
        login.PageAsync(http, context.Realm, new ErrorPage(400, key), context.Client, cacheControl: SamlDelivery.NoCache);

    private static void Block(XmlWriter xml, string name, string? address)
    {
        xml.WriteStartElement("ecp", name, Ecp);
        xml.WriteAttributeString("soap", "mustUnderstand", SoapEnvelope.Namespace, "1");
        xml.WriteAttributeString("soap", "actor", SoapEnvelope.Namespace, Next);
        if (address is not null)
        {
            xml.WriteAttributeString("AssertionConsumerServiceURL", address);
        }

        xml.WriteEndElement();
    }
}
