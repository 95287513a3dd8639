using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Realms;

namespace Castellan.Core.Sessions;

/// <summary>
/// Parts of a session that clients have because they showed a token of another client (RFC 8693), or of one who had it in the same way. They end when
/// that client's token is revoked or turns out to be stolen.
/// </summary>
public sealed class ExchangedParts(ISessions sessions, IClients clients)
{
    private const string Note = "token-exchange-subject-client:";

    /// <summary>The notes that say so.</summary>
    /// <param name="subject">The <c>client_id</c> that the token was issued for, and <paramref name="tokenId"/> its <c>jti</c>.</param>
    /// <param name="chain">That client's part, where it has come to its token by an exchange too.</param>
    public static IEnumerable<KeyValuePair<string, string>> Notes(string subject, string? tokenId, ClientSession? chain) =>
        [.. (chain?.Notes ?? new Dictionary<string, string>()).Where(n => n.Key.StartsWith(Note, StringComparison.Ordinal)), new(Note + subject, tokenId ?? "")];

    /// <summary>Ends the parts that came of this client's tokens, and says in the event whose they were.</summary>
    public async ValueTask EndAsync(Realm realm, UserSession session, string subject, LoginEvent happened, CancellationToken ct)
    {
        var ended = new List<string>();
        foreach (var part in session.Clients.Where(c => c.Notes.ContainsKey(Note + subject)))
        {
            if (await sessions.DetachAsync(realm.Id, session.Id, part.ClientId, session.Offline, ct))
            {
                ended.Add((await clients.FindByIdAsync(realm, part.ClientId, ct))?.ClientId ?? part.ClientId);
            }
        }

        happened.With("token_exchange_revoked_clients", ended.Count > 0 ? string.Join(',', ended) : null);
    }
}
