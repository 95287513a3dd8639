using Castellan.Core.Realms;
using Castellan.Protocol.Errors;

namespace Castellan.Storage;

/// <summary>
/// Sets of changes that come one by one, written in one transaction: what an import reads from its file. One is written while the next is made, and
/// there are never more than these two.
/// </summary>
internal static class ChangeStream
{
    /// <summary>Returns the refusal that stood in place of a set, after which nothing of those before it is left; null when all are written.</summary>
    public static async ValueTask<ProtocolError?> RunAsync<T>(
        Db db, IAsyncEnumerable<Result<ChangeSet>> sets, Func<Tx, ChangeSet, ValueTask<T>> write, CancellationToken ct)
    {
        try
        {
            return await db.WriteLongAsync(tx => WriteAsync(tx, sets, write, ct), ct);
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }

    private static async ValueTask<ProtocolError?> WriteAsync<T>(
        Tx tx, IAsyncEnumerable<Result<ChangeSet>> sets, Func<Tx, ChangeSet, ValueTask<T>> write, CancellationToken ct)
    {
        // Nobody needs the next set any more when the one before it cannot be written.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var source = sets.GetAsyncEnumerator(stop.Token);
        var next = Task.Run(NextAsync, CancellationToken.None);
        try
        {
            while (await next is { } set)
            {
                next = Task.Run(NextAsync, CancellationToken.None);
                await write(tx, set);
            }

            return null;
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Making a set takes a core of its own, not the turns of the thread that writes.
        async Task<ChangeSet?> NextAsync() =>
            !await source.MoveNextAsync() ? null
            : source.Current.Ok(out var set, out var refusal) ? set
            : throw new RefusedException(refusal);
    }

    /// <summary>How a refusal gets out of the transaction and takes it back: only what is thrown does.</summary>
    private sealed class RefusedException(ProtocolError refusal) : Exception
    {
        public ProtocolError Refusal => refusal;
    }
}
