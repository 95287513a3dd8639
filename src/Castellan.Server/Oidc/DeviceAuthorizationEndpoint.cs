using System.Buffers;
using System.Text.Json;
using Castellan.Core.Authorize;
using Castellan.Core.Authorize.Checks;
using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Messages;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>The device authorization endpoint (RFC 8628 §3.1): a device without a keyboard gets a code for itself and one for its person.</summary>
internal sealed class DeviceAuthorizationEndpoint(ServerUrls urls, IClientAuthentication authentication, DeviceAuthorizations devices, IEvents events, TimeProvider time)
{
    private static readonly PkceCheck s_pkce = new();

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = ActivatorUtilities.CreateInstance<DeviceAuthorizationEndpoint>(endpoints.ServiceProvider);
        endpoints.MapOidc(OidcRoutes.Protocol + "/auth/device", "POST", endpoint.PostAsync);
    }

    private async Task PostAsync(HttpContext http, Realm realm)
    {
        var ct = http.RequestAborted;
        if (OidcRoutes.CheckRealm(http, realm, urls.Issuer(http, realm)) is { } closed)
        {
            Cors.AllowAny(http);
            await OAuthResults.ErrorAsync(http, realm, closed);
            return;
        }

        if (await RequestForm.ReadAsync(http) is not { } form)
        {
            await OAuthResults.ErrorAsync(http, realm, new("invalid_request", "The request is not a form, or too long"));
            return;
        }

        var happened = OidcRoutes.Event(http, EventTypes.OAuth2DeviceAuth);
        if (!(await authentication.AuthenticateAsync(OidcRoutes.Proof(http, realm, form, urls, happened, ClientEndpoint.DeviceAuthorization), ct)).Ok(out var authenticated, out var error))
        {
            Cors.AllowAny(http);
            await events.RecordAsync(realm, happened, ct);
            await OAuthResults.ErrorAsync(http, realm, error);
            return;
        }

        var client = authenticated.Client;
        if (!Cors.AllowClient(http, client))
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status403Forbidden, "Invalid origin", realm);
            return;
        }

        if (await CheckAsync(http, realm, client, form) is var (refused, word))
        {
            await events.RecordAsync(realm, happened.With("reason", refused.Description).Failed(word), ct);
            await OAuthResults.ErrorAsync(http, realm, refused);
            return;
        }

        var (life, interval) = (client.DeviceCodeLifespan(realm), client.DevicePollingInterval(realm));
        var challenge = form.Value("code_challenge");
        var (deviceCode, userCode) = await devices.AddAsync(realm.Id, new DeviceAuthorization
        {
            ClientId = client.Id, Scope = form.Value("scope"), Nonce = form.Value("nonce"), CodeChallenge = challenge,
            CodeChallengeMethod = challenge is null ? null : form.Value("code_challenge_method") ?? "plain",
            Interval = interval, Expires = time.GetUtcNow().ToUnixTimeMilliseconds() + (life * 1000L),
        }, ct);
        await events.RecordAsync(realm, happened.With("scope", form.Value("scope")), ct);
        http.Response.Headers.CacheControl = "no-store, must-revalidate, max-age=0";
        var page = realm.Attribute("shortVerificationUri") is { Length: > 0 } shorter ? shorter : $"{urls.Issuer(http, realm)}/device";
        await JsonAnswers.BytesAsync(http, Answer(deviceCode, userCode, page, life, interval), JsonAnswers.Json, realm);
    }

    /// <summary>Why the request goes no further, for the client and for the event; null when it does.</summary>
    private async ValueTask<(ProtocolError Error, string Word)?> CheckAsync(HttpContext http, Realm realm, Client client, Form form)
    {
        if (form.Repeated() is not null)
        {
            return (new("invalid_request", "duplicated parameter"), "invalid_request");
        }

        if (!client.MayUseDevices())
        {
            return (new("unauthorized_client", DeviceSettings.Disabled), "not_allowed");
        }

        if (form["scope"] is { Length: > Scopes.MaxLength })
        {
            return (new("invalid_scope", "Invalid scopes: the parameter is too long"), "invalid_request");
        }

        if (form["nonce"] is { Length: > Scopes.MaxLength })
        {
            return (new("invalid_request", "Invalid parameter: nonce"), "invalid_request");
        }

        var parameters = form.Fields.ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal);
        var request = new AuthorizeRequest(realm, urls.Addresses(http, realm), parameters) { Client = client, ResponseType = ResponseType.Code };
        return await s_pkce.CheckAsync(request, http.RequestAborted) is { } refusal ? (refusal.Error, "invalid_request") : null;
    }

    private static ReadOnlyMemory<byte> Answer(string deviceCode, string userCode, string page, int life, int interval)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body, JsonAnswers.Plain))
        {
            json.WriteStartObject();
            json.WriteString("device_code", deviceCode);
            json.WriteString("user_code", userCode);
            json.WriteString("verification_uri", page);
            json.WriteString("verification_uri_complete", $"{page}?user_code={userCode}");
            json.WriteNumber("expires_in", life);
            json.WriteNumber("interval", interval);
            json.WriteEndObject();
        }

        return body.WrittenMemory;
    }
}
