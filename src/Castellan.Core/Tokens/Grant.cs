using System.Collections.ObjectModel;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;

namespace Castellan.Core.Tokens;

/// <summary>Where a session lives, as the first letters of a token's <c>jti</c> say.</summary>
public enum SessionKind
{
    Online, Offline, Transient,
}

/// <summary>What was granted to whom: everything that <see cref="TokenIssuer"/> needs to write tokens.</summary>
public sealed record Grant
{
    public required Realm Realm { get; init; }

    public required Client Client { get; init; }

    public required User User { get; init; }

    /// <summary>The session; of a transient one only the notes count.</summary>
    public required UserSession Session { get; init; }

    /// <summary>The client's part of the session.</summary>
    public required ClientSession ClientSession { get; init; }

    public SessionKind Kind { get; init; }

    /// <summary>The client scopes in force, see <see cref="Scopes.Resolve"/>.</summary>
    public required GrantedScopes Scopes { get; init; }

    /// <summary>The realm's issuer, <c>https://host/realms/name</c>.</summary>
    public required string Issuer { get; init; }

    /// <summary>Two letters for the <c>jti</c>, which each grant has of its own; na where it was none.</summary>
    public required string GrantCode { get; init; }

    public string? Nonce { get; init; }

    /// <summary>The code that is handed out in the same answer, for <c>c_hash</c> (OpenID Connect Core §3.3.2.11).</summary>
    public string? Code { get; init; }

    /// <summary>The state of the request, for <c>s_hash</c>, where it goes out in the same answer.</summary>
    public string? State { get; init; }

    /// <summary>Whether tokens go out from the authorization endpoint, and no code with them.</summary>
    public bool Implicit { get; init; }

    /// <summary>Whether the ID token only signs the answer that it goes with, and says nothing of the person but who it is (FAPI 1.0 Advanced §5.2.2.1).</summary>
    public bool Detached { get; init; }

    /// <summary>The thumbprint of the DPoP key that the access token is bound to (RFC 9449 §6).</summary>
    public string? DPoPThumbprint { get; init; }

    /// <summary>The thumbprint of the DPoP key that the refresh token is bound to (RFC 9449 §5).</summary>
    public string? RefreshDPoPThumbprint { get; init; }

    /// <summary>The SHA-256 of the client certificate that the tokens are bound to (RFC 8705 §3).</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>
    /// The scopes that the answer and the ID token speak of where the access token was asked to have less: those that the refresh token keeps, for offline tokens.
    /// </summary>
    public GrantedScopes? AnsweredScopes { get; init; }

    /// <summary>
    /// Whether an ID token is due: the person signed in with <c>openid</c>, whether or not a refresh asks for it again. The scope of a requesting party token
    /// is another client's, so that there the sign-in itself says it.
    /// </summary>
    public bool IsOpenId => AsksForIdToken || Scopes.OpenId || Tokens.Scopes.Split(RefreshScope).Contains("openid")
        || (Authorization is not null && Tokens.Scopes.Split(ClientSession.Notes.GetValueOrDefault("scope")).Contains("openid"));

    /// <summary>Whether the request is for an ID token by name, with or without <c>openid</c> (RFC 8693 §2.1).</summary>
    public bool AsksForIdToken { get; init; }

    /// <summary>Whether the client takes part in the session for this token alone, which counts as long as the session does.</summary>
    public bool PassingClient { get; init; }

    /// <summary>
    /// The scopes of the token that a requesting party token came of, whose client its roles are kept within: the resource server may see more of the person,
    /// but the token goes to that client.
    /// </summary>
    public GrantedScopes? Within { get; init; }

    /// <summary>Whether the scopes are those of a resource server that takes no part in the session.</summary>
    public bool PassingServer { get; init; }

    /// <summary>The scope that the refresh token keeps when this request asked for less (RFC 6749 §6); null for the scope in force.</summary>
    public string? RefreshScope { get; init; }

    /// <summary>The organizations that the scope asks for and the user belongs to.</summary>
    public IReadOnlyList<Representations.OrganizationRepresentation> Organizations { get; init; } = [];

    /// <summary>The groups of those organizations that the user is in, by the organization's id; read only where a mapper writes them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Organizations.MemberGroup>> OrganizationGroups { get; init; } = ReadOnlyDictionary<string, IReadOnlyList<Organizations.MemberGroup>>.Empty;

    /// <summary>Whether the access token carries little though the client does not ask for it.</summary>
    public bool Lightweight { get; init; }

    /// <summary>The claim <c>authorization</c> of a requesting party token and of its refresh token: the permissions that were granted.</summary>
    public System.Text.Json.JsonElement? Authorization { get; init; }

    /// <summary>The <c>client_id</c> of the resource server that a requesting party token is for; null for any other token.</summary>
    public string? ResourceServer { get; init; }

    /// <summary>The second at which access tokens end at the latest, whatever the settings say; null for no such bound.</summary>
    public long? AccessUntil { get; init; }

    /// <summary>Clients, by <c>client_id</c>, that the request narrows the token to, its audience and its roles of clients; null for no wish.</summary>
    public IReadOnlyList<string>? Audience { get; init; }
}
