using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Grants;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>The token endpoint (RFC 6749 §3.2): parse, prove the client, run the grant, write.</summary>
internal sealed class TokenEndpoint(ServerUrls urls, IClientAuthentication authentication, TokenPipeline pipeline, DPoPProofs proofs, BearerTokens bearers, IEvents events)
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = ActivatorUtilities.CreateInstance<TokenEndpoint>(endpoints.ServiceProvider);
        endpoints.MapOidc(OidcRoutes.Protocol + "/token", "POST", endpoint.PostAsync);
    }

    private async Task PostAsync(HttpContext http, Realm realm)
    {
        var ct = http.RequestAborted;
        var issuer = urls.Issuer(http, realm);
        if (OidcRoutes.CheckRealm(http, realm, issuer) is { } closed)
        {
            Cors.AllowAny(http);
            await OAuthResults.RefuseAsync(http, realm, closed);
            return;
        }

        if (await RequestForm.ReadAsync(http) is not { } form)
        {
            await OAuthResults.RefuseAsync(http, realm, new("invalid_request", "The request is not a form, or too long"));
            return;
        }

        if (form["grant_type"] is not { } type)
        {
            await OAuthResults.RefuseAsync(http, realm, new("invalid_request", "Missing form parameter: grant_type"));
            return;
        }

        if (pipeline.Find(type) is not { } grant)
        {
            await OAuthResults.RefuseAsync(http, realm, new("unsupported_grant_type", "Unsupported grant_type"));
            return;
        }

        var happened = OidcRoutes.Event(http, grant.EventType).With("grant_type", type);
        var bearer = grant.TakesBearer && BearerTokens.IsGiven(http) ? await bearers.FindAsync(http, realm, issuer, ct) : null;
        if (bearer is null && grant.TakesBearer && BearerTokens.IsGiven(http))
        {
            await RefuseAsync(http, realm, happened, new("invalid_grant", "Invalid bearer token"), "invalid_token", ct);
            return;
        }

        var proved = bearer is null
            ? await authentication.AuthenticateAsync(OidcRoutes.Proof(http, realm, form, urls, happened, ClientEndpoint.Token), ct)
            : ClientPolicies.Of(realm).Enter(new EndpointOccasion(realm, bearer.Token.Client, ClientEndpoint.Token)) is { } demanded ? demanded
            : new AuthenticatedClient(bearer.Token.Client, "bearer");
        happened.ClientId ??= bearer?.Token.Client.ClientId;
        if (!proved.Ok(out var client, out var error))
        {
            // Whose pages may read answers is not known, and why nobody is let in is no secret.
            Cors.AllowAny(http);
            await events.RecordAsync(realm, happened.Failed(happened.Error ?? error.Code), ct);
            await OAuthResults.RefuseAsync(http, realm, error);
            return;
        }

        if (!Cors.AllowClient(http, client.Client))
        {
            OAuthResults.NoStore(http);
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status403Forbidden, "Invalid origin", realm);
            return;
        }

        if (client.Client.IsBearerOnly)
        {
            await OAuthResults.RefuseAsync(http, realm, new("invalid_client", "Bearer-only not allowed"));
            return;
        }

        // §3.2: parameters must not be included more than once, but for those of which a grant takes several.
        if (form.Repeated([.. grant.Repeatable]) is not null)
        {
            await OAuthResults.RefuseAsync(http, realm, new("invalid_request", "duplicated parameter"));
            return;
        }

        var bound = await proofs.CheckAtTokenEndpointAsync(http, realm, client.Client, $"{issuer}{OidcRoutes.Protocol}/token", ct);
        if (!bound.Ok(out var thumbprint, out error))
        {
            await RefuseAsync(http, realm, happened.With("reason", error.Description), error, "invalid_dpop_proof", ct);
            return;
        }

        var request = new TokenRequest
        {
            Realm = realm,
            Authenticated = client,
            Bearer = bearer,
            Form = form,
            Issuer = issuer,
            IpAddress = happened.IpAddress,
            UserAgent = http.Request.Headers.UserAgent,
            DPoPThumbprint = thumbprint.Value,
            CertificateThumbprint = OidcRoutes.CertificateThumbprint(http),
            Event = happened,
        };
        if (!(await pipeline.RunAsync(grant, request, ct)).Ok(out var answer, out error))
        {
            await OAuthResults.RefuseAsync(http, realm, error);
        }
        else if (answer.Tokens is { } tokens)
        {
            await OAuthResults.TokensAsync(http, realm, tokens);
        }
        else
        {
            OAuthResults.NoStore(http);
            await JsonAnswers.BytesAsync(http, answer.Json!, JsonAnswers.Json, realm);
        }
    }

    private async Task RefuseAsync(HttpContext http, Realm realm, LoginEvent happened, ProtocolError error, string eventError, CancellationToken ct)
    {
        await events.RecordAsync(realm, happened.Failed(eventError), ct);
        await OAuthResults.RefuseAsync(http, realm, error);
    }
}
