using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Tests.Users;

namespace Castellan.Tests.Sessions;

/// <summary>How long sessions live, by the realm's settings and the client's own.</summary>
public sealed class Lifetimes
{
    private const long Begun = 1_000_000_000_000;

    private static void Settings(RealmRepresentation r)
    {
        (r.SsoSessionIdleTimeout, r.SsoSessionMaxLifespan) = (100, 1000);
        (r.SsoSessionIdleTimeoutRememberMe, r.SsoSessionMaxLifespanRememberMe) = (200, 5000);
        (r.OfflineSessionIdleTimeout, r.OfflineSessionMaxLifespan, r.OfflineSessionMaxLifespanEnabled) = (300, 2000, false);
    }

    [Theory]
    [InlineData("", 99, 500, true), InlineData("", 100, 500, false), InlineData("", 1, 999, true), InlineData("", 1, 1000, false)]
    [InlineData("remember", 199, 500, true), InlineData("remember", 200, 500, false), InlineData("remember", 1, 4999, true), InlineData("remember", 1, 5000, false)]
    [InlineData("offline", 299, 100_000, true), InlineData("offline", 300, 500, false)]
    public async Task A_session_ends_unused_or_old(string kind, int unused, int age, bool alive)
    {
        await using var realm = await PeopleRealm.OpenAsync(Settings);
        Assert.Equal(alive, SessionLifetimes.IsAlive(realm.Realm, Session(kind, unused, age), Begun + (age * 1000L)));
    }

    [Theory, InlineData(1999, true), InlineData(2000, false)]
    public async Task An_offline_session_grows_old_where_the_realm_says_so(int age, bool alive)
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Settings(r);
            r.OfflineSessionMaxLifespanEnabled = true;
        });
        Assert.Equal(alive, SessionLifetimes.IsAlive(realm.Realm, Session("offline", 1, age), Begun + (age * 1000L)));
    }

    [Fact]
    public async Task Whoever_is_remembered_stays_as_long_as_others_where_the_realm_says_nothing_else()
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Settings(r);
            (r.SsoSessionIdleTimeoutRememberMe, r.SsoSessionMaxLifespanRememberMe) = (0, 0);
        });
        Assert.True(SessionLifetimes.IsAlive(realm.Realm, Session("remember", 99, 500), Begun + 500_000));
        Assert.False(SessionLifetimes.IsAlive(realm.Realm, Session("remember", 100, 500), Begun + 500_000));
    }

    [Fact]
    public async Task Whoever_is_remembered_never_stays_for_less_time_than_others()
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Settings(r);
            (r.SsoSessionIdleTimeoutRememberMe, r.SsoSessionMaxLifespanRememberMe) = (50, 500);
        });
        Assert.True(SessionLifetimes.IsAlive(realm.Realm, Session("remember", 99, 999), Begun + 999_000));
        Assert.False(SessionLifetimes.IsAlive(realm.Realm, Session("remember", 100, 999), Begun + 999_000));
        Assert.False(SessionLifetimes.IsAlive(realm.Realm, Session("remember", 1, 1000), Begun + 1_000_000));
    }

    [Theory]
    [InlineData("client.session.idle.timeout", "50", "", 49, 100, true), InlineData("client.session.idle.timeout", "50", "", 50, 100, false)]
    [InlineData("client.session.max.lifespan", "400", "", 1, 399, true), InlineData("client.session.max.lifespan", "400", "", 1, 400, false)]
    [InlineData("client.session.max.lifespan", "400", "offline", 1, 500, true)]
    [InlineData("client.offline.session.idle.timeout", "60", "offline", 59, 100, true), InlineData("client.offline.session.idle.timeout", "60", "offline", 60, 100, false)]
    [InlineData("client.session.idle.timeout", "nonsense", "", 99, 100, true), InlineData("client.session.idle.timeout", "500", "", 100, 100, false)]
    public async Task A_clients_part_of_a_session_ends_by_the_clients_own_settings_and_never_later(string attribute, string value, string kind, int unused, int age, bool alive)
    {
        await using var realm = await PeopleRealm.OpenAsync(Settings);
        await realm.ApplyAsync(new PutClient(new() { Id = "c", ClientId = "web", Enabled = true, Attributes = new() { [attribute] = value } }));
        var client = (await ((IClients)realm.Realms).FindAsync(realm.Realm, "web", TestContext.Current.CancellationToken))!;
        var session = Session(kind, unused, age);
        Assert.Equal(alive, SessionLifetimes.IsAlive(realm.Realm, client, session, session.Clients[0], Begun + (age * 1000L)));
    }

    [Theory]
    // What is left of a session that began 100 s ago, by kind: of an access token, of a refresh token.
    [InlineData("", "", "", 60L, 100L), InlineData("", "access.token.lifespan", "40", 40L, 100L), InlineData("", "access.token.lifespan", "-1", 900L, 100L)]
    [InlineData("implicit", "", "", 70L, 100L), InlineData("implicit", "access.token.lifespan", "40", 70L, 100L)]
    [InlineData("", "client.session.idle.timeout", "500", 60L, 500L), InlineData("", "client.session.max.lifespan", "130", 30L, 30L)]
    [InlineData("remember", "", "", 60L, 200L), InlineData("remember", "access.token.lifespan", "-1", 4900L, 200L)]
    [InlineData("offline", "", "", 60L, null), InlineData("offline", "access.token.lifespan", "-1", 900L, null)]
    [InlineData("offline", "client.offline.session.max.lifespan", "130", 30L, null)]
    public async Task Tokens_end_by_the_settings_of_the_realm_and_the_client(string kind, string attribute, string value, long access, long? refresh)
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
        {
            Settings(r);
            (r.AccessTokenLifespan, r.AccessTokenLifespanForImplicitFlow) = (60, 70);
        });
        await realm.ApplyAsync(new PutClient(new() { Id = "c", ClientId = "web", Enabled = true, Attributes = new() { [attribute] = value } }));
        var client = (await ((IClients)realm.Realms).FindAsync(realm.Realm, "web", TestContext.Current.CancellationToken))!;
        var (session, now) = (Session(kind, 1, 100), Begun + 100_000);
        Assert.Equal(access, (SessionLifetimes.AccessTokenEnd(realm.Realm, client, session, session.Clients[0], kind == "implicit", now) - now) / 1000);
        Assert.Equal(refresh, (SessionLifetimes.RefreshTokenEnd(realm.Realm, client, session, session.Clients[0], now) - now) / 1000);
    }

    [Theory, InlineData("", 1799, true), InlineData("", 1800, false), InlineData("offline", 2_591_999, true), InlineData("offline", 2_592_000, false)]
    public async Task A_realm_that_says_zero_has_the_defaults(string kind, int unused, bool alive)
    {
        await using var realm = await PeopleRealm.OpenAsync(r =>
            (r.SsoSessionIdleTimeout, r.SsoSessionMaxLifespan, r.OfflineSessionIdleTimeout, r.OfflineSessionMaxLifespanEnabled) = (0, 0, 0, false));
        Assert.Equal(alive, SessionLifetimes.IsAlive(realm.Realm, Session(kind, unused, unused + 1), Begun + ((unused + 1) * 1000L)));
    }

    private static UserSession Session(string kind, int unused, int age)
    {
        var used = Begun + ((age - unused) * 1000L);
        return new()
        {
            Id = "s", RealmId = "r", UserId = "u", Started = Begun, LastAccess = used, RememberMe = kind == "remember", Offline = kind == "offline",
            Clients = [new() { SessionId = "s", ClientId = "c", Started = Begun, LastAccess = used, Offline = kind == "offline" }],
        };
    }
}
