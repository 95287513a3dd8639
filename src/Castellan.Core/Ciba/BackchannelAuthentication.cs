using System.Buffers;
using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Ciba;

/// <summary>A client wants somebody signed in, and knows their name.</summary>
/// <param name="Client">Proved, and one that may.</param>
/// <param name="Issuer">The realm's issuer.</param>
/// <param name="Event">What the endpoint records once it says that something failed.</param>
public sealed record BackchannelRequest(Realm Realm, Client Client, Form Form, string Issuer, ServerAddresses Server, LoginEvent Event);

/// <summary>The answer to such a request (§7.3).</summary>
public sealed record BackchannelAcknowledgement(string AuthReqId, int ExpiresIn, int Interval);

/// <summary>
/// An authentication request (OpenID CIBA Core 1.0 §7): who is meant and what for is checked, then their device is asked. Whether a name is nobody's, or
/// belongs to somebody who may not sign in now, is one answer.
/// </summary>
public sealed class BackchannelAuthentication(
    LoginServices login, OrganizationMemberships memberships, SignedCibaRequests signatures, CibaRequests requests, ChannelTokens tokens, IAuthenticationChannel channel, TimeProvider time)
{
    private const int LongestMessage = 50;
    private const int LongestToken = 1024;

    private static readonly SearchValues<char> s_message = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._+/!?#");

    // RFC 6750 §2.1, b64token.
    private static readonly SearchValues<char> s_token = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=");

    public async ValueTask<Result<BackchannelAcknowledgement>> BeginAsync(BackchannelRequest request, CancellationToken ct = default)
    {
        if (request.Form.Repeated() is not null)
        {
            return Invalid("duplicated parameter");
        }

        var (claims, error) = await signatures.ReadAsync(request.Client, request.Form, request.Issuer, request.Server, ct);
        using var signed = claims;
        if (error is not null || !CibaAsked.Read(request.Form, signed).Ok(out var asked, out error) || !(await FindAsync(request.Realm, asked, ct)).Ok(out var user, out error))
        {
            return error;
        }

        if ((await CheckScopeAsync(request.Client, asked["scope"], ct) ?? CheckMessage(asked["binding_message"]) ?? CheckToken(request, asked["client_notification_token"])) is { } wrong)
        {
            return wrong;
        }

        if (asked["user_code"] is not null)
        {
            return Invalid("User code not supported");
        }

        return Demanded(request, asked, signed) ?? await AskAsync(request, asked, user, ct);
    }

    /// <summary>The person by the hint that the realm wants. The two hints that are tokens name nobody here, as in a Keycloak without a resolver of one's own.</summary>
    private async ValueTask<Result<User>> FindAsync(Realm realm, CibaAsked asked, CancellationToken ct)
    {
        var hint = realm.CibaHint();
        if (hint is not (CibaAsked.LoginHint or CibaAsked.IdTokenHint or CibaAsked.LoginHintToken))
        {
            return Invalid("invalid user hint");
        }

        if (asked[hint] is not { } given)
        {
            return Invalid("missing parameter : " + hint);
        }

        var user = hint == CibaAsked.LoginHint ? await login.FindUserAsync(realm, given, ct) : null;
        return user is { Enabled: true, Representation.ServiceAccountClientId: null } && !await login.Guard.IsLockedAsync(realm, user.Id, ct) ? user : Invalid("invalid_user");
    }

    private async ValueTask<ProtocolError?> CheckScopeAsync(Client client, string? scope, CancellationToken ct) =>
        scope is null ? Invalid("missing parameter : scope")
        : scope.Length > Scopes.MaxLength ? new("invalid_scope", "Invalid scopes: the parameter is too long")
        : Scopes.HasEmptyName(scope) || Scopes.Resolve(client, scope) is null || !await memberships.AreKnownAsync(client, scope, ct) ? new("invalid_scope", $"Invalid scopes: {scope}")
        : null;

    /// <summary>It is shown on two screens, and a person compares them (§7.1).</summary>
    private static ProtocolError? CheckMessage(string? message) =>
        message is null || (message.Length is > 0 and <= LongestMessage && message.AsSpan().IndexOfAnyExcept(s_message) < 0) ? null : new(
            "invalid_binding_message", "the binding_message value has to be max 50 characters in length and must contain only basic plain-text characters without spaces");

    private static ProtocolError? CheckToken(BackchannelRequest request, string? token)
    {
        var isTold = request.Client.CibaMode(request.Realm) == CibaPolicy.Ping;
        return token is null ? (isTold ? Invalid("Client Notification token needs to be provided with the ping mode") : null)
            : !isTold ? Invalid("Client Notification token supported only for the ping mode")
            : token.Length > LongestToken ? Invalid("Client Notification token length is limited to 1024 characters")
            : token.Length == 0 || token.AsSpan().IndexOfAnyExcept(s_token) >= 0 ? Invalid("Client Notification token is no bearer token")
            : null;
    }

    private ProtocolError? Demanded(BackchannelRequest request, CibaAsked asked, JwtClaims? signed)
    {
        var occasion = new BackchannelOccasion(request.Realm, request.Client, asked, signed, request.Issuer, time.GetUtcNow().ToUnixTimeSeconds());
        var policies = ClientPolicies.Of(request.Realm);
        if ((policies.Backchannel(occasion) ?? policies.Prove(new ProofOccasion(request.Realm, request.Client, request.Form, request.Issuer))) is not { } demanded)
        {
            return null;
        }

        request.Event.With("reason", demanded.Description).Failed(demanded.Code);
        return demanded;
    }

    private async ValueTask<Result<BackchannelAcknowledgement>> AskAsync(BackchannelRequest request, CibaAsked asked, User user, CancellationToken ct)
    {
        var (realm, client, now) = (request.Realm, request.Client, time.GetUtcNow().ToUnixTimeSeconds());
        var (life, interval) = (realm.CibaExpiry(), realm.CibaInterval());
        var kept = new CibaRequest
        {
            ClientId = client.Id, UserId = user.Id, Scope = Scopes.WithShown(client, asked["scope"]!), Created = now, Interval = interval, Expires = (now + life) * 1000L,
            Further = asked.Further.Count > 0 ? asked.Further : null,
        };

        // Kept before the device is asked: it may come back before it has answered.
        var (id, secret) = await requests.AddAsync(realm.Id, kept, asked["client_notification_token"], ct);
        var token = await tokens.IssueAsync(realm, client, kept, secret, request.Issuer, now + (asked.RequestedExpiry ?? life), ct);
        var question = new ChannelRequest(user.Username, kept.Scope, asked["binding_message"], asked["acr_values"], client.Representation.ConsentRequired ?? false, asked.Further);
        var answer = await channel.AskAsync(question, token, ct);
        if (answer == ChannelAnswer.Taken)
        {
            return new BackchannelAcknowledgement(id, life, interval);
        }

        await requests.ForgetAsync(realm.Id, CibaRequests.KeyOf(id), secret, ct);
        return answer == ChannelAnswer.Failed
            ? new ProtocolError("server_error", "Failed to send authentication request", 503, "No authentication channel is configured, or nobody answers there.")
            : new ProtocolError("server_error", "Unexpected response from authentication device", 503, "The authentication channel did not answer 201.");
    }

    private static ProtocolError Invalid(string description) => new("invalid_request", description);
}
