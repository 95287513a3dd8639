using System.Security.Claims;
using Castellan.Protocol.Jose;

namespace Castellan.AspNetCore;

/// <summary>
/// Who calls, as a token says that was checked. Realm roles are role claims (<c>[Authorize(Roles = …)]</c>, <c>IsInRole</c>); client
/// roles are not, since a client may name a role as the realm does: ask <see cref="HasClientRole"/>.
/// </summary>
public sealed class CastellanIdentity : ClaimsIdentity
{
    /// <summary>The type of the claims that hold realm roles.</summary>
    public const string RoleType = ClaimTypes.Role;

    internal const string Kind = "Castellan";
    private readonly AccessToken _token;
    private bool _ownClaims;

    internal CastellanIdentity(AccessToken token)
        : base(Kind, token.Username is null ? "sub" : "preferred_username", RoleType) => _token = token;

    private CastellanIdentity(CastellanIdentity other)
        : base(other) => (_token, _ownClaims) = (other._token, true);

    /// <summary>The realm's URL.</summary>
    public string Issuer => _token.Issuer;

    /// <summary>The user's id; a lightweight token has none.</summary>
    public string? Subject => _token.Subject;

    /// <summary>The client that the token was issued to.</summary>
    public string? ClientId => _token.ClientId;

    /// <summary>What the token may be used for.</summary>
    public IReadOnlyCollection<string> Scopes => _token.Scopes;

    /// <summary>The user's roles in the realm.</summary>
    public IReadOnlyCollection<string> RealmRoles => _token.RealmRoles;

    /// <inheritdoc/>
    public override string? Name => _ownClaims ? base.Name : _token.Username ?? _token.Subject;

    /// <inheritdoc/>
    public override IEnumerable<Claim> Claims => _ownClaims ? base.Claims : _token.Claims;

    /// <summary>
    /// The identity that a token with this payload would give, for tests of an API. No signature is looked at: never call it with what
    /// a request brought.
    /// </summary>
    public static CastellanIdentity FromTrustedPayload(ReadOnlyMemory<byte> json)
    {
        using var claims = JwtClaims.TryParse(json) ?? throw new ArgumentException("The payload is not a JSON object with distinct names.", nameof(json));
        return new CastellanIdentity(AccessToken.From(json, claims.Root));
    }

    /// <summary>Whether the user has that role in the realm.</summary>
    public bool HasRealmRole(string role) => _token.HasRealmRole(role);

    /// <summary>Whether the user has that role of that client.</summary>
    public bool HasClientRole(string client, string role) => _token.HasClientRole(client, role);

    /// <summary>The user's roles of that client.</summary>
    public IReadOnlyCollection<string> ClientRoles(string client) => _token.ClientRoles(client);

    /// <summary>Whether the token may be used for that.</summary>
    public bool HasScope(string scope) => _token.HasScope(scope);

    /// <inheritdoc/>
    public override bool HasClaim(string type, string value) =>
        !_ownClaims && type == RoleType ? _token.HasRealmRole(value) : base.HasClaim(type, value);

    /// <inheritdoc/>
    public override void AddClaim(Claim claim)
    {
        TakeClaims();
        base.AddClaim(claim);
    }

    /// <inheritdoc/>
    public override void AddClaims(IEnumerable<Claim?> claims)
    {
        TakeClaims();
        base.AddClaims(claims);
    }

    /// <inheritdoc/>
    public override bool TryRemoveClaim(Claim? claim)
    {
        TakeClaims();
        return claim is not null && base.TryRemoveClaim(base.Claims.FirstOrDefault(own => own.Type == claim.Type && own.Value == claim.Value));
    }

    /// <inheritdoc/>
    public override void RemoveClaim(Claim? claim)
    {
        if (!TryRemoveClaim(claim))
        {
            throw new InvalidOperationException("The identity has no such claim.");
        }
    }

    /// <inheritdoc/>
    public override ClaimsIdentity Clone() => _ownClaims ? new CastellanIdentity(this) : new CastellanIdentity(_token);

    // The token's claims are shared by all requests that bring it; whoever changes them changes a copy.
    private void TakeClaims()
    {
        if (!_ownClaims)
        {
            _ownClaims = true;
            base.AddClaims(_token.Claims);
        }
    }
}
