using System.Text;
using Castellan.Core.Brokering;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Server.Admin;
using Castellan.Server.Http;
using Castellan.Server.Oidc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Brokering;

/// <summary>The tokens that a provider gave for a person, for applications that the person's role <c>broker/read-token</c> speaks for: <c>broker/{alias}/token</c>.</summary>
internal sealed class StoredTokenEndpoint(AccessTokens tokens, KeptTokens kept, IUserStore users, IEvents events, ServerUrls urls, BrokerTabs tabs)
{
    private const string Role = "read-token";
    private const string RoleClient = "broker";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        endpoints.MapRealmGet("/broker/{alias}/token", (http, realm) => services.GetRequiredService<StoredTokenEndpoint>().AnswerAsync(http, realm));
        endpoints.MapRealmPost("/broker/{alias}/token", (http, realm) =>
            OAuthResults.ErrorAsync(http, realm, new Protocol.Errors.ProtocolError("invalid_request", "Identity Brokering API feature not enabled")));
    }

    private async Task AnswerAsync(HttpContext http, Realm realm)
    {
        var ct = http.RequestAborted;
        var alias = (string)http.Request.RouteValues["alias"]!;
        if (OidcRoutes.CheckRealm(http, realm, urls.Issuer(http, realm)) is not null || Bearer.Text(http) is not { } token
            || !(await tokens.CheckAsync(realm, token, urls.Issuer(http, realm), ct)).Ok(out var valid, out _) || !valid.IsForBearers)
        {
            await RefuseAsync(http, realm, 400, "Invalid token.");
            return;
        }

        var all = GrantedRoles.Of(realm, valid.User);
        var scopes = Scopes.Restore(valid.Client, valid.Token.Scope).For(all);
        var provider = IdentityProviders.Of(realm).FindEnabled(alias);
        if (!GrantedRoles.Within(realm, valid.Client, scopes, all).Any(r => r.ClientName == RoleClient && r.Name == Role))
        {
            await RefuseAsync(http, realm, 403, $"Client [{valid.Client.ClientId}] not authorized to retrieve tokens from identity provider [{alias}].");
        }
        else if (provider is null)
        {
            await tabs.RefuseAsync(http, realm, new ErrorPage(502, "couldNotObtainTokenMessage"), valid.Client, null);
        }
        else if (!provider.StoreToken)
        {
            await RefuseAsync(http, realm, 400, $"Identity Provider [{alias}] does not support this operation.");
        }
        else if (await kept.FindAsync(realm, provider, valid.User, ct) is not { } found)
        {
            var linked = (await users.FederatedIdentitiesAsync(realm.Id, valid.User.Id, ct)).Exists(l => l.IdentityProvider == alias);
            await RefuseAsync(http, realm, linked ? 404 : 400, linked
                ? $"No token stored for user [{valid.User.Id}] with associated identity provider [{alias}]." : $"User [{valid.User.Id}] is not associated with identity provider [{alias}].");
        }
        else
        {
            var happened = OidcRoutes.Event(http, EventTypes.IdentityProviderRetrieveToken).With("identity_provider", alias);
            (happened.ClientId, happened.UserId) = (valid.Client.ClientId, valid.User.Id);
            Cors.AllowClient(http, valid.Client);
            if (!found.Ok(out var stored, out var refusal))
            {
                await events.RecordAsync(realm, happened.With("reason", refusal.Detail).Failed("identity_provider_error"), ct);
                await RefuseAsync(http, realm, 502, "Unable to refresh token");
                return;
            }

            await events.RecordAsync(realm, happened, ct);
            http.Response.Headers.CacheControl = "no-cache";
            await JsonAnswers.BytesAsync(http, Encoding.UTF8.GetBytes(stored), provider.IsSaml ? "text/plain" : JsonAnswers.Json, realm);
        }
    }

    private static Task RefuseAsync(HttpContext http, Realm realm, int status, string message)
    {
        var answer = AdminAnswer.Message(status, message);
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-cache";
        SecurityHeaders.Apply(http.Response.Headers, realm);
        http.Response.ContentType = answer.ContentType;
        return answer.WriteAsync(http.Response, http.RequestAborted);
    }
}
