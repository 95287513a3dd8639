using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

/// <summary>OpenIddict in its degraded mode: no stores, the client is checked by hand, JWT access tokens that are signed and not encrypted.</summary>
internal static class OpenIddictStoreless
{
    public static Task RunAsync(string url, string algorithm)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOpenIddict().AddServer(options =>
        {
            options.SetTokenEndpointUris("token").AllowClientCredentialsFlow().EnableDegradedMode().DisableAccessTokenEncryption();
            options.AddEphemeralEncryptionKey().AddSigningKey(SigningKey(algorithm));
            options.UseAspNetCore().DisableTransportSecurityRequirement();
            options.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                var right = context.ClientId == "bench"
                    && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.ClientSecret ?? ""), "bench-secret"u8);
                if (!right) context.Reject(OpenIddictConstants.Errors.InvalidClient);
                return default;
            }));
            options.AddEventHandler<HandleTokenRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                context.SignIn(ClientPrincipal.Of(context.ClientId!));
                return default;
            }));
        });
        var app = builder.Build();
        app.UseAuthentication();
        return app.RunAsync(url);
    }

    public static SecurityKey SigningKey(string algorithm) => algorithm == "ES256"
        ? new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "es" }
        : new RsaSecurityKey(RSA.Create(2048)) { KeyId = "rs" };
}

internal static class ClientPrincipal
{
    public static ClaimsPrincipal Of(string client)
    {
        var identity = new ClaimsIdentity("client", OpenIddictConstants.Claims.Name, OpenIddictConstants.Claims.Role);
        identity.SetClaim(OpenIddictConstants.Claims.Subject, client);
        identity.SetDestinations(static _ => [OpenIddictConstants.Destinations.AccessToken]);
        return new ClaimsPrincipal(identity);
    }
}
