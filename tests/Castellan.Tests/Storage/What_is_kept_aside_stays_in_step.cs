using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

/// <summary>Indexes that writers fill beside the rows, and what of a realm is brought up to date in memory instead of being read anew.</summary>
public class What_is_kept_aside_stays_in_step
{
    private static ChangeSet Realm(string id = "r") => new ChangeSet(id).Add(new PutRealm(new() { Id = id, Realm = id }));

    private static PutUser User(string name, string? email = null) =>
        new(new() { Id = "id-" + name, Username = name, Email = email, FirstName = "Firstly", LastName = "Last" + name, Enabled = true });

    private static readonly Change[] s_roles =
    [
        new PutClient(new() { Id = "app", ClientId = "App" }),
        new PutRole(new() { Id = "admin", Name = "admin", ContainerId = "r", Description = "All of \"it\"" }),
        new PutRole(new() { Id = "user", Name = "user", Attributes = new() { ["k"] = ["v", "w"] } }),
        new PutRole(new() { Id = "read", Name = "read", ContainerId = "app" }),
        new PutRole(new() { Id = "write", Name = "write", ContainerId = "app" }),
        new AddRole(RoleOwner.Role, "admin", "write"), new AddRole(RoleOwner.Role, "admin", "read"), new AddRole(RoleOwner.Role, "write", "read"),
    ];

    public static TheoryData<string, Change[]> Changes { get; } = new()
    {
        { "a role more, with its parts", [new PutRole(new() { Id = "a-role", Name = "more" }), new AddRole(RoleOwner.Role, "admin", "a-role"), new AddRole(RoleOwner.Role, "a-role", "user")] },
        { "a role of a client that has some", [new PutRole(new() { Id = "delete", Name = "delete", ContainerId = "app" })] },
        { "a role of a new client", [new PutClient(new() { Id = "b", ClientId = "B" }), new PutRole(new() { Id = "b-read", Name = "read", ContainerId = "b" })] },
        { "another name, another text", [new PutRole(new() { Id = "admin", Name = "root", ContainerId = "r", Description = null, Attributes = new() { ["a"] = [] } })] },
        { "names that change places", [new PutRole(new() { Id = "read", Name = "other", ContainerId = "app" }), new PutRole(new() { Id = "write", Name = "read", ContainerId = "app" })] },
        { "a part twice and a part less", [new AddRole(RoleOwner.Role, "admin", "read"), new RemoveRole(RoleOwner.Role, "admin", "write"), new RemoveRole(RoleOwner.Role, "user", "read")] },
        { "a role less", [new DeleteRole("read")] },
        { "a role that goes and comes back", [new DeleteRole("read"), new PutRole(new() { Id = "read", Name = "read", ContainerId = "app" }), new AddRole(RoleOwner.Role, "user", "read")] },
        { "a client less", [new DeleteClient("app")] },
        { "roles of others", [new PutGroup(new() { Id = "g", Name = "g" }), new AddRole(RoleOwner.Group, "g", "admin"), new AddRole(RoleOwner.Client, "app", "user")] },
    };

    [Theory, MemberData(nameof(Changes))]
    public async Task Roles_are_after_a_change_as_if_they_were_read_anew(string what, Change[] changes)
    {
        foreach (var engine in new[] { DbEngine.Sqlite, DbEngine.PostgreSql })
        {
            await using var db = await TestDb.OpenAsync(engine);
            using var store = new ConfigurationStore(db, TimeProvider.System);
            await store.ApplyAsync(Realm().Add(s_roles));
            var before = (await store.LoadRealmAsync("r"))!.Roles;
            Assert.NotNull(before.After("r", changes));
            await store.ApplyAsync(new ChangeSet("r").Add(changes));
            var after = (await store.LoadRealmAsync("r"))!.Roles;
            using var other = new ConfigurationStore(db, TimeProvider.System);
            Assert.True(Shown((await other.LoadRealmAsync("r"))!.Roles) == Shown(after), $"{what} on {engine}: {Shown(after)}");
            Assert.Equal("admin", before.Find("admin")!.Name);
            Assert.Equal(["read", "write"], before.Find("admin")!.Composites);
        }
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Roles_that_another_node_changed_are_read_anew(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        using var other = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(Realm().Add(s_roles));
        _ = await store.LoadRealmAsync("r");
        await other.ApplyAsync(new ChangeSet("r").Add(new PutRole(new() { Id = "theirs", Name = "theirs" })));
        await store.ApplyAsync(new ChangeSet("r").Add(new PutRole(new() { Id = "ours", Name = "ours" })));
        await store.ApplyAsync(new ChangeSet("r").Add(new PutClient(new() { Id = "app", ClientId = "Renamed" })).Add(new PutRole(new() { Id = "more", Name = "more", ContainerId = "app" })));
        var roles = (await store.LoadRealmAsync("r"))!.Roles;
        Assert.Equal(["admin", "more", "ours", "read", "theirs", "user", "write"], roles.All.Select(r => r.Id).Order());
        Assert.All(roles.OfClient("app"), r => Assert.Equal("Renamed", r.ClientName));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Roles_that_another_node_changed_are_read_anew_after_a_change_of_ours_to_something_else(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        foreach (var ours in (Change[])[User("somebody"), new PutGroup(new() { Id = "g", Name = "g" })])
        {
            using var store = new ConfigurationStore(db, TimeProvider.System);
            using var other = new ConfigurationStore(db, TimeProvider.System);
            var id = Castellan.Core.Ids.New();
            await store.ApplyAsync(Realm(id).Add(new PutRole(new() { Id = id + "-ours", Name = "ours" })));
            var before = await store.LoadRealmAsync(id);
            await other.ApplyAsync(new ChangeSet(id).Add(new PutRole(new() { Id = id + "-theirs", Name = "theirs" })));
            await store.ApplyAsync(new ChangeSet(id).Add(ours));
            Assert.Equal(2, (await store.LoadRealmAsync(id))!.Roles.All.Count);
            GC.KeepAlive(before);
        }
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task The_index_for_parts_of_names_follows_imports_renames_and_deletions(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var users = new UserStore(db);
        await store.ApplyAsync(Realm().Add(Enumerable.Range(0, 3_000).Select(i => User($"user{i:d5}", $"u{i:d5}@example.org"))));
        async Task<string> Find(string part, string realm = "r") => string.Join(' ', (await users.SearchAsync(realm, new($"*{part}*"), 0, 10)).Select(u => u.Username));
        Assert.Equal("user01234", await Find("01234"));

        // Renamed, brought in again under the same id, gone and made anew: each in a long set as in a short one.
        await store.ApplyAsync(new ChangeSet("r").Add(new PutUser(new() { Id = "id-user01234", Username = "zaphod", Email = "z@example.org" })));
        await store.ApplyAsync(new ChangeSet("r").Add(Enumerable.Range(2_000, 600).SelectMany(i => new Change[] { new DeleteUser($"id-user{i:d5}"), User($"user{i:d5}", $"new{i:d5}@example.net") })));
        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteUser("id-user00007")).Add(User("other")));
        Assert.Equal(("", "zaphod", "", "other"), (await Find("01234"), await Find("apho"), await Find("00007"), await Find("astothe")));
        Assert.Equal(("user02345", "user02345", ""), (await Find("ser02345"), await Find("new02345"), await Find("u02345@")));
        Assert.Equal(3_000, await users.CountAsync("r", new()));
        Assert.Equal(600, await users.CountAsync("r", new("*example.net*")));
        Assert.Equal("user02345", (await users.FindByEmailAsync("r", "new02345@example.net"))!.Username);

        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteRealm()));
        await store.ApplyAsync(Realm("s").Add(User("s-user02346")));
        Assert.Equal("s-user02346", await Find("02346", "s"));
        Assert.Equal(engine == DbEngine.Sqlite ? 1 : 0, engine == DbEngine.Sqlite ? await db.ScalarAsync($"SELECT count(*) FROM user_search") : 0);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_long_set_does_what_its_changes_do_one_by_one(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var users = new UserStore(db);
        static PutCredential Password(string name, string id, string secret) => new("id-" + name, new() { Id = id, Type = "password", SecretData = secret });
        Change[] unusual =
        [
            User("ann", "ann@x.org"), new AddRole(RoleOwner.User, "id-ann", "r1"), new AddRole(RoleOwner.User, "id-ann", "r1"), new RemoveRole(RoleOwner.User, "id-ann", "r1"),
            new AddRole(RoleOwner.User, "id-ann", "r1"), new JoinGroup("id-ann", "g1"), new JoinGroup("id-ann", "g1"), Password("ann", "c", "old"), Password("ann", "c", "new"),
            new DeleteUser("id-ann"), User("ann", "again@x.org"), new AddRole(RoleOwner.User, "id-ann", "r2"), Password("ann", "c", "newest"),
            User("ben", "ben@x.org"), new JoinGroup("id-ben", "g1"), new LeaveGroup("id-ben", "g1"), new PutUser(new() { Id = "id-ben", Username = "benny", Attributes = new() { ["a"] = ["x", "x"] } }),
            new PutUser(new() { Id = "id-old", Username = "older" }), new AddRole(RoleOwner.User, "id-old", "r3"),
        ];
        await store.ApplyAsync(Realm().Add(User("old")));
        await store.ApplyAsync(new ChangeSet("r").Add(unusual).Add(Enumerable.Range(0, 3_000).Select(i => User($"user{i:d4}"))));
        var (ann, ben, old) = ((await users.FindAsync("r", "id-ann"))!, (await users.FindAsync("r", "id-ben"))!, (await users.FindAsync("r", "id-old"))!);
        Assert.Equal(("again@x.org", "r2", 0, "newest"), (ann.Email, ann.RoleIds.Single(), ann.GroupIds.Count, (await users.CredentialsAsync("r", ann.Id)).Single().SecretData));
        Assert.Equal(("benny", 0, "older", "r3"), (ben.Username, ben.GroupIds.Count, old.Username, old.RoleIds.Single()));
        Assert.Equal(["benny"], (await users.SearchAsync("r", new(Attributes: new Dictionary<string, string> { ["a"] = "x" }), 0, 10)).Select(u => u.Username));
        Assert.Equal(3_003, await users.CountAsync("r", new()));

        // All or nothing, wherever in it the fault is.
        var more = Enumerable.Range(5_000, 2_500).Select(i => (Change)User($"user{i:d4}"));
        await Assert.ThrowsAsync<DuplicateException>(async () => await store.ApplyAsync(new ChangeSet("r").Add(more).Add(new PutUser(new() { Id = "twice", Username = "user0001" }))));
        Assert.Equal(3_003, await users.CountAsync("r", new()));
        Assert.Null(await users.FindByUsernameAsync("r", "user5000"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_domain_belongs_to_one_organization_and_goes_with_it(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        using var store = new ConfigurationStore(db, TimeProvider.System);
        var organizations = new OrganizationStore(db);
        static PutOrganization Organization(string id, params string[] domains) =>
            new(new() { Id = id, Name = id, Domains = [.. domains.Select(d => new OrganizationDomainRepresentation { Name = d })] });
        async Task<string?> Owner(string domain, string realm = "r") => (await organizations.FindByDomainAsync(realm, domain))?.Id;
        await store.ApplyAsync(Realm().Add(Organization("acme", "Acme.org", "acme.com")).Add(Organization("globex", "globex.com")));
        await store.ApplyAsync(Realm("s").Add(Organization("s-acme", "acme.org")));
        Assert.Equal(("acme", "acme", "s-acme", null), (await Owner("acme.org"), await Owner("ACME.com"), await Owner("acme.org", "s"), await Owner("acme")));
        Assert.Equal("globex", (await organizations.FindByNameAsync("r", "globex"))!.Id);
        Assert.Null(await organizations.FindByNameAsync("s", "globex"));

        var taken = await Assert.ThrowsAsync<DuplicateException>(async () => await store.ApplyAsync(new ChangeSet("r").Add(Organization("globex", "acme.org"))));
        Assert.StartsWith("organization_domain(", taken.Message);
        Assert.Equal("globex", await Owner("globex.com"));

        await store.ApplyAsync(new ChangeSet("r").Add(Organization("acme", "acme.net")).Add(Organization("globex", "acme.org")));
        Assert.Equal(("globex", "acme", null, null), (await Owner("acme.org"), await Owner("acme.net"), await Owner("acme.com"), await Owner("globex.com")));

        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteOrganization("globex")));
        Assert.Equal((null, "s-acme"), (await Owner("acme.org"), await Owner("acme.org", "s")));
        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteRealm()));
        Assert.Equal(1, await db.ScalarAsync($"SELECT count(*) FROM organization_domain"));

        // A node of an earlier version deletes an organization and knows of no domains.
        await db.WriteAsync($"DELETE FROM organization WHERE realm_id = {"s"}");
        await store.ApplyAsync(new ChangeSet("s").Add(Organization("s-other", "acme.org")));
        Assert.Equal("s-other", await Owner("acme.org", "s"));
    }

    private static string Shown(RoleGraph roles) => string.Join('\n', roles.All.OrderBy(r => r.Id, StringComparer.Ordinal).Select(r =>
        $"{r.Id} {r.Name} {r.Description} {r.ClientId} {r.ClientName} [{string.Join(' ', r.Composites)}] "
        + (r.Attributes is null ? "none" : string.Join(' ', r.Attributes.Select(a => $"{a.Key}=[{string.Join(' ', a.Value)}]")))
        + $" {roles.Find(r.Id) == r} {(r.ClientId is null ? roles.FindRealmRole(r.Name) : roles.FindClientRole(r.ClientId, r.Name)) == r}"));
}
