using Castellan.Core.Authorization;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

/// <summary>Whoever is deleted is named nowhere any more, in no column of no table.</summary>
public class What_names_the_gone
{
    private const string Realm = "r", Server = "id-server";

    // What is deleted, and what must be gone with it.
    private static readonly Dictionary<string, (Change Delete, string[] Gone)> s_cases = new()
    {
        ["a user"] = (new DeleteUser("id-user"), ["id-user"]),
        ["a client with its roles"] = (new DeleteClient("id-client"), ["id-client", "id-client-role"]),
        ["a role of the realm"] = (new DeleteRole("id-role"), ["id-role"]),
        ["a role of a client"] = (new DeleteRole("id-client-role"), ["id-client-role"]),
        ["a group with those below it"] = (new DeleteGroup("id-group"), ["id-group", "id-group-below"]),
        ["a client scope"] = (new DeletePart(PartKind.ClientScope, "id-scope"), ["id-scope"]),
        ["an identity provider"] = (new DeletePart(PartKind.IdentityProvider, "id-provider"), ["id-provider", "alias-of-provider"]),
    };

    public static MatrixTheoryData<DbEngine, string> Cases => new([DbEngine.Sqlite, DbEngine.PostgreSql], s_cases.Keys);

    [Theory, MemberData(nameof(Cases))]
    public async Task Forgets_them(DbEngine engine, string what)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = await WorldAsync(db);
        var (delete, gone) = s_cases[what];
        foreach (var id in gone)
        {
            Assert.NotEmpty(await NamedInAsync(db, id));
        }

        await store.ApplyAsync(new ChangeSet(Realm).Add(delete));
        foreach (var id in gone)
        {
            Assert.Empty(await NamedInAsync(db, id));
        }
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Policies_are_left_with_those_who_stay(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = await WorldAsync(db);
        await store.ApplyAsync(new ChangeSet(Realm)
            .Add(new DeleteUser("id-user")).Add(new DeleteRole("id-role")).Add(new DeleteGroup("id-group")).Add(new DeleteClient("id-client"))
            .Add(new DeletePart(PartKind.ClientScope, "id-scope")));
        var policies = await new AuthorizationStore(db).PoliciesAsync(Realm, Server);
        Assert.Equal(
            [
                "client-alone: ", "client-both: other", "client-scope-both: other", "group-alone: ", "group-both: other", "role-alone-of-client: ", "role-alone: ",
                "role-both-of-client: other", "role-both: other", "role-other: other", "user-alone: ", "user-both: other",
            ],
            policies.Where(p => p is { IsPermission: false, Representation.Owner: null }).Select(p => $"{p.Name}: {string.Join(' ', PolicyReferences.Texts(p.Representation.Config!.Values.Single()))}").Order(StringComparer.Ordinal));

        // A permission for what the user owned alone is none for everything.
        Assert.Equal(["of both", "of the server's"], policies.Where(p => p is { IsPermission: true, Representation.Owner: null }).Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["thing"], policies.Single(p => p.Name == "of both").ResourceIds);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task What_others_share_with_others_stays(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = await WorldAsync(db);
        await store.ApplyAsync(new ChangeSet(Realm).Add(new DeleteUser("id-user")));
        Assert.Equal("of others", Assert.Single(await new PermissionTicketStore(db).ListAsync(Realm, new())).Ticket.Id);
        var left = (await new AuthorizationStore(db).PoliciesAsync(Realm, Server)).Where(p => p.Representation.Owner is not null).Select(p => p.Name);
        Assert.Equal(["if-share with others", "share with others"], left.Order(StringComparer.Ordinal));

        // Nothing is kept about what is not there.
        await store.ApplyAsync(new ChangeSet(Realm).Add(new DeleteProtectedResource(Server, "lent")));
        Assert.Empty(await new PermissionTicketStore(db).ListAsync(Realm, new()));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Another_realm_forgets_nobody(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = await WorldAsync(db);
        await store.ApplyAsync(new ChangeSet("r2").Add(new PutRealm(new() { Id = "r2", Realm = "r2" })));
        var before = await NamedInAsync(db, "id-user");
        await store.ApplyAsync(new ChangeSet("r2").Add(new DeleteUser("id-user")).Add(new DeleteGroup("id-group")).Add(new DeleteRole("id-role")));
        Assert.Equal(before, await NamedInAsync(db, "id-user"));
        Assert.Contains("realm.document", await NamedInAsync(db, "id-group"));
    }

    /// <summary>The columns in which a text stands, of every table of the database.</summary>
    private static async Task<List<string>> NamedInAsync(Db db, string text)
    {
        var columns = await db.ListAsync(
            db.Engine == DbEngine.Sqlite
                ? Sql.Raw("SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'user_search%' AND m.name NOT LIKE 'sqlite%'")
                : Sql.Raw("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"),
            row => (Table: row.GetString(0), Column: row.GetString(1)));
        var found = new List<string>();
        foreach (var (table, column) in columns)
        {
            // As a whole word: an id may be the beginning of another.
            var values = await db.ListAsync((Sql)$"SELECT DISTINCT CAST({Sql.Raw('"' + column + '"')} AS TEXT) FROM {Sql.Raw('"' + table + '"')} WHERE CAST({Sql.Raw('"' + column + '"')} AS TEXT) LIKE {"%" + text + "%"}", Rows.Text);
            if (values.Exists(v => System.Text.RegularExpressions.Regex.IsMatch(v, $"(?<![\\w-]){text}(?![\\w-])")))
            {
                found.Add($"{table}.{column}");
            }
        }

        Assert.True(columns.Count > 100);
        return found;
    }

    private static async Task<ConfigurationStore> WorldAsync(Db db)
    {
        var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(new ChangeSet(Realm)
            .Add(new PutRealm(new() { Id = Realm, Realm = Realm, DefaultGroups = ["id-group", "id-group-below", "other"] }))
            .Add(new PutClient(new() { Id = Server, ClientId = "server", AuthorizationServicesEnabled = true })).Add(new PutClient(new() { Id = "id-client", ClientId = "client" }))
            .Add(new PutClient(new() { Id = "id-admin-permissions", ClientId = "admin-permissions" }))
            .Add(new PutPart(PartKind.ClientScope, "id-scope", "scope", new ClientScopeRepresentation { Id = "id-scope", Name = "scope" }))
            .Add(new PutPart(PartKind.IdentityProvider, "id-provider", "alias-of-provider", new IdentityProviderRepresentation { InternalId = "id-provider", Alias = "alias-of-provider" }))
            .Add(Role("id-role", Realm)).Add(Role("id-client-role", "id-client")).Add(Role("id-whole", Realm))
            .Add(new PutGroup(new() { Id = "id-group", Name = "group" })).Add(new PutGroup(new() { Id = "id-group-below", Name = "below", ParentId = "id-group" }))
            .Add(new PutGroup(new() { Id = "id-group-beside", Name = "beside" }))
            .Add(new PutUser(new() { Id = "id-user", Username = "user", Attributes = new() { ["a"] = ["b"] } })).Add(new PutUser(new() { Id = "id-user-beside", Username = "beside" }))
            .Add(new PutCredential("id-user", new() { Id = "credential", Type = "password", Priority = 10 }))
            .Add(new PutOrganization(new() { Id = "id-organization", Name = "o", Alias = "o" })).Add(new PutOrganizationMember("id-organization", "id-user", false))
            .Add(new PutOrganizationGroup("id-organization", new() { Id = "id-team", Name = "team", ParentId = "id-organization" })).Add(new JoinOrganizationGroup("id-team", "id-user"))
            .Add(new JoinGroup("id-user", "id-group")).Add(new JoinGroup("id-user-beside", "id-group-below"))
            .Add(new PutFederatedIdentity("id-user", new() { IdentityProvider = "alias-of-provider", UserId = "1", UserName = "one" }))
            .Add(new PutConsent("id-user-beside", new() { ClientId = "id-client", GrantedClientScopes = ["id-scope", "other"] }))
            .Add(new PutConsent("id-user", new() { ClientId = Server, GrantedClientScopes = ["other", "id-scope"] }))
            .Add(from role in (string[])["id-role", "id-client-role"] from owner in ((RoleOwner, string)[])
                [
                    (RoleOwner.Role, "id-whole"), (RoleOwner.Group, "id-group"), (RoleOwner.Group, "id-group-beside"), (RoleOwner.User, "id-user"), (RoleOwner.User, "id-user-beside"),
                    (RoleOwner.Client, Server), (RoleOwner.Client, "id-client"), (RoleOwner.ClientScope, "id-scope"), (RoleOwner.OrganizationGroup, "id-team"),
                ]
                 select new AddRole(owner.Item1, owner.Item2, role))
            .Add([new AddRole(RoleOwner.Role, "id-role", "id-whole"), new AddRole(RoleOwner.Role, "id-client-role", "id-whole")])
            .Add(new PutAuthorizationScope(Server, new() { Id = "read", Name = "read" }))
            .Add(Resource(Server, "thing", Server)).Add(Resource(Server, "owned", "id-user")).Add(Resource(Server, "lent", "id-user-beside"))
            .Add(new[] { "id-user", "id-client", "id-group", "id-role", "id-client-role" }.Select(id => Resource("id-admin-permissions", id, "id-admin-permissions", "res-" + id[3..])))
            .Add(from type in PolicyTypes.All from member in type.Members where member.Kind == PolicyMemberKind.References
                 from one in Named(type.Id) from both in (bool[])[true, false]
                 select Policy($"{type.Id}-{(both ? "both" : "alone")}{(one.EndsWith("-client-role", StringComparison.Ordinal) ? "-of-client" : "")}", type.Id, member, both ? [one, "other"] : [one]))
            .Add(Policy("role-other", "role", PolicyTypes.Find("role")!.Members[0], ["other"]))
            .Add(Owners("share of the owned", "id-user", "owned", """["other"]""")).Add(Owners("share with the user", "id-user-beside", "lent", """["id-user"]"""))
            .Add(Owners("share with others", "id-user-beside", "lent", """["id-user-beside"]"""))
            .Add(Ticket("asked of the user", "owned", "id-user", "id-user-beside")).Add(Ticket("asked by the user", "lent", "id-user-beside", "id-user", "share with the user"))
            .Add(Ticket("of others", "lent", "id-user-beside", "other", "share with others"))
            .Add(Permission("of the owned", "owned")).Add(Permission("of both", "owned", "thing")).Add(Permission("of the server's", "thing")));
        return store;

        static string[] Named(string type) => type == "role" ? ["id-role", "id-client-role"] : type == "group" ? ["id-group-below"] : ["id-" + (type == "client-scope" ? "scope" : type)];
    }

    private static PutRole Role(string id, string container) => new(new() { Id = id, Name = "name of " + id[3..], ContainerId = container, ClientRole = container != Realm });

    private static PutProtectedResource Resource(string clientId, string name, string owner, string? id = null) =>
        new(clientId, new(new ResourceRepresentation { Id = id ?? name, Name = name, Uris = [], Attributes = [] }, owner, []));

    private static PutPolicy Permission(string name, params string[] resources) =>
        new(Server, new(new() { Id = name, Name = name, Type = "scope", Config = [] }, resources, ["read"], []));

    private static PutPermissionTicket Ticket(string id, string resource, string owner, string requester, string? policy = null) =>
        new(Server, new(id, resource, "read", owner, requester, policy, 1, policy is null ? null : 2));

    /// <summary>A policy of an owner's with its one condition.</summary>
    private static PutPolicy[] Owners(string name, string owner, string resource, string users) =>
    [
        new(Server, new(new() { Id = "if-" + name, Name = "if-" + name, Type = "user", Owner = owner, Config = new() { ["users"] = users } }, [], [], [])),
        new(Server, new(new() { Id = name, Name = name, Type = PolicyTypes.Owners, Owner = owner, Config = [] }, [resource], ["read"], ["if-" + name])),
    ];

    private static PutPolicy Policy(string name, string type, PolicyMember member, string[] about) => new(Server, new(
        new()
        {
            Id = name, Name = name, Type = type,
            Config = new() { [member.Setting] = "[" + string.Join(',', about.Select(a => member.Mark is { } mark ? $$"""{"id":"{{a}}","{{mark}}":false}""" : $"\"{a}\"")) + "]" },
        },
        [], [], []));
}
