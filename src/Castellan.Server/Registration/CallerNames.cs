using System.Net;

namespace Castellan.Server.Registration;

/// <summary>What callers are called.</summary>
public static class CallerNames
{
    /// <summary>
    /// The name of whoever calls from an address; null where there is none. Who has an address may call it anything, so the name must lead back to it: that is
    /// for who has the name to say.
    /// </summary>
    public static async ValueTask<string?> FindAsync(
        IPAddress address, Func<IPAddress, CancellationToken, ValueTask<string?>> reverse, Func<string, CancellationToken, ValueTask<IPAddress[]>> forward, CancellationToken ct) =>
        await reverse(address, ct) is { } name && (await forward(name, ct)).Contains(address) ? name : null;
}
