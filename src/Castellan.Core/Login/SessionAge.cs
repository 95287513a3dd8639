using Castellan.Core.Realms;
using Castellan.Core.Sessions;

namespace Castellan.Core.Login;

/// <summary>How long a browser's session lives, in seconds.</summary>
public static class SessionAge
{
    public static int Idle(Realm realm, UserSession session)
    {
        var idle = realm.Settings.SsoSessionIdleTimeout ?? 1800;
        return session.RememberMe && realm.Settings.SsoSessionIdleTimeoutRememberMe is > 0 and var remembered ? Math.Max(idle, remembered) : idle;
    }

    public static int Max(Realm realm, UserSession session)
    {
        var max = realm.Settings.SsoSessionMaxLifespan ?? 36000;
        return session.RememberMe && realm.Settings.SsoSessionMaxLifespanRememberMe is > 0 and var remembered ? Math.Max(max, remembered) : max;
    }

    /// <summary>Whether the session is neither idle for too long nor too old, nor from before the realm's not-before.</summary>
    public static bool IsAlive(Realm realm, UserSession session, long now) =>
        now - session.LastAccess < Idle(realm, session) * 1000L && now - session.Started < Max(realm, session) * 1000L
        && session.Started / 1000 >= (realm.Settings.NotBefore ?? 0);
}
