using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

public class Users_are_kept
{
    private static async Task<(ConfigurationStore Store, UserStore Users)> RealmAsync(Db db, bool duplicateEmails = false, params Change[] changes)
    {
        var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(new ChangeSet("r").Add(new PutRealm(new() { Id = "r", Realm = "r", DuplicateEmailsAllowed = duplicateEmails })).Add(changes));
        return (store, new(db));
    }

    private static PutUser User(string name, string? email = null, string? first = null, string? last = null, bool enabled = true, bool verified = false, string? attribute = null) =>
        new(new()
        {
            Id = "id-" + name, Username = name, Email = email, FirstName = first, LastName = last, Enabled = enabled, EmailVerified = verified,
            Attributes = attribute is null ? null : new() { ["a"] = [attribute, "other"] },
        });

    [Theory, ClassData(typeof(Engines))]
    public async Task A_search_keeps_to_those_whom_it_may_find(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (_, users) = await RealmAsync(db, false,
            User("ann"), User("bob"), User("cleo"), User("dan"), new JoinGroup("id-ann", "g1"), new JoinGroup("id-bob", "g1"), new JoinGroup("id-bob", "g2"), new JoinGroup("id-cleo", "g3"));
        foreach (var (only, names) in new (UserRestriction, string[])[]
        {
            (new(UserKind.Everybody, false, [], [], [], []), ["ann", "bob", "cleo", "dan"]),
            (new(UserKind.Nobody, false, [], [], [], []), []),
            (new(UserKind.Nobody, false, ["id-dan"], [], [], []), ["dan"]),
            (new(UserKind.Nobody, false, ["id-dan"], ["g1"], [], []), ["ann", "bob", "dan"]),
            (new(UserKind.Nobody, true, [], [], [], []), ["ann", "bob", "cleo"]),
            (new(UserKind.Nobody, true, ["id-dan"], [], ["id-cleo"], ["g2"]), ["ann", "dan"]),
            (new(UserKind.Everybody, false, [], [], ["id-ann", "id-dan"], []), ["bob", "cleo"]),
            (new(UserKind.Ungrouped, false, [], ["g2"], [], []), ["bob", "dan"]),
            (new(UserKind.Everybody, false, ["id-bob"], [], [], ["g1"]), ["cleo", "dan"]),
        })
        {
            Assert.Equal(names, (await users.SearchAsync("r", new(Only: only), 0, -1)).Select(u => u.Username));
            Assert.Equal(names.Length, await users.CountAsync("r", new(Only: only)));
            Assert.Equal(names.Where(n => n.StartsWith('b')), (await users.SearchAsync("r", new(Search: "b", Only: only), 0, -1)).Select(u => u.Username));
            Assert.Equal(names.Intersect(["ann", "bob"]).Take(1), (await users.SearchAsync("r", new(GroupIds: ["g1"], Only: only), 0, 1)).Select(u => u.Username));
        }
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_user_is_found_by_each_of_its_names(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, users) = await RealmAsync(db, false,
            User("ann", "ann@x.org", "Ann", "Lee"),
            new PutUser(new() { Id = "sa", Username = "service-account-app", ServiceAccountClientId = "app-id" }),
            new AddRole(RoleOwner.User, "id-ann", "r1"), new AddRole(RoleOwner.User, "id-ann", "r2"), new AddRole(RoleOwner.User, "id-ann", "r2"), new JoinGroup("id-ann", "g1"),
            new PutFederatedIdentity("id-ann", new() { IdentityProvider = "google", UserId = "g-1", UserName = "ann.g" }));
        var ann = (await users.FindAsync("r", "id-ann"))!;
        Assert.Equal(("ann", "ann@x.org", "Lee"), (ann.Username, ann.Email, ann.Representation.LastName));
        Assert.Equal(["r1", "r2"], ann.RoleIds.Order());
        Assert.Equal(["g1"], ann.GroupIds);
        Assert.Equal("id-ann", (await users.FindByUsernameAsync("r", "ann"))!.Id);
        Assert.Equal("id-ann", (await users.FindByEmailAsync("r", "ann@x.org"))!.Id);
        Assert.Equal("sa", (await users.FindServiceAccountAsync("r", "app-id"))!.Id);
        Assert.Equal("id-ann", (await users.FindByFederatedIdentityAsync("r", "google", "g-1"))!.Id);
        Assert.Equal("ann.g", Assert.Single(await users.FederatedIdentitiesAsync("r", "id-ann")).UserName);
        Assert.Null(await users.FindByUsernameAsync("other", "ann"));
        Assert.Null(await users.FindByFederatedIdentityAsync("r", "github", "g-1"));

        await store.ApplyAsync(new ChangeSet("r").Add(new RemoveRole(RoleOwner.User, "id-ann", "r1")).Add(new LeaveGroup("id-ann", "g1")).Add(new DeleteFederatedIdentity("id-ann", "google")));
        ann = (await users.FindAsync("r", "id-ann"))!;
        Assert.Equal(["r2"], ann.RoleIds);
        Assert.Empty(ann.GroupIds);
        Assert.Empty(await users.FederatedIdentitiesAsync("r", "id-ann"));

        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteUser("id-ann")));
        Assert.Null(await users.FindByUsernameAsync("r", "ann"));
        Assert.Equal(0, await users.CountAsync("r", new()));
        Assert.Equal(1, await users.CountAsync("r", new(ServiceAccounts: true)));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Names_are_unique_and_e_mails_unless_the_realm_allows_more(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, users) = await RealmAsync(db, false, User("ann", "a@x.org"));
        ValueTask<long> Put(PutUser user) => store.ApplyAsync(new ChangeSet("r").Add(user));
        var name = await Assert.ThrowsAsync<DuplicateException>(async () => await Put(new(new() { Id = "other", Username = "ann" })));
        var email = await Assert.ThrowsAsync<DuplicateException>(async () => await Put(User("bob", "a@x.org")));
        Assert.Equal(("users(realm_id, username)", "users(realm_id, unique_email)"), (name.Message, email.Message));

        await store.ApplyAsync(new ChangeSet("r").Add(new PutRealm(new() { Id = "r", Realm = "r", DuplicateEmailsAllowed = true })));
        await Put(User("ann", "a@x.org"));
        await Put(User("bob", "a@x.org"));
        Assert.Equal("ann", (await users.FindByEmailAsync("r", "a@x.org"))!.Username);
        Assert.Equal(2, await users.CountAsync("r", new()));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_changed_user_is_found_by_the_new_names_alone(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, users) = await RealmAsync(db, false, User("zoe", "zoe@x.org", attribute: "v1"), User("mia"),
            new AddRole(RoleOwner.User, "id-zoe", "role"), new AddRole(RoleOwner.User, "id-mia", "role"), new JoinGroup("id-zoe", "g"), new JoinGroup("id-mia", "g"));
        await store.ApplyAsync(new ChangeSet("r").Add(new PutUser(new() { Id = "id-zoe", Username = "abe", Attributes = new() { ["a"] = ["v2"] } })));
        Assert.Empty(await users.SearchAsync("r", new("zoe"), 0, 10));
        Assert.Single(await users.SearchAsync("r", new("abe"), 0, 10));
        Assert.Empty(await users.SearchAsync("r", new(Attributes: new Dictionary<string, string> { ["a"] = "v1" }), 0, 10));
        Assert.Single(await users.SearchAsync("r", new(Attributes: new Dictionary<string, string> { ["a"] = "v2" }), 0, 10));
        Assert.Equal(["abe", "mia"], (await users.InRoleAsync("r", "role", 0, 10)).Select(u => u.Username));
        Assert.Equal(["mia"], (await users.InGroupAsync("r", "g", 1, -1)).Select(u => u.Username));
        Assert.Equal(2, await users.CountAsync("r", new()));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Searches_follow_Keycloaks_rules(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (_, users) = await RealmAsync(db, false,
            User("alice", "alice@example.org", "Alice", "Müller", verified: true, attribute: "x"),
            User("bob", "bob_1@example.org", "Robert", "Ali", enabled: false, attribute: new string('y', 3_000)),
            User("carol", "carol@example.com", "Car%l", "O'Neil"),
            User("dave", null, "Da*ve", "van Dyke"),
            new PutUser(new() { Id = "sa", Username = "service-account-x", ServiceAccountClientId = "x" }),
            new JoinGroup("id-alice", "g1"), new JoinGroup("id-bob", "g2"),
            new PutFederatedIdentity("id-bob", new() { IdentityProvider = "google", UserId = "77" }));
        async Task<string> Search(UserQuery query, int first = 0, int max = 100)
        {
            var found = string.Join(' ', (await users.SearchAsync("r", query, first, max)).Select(u => u.Username));
            if (first == 0 && max == 100)
            {
                Assert.Equal(found.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, await users.CountAsync("r", query));
            }

            return found;
        }

        Assert.Equal("alice bob carol dave", await Search(new()));
        Assert.Equal("alice bob carol dave service-account-x", await Search(new(ServiceAccounts: true)));
        Assert.Equal("bob carol", await Search(new(), 1, 2));
        Assert.Equal("alice bob", await Search(new("ali")));
        Assert.Equal("", await Search(new("lice")));
        Assert.Equal("alice", await Search(new("*lice*")));
        Assert.Equal("alice", await Search(new("*lice")));
        Assert.Equal("bob", await Search(new("\"ali\"")));
        Assert.Equal("alice", await Search(new("ALI müll")));
        Assert.Equal("alice bob", await Search(new("*example.org*")));
        Assert.Equal("alice bob", await Search(new("*@*org")));
        Assert.Equal("bob", await Search(new("\"bob_1@example.org\"")));
        Assert.Equal("", await Search(new("ob_1@example.org")));
        Assert.Equal("", await Search(new("ali_e@example")));
        Assert.Equal("alice", await Search(new("*lice@example.*")));
        Assert.Equal("carol", await Search(new("car%l")));
        Assert.Equal("", await Search(new("c%rol")));
        Assert.Equal("bob", await Search(new("bob_1")));
        Assert.Equal("", await Search(new("a*dyke")));
        Assert.Equal("dave", await Search(new("d*e*")));
        Assert.Equal("alice bob carol dave", await Search(new("*")));
        Assert.Equal("alice", await Search(new(Username: "LIC")));
        Assert.Equal("", await Search(new(Username: "lic", Exact: true)));
        Assert.Equal("alice", await Search(new(Username: "alice", Exact: true)));
        Assert.Equal("alice", await Search(new(Email: "alice@example.org", Exact: true)));
        Assert.Equal("bob", await Search(new(LastName: "ali")));
        Assert.Equal("carol", await Search(new(FirstName: "R%")));
        Assert.Equal("bob", await Search(new(FirstName: "robert", Exact: true)));
        Assert.Equal("bob", await Search(new(Enabled: false)));
        Assert.Equal("alice", await Search(new(EmailVerified: true)));
        Assert.Equal("bob carol dave", await Search(new(EmailVerified: false)));
        Assert.Equal("bob", await Search(new(IdentityProvider: "google")));
        Assert.Equal("", await Search(new(IdentityProvider: "google", FederatedUserId: "78")));
        Assert.Equal("alice", await Search(new(Attributes: new Dictionary<string, string> { ["a"] = "x" })));
        Assert.Equal("alice", await Search(new(Attributes: new Dictionary<string, string> { ["a"] = "X" })));
        Assert.Equal("", await Search(new(Attributes: new Dictionary<string, string> { ["a"] = "oth" })));
        Assert.Equal("alice bob", await Search(new(Attributes: new Dictionary<string, string> { ["a"] = "OTH" }, AttributesInPart: true)));
        Assert.Equal("", await Search(new(Attributes: new Dictionary<string, string> { ["a"] = "o%h" }, AttributesInPart: true)));
        Assert.Equal("bob", await Search(new(Attributes: new Dictionary<string, string> { ["a"] = new string('y', 3_000) })));
        Assert.Equal("alice bob", await Search(new(Attributes: new Dictionary<string, string> { ["a"] = "other" })));
        Assert.Equal("bob", await Search(new("b", Attributes: new Dictionary<string, string> { ["a"] = "other" })));
        Assert.Equal("alice", await Search(new(GroupIds: ["g1", "g3"])));
        Assert.Equal("", await Search(new(GroupIds: [])));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task What_many_have_is_found_like_what_few_have(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, users) = await RealmAsync(db);
        await store.ApplyAsync(new ChangeSet("r").Add(Enumerable.Range(0, 6_000).Select(i =>
            User($"user{i:d5}", $"u{i}@many.org", enabled: i % 2 == 0, attribute: i % 3 == 0 ? "fizz" : null))));
        Assert.Equal(6_000, await users.CountAsync("r", new()));
        Assert.Equal(6_000, await users.CountAsync("r", new("*many*")));
        Assert.Equal(["user00010", "user00011"], (await users.SearchAsync("r", new("*many*"), 10, 2)).Select(u => u.Username));
        Assert.Equal("user01234", Assert.Single(await users.SearchAsync("r", new("*er01234*"), 0, 10)).Username);
        Assert.Equal(1_000, await users.CountAsync("r", new("*many*", Enabled: true, Attributes: new Dictionary<string, string> { ["a"] = "fizz" })));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Credentials_keep_their_order_and_are_replaced_by_one_of_many(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, users) = await RealmAsync(db, false, User("ann"),
            new PutCredential("id-ann", new() { Id = "otp", Type = "otp", Priority = 20, CreatedDate = 2, SecretData = "{\"value\":\"s\"}", CredentialData = "{\"counter\":0}" }),
            new PutCredential("id-ann", new() { Id = "pw", Type = "password", Priority = 10, CreatedDate = 1, UserLabel = "mine" }));
        var credentials = await users.CredentialsAsync("r", "id-ann");
        Assert.Equal(["pw", "otp"], credentials.Select(c => c.Id));
        Assert.Equal(("mine", 1L), (credentials[0].UserLabel, credentials[0].CreatedDate));
        var otp = credentials[1];
        var next = new CredentialRepresentation { Id = "otp", Type = "otp", Priority = 20, CreatedDate = 2, SecretData = otp.SecretData, CredentialData = "{\"counter\":1}" };
        var replaced = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(async () => await users.ReplaceCredentialAsync("r", "id-ann", otp, next))));
        Assert.Single(replaced, true);
        Assert.False(await users.ReplaceCredentialAsync("other", "id-ann", next, otp));
        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteCredential("id-ann", "pw")));
        Assert.Equal("{\"counter\":1}", Assert.Single(await users.CredentialsAsync("r", "id-ann")).CredentialData);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Consents_are_kept_by_client(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, users) = await RealmAsync(db, false, User("ann"));
        await store.ApplyAsync(new ChangeSet("r").Add(new PutConsent("id-ann", new() { ClientId = "c", GrantedClientScopes = ["a"] })));
        await store.ApplyAsync(new ChangeSet("r").Add(new PutConsent("id-ann", new() { ClientId = "c", GrantedClientScopes = ["a", "b"] })));
        Assert.Equal(["a", "b"], Assert.Single(await users.ConsentsAsync("r", "id-ann")).GrantedClientScopes!);
        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteConsent("id-ann", "c")));
        Assert.Empty(await users.ConsentsAsync("r", "id-ann"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task The_count_is_right_after_many_single_writes_in_parallel(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, users) = await RealmAsync(db);
        await Task.WhenAll(Enumerable.Range(0, 150).Select(i => Task.Run(async () =>
        {
            await store.ApplyAsync(new ChangeSet("r").Add(User("u" + i)));
            if (i % 10 == 0)
            {
                await users.CountAsync("r", new());
                await store.ApplyAsync(new ChangeSet("r").Add(new DeleteUser("id-u" + i)));
            }
        })));
        Assert.Equal(135, await users.CountAsync("r", new()));
        Assert.Equal(135, await users.CountAsync("r", new()));
    }
}
