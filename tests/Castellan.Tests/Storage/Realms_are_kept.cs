using System.Threading.Channels;
using Castellan.Core;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

public class Realms_are_kept
{
    private static ChangeSet Realm(string id, string name) => new ChangeSet(id).Add(new PutRealm(new() { Id = id, Realm = name, Enabled = true }));

    [Theory, ClassData(typeof(Engines))]
    public async Task A_realm_comes_back_with_all_its_parts(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(Realm("r", "demo")
            .Add(new PutPart(PartKind.ClientScope, "s1", "email", new ClientScopeRepresentation { Id = "s1", Name = "email" }))
            .Add(new PutPart(PartKind.Flow, "f1", "browser", new AuthenticationFlowRepresentation { Id = "f1", Alias = "browser" }))
            .Add(new PutPart(PartKind.AuthenticatorConfig, "a1", "cfg", new AuthenticatorConfigRepresentation { Id = "a1", Alias = "cfg" }))
            .Add(new PutPart(PartKind.RequiredAction, "ra", "VERIFY_EMAIL", new RequiredActionProviderRepresentation { Alias = "VERIFY_EMAIL" }))
            .Add(new PutPart(PartKind.Component, "c1", "rsa", new ComponentRepresentation { Id = "c1", Name = "rsa" }))
            .Add(new PutPart(PartKind.Component, "c2", "rsa", new ComponentRepresentation { Id = "c2", Name = "rsa" }))
            .Add(new PutPart(PartKind.IdentityProvider, "i1", "google", new IdentityProviderRepresentation { InternalId = "i1", Alias = "google" }))
            .Add(new PutPart(PartKind.IdentityProviderMapper, "m1", "m", new IdentityProviderMapperRepresentation { Id = "m1", Name = "m" }))
            .Add(new PutClient(new() { Id = "app-id", ClientId = "app" }))
            .Add(new PutRole(new() { Id = "admin", Name = "admin", ContainerId = "r", ClientRole = false }))
            .Add(new PutRole(new() { Id = "read", Name = "read", ContainerId = "app-id", ClientRole = true, Attributes = new() { ["k"] = ["v"] } }))
            .Add(new AddRole(RoleOwner.Role, "admin", "read"))
            .Add(new PutGroup(new() { Id = "staff", Name = "staff" }))
            .Add(new PutGroup(new() { Id = "night", Name = "night", ParentId = "staff" }))
            .Add(new AddRole(RoleOwner.Group, "night", "admin"))
            .Add(new AddRole(RoleOwner.ClientScope, "s1", "read"))
            .Add(new AddRole(RoleOwner.Client, "app-id", "admin")));

        var realm = await store.LoadRealmAsync("r");
        Assert.NotNull(realm);
        Assert.Equal(("demo", "r"), (realm.Settings.Realm, realm.Settings.Id));
        Assert.Equal(["read"], Assert.Single(realm.Scopes).RoleIds);
        Assert.Equal("browser", Assert.Single(realm.Flows).Alias);
        Assert.Equal("cfg", Assert.Single(realm.AuthenticatorConfigs).Alias);
        Assert.Equal("VERIFY_EMAIL", Assert.Single(realm.RequiredActions).Alias);
        Assert.Equal(["c1", "c2"], realm.Components.Select(c => c.Id));
        Assert.Equal("google", Assert.Single(realm.IdentityProviders).Alias);
        Assert.Equal("m", Assert.Single(realm.IdentityProviderMappers).Name);
        var admin = realm.Roles.FindRealmRole("admin")!;
        var read = realm.Roles.FindClientRole("app-id", "read")!;
        Assert.Equal(["read"], admin.Composites);
        Assert.Equal(("app", "v"), (read.ClientName, read.Attributes!["k"][0]));
        var night = realm.Groups.Find("night")!;
        Assert.Equal(("/staff/night", "admin"), (realm.Groups.Path(night), Assert.Single(night.RoleIds)));
        Assert.Equal(["admin"], (await store.FindClientAsync("r", "app"))!.ScopeRoleIds);
        Assert.Equal("app", (await store.FindClientByIdAsync("r", "app-id"))!.Representation.ClientId);
        Assert.Null(await store.FindClientAsync("other", "app"));
        Assert.Equal("r", await store.FindRealmIdAsync("demo"));
        Assert.Null(await store.FindRealmIdAsync("Demo"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Realms_are_found_by_the_type_of_a_component_and_by_no_word_that_is_like_it(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(Realm("none", "none").Add(new PutPart(PartKind.Component, "c0", "c0", new ComponentRepresentation { Id = "c0", ProviderType = "a_type_more" })));
        await store.ApplyAsync(Realm("like", "like").Add(new PutPart(PartKind.Component, "c1", "c1", new ComponentRepresentation { Id = "c1", ProviderType = "a-type" })));
        await store.ApplyAsync(Realm("r", "demo")
            .Add(new PutPart(PartKind.Component, "c2", "c2", new ComponentRepresentation { Id = "c2", ProviderType = "a_type" }))
            .Add(new PutPart(PartKind.Component, "c3", "c3", new ComponentRepresentation { Id = "c3", ProviderType = "a_type" })));
        Assert.Equal(["r"], await store.ListRealmsWithComponentAsync("a_type"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Each_write_to_configuration_raises_the_version_and_writes_to_people_do_not(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var first = await store.ApplyAsync(Realm("r", "demo"));
        var second = await store.ApplyAsync(new ChangeSet("r").Add(new PutClient(new() { Id = "c", ClientId = "c" })));
        var third = await store.ApplyAsync(new ChangeSet("r").Add(new PutUser(new() { Id = "u", Username = "u" })));
        Assert.Equal((first + 1, first + 1), (second, third));
        Assert.Equal(second, (await store.LoadRealmAsync("r"))!.Version);

        await Assert.ThrowsAsync<StaleException>(async () => await store.ApplyAsync(new ChangeSet("r") { ExpectedVersion = first }.Add(new DeleteClient("c"))));
        Assert.NotNull(await store.FindClientAsync("r", "c"));
        await store.ApplyAsync(new ChangeSet("r") { ExpectedVersion = second }.Add(new DeleteClient("c")));
        Assert.Null(await store.FindClientAsync("r", "c"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_set_that_fails_leaves_nothing(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(Realm("r", "demo").Add(new PutRole(new() { Id = "x", Name = "x", ContainerId = "r" })));
        var duplicate = await Assert.ThrowsAsync<DuplicateException>(async () => await store.ApplyAsync(new ChangeSet("r")
            .Add(new PutClient(new() { Id = "c", ClientId = "c" }))
            .Add(new PutRole(new() { Id = "y", Name = "x", ContainerId = "r" }))));
        Assert.Equal("role(realm_id, container_id, name)", duplicate.Message);
        Assert.Null(await store.FindClientAsync("r", "c"));
        await Assert.ThrowsAsync<DuplicateException>(async () => await store.ApplyAsync(Realm("r2", "demo")));
        Assert.Equal(["demo"], (await store.ListRealmsAsync()).Select(r => r.Name));
        await Assert.ThrowsAsync<StaleException>(async () => await store.ApplyAsync(new ChangeSet("gone").Add(new PutUser(new() { Id = "u", Username = "u" }))));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task What_is_new_takes_the_place_of_nothing(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var users = new UserStore(db);
        Change[] news =
        [
            new PutClient(new() { Id = "c", ClientId = "c" }) { IsNew = true }, new PutRole(new() { Id = "role", Name = "r" }) { IsNew = true },
            new PutGroup(new() { Id = "g", Name = "g" }) { IsNew = true }, new PutPart(PartKind.Flow, "f", "f", new AuthenticationFlowRepresentation { Id = "f" }) { IsNew = true },
            new PutUser(new() { Id = "u", Username = "u" }) { IsNew = true },
        ];
        await store.ApplyAsync(Realm("a", "a").Add(news));
        foreach (var change in news)
        {
            await Assert.ThrowsAsync<DuplicateException>(async () => await store.ApplyAsync(new ChangeSet("a").Add(change)));
        }

        // Many go to PostgreSQL in rows.
        var many = Enumerable.Range(0, 2_500).Select(n => new PutUser(new() { Id = n == 2_000 ? "user-7" : $"user-{n}", Username = $"user-{n}" }) { IsNew = true });
        await Assert.ThrowsAsync<DuplicateException>(async () => await store.ApplyAsync(new ChangeSet("a").Add(many)));
        await store.ApplyAsync(new ChangeSet("a").Add(new DeleteUser("u")).Add(new PutUser(new() { Id = "u", Username = "again" }) { IsNew = true }));
        Assert.Equal("again", (await users.FindAsync("a", "u"))!.Username);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Ids_are_unique_over_all_realms_and_no_set_reaches_into_another_realm(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var users = new UserStore(db);
        await store.ApplyAsync(Realm("a", "a")
            .Add(new PutClient(new() { Id = "c", ClientId = "c" })).Add(new PutRole(new() { Id = "role", Name = "r" })).Add(new PutGroup(new() { Id = "g", Name = "g" }))
            .Add(new PutPart(PartKind.Flow, "f", "f", new AuthenticationFlowRepresentation { Id = "f" })).Add(new PutUser(new() { Id = "u", Username = "u" }))
            .Add(new PutCredential("u", new() { Id = "pw", Type = "password" })).Add(new AddRole(RoleOwner.User, "u", "role")));
        await store.ApplyAsync(Realm("b", "b"));
        foreach (var change in new Change[]
        {
            new PutClient(new() { Id = "c", ClientId = "x" }), new PutRole(new() { Id = "role", Name = "x" }), new PutGroup(new() { Id = "g", Name = "x" }),
            new PutPart(PartKind.Flow, "f", "x", new AuthenticationFlowRepresentation { Id = "f" }), new PutUser(new() { Id = "u", Username = "x" }),
        })
        {
            await Assert.ThrowsAsync<DuplicateException>(async () => await store.ApplyAsync(new ChangeSet("b").Add(change)));
        }

        await store.ApplyAsync(new ChangeSet("b").Add(new DeleteClient("c")).Add(new DeleteRole("role")).Add(new DeleteGroup("g")).Add(new DeletePart(PartKind.Flow, "f"))
            .Add(new DeleteCredential("u", "pw")).Add(new RemoveRole(RoleOwner.User, "u", "role")).Add(new DeleteUser("u")));
        var a = (await store.LoadRealmAsync("a"))!;
        Assert.Equal((1, 1, 1), (a.Roles.All.Count, a.Groups.All.Count, a.Flows.Count));
        Assert.NotNull(await store.FindClientAsync("a", "c"));
        Assert.Equal(["role"], (await users.FindAsync("a", "u"))!.RoleIds);
        Assert.Single(await users.CredentialsAsync("a", "u"));
        Assert.Empty(await users.CredentialsAsync("b", "u"));
        Assert.Null(await users.FindAsync("b", "u"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task What_is_deleted_takes_along_what_hangs_on_it(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var users = new UserStore(db);
        await store.ApplyAsync(Realm("r", "r")
            .Add(new PutClient(new() { Id = "c", ClientId = "c" }))
            .Add(new PutRole(new() { Id = "cr", Name = "cr", ContainerId = "c" })).Add(new PutRole(new() { Id = "rr", Name = "rr", ContainerId = "r" }))
            .Add(new AddRole(RoleOwner.Role, "rr", "cr"))
            .Add(new PutGroup(new() { Id = "g", Name = "g" })).Add(new PutGroup(new() { Id = "gg", Name = "gg", ParentId = "g" })).Add(new PutGroup(new() { Id = "h", Name = "h" }))
            .Add(new AddRole(RoleOwner.Group, "h", "cr"))
            .Add(new PutUser(new() { Id = "u", Username = "u" }))
            .Add(new AddRole(RoleOwner.User, "u", "cr")).Add(new AddRole(RoleOwner.User, "u", "rr"))
            .Add(new JoinGroup("u", "gg")).Add(new JoinGroup("u", "h"))
            .Add(new PutConsent("u", new() { ClientId = "c", GrantedClientScopes = ["s"] })));
        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteClient("c")).Add(new DeleteGroup("g")));
        var realm = (await store.LoadRealmAsync("r"))!;
        Assert.Empty(Assert.Single(realm.Roles.All).Composites);
        Assert.Equal("h", Assert.Single(realm.Groups.All).Id);
        Assert.Empty(realm.Groups.Find("h")!.RoleIds);
        var user = (await users.FindAsync("r", "u"))!;
        Assert.Equal(["rr"], user.RoleIds);
        Assert.Equal(["h"], user.GroupIds);
        Assert.Empty(await users.ConsentsAsync("r", "u"));

        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteRealm()));
        Assert.Null(await store.LoadRealmAsync("r"));
        Assert.Null(await users.FindAsync("r", "u"));
        foreach (var table in new[] { "realm", "part", "client", "role", "user_group", "role_mapping", "users", "user_role", "group_member", "user_count" })
        {
            Assert.Equal(0, await db.ScalarAsync($"SELECT count(*) FROM {Sql.Raw(table)}"));
        }

        await store.ApplyAsync(Realm("r", "r").Add(new PutUser(new() { Id = "u", Username = "u" })));
        Assert.Equal(1, await users.CountAsync("r", new()));
    }

    /// <summary>Many people go another way on PostgreSQL than few.</summary>
    [Theory, ClassData(typeof(Engines))]
    public async Task A_realm_takes_the_place_of_another_or_leaves_it(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var users = new UserStore(db);
        static IEnumerable<Change> People(int count) => Enumerable.Range(0, count).Select(i => new PutUser(new() { Id = $"u{i}", Username = $"u{i}" }));
        static ChangeSet Successor(string id, string? replaced) =>
            new ChangeSet(id).Add(new DeleteRealm(replaced)).Add(new PutRealm(new() { Id = id, Realm = "demo", Enabled = true }));
        await store.ApplyAsync(Realm("first", "demo").Add(new PutClient(new() { Id = "c", ClientId = "app" })).Add(People(3)));
        await store.ApplyAsync(Realm("other", "other").Add(new PutUser(new() { Id = "taken", Username = "taken" })));
        await TestDb.ListensAsync(db, "realm");
        var changed = new System.Collections.Concurrent.ConcurrentQueue<string>();
        store.Changed += changed.Enqueue;
        foreach (var (id, replaced, count) in new[] { ("second", "first", 5), ("second", null, 2_500), ("third", "second", 2_500), ("third", null, 3) })
        {
            await store.ApplyAsync(Successor(id, replaced).Add(new PutClient(new() { Id = "c", ClientId = "app" })).Add(People(count)));
            Assert.Equal(id, await store.FindRealmIdAsync("demo"));
            Assert.Equal(count, await users.CountAsync(id, new()));
            Assert.Null(replaced is null ? null : await store.LoadRealmAsync(replaced));
            Assert.NotNull(await store.FindClientAsync(id, "app"));
            await Eventually.IsAsync(() => replaced is null || changed.Contains(replaced));
        }

        await Assert.ThrowsAsync<DuplicateException>(async () => await store.ApplyAsync(Successor("fourth", "third").Add(new PutUser(new() { Id = "taken", Username = "x" }))));
        Assert.Equal("third", await store.FindRealmIdAsync("demo"));
        Assert.Equal(3, await users.CountAsync("third", new()));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Roles_and_groups_are_read_anew_when_they_changed_and_only_then(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(Realm("r", "r").Add(new PutClient(new() { Id = "c", ClientId = "c" })).Add(new PutRole(new() { Id = "x", Name = "x", ContainerId = "c" })));
        var one = (await store.LoadRealmAsync("r"))!;
        await store.ApplyAsync(new ChangeSet("r").Add(new PutClient(new() { Id = "c", ClientId = "c", Name = "named" })));
        var two = (await store.LoadRealmAsync("r"))!;
        await store.ApplyAsync(new ChangeSet("r").Add(new PutClient(new() { Id = "c", ClientId = "renamed" })));
        var three = (await store.LoadRealmAsync("r"))!;
        await store.ApplyAsync(new ChangeSet("r").Add(new PutGroup(new() { Id = "g", Name = "g" })));
        var four = (await store.LoadRealmAsync("r"))!;
        Assert.Same(one.Roles, two.Roles);
        Assert.Equal("renamed", three.Roles.Find("x")!.ClientName);
        Assert.Same(three.Roles, four.Roles);
        Assert.Single(four.Groups.All);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Everybody_hears_of_a_change(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var heard = Channel.CreateUnbounded<string>();
        await store.ApplyAsync(Realm("r", "r"));
        using var other = new ConfigurationStore(db, TimeProvider.System);
        await other.LoadRealmAsync("r");
        other.Changed += id => heard.Writer.TryWrite(id);
        await store.ApplyAsync(new ChangeSet("r").Add(new PutRole(new() { Id = Ids.New(), Name = "x" })));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Assert.Equal("r", await heard.Reader.ReadAsync(patience.Token));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Clients_are_listed_by_name_part_and_attribute(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(Realm("r", "r").Add(new[] { "beta_1", "Alpha", "gamma", "beta%2" }.Select(n =>
            new PutClient(new() { Id = "id-" + n, ClientId = n, Attributes = new() { ["len"] = n.Length.ToString() } }))));
        async Task<string> List(ClientQuery query, int first = 0, int max = -1) =>
            string.Join(' ', (await store.ListClientsAsync("r", query, first, max)).Select(c => c.Representation.ClientId));
        Assert.Equal("Alpha beta%2 beta_1 gamma", await List(new()));
        Assert.Equal("beta%2 beta_1", await List(new(), 1, 2));
        Assert.Equal("gamma", await List(new("gamma")));
        Assert.Equal("", await List(new("gam")));
        Assert.Equal("Alpha", await List(new("PH", Search: true)));
        Assert.Equal("beta_1", await List(new("a_", Search: true)));
        Assert.Equal("beta%2", await List(new("%", Search: true)));
        Assert.Equal("Alpha gamma", await List(new(Attributes: new Dictionary<string, string> { ["len"] = "5" })));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Parallel_writers_of_one_realm_each_get_a_version_of_their_own(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var first = await store.ApplyAsync(Realm("r", "r"));
        var versions = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
            await store.ApplyAsync(new ChangeSet("r").Add(new PutRole(new() { Id = "id" + i, Name = "n" + i }))))));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => first + i), versions.Order());
    }
}
