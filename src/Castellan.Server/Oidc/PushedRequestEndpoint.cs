using System.Buffers;
using System.Text.Json;
using Castellan.Core;
using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Messages;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>
/// Pushed authorization requests (RFC 9126): the client proves itself, the request is checked as at the authorization endpoint, and a reference to it
/// goes out.
/// </summary>
internal sealed class PushedRequestEndpoint(
    ServerUrls urls, IClientAuthentication authentication, AuthorizePipeline pipeline, DPoPProofs proofs, IOneUse oneUse, IEvents events, TimeProvider time)
{
    private const long DefaultLife = 60;
    private const string Path = OidcRoutes.Protocol + "/ext/par/request";

    /// <summary>What proves the client is no part of the request that it pushes.</summary>
    private static readonly string[] s_credentials = ["client_secret", "client_assertion", "client_assertion_type"];

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = ActivatorUtilities.CreateInstance<PushedRequestEndpoint>(endpoints.ServiceProvider);
        endpoints.MapOidc(Path, "POST", endpoint.PostAsync);
    }

    private async Task PostAsync(HttpContext http, Realm realm)
    {
        var ct = http.RequestAborted;
        var address = urls.Issuer(http, realm);
        if (OidcRoutes.CheckRealm(http, realm, address) is { } closed)
        {
            await OAuthResults.ErrorAsync(http, realm, closed);
            return;
        }

        if (await RequestForm.ReadAsync(http) is not { } form)
        {
            await OAuthResults.ErrorAsync(http, realm, new("invalid_request", "The request is not a form, or too long"));
            return;
        }

        if (form.Repeated("resource") is not null)
        {
            await OAuthResults.ErrorAsync(http, realm, new("invalid_request", "duplicated parameter"));
            return;
        }

        var happened = OidcRoutes.Event(http, EventTypes.PushedAuthorizationRequest);
        if (!(await authentication.AuthenticateAsync(OidcRoutes.Proof(http, realm, form, urls, happened, ClientEndpoint.PushedRequest), ct)).Ok(out var client, out _))
        {
            await events.RecordAsync(realm, happened, ct);
            await OAuthResults.ErrorAsync(http, realm, new("invalid_request", "Authentication failed.", 401));
            return;
        }

        if (!Cors.AllowClient(http, client.Client))
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status403Forbidden, "Invalid origin", realm);
            return;
        }

        if (ClientPolicies.Of(realm).Prove(new ProofOccasion(realm, client.Client, form, address)) is { } demanded)
        {
            await RefuseAsync(http, realm, happened, demanded, ct);
            return;
        }

        if (Keep(client.Client, form) is not { } parameters)
        {
            await RefuseAsync(http, realm, happened, new("invalid_request", "It is not allowed to include request_uri to PAR."), ct);
            return;
        }

        var bound = await proofs.CheckAtPushAsync(http, realm, $"{address}{Path}", ct);
        if (!bound.Ok(out var key, out var error))
        {
            await RefuseAsync(http, realm, happened, error, ct);
            return;
        }

        var request = new AuthorizeRequest(realm, urls.Addresses(http, realm), parameters) { IsBeingPushed = true, Pushed = true };
        if ((await pipeline.CheckAsync(request, ct) is { } refusal ? Describe(refusal) : Bind(request, key.Value)) is { } refused)
        {
            await RefuseAsync(http, realm, happened, refused, ct);
            return;
        }

        var life = long.TryParse(client.Client.Attribute("parRequestUriLifespan") ?? realm.Attribute("parRequestUriLifespan"), out var own) && own > 0 ? own : DefaultLife;
        var uri = RequestObjects.PushedPrefix + Ids.New();
        await oneUse.PutAsync(realm.Id, OneUseKinds.PushedRequest, uri, PushedRequests.Write(request.Parameters), time.GetUtcNow().ToUnixTimeMilliseconds() + life * 1000, ct);
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body, JsonAnswers.Plain))
        {
            json.WriteStartObject();
            json.WriteString("request_uri", uri);
            json.WriteNumber("expires_in", life);
            json.WriteEndObject();
        }

        http.Response.StatusCode = StatusCodes.Status201Created;
        await JsonAnswers.BytesAsync(http, body.WrittenMemory, JsonAnswers.Json, realm);
    }

    /// <summary>There is no browser to show a page to, so the client hears of it (RFC 9126 §2.3).</summary>
    private static ProtocolError Describe(AuthorizeRefusal refusal) => refusal switch
    {
        { PageKey: AuthorizeRefusal.InvalidRequest } => new("invalid_request_object", AuthorizeRefusal.InvalidRequest),
        { PageKey: { } key } => new("invalid_request", refusal.PageArguments is [{ } about, ..] ? $"Invalid parameter: {about}" : key),
        { Error.Code: "unsupported_response_type" } or { Error.Description: "Missing parameter: response_type" } => new("invalid_request", "Unsupported response type"),
        { Error: { Code: "invalid_scope" } error } => error with { Code = "invalid_request" },
        _ => refusal.Error,
    };

    /// <summary>Binds the request to the key that was proved beside it (RFC 9449 §10.1).</summary>
    private static ProtocolError? Bind(AuthorizeRequest request, string? thumbprint)
    {
        if (thumbprint is null)
        {
            return null;
        }

        if (request["dpop_jkt"] is { } promised && promised != thumbprint)
        {
            return new("invalid_request", "DPoP Proof public key thumbprint does not match dpop_jkt.");
        }

        request.Parameters["dpop_jkt"] = thumbprint;
        return null;
    }

    /// <summary>The parameters to keep; null when the request refers to another one (§2.1).</summary>
    private static Dictionary<string, string>? Keep(Client client, Form form)
    {
        if (form.Value("request_uri") is not null)
        {
            return null;
        }

        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in form.Fields)
        {
            if (!s_credentials.Contains(name))
            {
                parameters.TryAdd(name, value);
            }
        }

        parameters["client_id"] = client.ClientId;
        return parameters;
    }

    private async Task RefuseAsync(HttpContext http, Realm realm, LoginEvent happened, ProtocolError error, CancellationToken ct)
    {
        await events.RecordAsync(realm, happened.Failed(error.Code), ct);
        await OAuthResults.ErrorAsync(http, realm, error);
    }
}
