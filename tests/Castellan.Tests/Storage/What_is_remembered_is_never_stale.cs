using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

/// <summary>The embedded database remembers users and revoked tokens. Each kind of write is seen by the next reader, on both engines alike.</summary>
public class What_is_remembered_is_never_stale
{
    public static TheoryData<DbEngine, string> Writes()
    {
        var data = new TheoryData<DbEngine, string>();
        foreach (var engine in new[] { DbEngine.Sqlite, DbEngine.PostgreSql })
        {
            foreach (var write in s_writes.Keys)
            {
                data.Add(engine, write);
            }
        }

        return data;
    }

    private static readonly Dictionary<string, (Change Write, Func<User?, bool> Seen)> s_writes = new()
    {
        ["disabled"] = (new PutUser(new() { Id = "u", Username = "u", Enabled = false }), u => u is { Enabled: false }),
        ["renamed"] = (new PutUser(new() { Id = "u", Username = "other", Enabled = true }), u => u?.Username == "other"),
        ["role given"] = (new AddRole(RoleOwner.User, "u", "new"), u => u!.RoleIds.Contains("new")),
        ["role taken"] = (new RemoveRole(RoleOwner.User, "u", "role"), u => u!.RoleIds.Count == 0),
        ["role deleted"] = (new DeleteRole("role"), u => u!.RoleIds.Count == 0),
        ["group joined"] = (new JoinGroup("u", "new"), u => u!.GroupIds.Contains("new")),
        ["group left"] = (new LeaveGroup("u", "group"), u => u!.GroupIds.Count == 0),
        ["group deleted"] = (new DeleteGroup("group"), u => u!.GroupIds.Count == 0),
        ["deleted"] = (new DeleteUser("u"), u => u is null),
        ["gone with the realm"] = (new DeleteRealm(), u => u is null),
    };

    /// <summary>A realm with a user who has a role and is in a group.</summary>
    private static async Task<(ConfigurationStore Store, UserStore Users)> WithUserAsync(Db db)
    {
        var store = new ConfigurationStore(db, TimeProvider.System);
        var users = new UserStore(db);
        await store.ApplyAsync(new ChangeSet("r")
            .Add(new PutRealm(new() { Id = "r", Realm = "r" }))
            .Add(new PutRole(new() { Id = "role", Name = "role", ContainerId = "r" }))
            .Add(new PutGroup(new() { Id = "group", Name = "group" }))
            .Add(new PutUser(new() { Id = "u", Username = "u", Enabled = true }))
            .Add(new AddRole(RoleOwner.User, "u", "role"))
            .Add(new JoinGroup("u", "group")));
        return (store, users);
    }

    [Theory, MemberData(nameof(Writes))]
    public async Task A_user(DbEngine engine, string what)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, users) = await WithUserAsync(db);
        var before = await users.FindAsync("r", "u");
        Assert.Equal((1, 1), (before!.RoleIds.Count, before.GroupIds.Count));

        await store.ApplyAsync(new ChangeSet("r").Add(s_writes[what].Write));

        Assert.True(s_writes[what].Seen(await users.FindAsync("r", "u")));
        Assert.Null(await users.FindAsync("another realm", "u"));
    }

    [Theory, MemberData(nameof(Writes))]
    public async Task A_user_by_name(DbEngine engine, string what)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, users) = await WithUserAsync(db);
        Assert.NotNull(await users.FindByUsernameAsync("r", "u"));
        Assert.NotNull(await users.FindAsync("r", "u"));
        Assert.NotNull(await users.FindByUsernameAsync("r", "u"));

        await store.ApplyAsync(new ChangeSet("r").Add(s_writes[what].Write));

        var found = await users.FindByUsernameAsync("r", "u");
        Assert.True(what == "renamed" ? found is null : s_writes[what].Seen(found));
        Assert.Null(await users.FindByUsernameAsync("another realm", "u"));
        Assert.Equal(what == "renamed", await users.FindByUsernameAsync("r", "other") is not null);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Credentials(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = new ConfigurationStore(db, TimeProvider.System);
        var users = new UserStore(db);
        await store.ApplyAsync(new ChangeSet("r")
            .Add(new PutRealm(new() { Id = "r", Realm = "r" })).Add(new PutUser(new() { Id = "u", Username = "u" })));
        Assert.Empty(await users.CredentialsAsync("r", "u"));

        await store.ApplyAsync(new ChangeSet("r").Add(new PutCredential("u", new() { Id = "c", Type = "otp", SecretData = "1" })));
        var read = Assert.Single(await users.CredentialsAsync("r", "u"));
        Assert.Equal("1", read.SecretData);

        // Whoever takes the secret out of what was handed out takes it out of nothing else.
        read.SecretData = null;
        Assert.Equal("1", Assert.Single(await users.CredentialsAsync("r", "u")).SecretData);
        Assert.Empty(await users.CredentialsAsync("another realm", "u"));

        Assert.True(await users.ReplaceCredentialAsync("r", "u", new() { Id = "c", SecretData = "1" }, new() { Id = "c", Type = "otp", SecretData = "2" }));
        Assert.Equal("2", Assert.Single(await users.CredentialsAsync("r", "u")).SecretData);
        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteCredential("u", "c")));
        Assert.Empty(await users.CredentialsAsync("r", "u"));
        await store.ApplyAsync(new ChangeSet("r").Add(new PutCredential("u", new() { Id = "d", Type = "otp", SecretData = "3" })));
        Assert.Single(await users.CredentialsAsync("r", "u"));
        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteUser("u")));
        Assert.Empty(await users.CredentialsAsync("r", "u"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_service_account_that_is_no_longer_this_clients(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var store = new ConfigurationStore(db, TimeProvider.System);
        var users = new UserStore(db);
        await store.ApplyAsync(new ChangeSet("r")
            .Add(new PutRealm(new() { Id = "r", Realm = "r" })).Add(new PutUser(new() { Id = "u", Username = "u", ServiceAccountClientId = "c" })));
        Assert.Equal("u", (await users.FindServiceAccountAsync("r", "c"))?.Id);
        Assert.Equal("u", (await users.FindServiceAccountAsync("r", "c"))?.Id);
        await store.ApplyAsync(new ChangeSet("r").Add(new PutUser(new() { Id = "u", Username = "u" })));
        Assert.Null(await users.FindServiceAccountAsync("r", "c"));
    }

    [Fact]
    public async Task A_reader_that_was_overtaken_by_a_writer_keeps_nothing()
    {
        await using var db = await TestDb.OpenAsync(DbEngine.Sqlite);
        var store = new ConfigurationStore(db, TimeProvider.System);
        var users = new UserStore(db);
        await store.ApplyAsync(new ChangeSet("r").Add(new PutRealm(new() { Id = "r", Realm = "r" })).Add(new PutUser(new() { Id = "u", Username = "0" })));
        using var end = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                await users.FindAsync("r", "u");
            }
        })).ToList();
        for (var i = 1; i <= 200; i++)
        {
            var name = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            await store.ApplyAsync(new ChangeSet("r").Add(new PutUser(new() { Id = "u", Username = name })));
            Assert.Equal(name, (await users.FindAsync("r", "u"))!.Username);
        }

        await end.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task A_revoked_token(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var time = new FakeTime();
        var oneUse = new OneUseStore(db, time);
        var until = time.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds();
        Assert.Null(await Find("a"));
        await oneUse.PutAsync("r", OneUseKinds.RevokedToken, "a", "", until);
        Assert.NotNull(await Find("a"));
        Assert.Null(await Find("b"));
        Assert.NotNull(await new OneUseStore(db, time).FindAsync("r", OneUseKinds.RevokedToken, "a"));

        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await Find("a"));
        await oneUse.DeleteExpiredAsync(time.GetUtcNow().ToUnixTimeMilliseconds());
        await oneUse.PutAsync("r", OneUseKinds.RevokedToken, "b", "", time.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds());
        Assert.Equal((false, true), (await Find("a") is not null, await Find("b") is not null));

        ValueTask<string?> Find(string key) => oneUse.FindAsync("r", OneUseKinds.RevokedToken, key);
    }

    private sealed class FakeTime : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }
}
