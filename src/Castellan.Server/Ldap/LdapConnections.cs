using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Castellan.Core.Federation;
using Castellan.Core.Vaults;
using Castellan.Protocol.Ldap;

namespace Castellan.Server.Ldap;

/// <summary>Conversations with directories: how they begin, and those that were let in and are kept for a while for the next search.</summary>
/// <param name="trust">Which certificates count in the place of those that the system trusts.</param>
internal sealed class LdapConnections(IVault vault, TimeProvider time, X509ChainPolicy? trust)
{
    private const int MaxKept = 8;

    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(30);

    /// <summary>How long nobody waits again for a directory that did not answer in time.</summary>
    private static readonly TimeSpan s_avoided = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<DirectorySettings, ConcurrentQueue<(LdapConnection Connection, long Since)>> _kept = new();
    private readonly ConcurrentDictionary<DirectorySettings, long> _silent = new();

    public async Task<LdapConnection> OpenAsync(DirectorySettings settings, bool bind, CancellationTokenSource patience, CancellationToken ct)
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
                connection = await LdapConnection.OpenAsync(address, patience.Token, trust);
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

    public LdapConnection? Take(DirectorySettings settings)
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

    public void Keep(DirectorySettings settings, LdapConnection connection)
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

    /// <summary>Whether something went wrong with the directory, and not here.</summary>
    public static bool IsFailure(Exception e, CancellationToken ct) =>
        e is SocketException or IOException or AuthenticationException or LdapResultException or ObjectDisposedException || (e is OperationCanceledException && !ct.IsCancellationRequested);

    private static async Task LetInAsync(LdapConnection connection, string dn, string password, CancellationToken ct)
    {
        if (dn.Length == 0 || password.Length == 0 || await connection.BindAsync(dn, password, ct) != LdapMessages.Success)
        {
            throw new DirectoryException("The directory does not let the federation's own user in.") { IsNotLetIn = true };
        }
    }
}
