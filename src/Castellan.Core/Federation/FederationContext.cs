using System.Collections.Concurrent;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>What the directory said of a person, and when.</summary>
public sealed class DirectoryPicture(LdapEntry entry, long since)
{
    /// <summary>The entries of the roles and groups of a mapper that the person is in, by the mapper's id.</summary>
    private readonly ConcurrentDictionary<string, List<LdapEntry>> _memberships = new(StringComparer.Ordinal);

    public LdapEntry Entry => entry;

    public long Since => since;

    public async ValueTask<List<LdapEntry>> MembershipsAsync(string mapper, Func<ValueTask<List<LdapEntry>>> read) =>
        _memberships.TryGetValue(mapper, out var known) ? known : _memberships[mapper] = await read();
}

/// <summary>One use of a federation: what its mappers may ask and write. Writes here do not pass through federations again.</summary>
public sealed class FederationContext(Realm realm, LdapFederation federation, IDirectory directory, IRealms realms, IClients clients, CancellationToken ct)
{
    /// <summary>The realm, with what was written through here.</summary>
    public Realm Realm { get; private set; } = realm;

    public LdapFederation Federation => federation;

    public IClients Clients => clients;

    public CancellationToken Ct => ct;

    /// <summary>The first entry that a search finds, or null.</summary>
    public async ValueTask<LdapEntry?> FirstAsync(LdapSearch search)
    {
        await foreach (var entry in ListAsync(search))
        {
            return entry;
        }

        return null;
    }

    public IAsyncEnumerable<LdapEntry> ListAsync(LdapSearch search) => directory.SearchAsync(federation.Settings, search, ct);

    public async ValueTask<List<LdapEntry>> AllAsync(LdapSearch search)
    {
        var found = new List<LdapEntry>();
        await foreach (var entry in ListAsync(search))
        {
            found.Add(entry);
        }

        return found;
    }

    public ValueTask<DirectoryResult> AskAsync(Func<int, byte[]> request) => directory.ChangeAsync(federation.Settings, request, ct);

    /// <summary>A change that the directory has to accept.</summary>
    /// <exception cref="FederationRefusal">It does not.</exception>
    public async ValueTask ChangeAsync(Func<int, byte[]> request, string what)
    {
        var result = await AskAsync(request);
        if (!result.Ok)
        {
            throw FederationRefusal.Plain($"{what} ({result.Code}).");
        }
    }

    public ValueTask<DirectoryResult> BindAsync(string dn, string password) => directory.BindAsync(federation.Settings, dn, password, ct);

    /// <summary>Writes to the realm.</summary>
    public async ValueTask ApplyAsync(params IReadOnlyCollection<Change> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        await realms.ApplyAsync(new ChangeSet(Realm.Id).Add(changes), ct);
        if (changes.Any(c => c.IsConfiguration))
        {
            Realm = await realms.FindByIdAsync(Realm.Id, ct) ?? Realm;
        }
    }
}
