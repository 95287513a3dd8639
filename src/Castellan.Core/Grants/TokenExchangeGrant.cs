using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Grants;

/// <summary>
/// Standard token exchange (RFC 8693): an access token of this realm that was made for the asking client, or for another with this one in its audience, against
/// a token of the asking client for the same person. Scopes and roles are those that the asking client may have; <c>audience</c> narrows them.
/// A token alone is no sign-in: with it a client gets an access or ID token in the session that it came from, and takes part in that session itself only where
/// it may have a refresh token.
/// </summary>
public sealed class TokenExchangeGrant(AccessTokens tokens, IClients clients, IUserStore users, ISessions sessions, TimeProvider time) : IGrant
{
    /// <summary>The value of <c>grant_type</c>.</summary>
    public const string GrantType = "urn:ietf:params:oauth:grant-type:token-exchange";

    private const string Access = "urn:ietf:params:oauth:token-type:access_token", Refresh = "urn:ietf:params:oauth:token-type:refresh_token";
    private const string Id = "urn:ietf:params:oauth:token-type:id_token", Saml = "urn:ietf:params:oauth:token-type:saml2";

    /// <summary>What other kinds of exchange go by.</summary>
    private static readonly string[] s_others = ["requested_subject", "requested_issuer", "subject_issuer"];

    public string Type => GrantType;

    public string EventType => EventTypes.TokenExchange;

    /// <summary>RFC 8693 §2.1.</summary>
    public IReadOnlyList<string> Repeatable { get; } = ["audience", "resource"];

    public async ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct)
    {
        var (realm, client) = (request.Realm, request.Client);
        request.Event.With("auth_method", "token_exchange");
        if (WhyNot(client, request.Form) is { } why)
        {
            return Refuse(request, why);
        }

        var kind = request.Form["requested_token_type"] ?? Access;
        request.Event.With("requested_token_type", request.Form["requested_token_type"]);
        if (!(await SubjectAsync(request, ct)).Ok(out var subject, out var error))
        {
            return error;
        }

        request.Event.With("requested_token_type", kind);
        if (kind is not (Access or Id or Saml) && !(kind == Refresh && MayRefresh(client)))
        {
            return Refuse(request, "requested_token_type unsupported");
        }

        List<string> audience = [.. request.Form.All("audience").Distinct(StringComparer.Ordinal)];
        if (await WhyNotAsync(request, subject.Token, audience, ct) is { } refusal)
        {
            return refusal;
        }

        if (!request.Scopes().Ok(out var scopes, out error))
        {
            return error;
        }

        if (kind == Saml)
        {
            return Refuse(request, "requested_token_type unsupported");
        }

        if (kind == Refresh && subject.Kind != SessionKind.Online)
        {
            return Refuse(request, "Refresh token not valid as requested_token_type because creating a new session is needed");
        }

        scopes = scopes.For(GrantedRoles.Of(realm, subject.User), audience.Count > 0 ? audience : null);
        if (kind == Refresh && scopes.Active.Any(s => s.Name == "offline_access"))
        {
            return Refuse(request, "Scope offline_access not allowed for token exchange");
        }

        if (!await Consents.StandAsync(users, subject.User, scopes, ct))
        {
            return request.RefuseSaying("consent_denied", "invalid_scope", $"Missing consents for Token Exchange in client {client.ClientId}");
        }

        var (part, isNew) = Part(request, subject);
        return new GrantOutcome(
            new Grant
            {
                Realm = realm,
                Client = client,
                User = subject.User,
                Session = subject.Session,
                // Nobody proved anything now, so no level of an earlier sign-in is spoken of.
                ClientSession = part with { Notes = part.Notes.Where(n => n.Key != LoginNotes.Level).ToDictionary() },
                Kind = subject.Kind,
                PassingClient = isNew && kind != Refresh,
                Scopes = scopes,
                Audience = audience.Count > 0 ? audience : null,
                AsksForIdToken = kind == Id,
                Issuer = request.Issuer,
                GrantCode = "te",
            },
            kind switch { Id => TokenKinds.Id, Refresh => TokenKinds.Access | TokenKinds.Id | TokenKinds.Refresh, _ => TokenKinds.Access | TokenKinds.Id })
        { Finish = (issued, ct) => FinishAsync(request, subject, part, kind, audience, issued, ct) };
    }

    private static string? WhyNot(Client client, Form form)
    {
        foreach (var other in s_others)
        {
            if (form[other] is not null)
            {
                return $"Parameter '{other}' is not supported for standard token exchange";
            }
        }

        return !client.Flag("standard.token.exchange.enabled") ? "Standard token exchange is not enabled for the requested client"
            : form["subject_token"] is null ? "Parameter 'subject_token' required for standard token exchange"
            : form["subject_token_type"] is not { } type ? "Parameter 'subject_token_type' required for standard token exchange"
            : type != Access ? "Parameter 'subject_token' supports access tokens only"
            : null;
    }

    private async ValueTask<Result<ValidToken>> SubjectAsync(TokenRequest request, CancellationToken ct)
    {
        var read = await tokens.CheckAsync(request.Realm, request.Form["subject_token"]!, request.Issuer, ct);
        if (!read.Ok(out var subject, out _))
        {
            return Dead(request);
        }

        var token = subject.Token;
        if (token.Confirmation is not null && Unproved(request, token) is { } unproved)
        {
            return request.RefuseSaying(unproved.Event, "invalid_request", unproved.Why);
        }

        request.Event.UserId = subject.User.Id;
        request.Event.SessionId = token.SessionId;
        request.Event.With("username", subject.User.Username).With("subject_token_client_id", token.AuthorizedParty);
        return subject;
    }

    /// <summary>A token that is bound to a key counts only with that key (RFC 7800), which is its own client's: nobody shares theirs with another.</summary>
    private static (string Event, string Why)? Unproved(TokenRequest request, OwnToken token) =>
        token.AuthorizedParty != request.Client.ClientId
            ? ("invalid_request", "Sender-constrained token exchange rejected as the token was not issued for the requesting client")
        : token.X5tS256 is { } certificate && certificate != request.CertificateThumbprint
            ? ("invalid_request", "Client certificate missing, or its thumbprint and one in the refresh token did NOT match")
        : token.Jkt is { } key && key != request.DPoPThumbprint
            ? ("invalid_dpop_proof", request.DPoPThumbprint is null ? "DPoP proof is missing" : "DPoP confirmation doesn't match DPoP proof")
        : null;

    private static bool MayRefresh(Client client) =>
        client.Attribute("use.refresh.tokens") != "false" && client.Attribute("standard.token.exchange.enableRefreshRequestedTokenType") == "SAME_SESSION";

    /// <summary>Whether there is anything against these clients, or against this one's having that token.</summary>
    private async ValueTask<ProtocolError?> WhyNotAsync(TokenRequest request, OwnToken subject, List<string> audience, CancellationToken ct)
    {
        var targets = await RequestedAudience.FindAsync(clients, request.Realm, audience, ct);
        if (targets.FirstOrDefault(t => t.Client is null) is { Name: { } unknown })
        {
            request.Event.With("reason", "audience not found").With("audience", unknown);
            return request.Refuse("client_not_found", "invalid_client", "Audience not found");
        }

        if (request.Client.IsPublic)
        {
            return request.RefuseSaying("invalid_client", "invalid_client", "Public client is not allowed to exchange token");
        }

        if (targets.FirstOrDefault(t => !t.Client!.Enabled) is { Name: { } disabled })
        {
            request.Event.With("reason", "audience client disabled").With("audience", disabled);
            return request.Refuse("client_disabled", "invalid_client", "Client disabled");
        }

        if (subject.AuthorizedParty != request.Client.ClientId && !subject.Audience.Contains(request.Client.ClientId))
        {
            request.Event.With("reason", "client is not within the token audience");
            return request.Refuse("not_allowed", "access_denied", "Client is not within the token audience", 403);
        }

        return null;
    }

    /// <summary>What the client has of the session, or a part that is made for it.</summary>
    private (ClientSession Part, bool IsNew) Part(TokenRequest request, ValidToken subject)
    {
        var (client, session, now) = (request.Client, subject.Session, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (session.Client(client.Id) is { } own && SessionLifetimes.IsAlive(request.Realm, client, session, own, now))
        {
            return (own, false);
        }

        var notes = new Dictionary<string, string> { ["iss"] = request.Issuer };
        if (request.Form.Value("scope") is { } scope)
        {
            notes["scope"] = scope;
        }

        return (session.NewClient(client.Id, now) with { Notes = notes }, true);
    }

    /// <summary>The tokens are made; they go out where all the audience is in them that was asked for, and the session is still there to be joined.</summary>
    private async ValueTask<Result<IssuedTokens>> FinishAsync(
        TokenRequest request, ValidToken subject, ClientSession part, string kind, List<string> audience, IssuedTokens issued, CancellationToken ct)
    {
        if (audience.Except(issued.Audience, StringComparer.Ordinal).ToList() is { Count: > 0 } missing)
        {
            return Refuse(request, $"Requested audience not available: {string.Join(", ", missing)}");
        }

        if (kind == Refresh && !await sessions.AttachAsync(request.Realm.Id, Joined(part, subject), ct))
        {
            return Dead(request);
        }

        request.Event.With("audience", issued.Audience.Count > 0 ? string.Join(' ', issued.Audience) : null);
        // §2.2.1: what was asked for is called access_token whatever it is, and where it is none of those that a bearer shows its type is N_A.
        return kind == Id
            ? issued with { IssuedTokenType = kind, AccessToken = issued.IdToken, IdToken = null, TokenType = "N_A" }
            : issued with { IssuedTokenType = kind };
    }

    private ClientSession Joined(ClientSession part, ValidToken subject)
    {
        var notes = new Dictionary<string, string>(part.Notes);
        foreach (var (name, value) in ExchangedParts.Notes(subject.Token.AuthorizedParty!, subject.Token.Id, subject.Token.IsExchanged ? subject.ClientSession : null))
        {
            notes[name] = value;
        }

        return part with { LastAccess = time.GetUtcNow().ToUnixTimeMilliseconds(), Notes = notes };
    }

    private static ProtocolError Dead(TokenRequest request)
    {
        request.Event.With("reason", "subject_token validation failure");
        return request.Refuse("invalid_token", "invalid_request", "Invalid token");
    }

    private static ProtocolError Refuse(TokenRequest request, string why) => request.RefuseSaying("invalid_request", "invalid_request", why);
}
