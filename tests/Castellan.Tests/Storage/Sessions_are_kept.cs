using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

public class Sessions_are_kept
{
    private static ClientSession Client(string session, long access = 100) =>
        new() { SessionId = session, ClientId = "app", Started = 100, LastAccess = access, Notes = new Dictionary<string, string> { ["scope"] = "openid" } };

    private static UserSession Session(string id, string user = "u", long started = 100) => new()
    {
        Id = id, RealmId = "r", UserId = user, Started = started, LastAccess = started, Notes = new Dictionary<string, string> { ["AUTH_TIME"] = "1" }, Clients = [Client(id)],
    };

    [Theory, ClassData(typeof(Engines))]
    public async Task A_session_comes_back_with_its_clients(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var sessions = new SessionStore(db);
        await sessions.AddAsync(Session("s"));
        var found = (await sessions.FindAsync("r", "s"))!;
        Assert.Equal(("u", "1", "openid"), (found.UserId, found.Notes["AUTH_TIME"], Assert.Single(found.Clients).Notes["scope"]));
        Assert.Null(await sessions.FindAsync("r", "s", offline: true));
        Assert.Null(await sessions.FindAsync("other", "s"));
        Assert.True(await sessions.AttachAsync("r", Client("s", 300) with { ClientId = "second" }));
        found = (await sessions.FindAsync("r", "s"))!;
        Assert.Equal((2, 300L), (found.Clients.Count, found.LastAccess));
        Assert.True(await sessions.DeleteAsync("r", "s"));
        Assert.Null(await sessions.FindAsync("r", "s"));
        Assert.False(await sessions.AttachAsync("r", Client("s")));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_clients_part_keeps_its_beginning_until_it_begins_anew_once(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var sessions = new SessionStore(db);
        await sessions.AddAsync(Session("s"));
        Assert.True(await sessions.AttachAsync("r", Client("s", 300) with { Started = 300 }));
        Assert.Equal((100L, 300L), await PartAsync());
        Assert.True(await sessions.RestartAsync("r", Client("s", 400) with { Started = 400 }, Client("s")));
        Assert.Equal((400L, 400L), await PartAsync());

        // Another request was faster.
        Assert.True(await sessions.RestartAsync("r", Client("s", 500) with { Started = 500 }, Client("s")));
        Assert.Equal((400L, 500L), await PartAsync());
        await sessions.DeleteAsync("r", "s");
        Assert.False(await sessions.RestartAsync("r", Client("s", 600), Client("s")));

        async Task<(long, long)> PartAsync() => (await sessions.FindAsync("r", "s"))!.Client("app") is { } part ? (part.Started, part.LastAccess) : default;
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Of_fifty_rotations_of_the_same_token_one_wins(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var sessions = new SessionStore(db);
        await sessions.AddAsync(Session("s"));
        Assert.NotNull(await sessions.FindAsync("r", "s")); // what is remembered takes part
        var token = "first";
        for (var round = 0; round < 4; round++)
        {
            var used = token;
            var wins = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
            {
                var next = $"{round}-{i}";
                return await Rotate(used, next, 200 + round) ? next : null;
            })));
            token = Assert.Single(wins, w => w is not null)!;
            var session = (await sessions.FindAsync("r", "s"))!;
            Assert.Equal((200 + round, 200 + round), (session.LastAccess, session.Client("app")!.LastAccess));
        }

        RefreshChain? seen = null;
        Assert.False(await sessions.RotateAsync("r", Client("s", 900), "chain", chain => { seen = chain; return null; }));
        Assert.Equal((203, 203), ((await sessions.FindAsync("r", "s"))!.LastAccess, (await sessions.FindAsync("r", "s"))!.Client("app")!.LastAccess));
        Assert.Equal((1, token), (seen!.Uses, seen.Issued));
        Assert.True(await Rotate(token, "late", 150));
        Assert.Equal(203, (await sessions.FindAsync("r", "s"))!.LastAccess);
        Assert.False(await sessions.RotateAsync("other", Client("s"), "chain", chain => RefreshChain.After(chain, "chain", "late", "next", 0, isOld: false)));
        await sessions.DeleteAsync("r", "s");
        Assert.False(await Rotate("late", "next", 300));

        ValueTask<bool> Rotate(string token, string next, long now) =>
            sessions.RotateAsync("r", Client("s", now), "chain", chain => RefreshChain.After(chain, "chain", token, next, 0, isOld: false));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Whoever_comes_while_a_session_ends_finds_it_there_or_gone(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var sessions = new SessionStore(db);
        for (var round = 0; round < 40; round++)
        {
            var id = $"s{round}";
            await sessions.AddAsync(Session(id));
            await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(async () =>
            {
                _ = (i % 12) switch
                {
                    10 => await sessions.DetachAsync("r", id, "app"),
                    11 when round % 2 == 0 => await sessions.DeleteAsync("r", id),
                    11 => await sessions.AttachAsync("r", Client(id)),
                    _ => await sessions.RotateAsync("r", Client(id, 200 + i), $"chain{i % 3}", chain => RefreshChain.After(chain, $"chain{i % 3}", "first", $"next{i}", 0, isOld: false)),
                };
            })));
            Assert.Equal(round % 2 != 0, await sessions.FindAsync("r", id) is not null);
        }
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Old_sessions_go_and_young_ones_stay(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var sessions = new SessionStore(db);
        await sessions.AddAsync(Session("idle", started: 1_000));
        await sessions.AddAsync(Session("used", started: 1_000));
        await sessions.AddAsync(Session("young", started: 5_000));
        await sessions.AddAsync(Session("rotated", started: 1_000));
        await sessions.AttachAsync("r", Client("used", 6_000));
        Assert.True(await sessions.RotateAsync("r", Client("rotated", 6_000), "chain", chain => RefreshChain.After(chain, "chain", "first", "next", 0, isOld: false)));
        await sessions.DeleteExpiredAsync("r", offline: false, idleBefore: 2_000, startedBefore: 0);
        Assert.Equal([("rotated", 6_000), ("used", 6_000), ("young", 5_000)], (await sessions.ListByUserAsync("r", "u")).Select(s => (s.Id, s.LastAccess)));
        await sessions.DeleteExpiredAsync("r", offline: false, idleBefore: 2_000, startedBefore: 1_001);
        Assert.Equal(["young"], (await sessions.ListByUserAsync("r", "u")).Select(s => s.Id));
        Assert.Equal(1, (await sessions.CountByClientAsync("r", false))["app"]);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Sessions_of_a_client_are_found_among_those_of_some(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var sessions = new SessionStore(db);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(new ChangeSet("r").Add(new PutRealm(new() { Id = "r", Realm = "r" })).Add(new PutUser(new() { Id = "u", Username = "u" }))
            .Add(new PutUser(new() { Id = "v", Username = "v" })).Add(new JoinGroup("v", "g")));
        await sessions.AddAsync(Session("first", started: 1));
        await sessions.AddAsync(Session("second", "v", started: 2));
        await sessions.AddAsync(Session("gone", "nobody", started: 3));
        foreach (var (only, found) in new (UserRestriction?, string[])[]
        {
            (null, ["first", "second", "gone"]), (UserRestriction.Nobody, []), (UserRestriction.Nobody with { Ids = ["u"] }, ["first"]), (UserRestriction.Nobody with { Groups = ["g"] }, ["second"]),
            (UserRestriction.Nobody with { All = UserKind.Everybody }, ["first", "second"]), (UserRestriction.Nobody with { All = UserKind.Everybody, NotIds = ["u"] }, ["second"]),
        })
        {
            Assert.Equal(found, (await sessions.ListByClientAsync("r", "app", false, 0, -1, only)).Select(s => s.Id));
            Assert.Equal(found.Take(1), (await sessions.ListByClientAsync("r", "app", false, 0, 1, only)).Select(s => s.Id));
            Assert.Equal(found.Length, (await sessions.CountByClientAsync("r", false, only)).GetValueOrDefault("app"));
        }
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_part_that_goes_leaves_its_last_access_to_the_session(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var sessions = new SessionStore(db);
        await sessions.AddAsync(Session("s"));
        Assert.True(await sessions.RotateAsync("r", Client("s", 700), "chain", chain => RefreshChain.After(chain, "chain", "first", "next", 0, isOld: false)));
        Assert.False(await sessions.DetachAsync("other", "s", "app"));
        Assert.True(await sessions.DetachAsync("r", "s", "app"));
        Assert.False(await sessions.DetachAsync("r", "s", "app"));
        var left = (await sessions.FindAsync("r", "s"))!;
        Assert.Equal((0, 700L), (left.Clients.Count, left.LastAccess));
        Assert.False(await sessions.AttachAsync("other", Client("s", 900)));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Sessions_go_with_their_user(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var sessions = new SessionStore(db);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(new ChangeSet("r").Add(new PutRealm(new() { Id = "r", Realm = "r" })));
        await store.ApplyAsync(new ChangeSet("r").Add(new PutUser(new() { Id = "u", Username = "u" })));
        await sessions.AddAsync(Session("s"));
        Assert.NotNull(await sessions.FindAsync("r", "s"));
        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteUser("u")));
        await Eventually.IsAsync(async () => await sessions.FindAsync("r", "s") is null);
    }
}
