using System.Xml;
using Castellan.Core.Clients;
using Castellan.Core.Login;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Realms;
using Castellan.Core.Saml;
using Castellan.Core.Saml.Artifacts;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Saml.Responses;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Saml;
using Castellan.Server.Login;
using Castellan.Server.Login.Answers;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>A service provider hears of a sign-in by a Response (SAML profiles §4.1.4.2), in the binding that its request or the realm chose.</summary>
internal sealed class SamlAnswer(SamlResponses responses, Artifacts artifacts, TimeProvider time) : ISignInAnswer
{
    /// <summary>Why a sign-in ends before it begins: none of the contexts is known that were asked for.</summary>
    public const string NoSuchContext = "no_authn_context";

    public bool IsFor(AuthenticationTab tab) => tab.Protocol == SignInProtocols.Saml;

    public async Task AcceptAsync(LoginHttp login, HttpContext http, LoginContext context, SignedIn done, string? cache)
    {
        var (realm, client, tab) = (context.Realm, context.Client, context.Tab);
        var written = await WriteAsync(login, http, context, done);
        if (written.Ok(out var response, out var error))
        {
            if (tab.ClientNote(SamlNotes.ByArtifact) is not null)
            {
                // The message that the provider fetches is signed around it.
                var message = response.Write(null).DocumentElement!;
                var artifact = await artifacts.KeepAsync(realm, client, login.Urls.Issuer(http, realm), message, context.Ct);
                await new SamlDelivery(realm, client, RedirectBinding.Response, message, tab.RedirectUri!, BindingOf(tab), tab.ClientNote(SamlNotes.RelayState), null).SendArtifactAsync(login, http, artifact, cache);
                return;
            }

            await SendAsync(login, http, realm, client, tab, response.Write, [.. context.TakeForwarded()], cache);
        }
        else if (error.Code == SamlResponses.Unwritable)
        {
            await login.PageAsync(http, realm, new ErrorPage(400, error.Description!), client, cacheControl: cache);
        }
        else
        {
            await RefuseAsync(login, http, new(realm, client, tab, error.Code), cache);
        }
    }

    /// <summary>The response about a person who is signed in; their name for the client is kept with its part of the session.</summary>
    public async ValueTask<Result<SamlResponse>> WriteAsync(LoginHttp login, HttpContext http, LoginContext context, SignedIn done)
    {
        var (realm, tab) = (context.Realm, context.Tab);
        var written = await responses.WriteAsync(new()
        {
            Realm = realm, Client = context.Client, User = context.User!, Session = done.Session, ClientSession = done.ClientSession, Issuer = login.Urls.Issuer(http, realm),
            Destination = tab.RedirectUri!, RequestId = tab.ClientNote(SamlNotes.RequestId), NameIdFormat = tab.ClientNote(SamlNotes.NameIdFormat),
        }, context.Ct);
        if (written.Ok(out var response, out _))
        {
            // Whoever ends the session has to name the person as the client knows them (SAML core §3.7.1).
            var notes = new Dictionary<string, string>(done.ClientSession.Notes) { [SamlNotes.NameId] = response.NameId.Value, [SamlNotes.NameIdGiven] = response.NameId.Format };
            await login.Services.Sessions.AttachAsync(realm.Id, done.ClientSession with { Notes = notes }, context.Ct);
        }

        return written;
    }

    /// <summary>The response that says why nobody is signed in.</summary>
    public StatusResponse Refusal(LoginHttp login, HttpContext http, RefusedSignIn refused) => new()
    {
        Id = SamlResponses.NewId(), Issued = time.GetUtcNow(), Issuer = login.Urls.Issuer(http, refused.Realm),
        Destination = refused.Tab.RedirectUri, InResponseTo = refused.Tab.ClientNote(SamlNotes.RequestId),
        Code = refused.Error switch
        {
            "login_required" or "interaction_required" => SamlStatus.NoPassive,
            "temporarily_unavailable" => SamlStatus.AuthnFailed,
            NoSuchContext => SamlStatus.NoAuthnContext,
            SamlStatus.InvalidNameIdPolicy => SamlStatus.InvalidNameIdPolicy,
            _ => SamlStatus.RequestDenied,
        },
        Message = refused.Error == "temporarily_unavailable" ? "authentication_expired" : null,
    };

    public async Task RefuseAsync(LoginHttp login, HttpContext http, RefusedSignIn refused, string? cache)
    {
        var (realm, client, tab) = (refused.Realm, refused.Client, refused.Tab);
        if (tab.ClientNote(SamlNotes.StartedHere) is not null && refused.Error != SamlStatus.InvalidNameIdPolicy)
        {
            // Nobody asked, so nobody is told: the person sees why not.
            var why = refused.Error == "access_denied" ? refused.Description ?? "consentDenied" : "unexpectedErrorHandlingRequestMessage";
            await login.PageAsync(http, realm, new ErrorPage(400, why), client, cacheControl: cache);
            return;
        }

        // Who signed a refusal stands in no extension.
        var refusal = Refusal(login, http, refused);
        await SendAsync(login, http, realm, client, tab, _ => refusal.Write(), refused.Messages, cache);
    }

    private static SamlBinding BindingOf(AuthenticationTab tab) => tab.ClientNote(SamlNotes.Binding) == SamlNotes.Post ? SamlBinding.Post : SamlBinding.Redirect;

    private static async Task SendAsync(LoginHttp login, HttpContext http, Realm realm, Client client, AuthenticationTab tab, Func<Action<XmlWriter>?, XmlDocument> write, IReadOnlyList<LoginMessage> messages, string? cache)
    {
        if (!RealmSigner.TryFind(realm, client, out var signer))
        {
            await login.PageAsync(http, realm, new ErrorPage(400, RealmSigner.Problem(client)), client, cacheControl: cache);
            return;
        }

        var delivery = SamlDelivery.Of(realm, client, RedirectBinding.Response, write, tab.RedirectUri!, BindingOf(tab), tab.ClientNote(SamlNotes.RelayState), signer);
        await (delivery with { Messages = messages }).SendAsync(login, http, cache);
    }
}
