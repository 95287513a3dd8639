namespace Castellan.Server.Management;

/// <summary>Where the process is in its life, for those who decide whether to send it requests.</summary>
public sealed class ServerState
{
    private volatile bool _initialized;
    private volatile bool _stopping;

    /// <summary>The schema is there and the master realm is ready.</summary>
    public bool Initialized => _initialized;

    /// <summary>It was asked to end: everything is still served for a moment, but nobody new should come.</summary>
    public bool Stopping => _stopping;

    public void SetInitialized() => _initialized = true;

    public void SetStopping() => _stopping = true;
}
