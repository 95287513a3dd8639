using Castellan.Core.Authorization;
using Castellan.Core.Realms;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

/// <summary>What people asked owners for, on either engine.</summary>
public class Tickets_are_kept
{
    private const string Realm = "r", Server = "c";

    [Theory, ClassData(typeof(Engines))]
    public async Task They_are_found_by_each_of_their_sides(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (configuration, tickets) = await WorldAsync(db);
        foreach (var (query, expected) in new (TicketQuery, string)[]
        {
            (new(), "1 2 3"), (new(Server), "1 2 3"), (new("other"), ""), (new(Id: "2"), "2"), (new(ResourceId: "album"), "1 2"), (new(ScopeId: "view"), "1"),
            (new(ScopeId: "none"), ""), (new(OwnerId: "alice"), "1 2"), (new(RequesterId: "bob"), "1 3"), (new(Granted: true), "2"), (new(Granted: false), "1 3"),
            (new(PolicyId: "p"), "2"), (new(PartyId: "alice"), "1 2"), (new(PartyId: "bob"), "1 3"), (new(PartyId: "carol", Granted: true), "2"),
        })
        {
            var found = await tickets.ListAsync(Realm, query);
            Assert.Equal(expected, string.Join(' ', found.Select(t => t.Ticket.Id)));
            Assert.Equal(found.Count, await tickets.CountAsync(Realm, query));
        }

        Assert.Equal("2", Assert.Single(await tickets.ListAsync(Realm, new(), first: 1, max: 1)).Ticket.Id);
        Assert.Empty(await tickets.ListAsync("r2", new()));
        Assert.Equal(Ticket("2", "edit", "carol", granted: true), (await tickets.ListAsync(Realm, new(Id: "2")))[0].Ticket);
        Assert.Null((await tickets.ListAsync(Realm, new(Id: "3")))[0].Ticket.ScopeId);
        await configuration.ApplyAsync(new ChangeSet(Realm).Add(new ReleaseTickets("other", "p")));
        Assert.Equal(3, await tickets.CountAsync(Realm, new()));
        await configuration.ApplyAsync(new ChangeSet(Realm).Add(new ReleaseTickets(Server, "p")));
        Assert.Equal(2, await tickets.CountAsync(Realm, new()));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Of_many_who_ask_for_the_same_at_once_one_is_kept(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (configuration, tickets) = await WorldAsync(db);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
            await configuration.ApplyAsync(new ChangeSet(Realm).Add(new PutPermissionTicket(Server, Ticket($"n{i}", "view", "dora")))))));
        Assert.Single(await tickets.ListAsync(Realm, new(RequesterId: "dora")));

        // One that is granted is not asked for again, and its like is no second one.
        await configuration.ApplyAsync(new ChangeSet(Realm).Add(new PutPermissionTicket(Server, Ticket("again", "edit", "carol"))));
        Assert.True(Assert.Single(await tickets.ListAsync(Realm, new(RequesterId: "carol"))).Ticket.IsGranted);
        await Assert.ThrowsAsync<DuplicateException>(async () =>
            await configuration.ApplyAsync(new ChangeSet(Realm).Add(new PutPermissionTicket("other", Ticket("2", "print", "carol")))));
    }

    [Theory]
    [InlineData("resource", "3")]
    [InlineData("scope", "2 3")]
    [InlineData("policy", "1 3")]
    [InlineData("a scope of the resource", "2 3")]
    [InlineData("a scope, where the type has it", "1 2 3")]
    [InlineData("server", "")]
    [InlineData("client", "")]
    [InlineData("realm", "")]
    public async Task They_go_with_what_they_are_about(string what, string left)
    {
        foreach (var engine in (DbEngine[])[DbEngine.Sqlite, DbEngine.PostgreSql])
        {
            await using var db = await TestDb.OpenAsync(engine);
            var (configuration, tickets) = await WorldAsync(db);
            await configuration.ApplyAsync(new ChangeSet(Realm).Add(new PutProtectedResource(Server, new(new() { Id = "albums", Name = "albums", Type = "urn:album" }, Server, ["view"]))));
            await configuration.ApplyAsync(new ChangeSet(Realm).Add((Change)(what switch
            {
                "resource" => new DeleteProtectedResource(Server, "album"),
                "scope" => new DeleteAuthorizationScope(Server, "view"),
                "policy" => new DeletePolicy(Server, "p"),
                "a scope of the resource" => new PutProtectedResource(Server, new(new() { Id = "album", Name = "album" }, "alice", ["edit"])),
                "a scope, where the type has it" => new PutProtectedResource(Server, new(new() { Id = "album", Name = "album", Type = "urn:album" }, "alice", ["edit"])),
                "server" => new DeleteResourceServer(Server),
                "client" => new DeleteClient(Server),
                _ => new DeleteRealm(),
            })));
            Assert.Equal(left, string.Join(' ', (await tickets.ListAsync(Realm, new())).Select(t => t.Ticket.Id)));
        }
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task The_conditions_of_an_owners_policy_go_with_it(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (configuration, _) = await WorldAsync(db);
        Policy Of(string id, string type, string? owner, params string[] parts) => new(new() { Id = id, Name = id, Type = type, Owner = owner, Config = [] }, [], [], parts);
        await configuration.ApplyAsync(new ChangeSet(Realm)
            .Add(new PutPolicy(Server, Of("hidden", "user", "alice"))).Add(new PutPolicy(Server, Of("open", "user", null))).Add(new PutPolicy(Server, Of("theirs", "user", "alice")))
            .Add(new PutPolicy(Server, Of("share", PolicyTypes.Owners, "alice", "hidden", "open"))).Add(new PutPolicy(Server, Of("aggregate", "aggregate", null, "theirs"))));
        await configuration.ApplyAsync(new ChangeSet(Realm).Add(new DeletePolicy(Server, "share")).Add(new DeletePolicy(Server, "aggregate")));
        Assert.Equal(["open", "theirs"], (await new AuthorizationStore(db).PoliciesAsync(Realm, Server)).Select(p => p.Id));

        // One that is written anew comes with conditions of its own; what others made stays.
        await configuration.ApplyAsync(new ChangeSet(Realm)
            .Add(new PutPolicy(Server, Of("before", "user", "alice"))).Add(new PutPolicy(Server, Of("share", PolicyTypes.Owners, "alice", "before", "open")))
            .Add(new PutPolicy(Server, Of("after", "user", "alice"))).Add(new PutPolicy(Server, Of("share", PolicyTypes.Owners, "alice", "after"))));
        Assert.Equal(["after", "open", "share", "theirs"], (await new AuthorizationStore(db).PoliciesAsync(Realm, Server)).Select(p => p.Id));
    }

    private static PermissionTicket Ticket(string id, string? scope, string requester, bool granted = false, string resource = "album", string owner = "alice") =>
        new(id, resource, scope, owner, requester, granted ? "p" : null, 10, granted ? 20 : null);

    private static async Task<(ConfigurationStore, PermissionTicketStore)> WorldAsync(Db db)
    {
        var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(new ChangeSet(Realm)
            .Add(new PutRealm(new() { Id = Realm, Realm = Realm })).Add(new PutClient(new() { Id = Server, ClientId = "server" }))
            .Add(new PutPermissionTicket(Server, Ticket("1", "view", "bob"))).Add(new PutPermissionTicket(Server, Ticket("2", "edit", "carol", granted: true)))
            .Add(new PutPermissionTicket(Server, Ticket("3", null, "bob", resource: "server's", owner: Server))));
        return (store, new(db));
    }
}
