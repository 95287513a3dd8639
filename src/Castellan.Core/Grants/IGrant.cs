using System.Collections.ObjectModel;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Grants;

/// <summary>One way to get tokens (RFC 6749 §1.3). It checks what is particular to it; the pipeline does what all share.</summary>
public interface IGrant
{
    /// <summary>The value of <c>grant_type</c>.</summary>
    string Type { get; }

    /// <summary>The event that it is recorded as, see <see cref="EventTypes"/>.</summary>
    string EventType { get; }

    /// <summary>Whether an access token in the header <c>Authorization</c> (RFC 6750 §2.1) may stand for the proof of its client.</summary>
    bool TakesBearer => false;

    /// <summary>Parameters that may be in a request more than once, against RFC 6749 §3.2.</summary>
    IReadOnlyList<string> Repeatable => [];

    /// <summary>The attribute by which a client does without refresh tokens, where it says <c>false</c>; null where the grant has asked the client itself.</summary>
    string? RefreshSwitch => "use.refresh.tokens";

    ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct);
}

/// <summary>An access token that counts, as it came.</summary>
public sealed record BearerToken(ValidToken Token, string Text);

/// <summary>A request at the token endpoint whose client is known.</summary>
public sealed class TokenRequest
{
    public required Realm Realm { get; init; }

    public required AuthenticatedClient Authenticated { get; init; }

    public Client Client => Authenticated.Client;

    /// <summary>The access token that stood for the proof of the client; only for grants that take one.</summary>
    public BearerToken? Bearer { get; init; }

    public required Form Form { get; init; }

    /// <summary>The realm's issuer, <c>https://host/realms/name</c>.</summary>
    public required string Issuer { get; init; }

    public string? IpAddress { get; init; }

    /// <summary>The thumbprint of the key of a proof that was checked already (RFC 9449).</summary>
    public string? DPoPThumbprint { get; init; }

    /// <summary>The SHA-256 of the client certificate of the connection, base64url (RFC 8705).</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>The same where new tokens are bound to it.</summary>
    public string? BindingThumbprint => Client.BindsToCertificates ? CertificateThumbprint : null;

    /// <summary>What the pipeline records when the request is answered. A grant that refuses says why with <see cref="LoginEvent.Failed"/>.</summary>
    public required LoginEvent Event { get; init; }

    /// <summary>What the caller's program says of itself.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Headers of the request that conditions of a flow may look at.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The client scopes that the request asks for, or the refusal.</summary>
    public Result<GrantedScopes> Scopes() =>
        Form["scope"] is { Length: > Tokens.Scopes.MaxLength } ? Refuse("invalid_request", "invalid_scope", "Invalid scopes: the parameter is too long")
        : Form["scope"] is { } given && Tokens.Scopes.HasEmptyName(given) ? RefuseScope(given)
        : Tokens.Scopes.Resolve(Client, Form["scope"]) is { } scopes ? scopes
        : RefuseScope(Form["scope"]);

    /// <summary>A refusal with the event's own word for it.</summary>
    public ProtocolError Refuse(string eventError, string code, string? description = null, int status = 400)
    {
        Event.Failed(eventError);
        return new ProtocolError(code, description, status);
    }

    /// <summary>The same, with the description as the event's reason.</summary>
    public ProtocolError RefuseSaying(string eventError, string code, string description, int status = 400)
    {
        Event.With("reason", description);
        return Refuse(eventError, code, description, status);
    }

    /// <summary>Whether nothing of the request is recorded.</summary>
    public bool IsUnrecorded { get; private set; }

    /// <summary>A refusal that is no event: clients that ask every few seconds would fill the log with it.</summary>
    public ProtocolError RefuseUnrecorded(string code, string description)
    {
        IsUnrecorded = true;
        return Refuse(code, code, description);
    }

    /// <summary>The refusal of what a person allows no more, or never did.</summary>
    public ProtocolError RefuseWithoutConsent(string eventError) => RefuseSaying(eventError, "invalid_scope", "Client no longer has requested consent from user");

    private ProtocolError RefuseScope(string? scope) => RefuseSaying("invalid_request", "invalid_scope", $"Invalid scopes: {scope}");
}

/// <summary>What a grant comes to: tokens to be written, or an answer of its own.</summary>
public sealed record GrantOutcome(Grant? Grant, TokenKinds Kinds = TokenKinds.Access)
{
    /// <summary>
    /// What is left to do when the tokens are made and nobody has them yet: to look at them, to write what goes with them, to answer with them in another
    /// form. A refusal keeps them back.
    /// </summary>
    public Func<IssuedTokens, CancellationToken, ValueTask<Result<IssuedTokens>>>? Finish { get; init; }

    /// <summary>The refresh token chain to continue: the <c>reuse_id</c> of the next refresh token.</summary>
    public string? ReuseId { get; init; }

    /// <summary>The <c>jti</c> of the next refresh token, where it had to be known before.</summary>
    public string? RefreshTokenId { get; init; }

    /// <summary>Whether the session began with this request and is not stored yet.</summary>
    public bool IsNewSession { get; init; }

    /// <summary>A JSON answer instead of tokens.</summary>
    public byte[]? Answer { get; init; }
}
