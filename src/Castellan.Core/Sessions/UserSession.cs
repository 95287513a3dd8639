using System.Collections.ObjectModel;

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
    public IReadOnlyDictionary<string, string> Notes { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The clients that take part, by internal client id.</summary>
    public IReadOnlyList<ClientSession> Clients { get; init; } = [];

    public ClientSession? Client(string clientId) => Clients.FirstOrDefault(c => c.ClientId == clientId);

    /// <summary>The part of a client that takes part from now on; it is not written down by this.</summary>
    public ClientSession NewClient(string clientId, long now) => new() { SessionId = Id, ClientId = clientId, Offline = Offline, Started = now, LastAccess = now };

    /// <summary>The session after a use by one of its clients. Times go forward only, so uses may be noted in any order.</summary>
    public UserSession Touched(string clientId, long now) => this with
    {
        LastAccess = Math.Max(LastAccess, now),
        Clients = [.. Clients.Select(c => c.ClientId == clientId ? c with { LastAccess = Math.Max(c.LastAccess, now) } : c)],
    };
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
    public IReadOnlyDictionary<string, string> Notes { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}

/// <summary>Refresh tokens that came one from the other, under rotation (RFC 9700 §4.14.2).</summary>
/// <param name="Id">What their <c>reuse_id</c> says.</param>
/// <param name="Token">The <c>jti</c> of the token that was used last.</param>
/// <param name="Uses">How often it was used.</param>
/// <param name="Issued">The tokens that these uses gave, of which any may be used next; separated by spaces.</param>
public sealed record RefreshChain(string Id, string Token, int Uses, string Issued)
{
    public bool HasIssued(string token) => Issued.Split(' ').Contains(token);

    /// <summary>Whether a token comes before the one that is to be used next: another was used, or given, since.</summary>
    public bool IsPast(string token) => Token != token && Issued.Split(' ')[^1] != token;

    /// <summary>
    /// The chain after one more use, or null when that is one too many. The token used last may be used again as often as the realm allows; one that came
    /// of it moves the chain on; an older one counts as a use too many of the one in force, and after the second of its issue it is none at all.
    /// </summary>
    /// <param name="read">The chain before; null while none of it was used.</param>
    /// <param name="token">The <c>jti</c> of the token that is used, and <paramref name="next"/> that of the one it is to give.</param>
    /// <param name="isOld">Whether the client's part of the session was used in a later second than that in which the token was issued.</param>
    public static RefreshChain? After(RefreshChain? read, string id, string token, string next, int maxReuse, bool isOld) =>
        isOld && read?.IsPast(token) is true ? null
        : read is null || (read.Token != token && read.HasIssued(token)) ? new RefreshChain(id, token, 1, next)
        : read.Uses > maxReuse ? null
        : read with { Uses = read.Uses + 1, Issued = $"{read.Issued} {next}" };
}
