using Castellan.Core.Authorization.Requesting;
using Castellan.Core.Ciba;
using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Grants;
using Castellan.Core.Keys;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Mappers;
using Castellan.Core.Organizations;
using Castellan.Core.Outbound;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Server.Http;
using Castellan.Server.Registration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Castellan.Server.Oidc;

/// <summary>The token side: keys, grants, client authentication, and their endpoints.</summary>
internal static class OidcRegistration
{
    public static void AddOidc(this IServiceCollection services)
    {
        services.TryAddSingleton<Keys>();
        services.TryAddSingleton<IFetch>(_ => new Fetch(allowLoopback: false));
        services.TryAddSingleton<RemoteKeys>();
        services.TryAddSingleton<ClientKeys>();
        services.TryAddSingleton<ResponseEncryption>();
        services.TryAddSingleton<TokenIssuer>();
        services.TryAddSingleton<AccessTokens>();
        services.TryAddSingleton<MapperCompletion>();
        services.TryAddSingleton<IFrontChannelTokens, FrontChannelTokens>();
        services.TryAddSingleton<DPoPProofs>();
        services.TryAddSingleton<BearerTokens>();
        services.TryAddSingleton<DeviceAuthorizations>();
        services.TryAddSingleton(new CibaChannelOptions(null));
        services.TryAddSingleton<IAuthenticationChannel, HttpAuthenticationChannel>();
        services.TryAddSingleton<ChannelTokens>();
        services.TryAddSingleton<CibaRequests>();
        services.TryAddSingleton<SignedCibaRequests>();
        services.TryAddSingleton<BackchannelAuthentication>();
        services.TryAddSingleton<BackchannelCallback>();
        services.TryAddSingleton<TokenPipeline>();
        services.TryAddSingleton<OrganizationMemberships>();
        services.TryAddSingleton<RegistrationTokens>();
        services.TryAddSingleton<RefreshTokenLogout>();
        services.TryAddSingleton<ExchangedParts>();
        services.AddSingleton<IHostedService, SessionExpiry>();

        services.AddSingleton<IClientMethod, SecretMethod>();
        services.AddSingleton<IClientMethod, KeyAssertionMethod>();
        services.AddSingleton<IClientMethod, SecretAssertionMethod>();
        services.AddSingleton<IClientMethod, CertificateMethod>();
        if (Features.Of(services).Has("client-auth-federated"))
        {
            services.TryAddSingleton<FederatedAssertions>();
            services.AddSingleton<IClientMethod>(s => s.GetRequiredService<FederatedAssertions>());
        }

        services.TryAddSingleton<IClientAuthentication>(s => new ClientAuthentication(s.GetRequiredService<IClients>(), [.. s.GetServices<IClientMethod>()], s.GetService<FederatedAssertions>()));

        // A new grant is a file and a line here.
        services.TryAddSingleton<ClientCredentialsGrant>();
        services.AddSingleton<IGrant>(s => s.GetRequiredService<ClientCredentialsGrant>());
        services.AddSingleton<IGrant, PasswordGrant>();
        services.AddSingleton<IGrant, RefreshTokenGrant>();
        services.AddSingleton<IGrant, AuthorizationCodeGrant>();
        if (Features.Of(services).Has("jwt-authorization-grant"))
        {
            services.AddSingleton<IGrant, JwtAuthorizationGrant>();
        }

        if (Features.Of(services).Has("token-exchange-standard"))
        {
            services.AddSingleton<IGrant, TokenExchangeGrant>();
        }

        if (Features.Of(services).Has("device-flow"))
        {
            services.AddSingleton<IGrant, DeviceCodeGrant>();
        }

        if (Features.Of(services).Has("ciba"))
        {
            services.AddSingleton<IGrant, CibaGrant>();
        }

        if (Features.Of(services).Has("authorization"))
        {
            services.TryAddSingleton<RequestingParties>();
            services.TryAddSingleton<PermissionDecisions>();
            services.TryAddSingleton<OwnerRequests>();
            services.AddSingleton<IGrant, PermissionGrant>();
        }
    }

    public static void MapOidc(this IEndpointRouteBuilder endpoints, Features features)
    {
        RealmEndpoints.Map(endpoints);
        Saml.SamlEndpoints.Map(endpoints);
        RegistrationEndpoints.Map(endpoints);
        DiscoveryEndpoint.Map(endpoints);
        TokenEndpoint.Map(endpoints);
        IntrospectionEndpoint.Map(endpoints);
        RevocationEndpoint.Map(endpoints);
        UserInfoEndpoint.Map(endpoints);
        if (features.Has("par"))
        {
            PushedRequestEndpoint.Map(endpoints);
        }

        if (features.Has("device-flow"))
        {
            DeviceAuthorizationEndpoint.Map(endpoints);
        }

        if (features.Has("ciba"))
        {
            BackchannelAuthenticationEndpoint.Map(endpoints);
            BackchannelCallbackEndpoint.Map(endpoints);
        }

        endpoints.Map("/realms/{realm}/protocol/{protocol}/{**rest}", endpoints.WithRealm((http, realm) =>
            JsonAnswers.ErrorAsync(
                http,
                StatusCodes.Status404NotFound,
                (string)http.Request.RouteValues["protocol"]! is "openid-connect" or "saml" ? "HTTP 404 Not Found" : "Protocol not found",
                realm)));
    }
}
