using Castellan.Core.Clients;
using Castellan.Core.Realms;

namespace Castellan.Core.Sessions;

/// <summary>
/// How long sessions and tokens live. A client's own limit comes before the realm's for clients, that before single sign-on's. All in milliseconds.
/// </summary>
public static class SessionLifetimes
{
    /// <summary>Whether a session still lives: used recently enough and not too old.</summary>
    public static bool IsAlive(Realm realm, UserSession session, long now) =>
        now < session.LastAccess + Idle(realm, session) && now < End(realm, session);

    /// <summary>Whether a client's part of a session still lives.</summary>
    public static bool IsAlive(Realm realm, Client client, UserSession session, ClientSession part, long now) =>
        IsAlive(realm, session, now) && now < part.LastAccess + Idle(realm, client, session) && now < End(realm, client, session, part);

    /// <summary>The end of a client's part of a session; <see cref="long.MaxValue"/> for an offline session without one.</summary>
    public static long End(Realm realm, Client client, UserSession session, ClientSession part)
    {
        var end = End(realm, session);
        if (session.Offline && realm.Settings.OfflineSessionMaxLifespanEnabled != true)
        {
            return end;
        }

        var own = Seconds(
            client.Attribute(session.Offline ? "client.offline.session.max.lifespan" : "client.session.max.lifespan"),
            session.Offline ? realm.Settings.ClientOfflineSessionMaxLifespan : realm.Settings.ClientSessionMaxLifespan);
        return own is { } seconds ? Math.Min(end, part.Started + seconds * 1000) : end;
    }

    /// <summary>The end of an access token that is issued now. Not cut by an idle limit: it is not a use of the session.</summary>
    public static long AccessTokenEnd(Realm realm, Client client, UserSession session, ClientSession part, bool isImplicit, long now)
    {
        var end = End(realm, client, session, part);
        var lifespan = isImplicit ? realm.Settings.AccessTokenLifespanForImplicitFlow ?? 900 : realm.Settings.AccessTokenLifespan ?? 300L;
        if (long.TryParse(client.Attribute("access.token.lifespan"), out var own))
        {
            lifespan = own;
        }

        return lifespan < 0 && end != long.MaxValue ? end : Math.Min(end, now + Math.Max(lifespan, 0) * 1000);
    }

    /// <summary>The end of a refresh token that is issued now; null when it has none of its own.</summary>
    public static long? RefreshTokenEnd(Realm realm, Client client, UserSession session, ClientSession part, long now) =>
        session.Offline && realm.Settings.OfflineSessionMaxLifespanEnabled != true
            ? null
            : Math.Min(now + Idle(realm, client, session), End(realm, client, session, part));

    /// <summary>How long a session may stay unused.</summary>
    public static long Idle(Realm realm, UserSession session)
    {
        var settings = realm.Settings;
        if (session.Offline)
        {
            return (settings.OfflineSessionIdleTimeout ?? 2_592_000L) * 1000;
        }

        return (session is { RememberMe: true } && settings.SsoSessionIdleTimeoutRememberMe is > 0 and var remembered
            ? remembered
            : settings.SsoSessionIdleTimeout ?? 1_800L) * 1000;
    }

    /// <summary>When a session ends whatever is done with it.</summary>
    public static long End(Realm realm, UserSession session)
    {
        var settings = realm.Settings;
        if (session.Offline)
        {
            return settings.OfflineSessionMaxLifespanEnabled == true
                ? session.Started + (settings.OfflineSessionMaxLifespan ?? 5_184_000L) * 1000
                : long.MaxValue;
        }

        return session.Started + (session is { RememberMe: true } && settings.SsoSessionMaxLifespanRememberMe is > 0 and var remembered
            ? remembered
            : settings.SsoSessionMaxLifespan ?? 36_000L) * 1000;
    }

    private static long Idle(Realm realm, Client client, UserSession session)
    {
        var all = Idle(realm, session);
        var own = Seconds(
            client.Attribute(session.Offline ? "client.offline.session.idle.timeout" : "client.session.idle.timeout"),
            session.Offline ? realm.Settings.ClientOfflineSessionIdleTimeout : realm.Settings.ClientSessionIdleTimeout);
        return own is { } seconds ? Math.Min(all, seconds * 1000) : all;
    }

    private static long? Seconds(string? client, int? realm) =>
        long.TryParse(client, out var own) && own > 0 ? own : realm > 0 ? realm : null;
}
