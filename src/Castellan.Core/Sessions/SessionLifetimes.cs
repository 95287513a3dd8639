using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

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
        var settings = realm.Settings;
        var own = Seconds(client.Attribute(session.Offline ? "client.offline.session.max.lifespan" : "client.session.max.lifespan"));
        if (session.Offline && settings.OfflineSessionMaxLifespanEnabled != true && own is null)
        {
            return long.MaxValue;
        }

        var lifespan = own ?? Positive(session.Offline ? settings.ClientOfflineSessionMaxLifespan : settings.ClientSessionMaxLifespan)
            ?? (session.Offline ? OfflineMax(settings) : Remembered(session, SsoMax(settings), settings.SsoSessionMaxLifespanRememberMe));
        return Math.Min(End(realm, session), part.Started + lifespan * 1000);
    }

    /// <summary>The end of an access token that is issued now. Not cut by an idle limit: it is not a use of the session.</summary>
    /// <param name="isImplicit">Whether it comes from the authorization endpoint with no code beside it. Then the client's own lifespan does not count.</param>
    public static long AccessTokenEnd(Realm realm, Client client, UserSession session, ClientSession part, bool isImplicit, long now)
    {
        var lifespan = isImplicit ? realm.Settings.AccessTokenLifespanForImplicitFlow ?? 900
            : long.TryParse(client.Attribute("access.token.lifespan"), out var own) ? own
            : realm.Settings.AccessTokenLifespan ?? 300L;
        var wanted = lifespan < 0
            ? session.Started + Remembered(session, SsoMax(realm.Settings), realm.Settings.SsoSessionMaxLifespanRememberMe) * 1000
            : now + lifespan * 1000;
        return Math.Min(wanted, End(realm, client, session, part));
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
        return 1000 * (session.Offline ? OfflineIdle(settings) : Remembered(session, SsoIdle(settings), settings.SsoSessionIdleTimeoutRememberMe));
    }

    /// <summary>When a session ends whatever is done with it.</summary>
    public static long End(Realm realm, UserSession session)
    {
        var settings = realm.Settings;
        if (session.Offline)
        {
            return settings.OfflineSessionMaxLifespanEnabled == true ? session.Started + OfflineMax(settings) * 1000 : long.MaxValue;
        }

        return session.Started + 1000 * Remembered(session, SsoMax(settings), settings.SsoSessionMaxLifespanRememberMe);
    }

    /// <summary>How long a client's part of a session may stay unused. That the session ends before is another rule.</summary>
    private static long Idle(Realm realm, Client client, UserSession session)
    {
        var settings = realm.Settings;
        return 1000 * (Seconds(client.Attribute(session.Offline ? "client.offline.session.idle.timeout" : "client.session.idle.timeout"))
            ?? Positive(session.Offline ? settings.ClientOfflineSessionIdleTimeout : settings.ClientSessionIdleTimeout)
            ?? (session.Offline ? OfflineIdle(settings) : Remembered(session, SsoIdle(settings), settings.SsoSessionIdleTimeoutRememberMe)));
    }

    // A realm that says zero, or nothing, has Keycloak's default.
    private static long SsoIdle(RealmRepresentation settings) => Positive(settings.SsoSessionIdleTimeout) ?? 1_800;

    private static long SsoMax(RealmRepresentation settings) => Positive(settings.SsoSessionMaxLifespan) ?? 36_000;

    private static long OfflineIdle(RealmRepresentation settings) => Positive(settings.OfflineSessionIdleTimeout) ?? 2_592_000;

    private static long OfflineMax(RealmRepresentation settings) => Positive(settings.OfflineSessionMaxLifespan) ?? 5_184_000;

    /// <summary>Who is remembered has the longer of both.</summary>
    private static long Remembered(UserSession session, long usual, int? remembered) => session.RememberMe ? Math.Max(usual, remembered ?? 0) : usual;

    private static long? Positive(int? seconds) => seconds > 0 ? seconds : null;

    private static long? Seconds(string? attribute) => long.TryParse(attribute, out var seconds) && seconds > 0 ? seconds : null;
}
