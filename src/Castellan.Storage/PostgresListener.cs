using System.Collections.Concurrent;
using System.Data.Common;
using Npgsql;

namespace Castellan.Storage;

/// <summary>One connection that listens for all channels. When it breaks it is made anew, and the handlers are told that something may be lost.</summary>
internal sealed class PostgresListener(NpgsqlDataSource source, Listeners listeners, string prefix) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, bool> _channels = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private CancellationTokenSource _wake = new();
    private Task? _loop;

    public void Start(string channel)
    {
        lock (_lock)
        {
            if (!_channels.TryAdd(channel, true))
            {
                return;
            }

            _wake.Cancel();
            _loop ??= Task.Run(LoopAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await (_loop ?? Task.CompletedTask);
        _stop.Dispose();
        _wake.Dispose();
    }

    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(_stop.Token);
                connection.Notification += (_, n) => listeners.Tell(n.Channel[prefix.Length..], n.Payload);
                var listened = new HashSet<string>(StringComparer.Ordinal);
                while (true)
                {
                    var wake = Rearm();
                    foreach (var channel in _channels.Keys.Where(listened.Add))
                    {
#pragma warning disable CA2100 // the program's own name, quoted
                        await using var command = new NpgsqlCommand($"LISTEN {PostgresCommands.Quote(prefix + channel)}", connection);
#pragma warning restore CA2100
                        await command.ExecuteNonQueryAsync(_stop.Token);

                        // What was sent before this moment was not heard.
                        listeners.Tell(channel, null);
                    }

                    try
                    {
                        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, wake);
                        await connection.WaitAsync(either.Token);
                    }
                    catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
                    {
                        // Another channel to listen to.
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is DbException or IOException or TimeoutException or System.Net.Sockets.SocketException)
            {
                await Task.Delay(1_000, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }

    private CancellationToken Rearm()
    {
        lock (_lock)
        {
            if (_wake.IsCancellationRequested)
            {
                _wake.Dispose();
                _wake = new();
            }

            return _wake.Token;
        }
    }
}
