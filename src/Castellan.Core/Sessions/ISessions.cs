using Castellan.Core.Users;

namespace Castellan.Core.Sessions;

/// <summary>
/// The sessions of all realms. Online and offline sessions are apart: the offline twin of a session has the same id. Every write is durable when
/// the call returns. Nothing here judges lifetimes; that is <see cref="SessionLifetimes"/>.
/// </summary>
public interface ISessions
{
    /// <summary>The session with the parts of all its clients, or null.</summary>
    ValueTask<UserSession?> FindAsync(string realmId, string id, bool offline = false, CancellationToken ct = default);

    /// <summary>Adds a session with the clients that it holds.</summary>
    ValueTask AddAsync(UserSession session, CancellationToken ct = default);

    /// <summary>Replaces what may change of a session itself (last access, notes, remember me); its clients stay. False when it is gone.</summary>
    ValueTask<bool> SaveAsync(UserSession session, CancellationToken ct = default);

    /// <summary>Adds or replaces a client's part of a session and moves the session's last access. False when the session is gone.</summary>
    ValueTask<bool> AttachAsync(string realmId, ClientSession client, CancellationToken ct = default);

    /// <summary>The same for a part that is over: it begins anew, unless another request was faster. False when the session is gone.</summary>
    /// <param name="over">The part as it was.</param>
    ValueTask<bool> RestartAsync(string realmId, ClientSession client, ClientSession over, CancellationToken ct = default);

    /// <summary>Removes a client's part; true when it was there.</summary>
    ValueTask<bool> DetachAsync(string realmId, string sessionId, string clientId, bool offline = false, CancellationToken ct = default);

    /// <summary>
    /// Notes the use of a refresh token in its chain, and with it the last access of the session and the client's part. False when the client's part is
    /// gone or the use is refused.
    /// </summary>
    /// <param name="move">
    /// What the chain becomes, from what it is (null while none of it was used); null refuses. No other use comes between; it may be asked more than once.
    /// </param>
    ValueTask<bool> RotateAsync(string realmId, ClientSession client, string chain, Func<RefreshChain?, RefreshChain?> move, CancellationToken ct = default);

    /// <summary>A chain of refresh tokens of a client's part as the last use left it; null while none of it was used.</summary>
    ValueTask<RefreshChain?> FindChainAsync(ClientSession client, string chain, CancellationToken ct = default);

    /// <summary>Ends a session; true when it was there.</summary>
    ValueTask<bool> DeleteAsync(string realmId, string id, bool offline = false, CancellationToken ct = default);

    /// <summary>Sessions of one user, newest last.</summary>
    ValueTask<List<UserSession>> ListByUserAsync(string realmId, string userId, bool offline = false, CancellationToken ct = default);

    /// <summary>Sessions that came of a session of an identity provider; where that is not named, of any session that an account of one has there.</summary>
    /// <param name="brokerSessionId">Alias and session id.</param>
    /// <param name="brokerUserId">Alias and account id.</param>
    ValueTask<List<UserSession>> ListByBrokerAsync(string realmId, string? brokerSessionId, string? brokerUserId, bool offline = false, CancellationToken ct = default);

    /// <summary>Sessions in which a client (by internal id) takes part.</summary>
    /// <param name="only">The users of whose sessions it may be; all when absent.</param>
    ValueTask<List<UserSession>> ListByClientAsync(
        string realmId, string clientId, bool offline, int first, int max, UserRestriction? only = null, CancellationToken ct = default);

    /// <summary>How many sessions each client (by internal id) takes part in.</summary>
    /// <param name="only">The users whose sessions count; all when absent.</param>
    ValueTask<Dictionary<string, int>> CountByClientAsync(string realmId, bool offline, UserRestriction? only = null, CancellationToken ct = default);

    /// <summary>Ends all sessions of a user and returns them, with their clients.</summary>
    ValueTask<List<UserSession>> DeleteByUserAsync(string realmId, string userId, bool offline = false, CancellationToken ct = default);

    /// <summary>Ends all sessions of a realm.</summary>
    ValueTask DeleteByRealmAsync(string realmId, bool offline = false, CancellationToken ct = default);

    /// <summary>Removes, in batches, sessions of a realm that nobody used since <paramref name="idleBefore"/> or that began before <paramref name="startedBefore"/>.</summary>
    ValueTask DeleteExpiredAsync(string realmId, bool offline, long idleBefore, long startedBefore, CancellationToken ct = default);
}
