using System.Collections.Concurrent;
using Castellan.Core.Realms;

namespace Castellan.Core.Federation;

/// <summary>What the operator hears of directories. That one is down is said once in a while, not at each request.</summary>
public sealed class DirectoryReports(TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _told = new(StringComparer.Ordinal);

    /// <summary>Who is told; nobody until the server has a log.</summary>
    public Action<string> Tell { get; set; } = static _ => { };

    internal void Unavailable(Realm realm, LdapFederation federation, DirectoryException e)
    {
        if (!_told.TryGetValue(federation.Id, out var since) || time.GetElapsedTime(since) > s_pause)
        {
            _told[federation.Id] = time.GetTimestamp();
            Tell($"The directory of the federation {federation.Name} of the realm {realm.Name} is unavailable. {e.Message}");
        }
    }

    internal void NotImported(Realm realm, LdapFederation federation, string dn, string why) =>
        Tell($"{dn} is not imported by the federation {federation.Name} of the realm {realm.Name}: {why}");
}
