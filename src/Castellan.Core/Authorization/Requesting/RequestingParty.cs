using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Grants;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Authorization.Requesting;

/// <summary>Who asks for permissions (UMA 2.0 Grant §1.2): a person through a client, or a client for itself.</summary>
/// <param name="Client">The client that the person's token was issued to.</param>
/// <param name="Scopes">The scopes of the token that is asked with.</param>
/// <param name="Claims">The claims of an access token of theirs: what policies decide by.</param>
public sealed record RequestingParty(User User, Client Client, UserSession Session, ClientSession Part, SessionKind Kind, GrantedScopes Scopes, JsonElement Claims)
{
    /// <summary>Whether it is a client that asks for itself.</summary>
    public bool IsClient => User.Representation.ServiceAccountClientId == Client.Id;

    /// <summary>Whether the client takes part in the session for its token alone: then nothing that outlives the token may come of it.</summary>
    public bool IsPassing { get; init; }

    /// <summary>The two letters in the id of what is issued to it.</summary>
    public string GrantCode { get; init; } = "na";

    /// <summary>Whom the token that is asked with is for, where it came of another token: what it was narrowed to does not become wide again. Else null.</summary>
    public IReadOnlyList<string>? Audience { get; init; }

    /// <summary>The id under which it owns resources and asks for those of others.</summary>
    public string Id => IsClient ? Client.Id : User.Id;
}

/// <summary>Finds who asks: by the bearer token of the request, by a token that the client sends along, or else the client itself.</summary>
public sealed class RequestingParties(AccessTokens tokens, TokenIssuer issuer, ClientCredentialsGrant itself, TimeProvider time)
{
    private static readonly ProtocolError s_unknown = new("unauthorized_client", "Invalid identity");

    public async ValueTask<Result<RequestingParty>> FindAsync(TokenRequest request, string? claimToken, string? format, CancellationToken ct)
    {
        if (request.Bearer is { } bearer)
        {
            return Of(request.Realm, bearer.Token, bearer.Text);
        }

        if (string.Equals(format, PushedClaims.IdTokenFormat, StringComparison.OrdinalIgnoreCase))
        {
            return claimToken is null
                ? request.RefuseSaying("invalid_request", "invalid_request", "Subject token can not be null and must be a valid ID or Access Token")
                : await OfIdTokenAsync(request, claimToken, ct);
        }

        if (request.Form.Value("subject_token") is not { } subject)
        {
            return await OfClientAsync(request, ct);
        }

        return (await tokens.CheckAsync(request.Realm, subject, request.Issuer, ct)).Ok(out var valid, out _) && MayBePassedOn(valid, request)
            ? Of(request.Realm, valid, subject)
            : request.RefuseSaying("invalid_token", s_unknown.Code, s_unknown.Description!);
    }

    /// <summary>What is bound to a key or a certificate is its holder's to use, and so is all that a client has that binds its tokens.</summary>
    private static bool MayBePassedOn(ValidToken valid, TokenRequest request) =>
        valid.IsForBearers || (valid.Token.Confirmation is null && valid.Client.Id == request.Client.Id);

    private static RequestingParty Of(Realm realm, ValidToken valid, string text) =>
        new(valid.User, valid.Client, valid.Session, valid.ClientSession, valid.Kind, valid.ToGrant(realm).Scopes, ClaimsOf(text))
        {
            IsPassing = valid.Token.PassingClient,
            GrantCode = valid.Token.GrantCodeAfter,
            Audience = valid.Token.IsForAnother ? valid.Token.RequestedAudience ?? valid.Token.Audience : null,
        };

    /// <summary>An ID token says who asks where it is the asking client's own; what it may, its session says.</summary>
    private async ValueTask<Result<RequestingParty>> OfIdTokenAsync(TokenRequest request, string text, CancellationToken ct)
    {
        if (OwnToken.Read(request.Realm, text, request.Issuer) is not { } token || token.Confirmation is not null
            || !(token.Type == "ID" || token is { IsAccessToken: true, Type: not "DPoP" }))
        {
            return request.RefuseSaying("invalid_signature", "unauthorized_client", "Invalid signature");
        }

        if (token.AuthorizedParty != request.Client.ClientId)
        {
            return request.RefuseSaying("invalid_request", "invalid_claim_token", "Token issued to a different client");
        }

        if (!token.IsActive(time.GetUtcNow().ToUnixTimeSeconds()))
        {
            return request.RefuseSaying("invalid_request", "invalid_claim_token", "Expired token");
        }

        if (!(await tokens.CheckAsync(request.Realm, token, ct)).Ok(out var valid, out _))
        {
            return request.RefuseSaying("invalid_token", s_unknown.Code, s_unknown.Description!);
        }

        if (token.IsAccessToken)
        {
            return Of(request.Realm, valid, text);
        }

        var grant = valid.ToGrant(request.Realm) with
        {
            Issuer = request.Issuer,
            Scopes = Scopes.Restore(valid.Client, valid.ClientSession.Notes.GetValueOrDefault("scope")).For(GrantedRoles.Of(request.Realm, valid.User)),
        };
        return await IssuedAsync(grant, ct);
    }

    private async ValueTask<Result<RequestingParty>> OfClientAsync(TokenRequest request, CancellationToken ct)
    {
        if (!(await itself.AuthorizeAsync(request, ct)).Ok(out var outcome, out var error))
        {
            return error;
        }

        var grant = outcome.Grant!;
        return await IssuedAsync(grant with { Kind = SessionKind.Transient, Scopes = grant.Scopes.For(GrantedRoles.Of(request.Realm, grant.User)) }, ct);
    }

    /// <summary>With the claims of a token that nobody gets.</summary>
    private async ValueTask<Result<RequestingParty>> IssuedAsync(Grant grant, CancellationToken ct) =>
        (await issuer.IssueAsync(grant, TokenKinds.Access, ct: ct)).Ok(out var issued, out var error)
            ? new RequestingParty(grant.User, grant.Client, grant.Session, grant.ClientSession, grant.Kind, grant.Scopes, ClaimsOf(System.Text.Encoding.ASCII.GetString(issued.AccessToken!)))
            : error;

    private static JsonElement ClaimsOf(string text)
    {
        using var claims = Jws.TryParse(text, out var jws) == JoseFault.None ? jws!.Claims() : null;
        return claims?.Root.Clone() ?? default;
    }
}
