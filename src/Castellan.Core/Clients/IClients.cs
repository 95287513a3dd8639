using Castellan.Core.Realms;

namespace Castellan.Core.Clients;

/// <summary>The clients of all realms, compiled, in a bounded cache. A picture of a client is never older than the realm's that is passed.</summary>
public interface IClients
{
    /// <summary>The client with this <c>client_id</c>, or null.</summary>
    ValueTask<Client?> FindAsync(Realm realm, string clientId, CancellationToken ct = default);

    /// <summary>The client with this internal id, or null.</summary>
    ValueTask<Client?> FindByIdAsync(Realm realm, string id, CancellationToken ct = default);
}
