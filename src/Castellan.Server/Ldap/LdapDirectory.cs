using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Castellan.Core.Federation;
using Castellan.Core.Vaults;
using Castellan.Protocol.Ldap;

namespace Castellan.Server.Ldap;

/// <summary>Asks directories over the network. Connections that were let in are kept for a while for the next search.</summary>
/// <param name="trust">Which certificates count in the place of those that the system trusts.</param>
public sealed class LdapDirectory(IVault vault, TimeProvider time, X509ChainPolicy? trust = null) : IDirectory
{
    /// <summary>More than anybody looks at, or a sync brings in at once.</summary>
    private const int MaxEntries = 1_000_000;

    /// <summary>To how many places directories may refer in one search.</summary>
    private const int MaxReferences = 100;

    /// <summary>How many parts the values of an attribute may come in.</summary>
    private const int MaxParts = 1_000;

    private readonly LdapConnections _connections = new(vault, time, trust);

    public IAsyncEnumerable<LdapEntry> SearchAsync(DirectorySettings settings, LdapSearch search, CancellationToken ct = default) => SearchAsync(settings, search, [], ct);

    private async IAsyncEnumerable<LdapEntry> SearchAsync(DirectorySettings settings, LdapSearch search, HashSet<LdapUrl> asked, [EnumeratorCancellation] CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var references = new List<LdapUrl>();
        var (connection, first) = await BeginAsync(settings, search, references, patience, ct);
        var whole = false;
        try
        {
            for (var (more, count) = (first.HasCurrent, 0); more && count < MaxEntries; more = await NextAsync(first, search, settings, patience, ct), count++)
            {
                yield return await WholeAsync(settings, first.Entries.Current, ct);
            }

            whole = !first.HasCurrent;
        }
        finally
        {
            await first.Entries.DisposeAsync();
            if (whole)
            {
                _connections.Keep(settings, connection);
            }
            else
            {
                await connection.DisposeAsync();
            }
        }

        foreach (var reference in references.Where(asked.Add))
        {
            await foreach (var entry in SearchAsync(Elsewhere(settings, reference, asked.Count), Elsewhere(search, reference), asked, ct))
            {
                yield return entry;
            }
        }
    }

    public async ValueTask<DirectoryResult> ChangeAsync(DirectorySettings settings, Func<int, byte[]> request, CancellationToken ct = default)
    {
        // On a connection of its own: where one that was kept turns out to be dead, nobody could tell whether the change was made.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await using var connection = await _connections.OpenAsync(settings, bind: true, patience, ct);
            patience.CancelAfter(settings.ReadTimeout);
            var answer = await connection.AskAsync(request, patience.Token);
            return new(answer.ResultCode ?? -1, answer.Diagnostic);
        }
        catch (Exception e) when (LdapConnections.IsFailure(e, ct))
        {
            throw new DirectoryException("The directory does not answer: " + e.Message, e);
        }
    }

    public async ValueTask<DirectoryResult> BindAsync(DirectorySettings settings, string dn, string password, CancellationToken ct = default)
    {
        // A bind without a name or a password succeeds and proves nothing.
        if (dn.Length == 0 || password.Length == 0)
        {
            return new(LdapMessages.InvalidCredentials, "");
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await using var connection = await _connections.OpenAsync(settings, bind: false, patience, ct);
            patience.CancelAfter(settings.ReadTimeout);
            var answer = await connection.AskAsync(id => LdapRequests.Bind(id, dn, password), patience.Token);
            return new(answer.ResultCode ?? -1, answer.Diagnostic);
        }
        catch (Exception e) when (LdapConnections.IsFailure(e, ct))
        {
            throw new DirectoryException("The directory does not answer: " + e.Message, e);
        }
    }

    private sealed class Running(IAsyncEnumerator<LdapEntry> entries)
    {
        public IAsyncEnumerator<LdapEntry> Entries => entries;

        public bool HasCurrent { get; set; }
    }

    /// <summary>A connection and the first entry. One that was kept may have been closed by the directory meanwhile; then another is opened.</summary>
    private async Task<(LdapConnection Connection, Running First)> BeginAsync(
        DirectorySettings settings, LdapSearch search, List<LdapUrl> references, CancellationTokenSource patience, CancellationToken ct)
    {
        while (true)
        {
            references.Clear();
            var kept = _connections.Take(settings);
            var connection = kept;
            try
            {
                connection ??= await _connections.OpenAsync(settings, bind: true, patience, ct);
                var running = new Running(connection.SearchAsync(search, settings.PageSize, patience.Token, settings.FollowsReferences ? Refer : null).GetAsyncEnumerator(CancellationToken.None));
                patience.CancelAfter(settings.ReadTimeout);
                running.HasCurrent = await MoveAsync(running, search);
                patience.CancelAfter(Timeout.InfiniteTimeSpan);
                return (connection, running);
            }
            catch (Exception e) when (kept is not null && e is IOException or ObjectDisposedException)
            {
                await kept!.DisposeAsync();
            }
            catch (Exception e) when (LdapConnections.IsFailure(e, ct))
            {
                if (connection is not null)
                {
                    await connection.DisposeAsync();
                }

                throw new DirectoryException("The directory cannot be searched: " + e.Message, e);
            }
        }

        // Any of the addresses of one reference will do.
        void Refer(IReadOnlyList<string> urls)
        {
            if (urls.Select(LdapUrl.Parse).OfType<LdapUrl>().FirstOrDefault() is { } url)
            {
                references.Add(url);
            }
        }
    }

    private static async Task<bool> NextAsync(Running running, LdapSearch search, DirectorySettings settings, CancellationTokenSource patience, CancellationToken ct)
    {
        try
        {
            patience.CancelAfter(settings.ReadTimeout);
            running.HasCurrent = await MoveAsync(running, search);
            // How long the asker takes with an entry is not the directory's matter.
            patience.CancelAfter(Timeout.InfiniteTimeSpan);
            return running.HasCurrent;
        }
        catch (Exception e) when (LdapConnections.IsFailure(e, ct))
        {
            throw new DirectoryException("The directory cannot be searched: " + e.Message, e);
        }
    }

    private static async Task<bool> MoveAsync(Running running, LdapSearch search)
    {
        try
        {
            return await running.Entries.MoveNextAsync();
        }
        catch (LdapResultException e) when (e.Code == LdapMessages.SizeLimitExceeded || (e.Code == LdapMessages.NoSuchObject && search.Scope == LdapScope.Base))
        {
            // An entry that is looked for by its name may be gone. Where a whole place is missing, the setting is wrong, and nobody shall be taken for gone.
            return false;
        }
    }

    /// <summary>The directory that another refers to. Where the one was asked over TLS, the federation's password is not told to the next without.</summary>
    private static DirectorySettings Elsewhere(DirectorySettings settings, LdapUrl reference, int asked) =>
        asked > MaxReferences ? throw new DirectoryException("Directories refer to too many others.")
        : !reference.Tls && !settings.StartTls && LdapAddress.Parse(settings.Url)?.Any(a => a.Tls) == true ? throw new DirectoryException("The directory refers to one without TLS.")
        : settings with { Url = reference.Address };

    private static LdapSearch Elsewhere(LdapSearch search, LdapUrl reference) =>
        search with { BaseDn = reference.BaseDn ?? search.BaseDn, Scope = reference.Scope ?? search.Scope };

    /// <summary>An entry with all values of attributes of which the directory gives a part at a time.</summary>
    private async ValueTask<LdapEntry> WholeAsync(DirectorySettings settings, LdapEntry entry, CancellationToken ct)
    {
        foreach (var begun in entry.Ranges.ToList())
        {
            var values = new List<byte[]>(begun.Values);
            var part = begun;
            for (var parts = 1; part.Next is { } next && parts < MaxParts; parts++)
            {
                part = await PartAsync(settings, entry.Dn, begun.Attribute, next, ct) ?? throw new DirectoryException("The directory gives a part of some values and not the rest.");
                values.AddRange(part.Values);
            }

            entry = entry.With(begun.Attribute, values);
        }

        return entry;
    }

    private async ValueTask<LdapRange?> PartAsync(DirectorySettings settings, string dn, string attribute, int next, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var search = new LdapSearch(dn, LdapScope.Base, LdapFilter.Everything, [LdapRange.From(attribute, next)]);
        var (connection, running) = await BeginAsync(settings, search, [], patience, ct);
        try
        {
            return running.HasCurrent ? running.Entries.Current.Ranges.FirstOrDefault(r => r.Next is null || r.Next > next) : null;
        }
        finally
        {
            await running.Entries.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
