using Castellan.Core.Clients;
using Castellan.Core.Realms;

namespace Castellan.Core.Grants;

/// <summary>
/// The clients that a token is to be narrowed to (RFC 8693 §2.1, <c>audience</c>). They are looked up at the exchange and again at each refresh of what came
/// of it: whoever was disabled since gets no more tokens.
/// </summary>
internal static class RequestedAudience
{
    public static async ValueTask<List<(string Name, Client? Client)>> FindAsync(IClients clients, Realm realm, IReadOnlyList<string> names, CancellationToken ct)
    {
        var found = new List<(string, Client?)>(names.Count);
        foreach (var name in names)
        {
            found.Add((name, await clients.FindAsync(realm, name, ct)));
        }

        return found;
    }
}
