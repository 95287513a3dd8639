using Castellan.Core.Events;
using Castellan.Storage;
using Castellan.Tests.Storage;

namespace Castellan.Tests.Events;

public sealed class Kept_events
{
    private static readonly CancellationToken s_ct = TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(Engines))]
    public async Task Each_filter_finds_what_it_names(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = new EventStore(db);
        await store.AddAsync(Login("1", 100, EventTypes.Login, "web", "alice"), null, s_ct);
        await store.AddAsync(Login("2", 200, EventTypes.Error(EventTypes.Login), "web", "bob"), null, s_ct);
        await store.AddAsync(Login("3", 300, EventTypes.Logout, "app", "alice"), null, s_ct);
        await store.AddAsync(new LoginEvent { Id = "4", RealmId = "other", Time = 100, Type = EventTypes.Login }, null, s_ct);

        Assert.Equal(["3", "2", "1"], await Found(new EventQuery()));
        Assert.Equal(["1", "2"], await Found(new EventQuery(Ascending: true, Max: 2)));
        Assert.Equal(["2", "1"], await Found(new EventQuery(First: 1)));
        Assert.Equal(["2", "1"], await Found(new EventQuery(ClientId: "web")));
        Assert.Equal(["3", "1"], await Found(new EventQuery(UserId: "alice")));
        Assert.Equal(["3", "2"], await Found(new EventQuery(From: 200)));
        Assert.Equal(["2"], await Found(new EventQuery(From: 200, To: 299)));
        Assert.Equal(["3", "1"], await Found(new EventQuery(Types: [EventTypes.Login, EventTypes.Logout])));
        Assert.Empty(await Found(new EventQuery(IpAddress: "10.0.0.1")));
        await store.DeleteEventsAsync("r", s_ct);
        Assert.Empty(await Found(new EventQuery()));
        Assert.Single(await store.ListAsync("other", new EventQuery(), s_ct));

        async Task<IEnumerable<string?>> Found(EventQuery query) => (await store.ListAsync("r", query, s_ct)).Select(e => e.Id);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_star_in_a_path_stands_for_anything_and_nothing_else_is_special(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = new EventStore(db);
        await store.AddAsync(Admin("1", "users/a_b"), null, s_ct);
        await store.AddAsync(Admin("2", "users/axb/groups"), null, s_ct);

        Assert.Equal(["2", "1"], await Found("users/*"));
        Assert.Equal(["1"], await Found("users/a_b"));
        Assert.Empty(await Found("users/%"));

        async Task<IEnumerable<string?>> Found(string path) =>
            (await store.ListAsync("r", new AdminEventQuery(ResourcePath: path), s_ct)).Select(e => e.Id);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task What_has_expired_goes_and_the_rest_stays(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = new EventStore(db);
        await store.AddAsync(Login("1", 100, EventTypes.Login, "web", "alice"), expires: 500, s_ct);
        await store.AddAsync(Login("2", 100, EventTypes.Login, "web", "alice"), expires: 501, s_ct);
        await store.AddAsync(Login("3", 100, EventTypes.Login, "web", "alice"), expires: null, s_ct);
        await store.DeleteExpiredAsync(500, s_ct);
        Assert.Equal(["3", "2"], (await store.ListAsync("r", new EventQuery(), s_ct)).Select(e => e.Id));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_message_is_leased_to_one_of_many(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var outbox = new Outbox(db);
        for (var i = 0; i < 20; i++)
        {
            await outbox.AddAsync(new OutboxMessage($"m{i}", "{}", 100 + i, 0), s_ct);
        }

        var leased = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => outbox.LeaseAsync(1_000, 2_000, 5, s_ct).AsTask()));
        var ids = leased.SelectMany(l => l).Select(m => m.Id).ToList();
        Assert.Equal(ids.Distinct().Count(), ids.Count);
        await outbox.PostponeAsync("m0", 9_000, s_ct);
        var later = await outbox.LeaseAsync(5_000, 6_000, 100, s_ct);
        Assert.DoesNotContain(later, m => m.Id == "m0");
        Assert.Equal(1, Assert.Single(await outbox.LeaseAsync(9_000, 9_500, 100, s_ct), m => m.Id == "m0").Attempts);
    }

    private static LoginEvent Login(string id, long time, string type, string client, string user) =>
        new() { Id = id, RealmId = "r", Time = time, Type = type, ClientId = client, UserId = user, IpAddress = "127.0.0.1" };

    private static AdminEvent Admin(string id, string path) => new()
    {
        Id = id, RealmId = "r", Time = long.Parse(id), OperationType = "CREATE", ResourceType = "USER", ResourcePath = path,
        AuthDetails = new AdminEventAuthor { UserId = "admin" },
    };
}
