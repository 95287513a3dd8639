using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Saml;
using Castellan.Core.Saml.Logout;
using Castellan.Core.Saml.Requests;
using Castellan.Protocol.Saml;
using Castellan.Server.Admin;
using Castellan.Server.Http;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Castellan.Server.Saml;

/// <summary>Messages of service providers from server to server (SAML bindings §3.2).</summary>
internal sealed class SamlSoap(LoginHttp login, SamlRequestPipeline pipeline, SamlLogout logout, SamlWithoutBrowser signOn)
{
    public const string ContentType = "text/xml";

    /// <summary>Whether a request comes in an envelope.</summary>
    public static bool Is(HttpContext http) => HttpMethods.IsPost(http.Request.Method) && MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
        && (type.MediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("application/soap+xml", StringComparison.OrdinalIgnoreCase));

    /// <summary>The message; null when there is none, or the realm or the connection lets nobody in.</summary>
    public static async ValueTask<ReceivedMessage?> ReadAsync(HttpContext http, Realm realm, LoginHttp login)
    {
        var read = await AdminJsonReader.ReadBytesAsync(http.Request, UntrustedXml.MaxBytes, http.RequestAborted);
        return realm.Enabled && Callers.CheckTls(http, realm, login.Urls.Issuer(http, realm)) is null && read.Ok(out var body, out _) ? ReceivedMessage.FromSoap(body) : null;
    }

    public async Task HandleAsync(HttpContext http, Realm realm)
    {
        var received = await ReadAsync(http, realm, login);
        if (received is not { Message: LogoutRequest or AuthnRequest })
        {
            await FaultAsync(http, realm);
            return;
        }

        var request = new SamlRequest(realm, login.Urls.Addresses(http, realm), login.Urls.Issuer(http, realm) + SamlEndpoints.Path, received);
        if (await pipeline.CheckAsync(request, http.RequestAborted) is { } refusal)
        {
            await login.Services.Events.RecordAsync(realm, SamlEndpoint.Refused(http, request, refusal), http.RequestAborted);
            await FaultAsync(http, realm);
            return;
        }

        if (received.Message is AuthnRequest)
        {
            try
            {
                await signOn.HandleAsync(http, request);
            }
            catch (BusyException)
            {
                await LoginActionsEndpoint.BusyAsync(http, login, realm);
            }

            return;
        }

        if (!RealmSigner.TryFind(realm, request.Client, out var signer))
        {
            await FaultAsync(http, realm);
            return;
        }

        await logout.EndNamedAsync(http, request);
        var root = (logout.Response(http, realm, received.Message.Id) with { Destination = LogoutAddress.Named(request.Client, request.Server) }).Write().DocumentElement!;
        signer?.Sign(root);
        await WriteAsync(http, realm, SoapEnvelope.Around(root));
    }

    public static Task FaultAsync(HttpContext http, Realm realm)
    {
        http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        var fault = XmlParts.Write(xml =>
        {
            xml.WriteStartElement("soap", "Fault", SoapEnvelope.Namespace);
            xml.WriteElementString("faultcode", "error");
            xml.WriteElementString("faultstring", "Authentication request cannot be processed.");
            xml.WriteEndElement();
        });
        return WriteAsync(http, realm, SoapEnvelope.Around(fault.DocumentElement!));
    }

    public static Task WriteAsync(HttpContext http, Realm realm, byte[] envelope)
    {
        http.Response.Headers.CacheControl = SamlDelivery.NoCache;
        SecurityHeaders.Apply(http.Response.Headers, realm);
        http.Response.Headers.Remove("X-Frame-Options");
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = envelope.Length;
        return http.Response.BodyWriter.WriteAsync(envelope, http.RequestAborted).AsTask();
    }
}
