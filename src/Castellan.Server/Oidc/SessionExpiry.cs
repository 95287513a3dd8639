using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Oidc;

/// <summary>
/// Removes sessions and codes whose time is over. Nothing waits for it: what has expired is refused when it is shown, whether or not it is still there.
/// </summary>
internal sealed class SessionExpiry(IRealms realms, ISessions sessions, IOneUse oneUse, TimeProvider time, ILogger<SessionExpiry> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(5);

    /// <summary>Every realm's settings are looked at, so sessions are swept less often.</summary>
    private const int SessionsEach = 12;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        for (var round = 1; await timer.WaitForNextTickAsync(stoppingToken); round++)
        {
            try
            {
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                await oneUse.DeleteExpiredAsync(now, stoppingToken);
                if (round % SessionsEach == 0)
                {
                    await SweepAsync(now, stoppingToken);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "Expired sessions could not be removed; the next attempt is in {Minutes} minutes.", s_interval.TotalMinutes);
            }
        }
    }

    private async Task SweepAsync(long now, CancellationToken ct)
    {
        foreach (var known in await realms.ListAsync(ct))
        {
            if (await realms.FindByIdAsync(known.Id, ct) is { } realm)
            {
                var settings = realm.Settings;
                await sessions.DeleteExpiredAsync(
                    realm.Id, offline: false, now - Longest(settings.SsoSessionIdleTimeout ?? 1800, settings.SsoSessionIdleTimeoutRememberMe),
                    now - Longest(settings.SsoSessionMaxLifespan ?? 36000, settings.SsoSessionMaxLifespanRememberMe), ct);
                await sessions.DeleteExpiredAsync(realm.Id, offline: true, now - Longest(settings.OfflineSessionIdleTimeout ?? 2_592_000, null), OfflineEnd(settings, now), ct);
            }
        }
    }

    private static long OfflineEnd(RealmRepresentation settings, long now) =>
        settings.OfflineSessionMaxLifespanEnabled == true ? now - Longest(settings.OfflineSessionMaxLifespan ?? 5_184_000, null) : 0;

    private static long Longest(long seconds, int? remembered) => Math.Max(seconds, remembered ?? 0) * 1000;
}
