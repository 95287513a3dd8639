using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Sharing;
using Castellan.Core.Realms;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

/// <summary>What alice gives bob of her album, on either engine: tickets, and the policy in which they stand.</summary>
public class Shares_are_kept
{
    private const string Realm = "r", Server = "c", Scopes = "abcdefghijklmnop";

    /// <summary>The steps that a row may have, each with the scopes that it is about.</summary>
    private static readonly Dictionary<char, Func<string, Change[]>> s_steps = new()
    {
        ['?'] = scopes => [.. scopes.Select(s => new PutPermissionTicket(Server, Ticket(s, granted: false)))],
        ['+'] = scopes => [new ChangeShare(Server, Album(), "bob") { New = [.. scopes.Select(s => Ticket(s, granted: true))] }],
        ['!'] = scopes => [.. scopes.Select(s => new ChangeShare(Server, Album(), "bob") { Granted = "t-" + s })],
        ['x'] = scopes => [.. scopes.Select(s => new ChangeShare(Server, Album(), "bob") { Gone = "t-" + s })],
        ['='] = scopes => [new ChangeShare(Server, Album(), "bob") { New = [.. scopes.Select(s => Ticket(s, granted: true))], Exactly = true }],
        ['h'] = scopes => [new PutProtectedResource(Server, Album(scopes))],
        ['0'] = _ => [new DeleteProtectedResource(Server, "album")],
    };

    [Theory]
    [InlineData("+a +b", "a* b* | ab")]
    [InlineData("+ab", "a* b* | ab")]
    [InlineData("?a", "a | ")]
    [InlineData("?ab !a", "a* b | a")]
    [InlineData("+a !a", "a* | a")]
    [InlineData("+ab xa", "b* | b")]
    [InlineData("+a xa", " | ")]
    [InlineData("?a xa", " | ")]
    [InlineData("?a +b =bc", "b* c* | bc")]
    [InlineData("+a =b", "b* | b")]
    [InlineData("?a =a", "a* | a")]
    [InlineData("+a ?b =", " | ")]
    [InlineData("+ab hbc", "b* | b")]
    [InlineData("+ab hbc habc", "b* | b")]
    [InlineData("+a h", " | ")]
    [InlineData("?a +b hc", " | ")]
    [InlineData("+a 0", " | ")]
    [InlineData("+a owner +b", "b* | b of-owner")]
    [InlineData("+a owner =", " | of-owner")]
    [InlineData("+a deleted +b", "b* | b")]
    [InlineData("+a owner hb", " | ")]
    public async Task A_policy_gives_what_its_tickets_say(string steps, string expected)
    {
        foreach (var engine in (DbEngine[])[DbEngine.Sqlite, DbEngine.PostgreSql])
        {
            await using var db = await TestDb.OpenAsync(engine);
            var store = await WorldAsync(db);
            foreach (var step in steps.Split(' '))
            {
                var policy = (await PoliciesAsync(db)).Find(p => p.Type == PolicyTypes.Owners);
                await store.ApplyAsync(new ChangeSet(Realm).Add(step switch
                {
                    "owner" =>
                    [
                        new PutPolicy(Server, Of("of-owner-condition", "user")), new PutPolicy(Server, Of(policy!.Id, PolicyTypes.Owners, ["album"], ["a"], ["of-owner-condition"], "of-owner")),
                        new ReleaseTickets(Server, policy.Id),
                    ],
                    "deleted" => [new DeletePolicy(Server, policy!.Id)],
                    _ => s_steps[step[0]](step[1..]),
                }));
            }

            var tickets = await new PermissionTicketStore(db).ListAsync(Realm, new());
            var shares = (await PoliciesAsync(db)).Where(p => p.Type == PolicyTypes.Owners);
            Assert.Equal(expected, $"{Join(tickets.Select(t => t.Ticket.ScopeId + (t.Ticket.IsGranted ? "*" : "")))} | {Join(shares.Select(p => p.Name == "of-owner" ? p.Name : string.Concat(p.ScopeIds.Order())))}");
            await InStepAsync(db);
        }

        static string Join(IEnumerable<string> texts) => string.Join(' ', texts.Order(StringComparer.Ordinal));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task What_is_asked_twice_or_not_there_is_not_given(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = await WorldAsync(db);
        await store.ApplyAsync(new ChangeSet(Realm).Add(s_steps['+']("a")));
        await Assert.ThrowsAsync<DuplicateException>(async () => await store.ApplyAsync(new ChangeSet(Realm).Add(s_steps['+']("a"))));
        await Assert.ThrowsAsync<StaleException>(async () => await store.ApplyAsync(new ChangeSet(Realm).Add(s_steps['!']("b"))));
        await Assert.ThrowsAsync<StaleException>(async () =>
            await store.ApplyAsync(new ChangeSet(Realm).Add(new ChangeShare("other", Album(), "bob") { New = [Ticket('b', granted: true)] })));
        await store.ApplyAsync(new ChangeSet(Realm).Add(new DeleteProtectedResource(Server, "album")));
        await Assert.ThrowsAsync<StaleException>(async () => await store.ApplyAsync(new ChangeSet(Realm).Add(s_steps['=']("a"))));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Nobody_can_foretell_the_names_of_policies(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = await WorldAsync(db);
        var names = new HashSet<string>();
        for (var i = 0; i < 2; i++)
        {
            await store.ApplyAsync(new ChangeSet(Realm).Add(s_steps['+']("a")));
            Assert.All(await PoliciesAsync(db), p => Assert.True(names.Add(p.Name) && names.Add(p.Id)));
            await store.ApplyAsync(new ChangeSet(Realm).Add(s_steps['x']("a")));
        }
    }

    /// <summary>What many do at once, each with one scope; and what is granted when they are done.</summary>
    private static readonly Dictionary<string, (string Before, Func<int, string, Change[]> Do, string? After)> s_races = new()
    {
        ["all give"] = ("", (i, _) => s_steps['+'](Scopes[i..(i + 1)]), Scopes),
        ["all grant what was asked"] = ("?" + Scopes, (i, _) => s_steps['!'](Scopes[i..(i + 1)]), Scopes),
        ["all take"] = ("+" + Scopes, (i, _) => s_steps['x'](Scopes[i..(i + 1)]), ""),
        ["some give and some take"] = ("+acegikmo", (i, _) => s_steps[i % 2 == 0 ? 'x' : '+'](Scopes[i..(i + 1)]), "bdfhjlnp"),
        ["all give the same"] = ("", (_, _) => s_steps['=']("abc"), "abc"),
        ["some give while the policy is deleted"] = ("+a", (i, policy) => i == 0 ? [new DeletePolicy(Server, policy)] : s_steps['+'](Scopes[i..(i + 1)]), null),
        ["some give while a scope goes"] = ("+a", (i, _) => i == 0 ? s_steps['h'](Scopes[1..]) : s_steps['+'](Scopes[i..(i + 1)]), Scopes[1..]),
        ["some give a scope while it goes"] = ("", (i, _) => i == 7 ? s_steps['h'](Scopes[1..]) : s_steps['=']("a"), ""),
        ["some give while the owner writes the policy"] = (
            "+a",
            (i, policy) => i == 0
                ? [new PutPolicy(Server, Of("if", "user")), new PutPolicy(Server, Of(policy, PolicyTypes.Owners, ["album"], ["a"], ["if"], "of-owner")), new ReleaseTickets(Server, policy)]
                : s_steps['+'](Scopes[i..(i + 1)]),
            null),
    };

    public static MatrixTheoryData<DbEngine, string> Races => new([DbEngine.Sqlite, DbEngine.PostgreSql], s_races.Keys);

    [Theory, MemberData(nameof(Races))]
    public async Task Of_many_at_once_none_undoes_another(DbEngine engine, string race)
    {
        var (before, act, after) = s_races[race];
        await using var db = await TestDb.OpenAsync(engine);
        var store = await WorldAsync(db);
        if (before.Length > 0)
        {
            await store.ApplyAsync(new ChangeSet(Realm).Add(s_steps[before[0]](before[1..])));
        }

        var policy = (await PoliciesAsync(db)).Find(p => p.Type == PolicyTypes.Owners)?.Id ?? "";
        await Task.WhenAll(Enumerable.Range(0, Scopes.Length).Select(i => Task.Run(async () => await store.ApplyAsync(new ChangeSet(Realm).Add(act(i, policy))))));
        await InStepAsync(db);
        var granted = string.Concat((await new PermissionTicketStore(db).ListAsync(Realm, new(Granted: true))).Select(t => t.Ticket.ScopeId).Order(StringComparer.Ordinal));
        Assert.Equal(after ?? granted, granted);
        Assert.InRange((await PoliciesAsync(db)).Count(p => p.Type == PolicyTypes.Owners), after is "" or null ? 0 : 1, after is "" ? 0 : after is null ? 2 : 1);
    }

    /// <summary>Tickets and policies say the same, and nothing names what is not there.</summary>
    private static async Task InStepAsync(Db db)
    {
        var policies = await PoliciesAsync(db);
        var shares = policies.Where(p => p.Type == PolicyTypes.Owners && p.Name != "of-owner").ToList();
        var tickets = (await new PermissionTicketStore(db).ListAsync(Realm, new())).Select(t => t.Ticket).ToList();
        Assert.Equal(
            tickets.Where(t => t.IsGranted).Select(t => $"{t.PolicyId} {t.ScopeId}").Order(StringComparer.Ordinal),
            shares.SelectMany(p => p.ScopeIds.Select(s => $"{p.Id} {s}")).Order(StringComparer.Ordinal));
        Assert.All(tickets, t => Assert.Equal(t.IsGranted, t.PolicyId is not null));
        Assert.All(shares, p => Assert.Equal(["album"], p.ResourceIds));
        Assert.Equal(
            policies.Where(p => p.Type != PolicyTypes.Owners).Select(p => p.Id).Order(StringComparer.Ordinal),
            policies.Where(p => p.Type == PolicyTypes.Owners).SelectMany(p => p.PolicyIds).Order(StringComparer.Ordinal));
        Assert.Equal(0, await db.ScalarAsync(
            $"""
            SELECT count(*) FROM authorization_link WHERE source_id NOT IN (SELECT id FROM authorization_policy UNION SELECT id FROM authorization_resource)
                OR target_id NOT IN (SELECT id FROM authorization_policy UNION SELECT id FROM authorization_resource UNION SELECT id FROM authorization_scope)
            """));
    }

    private static ValueTask<List<Policy>> PoliciesAsync(Db db) => new AuthorizationStore(db).PoliciesAsync(Realm, Server);

    private static ProtectedResource Album(string scopes = Scopes) => new(new() { Id = "album", Name = "album" }, "alice", [.. scopes.Select(s => s.ToString())]);

    private static PermissionTicket Ticket(char scope, bool granted) => new("t-" + scope, "album", scope.ToString(), "alice", "bob", null, 10, granted ? 20 : null);

    private static Policy Of(string id, string type, string[]? resources = null, string[]? scopes = null, string[]? parts = null, string? name = null) =>
        new(new() { Id = id, Name = name ?? id, Type = type, Owner = "alice", Config = [] }, resources ?? [], scopes ?? [], parts ?? []);

    private static async Task<ConfigurationStore> WorldAsync(Db db)
    {
        var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(new ChangeSet(Realm)
            .Add(new PutRealm(new() { Id = Realm, Realm = Realm })).Add(new PutClient(new() { Id = Server, ClientId = "server" }))
            .Add(Scopes.Select(s => new PutAuthorizationScope(Server, new() { Id = s.ToString(), Name = s.ToString() }))).Add(new PutProtectedResource(Server, Album())));
        return store;
    }
}
