using Castellan.Core.Ciba;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>Where a device, or the operator's service for the devices, says how its person decided: <c>{"status": "SUCCEED"}</c>, <c>CANCELLED</c> or <c>UNAUTHORIZED</c>.</summary>
internal sealed class BackchannelCallbackEndpoint(ServerUrls urls, BackchannelCallback callback, IEvents events)
{
    private const int LongestBody = 16 * 1024;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = ActivatorUtilities.CreateInstance<BackchannelCallbackEndpoint>(endpoints.ServiceProvider);
        endpoints.MapOidc(BackchannelAuthenticationEndpoint.Path + "/callback", "POST", endpoint.PostAsync);
    }

    private async Task PostAsync(HttpContext http, Realm realm)
    {
        if (http.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) is not true)
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status415UnsupportedMediaType, "HTTP 415 Unsupported Media Type", realm);
            return;
        }

        var happened = OidcRoutes.Event(http, EventTypes.Login);
        var error = await TakeAsync(http, realm, happened);
        if (happened.Error is not null)
        {
            // What it came to is recorded though the device hung up.
            await events.RecordAsync(realm, happened, CancellationToken.None);
        }

        await (error is null ? OAuthResults.EmptyAsync(http, realm, StatusCodes.Status200OK) : OAuthResults.ErrorAsync(http, realm, error));
    }

    private async ValueTask<ProtocolError?> TakeAsync(HttpContext http, Realm realm, LoginEvent happened)
    {
        var issuer = urls.Issuer(http, realm);
        if (OidcRoutes.CheckRealm(http, realm, issuer) is { } closed)
        {
            return closed;
        }

        if (await ReadAsync(http) is not { } body)
        {
            return new("invalid_request", "The request is too long", StatusCodes.Status413PayloadTooLarge);
        }

        return await callback.TakeAsync(new(realm, Bearer.Text(http), body, issuer, happened), http.RequestAborted);
    }

    private static async ValueTask<byte[]?> ReadAsync(HttpContext http)
    {
        if (http.Request.ContentLength > LongestBody)
        {
            return null;
        }

        var buffer = new byte[LongestBody + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
        return length > LongestBody ? null : buffer[..length];
    }
}
