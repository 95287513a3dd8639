namespace Castellan.Core.Sessions;

/// <summary>A sign-in of a user at a realm. Times are milliseconds since 1970.</summary>
public sealed record UserSession
{
    /// <summary>What tokens carry as <c>sid</c>: 24 characters of base64url.</summary>
    public required string Id { get; init; }

    public required string RealmId { get; init; }

    public required string UserId { get; init; }

    /// <summary>The name that was typed at sign-in.</summary>
    public string? LoginUsername { get; init; }

    public string? IpAddress { get; init; }

    /// <summary>Whether this is the offline twin of a session, kept for <c>offline_access</c>.</summary>
    public bool Offline { get; init; }

    public bool RememberMe { get; init; }

    public required long Started { get; init; }

    public required long LastAccess { get; init; }

    public string? BrokerSessionId { get; init; }

    public string? BrokerUserId { get; init; }

    /// <summary>User session notes: AUTH_TIME, acr levels, identity provider, impersonator, what mappers read.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>The clients that take part, by internal client id.</summary>
    public IReadOnlyList<ClientSession> Clients { get; init; } = [];

    public ClientSession? Client(string clientId) => Clients.FirstOrDefault(c => c.ClientId == clientId);
}

/// <summary>A client's part in a session.</summary>
public sealed record ClientSession
{
    public required string SessionId { get; init; }

    /// <summary>The client's internal id.</summary>
    public required string ClientId { get; init; }

    public bool Offline { get; init; }

    public required long Started { get; init; }

    public required long LastAccess { get; init; }

    /// <summary>Client session notes: redirect_uri, scope, nonce, iss, response mode, claims.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();
}

/// <summary>Refresh tokens that came one from the other, under rotation (RFC 9700 §4.14.2).</summary>
/// <param name="Id">What their <c>reuse_id</c> says.</param>
/// <param name="Token">The <c>jti</c> of the token that was used last.</param>
/// <param name="Uses">How often it was used.</param>
/// <param name="Issued">The tokens that these uses gave, of which any may be used next; separated by spaces.</param>
public sealed record RefreshChain(string Id, string Token, int Uses, string Issued)
{
    public bool HasIssued(string token) => Issued.Split(' ').Contains(token);
}
