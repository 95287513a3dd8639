using System.Buffers;
using System.Text;
using System.Text.Json;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Protocol.Errors;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Oidc;

/// <summary>Userinfo (OpenID Connect Core §5.3), for bearer tokens (RFC 6750) and bound ones (RFC 9449 §7).</summary>
internal sealed class UserInfoEndpoint(ServerUrls urls, AccessTokens tokens, TokenIssuer issuer, DPoPProofs proofs, IEvents events, OrganizationMemberships memberships, TimeProvider time)
{
    private const string DPoPAlgorithms = "PS384 RS384 EdDSA ES384 ES256 RS256 ES512 PS256 PS512 RS512";

    // RFC 6750 §3.1: a token given twice is a malformed request.
    private static readonly ProtocolError s_repeated = new("invalid_request", "Duplicate parameter");
    private static readonly ProtocolError s_twoWays = new("invalid_request", "More than one method used for including an access token");
    private static readonly ProtocolError s_noCertificate = new("invalid_token", "Client certificate missing, or its thumbprint and one in the refresh token did NOT match", 401);
    private static readonly ProtocolError s_foreign = new("invalid_request", "Invalid origin", 403);
    private static readonly ProtocolError s_failed = new("invalid_token", "Token verification failed", 401);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var endpoint = ActivatorUtilities.CreateInstance<UserInfoEndpoint>(endpoints.ServiceProvider);
        endpoints.MapOidc(OidcRoutes.Protocol + "/userinfo", "GET, POST", endpoint.AnswerAsync);
    }

    private async Task AnswerAsync(HttpContext http, Realm realm)
    {
        var ct = http.RequestAborted;
        var address = urls.Issuer(http, realm);
        if (OidcRoutes.CheckRealm(http, realm, address) is { } closed)
        {
            await OAuthResults.RefuseAsync(http, realm, closed);
            return;
        }

        var (scheme, text) = Token(http);
        if (HttpMethods.IsPost(http.Request.Method) && await RequestForm.ReadAsync(http) is { } form)
        {
            var given = form.All("access_token").ToList();
            if (given.Count > 1 || (given.Count == 1 && text is not null))
            {
                await ChallengeAsync(http, realm, scheme, given.Count > 1 ? s_repeated : s_twoWays);
                return;
            }

            text ??= form.Value("access_token");
        }

        var happened = OidcRoutes.Event(http, EventTypes.UserInfoRequest).With("auth_method", "validate_access_token");
        if (text is null)
        {
            await events.RecordAsync(realm, happened.With("reason", "Missing token").Failed("invalid_token"), ct);
            await ChallengeAsync(http, realm, Bearer.Scheme, null);
            return;
        }

        if (!(await CheckAsync(http, realm, scheme, text, address, happened, ct)).Ok(out var valid, out var error))
        {
            if (error == s_foreign)
            {
                OAuthResults.NoStore(http);
                await JsonAnswers.ErrorAsync(http, StatusCodes.Status403Forbidden, "Invalid origin", realm);
                return;
            }

            await events.RecordAsync(realm, happened.Failed(happened.Error ?? "invalid_token"), ct);
            await ChallengeAsync(http, realm, scheme, error);
            return;
        }

        if (ClientPolicies.Of(realm).Enter(new EndpointOccasion(realm, valid.Client, ClientEndpoint.UserInfo)) is { } demanded)
        {
            await events.RecordAsync(realm, happened.FailedByPolicy(demanded.Code, demanded.Description), ct);
            await OAuthResults.RefuseAsync(http, realm, demanded);
            return;
        }

        if (valid.Token.Answers.Find(TokenAnswerKind.UserInfo, valid, valid.Client) is { } known)
        {
            await events.RecordAsync(realm, happened.With("signature_required", "false"), ct);
            await WriteAsync(http, realm, known, JsonAnswers.Json);
            return;
        }

        var grant = await memberships.CompleteAsync(valid.ToGrant(realm), ct);
        var claims = issuer.UserInfo(grant);
        if (await issuer.UserInfoTokenAsync(grant, claims, ct) is { } signed)
        {
            if (!signed.Ok(out var jwt, out error))
            {
                await OAuthResults.RefuseAsync(http, realm, error);
                return;
            }

            var algorithm = TokenIssuer.UserInfoAlgorithm(grant.Client);
            await events.RecordAsync(realm, happened.With("signature_required", algorithm is null ? "false" : "true").With("signature_algorithm", algorithm), ct);
            await WriteAsync(http, realm, Encoding.ASCII.GetBytes(jwt), "application/jwt");
            return;
        }

        await events.RecordAsync(realm, happened.With("signature_required", "false"), ct);
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body, JsonAnswers.Plain))
        {
            claims.WriteTo(json);
        }

        var answer = body.WrittenSpan.ToArray();
        if (!grant.Scopes.NamesOrganizations)
        {
            valid.Token.Answers.Keep(TokenAnswerKind.UserInfo, valid, valid.Client, answer);
        }

        await WriteAsync(http, realm, answer, JsonAnswers.Json);
    }

    /// <summary>The token, if it counts here; what is against it stands in the event.</summary>
    private async ValueTask<Result<ValidToken>> CheckAsync(
        HttpContext http, Realm realm, string scheme, string text, string address, LoginEvent happened, CancellationToken ct)
    {
        if (OwnToken.Read(realm, text, address) is not { } token)
        {
            return Invalid("Failed to parse JWT");
        }

        if (token.IsLightweight)
        {
            const string light = "Lightweight access token not allowed for userinfo endpoint";
            happened.With("reason", light);
            return new ProtocolError("invalid_token", light, 401);
        }

        var isActive = token.IsActive(time.GetUtcNow().ToUnixTimeSeconds());
        if (!isActive || !token.IsAccessToken)
        {
            return Invalid(isActive ? $"Token type is incorrect. Expected '[Bearer, DPoP]' but was '{token.Type}'" : "Token is not active");
        }

        if (await UnprovedAsync(http, realm, scheme, token, text, address, ct) is { } unproved)
        {
            return Invalid(unproved);
        }

        // What is in time and lacks this says so, whatever has become of its session.
        if (!Scopes.Split(token.Scope).Contains("openid"))
        {
            const string lacking = "Missing openid scope";
            happened.With("reason", lacking).Failed("access_denied");
            return new ProtocolError("insufficient_scope", lacking, 403);
        }

        var (valid, refused) = await tokens.JudgeAsync(realm, token, ct);
        if ((valid?.Client ?? refused!.Client) is { } client && !Cors.AllowClient(http, client))
        {
            return s_foreign;
        }

        if (refused is not null)
        {
            Note(happened, token, refused);
            return refused.Error;
        }

        (happened.ClientId, happened.UserId, happened.SessionId) = (valid!.Client.ClientId, valid.User.Id, token.SessionId);
        happened.With("username", valid.User.Username);
        if (valid.Client.BindsToKeys && scheme != "DPoP")
        {
            return Invalid("This client requires DPoP, but no DPoP Authorization header is present");
        }

        if (!BearerTokens.HasCertificate(http, valid))
        {
            happened.With("reason", s_noCertificate.Description).Failed("not_allowed");
            return s_noCertificate;
        }

        return valid;

        ProtocolError Invalid(string reason)
        {
            happened.With("reason", reason);
            return s_failed;
        }
    }

    /// <summary>Why the token does not count, in Keycloak's words.</summary>
    private static void Note(LoginEvent happened, OwnToken token, RefusedToken refused)
    {
        if (refused.Fault is TokenFault.NotActive or TokenFault.Stale or TokenFault.Revoked or TokenFault.Unknown)
        {
            happened.With("reason", refused.Fault == TokenFault.Stale ? "Stale token" : refused.Error.Description);
            return;
        }

        happened.ClientId = refused.Client?.ClientId;
        happened.SessionId = refused.Fault is TokenFault.NoClient or TokenFault.ClientDisabled ? null : token.SessionId;
        happened.UserId = refused.User?.Id;
        happened.With("username", refused.User?.Username).Failed(refused.Fault switch
        {
            TokenFault.NoClient => "client_not_found",
            TokenFault.ClientDisabled => "client_disabled",
            TokenFault.NoUser => "user_not_found",
            TokenFault.UserDisabled => "user_disabled",
            TokenFault.UserStale or TokenFault.BeforeSession => "invalid_token",
            _ => "user_session_not_found",
        });
    }

    /// <summary>Why the token is not its bearer's to show: a bound token never passes as bearer, and a bearer token never as bound.</summary>
    private async ValueTask<string?> UnprovedAsync(HttpContext http, Realm realm, string scheme, OwnToken token, string text, string address, CancellationToken ct)
    {
        if (scheme != "DPoP")
        {
            return token.Jkt is null && token.Type != "DPoP" ? null : "The access token type is DPoP but Authorization Header is not DPoP";
        }

        if (token.Jkt is not { } jkt)
        {
            return "The access token type is not DPoP but Authorization Header is DPoP";
        }

        return !(await proofs.CheckAsync(http, realm, $"{address}{OidcRoutes.Protocol}/userinfo", text, ct)).Ok(out var key, out var error) ? error.Description
            : key.Value == jkt ? null
            : "DPoP confirmation doesn't match DPoP proof";
    }

    private static (string Scheme, string? Token) Token(HttpContext http) =>
        Bearer.Text(http, "DPoP") is { } bound ? ("DPoP", bound) : (Bearer.Scheme, Bearer.Text(http));

    private static Task WriteAsync(HttpContext http, Realm realm, ReadOnlyMemory<byte> body, string contentType)
    {
        http.Response.Headers.CacheControl = "no-store, no-cache";
        http.Response.Headers.Pragma = "no-cache";
        SecurityHeaders.Apply(http.Response.Headers, realm);
        if (contentType != JsonAnswers.Json)
        {
            http.Response.Headers.XFrameOptions = default; // a token is no page
        }

        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        return http.Response.BodyWriter.WriteAsync(body, http.RequestAborted).AsTask();
    }

    /// <summary>RFC 6750 §3: the refusal is in the challenge, and the body is empty.</summary>
    private static Task ChallengeAsync(HttpContext http, Realm realm, string scheme, ProtocolError? error)
    {
        Cors.AllowAny(http);
        OAuthResults.NoStore(http);
        var challenge = new StringBuilder(scheme).Append(' ');
        if (scheme == "DPoP")
        {
            challenge.Append("algs=\"").Append(DPoPAlgorithms).Append("\", ");
        }

        challenge.Append("realm=\"").Append(realm.Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        if (error is not null)
        {
            challenge.Append(", error=\"").Append(error.Code).Append("\", error_description=\"").Append(error.Description).Append('"');
        }

        var headers = http.Response.Headers;
        SecurityHeaders.Apply(headers, realm);
        headers.Remove("X-Frame-Options");
        headers.WWWAuthenticate = challenge.ToString();
        http.Response.StatusCode = error?.Status ?? StatusCodes.Status401Unauthorized;
        http.Response.ContentType = "text/plain;charset=UTF-8";
        http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
