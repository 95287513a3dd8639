using System.Buffers;
using System.Text.Json;
using Castellan.Core.Ciba;
using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Oidc;

/// <summary>
/// The backchannel authentication endpoint (OpenID CIBA Core 1.0 §7): a client has somebody asked on their own device. Whatever is wrong with the client
/// is a 401. Of refusals only those that say something of the client are events.
/// </summary>
internal sealed partial class BackchannelAuthenticationEndpoint(
    ServerUrls urls, IClientAuthentication authentication, BackchannelAuthentication backchannel, IEvents events, ILogger<BackchannelAuthenticationEndpoint> log)
{
    public const string Path = OidcRoutes.Protocol + "/ext/ciba/auth";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = ActivatorUtilities.CreateInstance<BackchannelAuthenticationEndpoint>(endpoints.ServiceProvider);
        endpoints.MapOidc(Path, "POST", endpoint.PostAsync);
    }

    private async Task PostAsync(HttpContext http, Realm realm)
    {
        var happened = OidcRoutes.Event(http, EventTypes.Login);
        var result = await BeginAsync(http, realm, happened);
        if (happened.Error is not null)
        {
            await events.RecordAsync(realm, happened, http.RequestAborted);
        }

        if (!result.Ok(out var begun, out var error))
        {
            if (error.Detail is { } why)
            {
                LogUnasked(realm.Name, happened.ClientId, why);
            }

            await OAuthResults.ErrorAsync(http, realm, error);
            return;
        }

        OAuthResults.NoStore(http);
        await JsonAnswers.BytesAsync(http, Answer(begun), JsonAnswers.Json, realm);
    }

    private async ValueTask<Result<BackchannelAcknowledgement>> BeginAsync(HttpContext http, Realm realm, LoginEvent happened)
    {
        var (ct, issuer) = (http.RequestAborted, urls.Issuer(http, realm));
        if (OidcRoutes.CheckRealm(http, realm, issuer) is { } closed)
        {
            return OfClient(closed);
        }

        if (await RequestForm.ReadAsync(http) is not { } form)
        {
            return new ProtocolError("invalid_request", "The request is not a form, or too long");
        }

        var proof = OidcRoutes.Proof(http, realm, form, urls, happened, ClientEndpoint.BackchannelAuthentication);
        if (!(await authentication.AuthenticateAsync(proof, ct)).Ok(out var authenticated, out var error))
        {
            return OfClient(error);
        }

        var client = authenticated.Client;
        if (client.IsBearerOnly)
        {
            return OfClient(new("invalid_client", "Bearer-only not allowed"));
        }

        if (!client.MayUseCiba())
        {
            happened.Failed("not_allowed");
            return OfClient(new("invalid_grant", CibaPolicy.NotAllowed));
        }

        return await backchannel.BeginAsync(new(realm, client, form, issuer, urls.Addresses(http, realm), happened), ct);
    }

    private static ProtocolError OfClient(ProtocolError error) => error with { Status = StatusCodes.Status401Unauthorized };

    private static ReadOnlyMemory<byte> Answer(BackchannelAcknowledgement begun)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body, JsonAnswers.Plain))
        {
            json.WriteStartObject();
            json.WriteString("auth_req_id", begun.AuthReqId);
            json.WriteNumber("expires_in", begun.ExpiresIn);
            if (begun.Interval > 0)
            {
                json.WriteNumber("interval", begun.Interval);
            }

            json.WriteEndObject();
        }

        return body.WrittenMemory;
    }

    [LoggerMessage(Level = LogLevel.Warning, EventId = 3701, Message = "Realm {Realm}: nobody was asked for the client {Client}. {Reason}")]
    private partial void LogUnasked(string realm, string? client, string reason);
}
