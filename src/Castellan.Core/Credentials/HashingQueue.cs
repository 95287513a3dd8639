using System.Runtime.InteropServices;

namespace Castellan.Core.Credentials;

/// <summary>
/// Where passwords are hashed: a few threads of their own at low priority, and a bounded line before them. However many people sign in at
/// once, no thread of the pool waits for a hash, and token traffic finds its CPU.
/// </summary>
public sealed partial class HashingQueue : IDisposable
{
    /// <summary>About four seconds of work for each thread; who comes later is told to come again.</summary>
    public const int WaitingPerThread = 512;

    // The least priority there is. Two threads that compete for a core have it in turns of a clock tick at least, so the slowest token requests are
    // those that meet a turn of a hash. A core that tokens alone would fill still hashes eight passwords a second.
    private const int Nice = 19;

    private readonly Queue<Job> _jobs = new();
    private readonly int _most;
    private bool _ended;

    /// <param name="threads">How many hashes run at a time; 0 for one each core.</param>
    public HashingQueue(int threads = 0)
    {
        Threads = threads > 0 ? threads : Environment.ProcessorCount;
        _most = Threads * WaitingPerThread;
        for (var i = 0; i < Threads; i++)
        {
            new Thread(Work, 256 * 1024) { IsBackground = true, Name = "hashing", Priority = ThreadPriority.BelowNormal }.Start();
        }
    }

    public int Threads { get; }

    /// <summary>How many jobs wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_jobs)
            {
                return _jobs.Count;
            }
        }
    }

    /// <summary>Runs the work on a hashing thread. Null when too many wait already.</summary>
    public Task<T>? TryRun<T>(Func<T> work, CancellationToken ct = default)
    {
        var job = new Job<T>(work, ct);
        lock (_jobs)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            if (_jobs.Count >= _most)
            {
                return null;
            }

            _jobs.Enqueue(job);
            Monitor.Pulse(_jobs);
        }

        return job.Task;
    }

    /// <summary>Ends the threads once the line is empty.</summary>
    public void Dispose()
    {
        lock (_jobs)
        {
            _ended = true;
            Monitor.PulseAll(_jobs);
        }
    }

    private void Work()
    {
        // .NET does not hand thread priorities to Linux. There each thread has a nice value, and 0 names the calling thread.
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(0, 0, Nice);
        }

        while (Next() is { } job)
        {
            job.Run();
        }
    }

    // A thread without work sleeps at once: the ready-made collections look again and again first, which takes the core from everybody else.
    private Job? Next()
    {
        lock (_jobs)
        {
            while (_jobs.Count == 0)
            {
                if (_ended)
                {
                    return null;
                }

                Monitor.Wait(_jobs);
            }

            return _jobs.Dequeue();
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int nice);

    private abstract class Job
    {
        public abstract void Run();
    }

    private sealed class Job<T>(Func<T> work, CancellationToken ct) : Job
    {
        // Continuations go to the pool: this thread is for hashing only.
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _result.Task;

        public override void Run()
        {
            if (ct.IsCancellationRequested)
            {
                _result.TrySetCanceled(ct);
                return;
            }

            try
            {
                _result.TrySetResult(work());
            }
#pragma warning disable CA1031 // whatever it is, the caller shall have it and the thread shall live
            catch (Exception e)
#pragma warning restore CA1031
            {
                _result.TrySetException(e);
            }
        }
    }
}
