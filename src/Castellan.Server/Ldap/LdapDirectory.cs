using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Castellan.Core.Federation;
using Castellan.Core.Vaults;
using Castellan.Protocol.Ldap;

namespace Castellan.Server.Ldap;

/// <summary>Asks directories over the network. Connections that were let in are kept for a while for the next search.</summary>
public sealed class LdapDirectory(IVault vault, TimeProvider time) : IDirectory
{
    /// <summary>More than anybody looks at, or a sync brings in at once.</summary>
    private const int MaxEntries = 1_000_000;

    private const int MaxKept = 8;

    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(30);

    /// <summary>How long nobody waits again for a directory that did not answer in time.</summary>
    private static readonly TimeSpan s_avoided = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<DirectorySettings, ConcurrentQueue<(LdapConnection Connection, long Since)>> _kept = new();
    private readonly ConcurrentDictionary<DirectorySettings, long> _silent = new();

    public async IAsyncEnumerable<LdapEntry> SearchAsync(DirectorySettings settings, LdapSearch search, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var (connection, first) = await BeginAsync(settings, search, patience, ct);
        var whole = false;
        try
        {
            for (var (more, count) = (first.HasCurrent, 0); more && count < MaxEntries; more = await NextAsync(first, search, settings, patience, ct), count++)
            {
                yield return first.Entries.Current;
            }

            whole = !first.HasCurrent;
        }
        finally
        {
            await first.Entries.DisposeAsync();
            if (whole)
            {
                Keep(settings, connection);
            }
            else
            {
                await connection.DisposeAsync();
            }
        }
    }

    public async ValueTask<DirectoryResult> ChangeAsync(DirectorySettings settings, Func<int, byte[]> request, CancellationToken ct = default)
    {
        // On a connection of its own: where one that was kept turns out to be dead, nobody could tell whether the change was made.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await using var connection = await OpenAsync(settings, bind: true, patience, ct);
            patience.CancelAfter(settings.ReadTimeout);
            var answer = await connection.AskAsync(request, patience.Token);
            return new(answer.ResultCode ?? -1, answer.Diagnostic);
        }
        catch (Exception e) when (IsFailure(e, ct))
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
            await using var connection = await OpenAsync(settings, bind: false, patience, ct);
            patience.CancelAfter(settings.ReadTimeout);
            var answer = await connection.AskAsync(id => LdapRequests.Bind(id, dn, password), patience.Token);
            return new(answer.ResultCode ?? -1, answer.Diagnostic);
        }
        catch (Exception e) when (IsFailure(e, ct))
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
    private async Task<(LdapConnection Connection, Running First)> BeginAsync(DirectorySettings settings, LdapSearch search, CancellationTokenSource patience, CancellationToken ct)
    {
        while (true)
        {
            var kept = Take(settings);
            var connection = kept;
            try
            {
                connection ??= await OpenAsync(settings, bind: true, patience, ct);
                var running = new Running(connection.SearchAsync(search, settings.PageSize, patience.Token).GetAsyncEnumerator(CancellationToken.None));
                patience.CancelAfter(settings.ReadTimeout);
                running.HasCurrent = await MoveAsync(running, search);
                return (connection, running);
            }
            catch (Exception e) when (kept is not null && e is IOException or ObjectDisposedException)
            {
                await kept!.DisposeAsync();
            }
            catch (Exception e) when (IsFailure(e, ct))
            {
                if (connection is not null)
                {
                    await connection.DisposeAsync();
                }

                throw new DirectoryException("The directory cannot be searched: " + e.Message, e);
            }
        }
    }

    private static async Task<bool> NextAsync(Running running, LdapSearch search, DirectorySettings settings, CancellationTokenSource patience, CancellationToken ct)
    {
        try
        {
            patience.CancelAfter(settings.ReadTimeout);
            return running.HasCurrent = await MoveAsync(running, search);
        }
        catch (Exception e) when (IsFailure(e, ct))
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

    private async Task<LdapConnection> OpenAsync(DirectorySettings settings, bool bind, CancellationTokenSource patience, CancellationToken ct)
    {
        if (_silent.TryGetValue(settings, out var since) && time.GetElapsedTime(since) < s_avoided)
        {
            throw new DirectoryException("The directory did not answer a moment ago.");
        }

        if (LdapAddress.Parse(settings.Url) is not { } addresses)
        {
            throw new DirectoryException("The address of the directory is none.");
        }

        Exception? problem = null;
        foreach (var address in addresses)
        {
            LdapConnection? connection = null;
            try
            {
                patience.CancelAfter(settings.ConnectionTimeout);
                connection = await LdapConnection.OpenAsync(address, patience.Token);
                if (settings.StartTls && !address.Tls && !await connection.StartTlsAsync(patience.Token))
                {
                    throw new DirectoryException("The directory does not speak StartTLS.");
                }

                if (bind && settings.BindDn is { } dn)
                {
                    await LetInAsync(connection, dn, await vault.ResolveAsync(settings.Realm, settings.BindCredential, ct), patience.Token);
                }

                _silent.TryRemove(settings, out _);
                return connection;
            }
            catch (Exception e) when (e is DirectoryException || IsFailure(e, ct))
            {
                problem = e;
                if (connection is not null)
                {
                    await connection.DisposeAsync();
                }

                if (patience.IsCancellationRequested && !ct.IsCancellationRequested)
                {
                    // The source of time is used up; whoever comes next begins with another.
                    _silent[settings] = time.GetTimestamp();
                    break;
                }
            }
        }

        throw problem as DirectoryException ?? new DirectoryException("The directory cannot be reached: " + problem!.Message, problem);
    }

    private static async Task LetInAsync(LdapConnection connection, string dn, string password, CancellationToken ct)
    {
        if (dn.Length == 0 || password.Length == 0 || await connection.BindAsync(dn, password, ct) != LdapMessages.Success)
        {
            throw new DirectoryException("The directory does not let the federation's own user in.") { IsNotLetIn = true };
        }
    }

    private LdapConnection? Take(DirectorySettings settings)
    {
        while (_kept.TryGetValue(settings, out var queue) && queue.TryDequeue(out var one))
        {
            if (time.GetElapsedTime(one.Since) < s_kept)
            {
                return one.Connection;
            }

            _ = one.Connection.DisposeAsync().AsTask();
        }

        return null;
    }

    private void Keep(DirectorySettings settings, LdapConnection connection)
    {
        foreach (var (other, old) in _kept)
        {
            // Settings that were changed are never asked for again.
            while (old.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since) >= s_kept && old.TryDequeue(out var gone))
            {
                _ = gone.Connection.DisposeAsync().AsTask();
            }

            if (old.IsEmpty && other != settings)
            {
                _kept.TryRemove(other, out _);
            }
        }

        var queue = _kept.GetOrAdd(settings, static _ => new());
        if (queue.Count < MaxKept)
        {
            queue.Enqueue((connection, time.GetTimestamp()));
        }
        else
        {
            _ = connection.DisposeAsync().AsTask();
        }
    }

    private static bool IsFailure(Exception e, CancellationToken ct) =>
        e is SocketException or IOException or AuthenticationException or LdapResultException or ObjectDisposedException || (e is OperationCanceledException && !ct.IsCancellationRequested);
}
