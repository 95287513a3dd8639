using System.Security.Cryptography.X509Certificates;
using Castellan.Core.Credentials;
using Castellan.Core.Credentials.WebAuthn;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Core.Users.Profile;
using Castellan.Storage;

namespace Castellan.Tests.Users;

/// <summary>A clock that stands still until it is moved; waiting on it takes real time.</summary>
internal sealed class MovableTime : TimeProvider
{
    private long _milliseconds = 1_800_000_000_000;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _milliseconds));

    public long Now => GetUtcNow().ToUnixTimeMilliseconds();

    public void Move(TimeSpan by) => Interlocked.Add(ref _milliseconds, (long)by.TotalMilliseconds);
}

/// <summary>Remembers what it is told.</summary>
internal sealed class HeardEvents : IEvents
{
    public List<LoginEvent> Login { get; } = [];

    public ValueTask RecordAsync(Realm realm, LoginEvent happened, CancellationToken ct = default)
    {
        lock (Login)
        {
            Login.Add(happened);
        }

        return default;
    }

    public ValueTask RecordAsync(Realm realm, AdminEvent happened, CancellationToken ct = default) => default;
}

/// <summary>A realm with users in a database of its own.</summary>
internal sealed class PeopleRealm : IAsyncDisposable
{
    private readonly Db _db;
    private readonly ConfigurationStore _store;
    private readonly string _blacklists = Directory.CreateTempSubdirectory("castellan-test").FullName;

    private PeopleRealm(Db db)
    {
        _db = db;
        _store = new ConfigurationStore(db, Time);
        Realms = new RealmCache(_store);
        Store = new UserStore(db);
        Passwords = new Passwords(Queue, Store, Time);
        Changes = new PasswordChanges(Passwords, Store, new PasswordBlacklists(_blacklists), Time);
        Profiles = new UserProfiles(Store);
        Guard = new BruteForceGuard(new LoginFailureStore(db), Store, Realms, Events, Time);
        WebAuthn = new WebAuthnCeremonies(Store, new AttestationTrust(Time, AttestationRoots), Time);
    }

    /// <summary>Who makes authenticators that are believed.</summary>
    public X509Certificate2Collection AttestationRoots { get; } = [];

    public MovableTime Time { get; } = new();

    public HashingQueue Queue { get; } = new(2);

    public HeardEvents Events { get; } = new();

    public RealmCache Realms { get; }

    public UserStore Store { get; }

    public Passwords Passwords { get; }

    public PasswordChanges Changes { get; }

    public UserProfiles Profiles { get; }

    public BruteForceGuard Guard { get; }

    public WebAuthnCeremonies WebAuthn { get; }

    /// <summary>The realm as it is now.</summary>
    public Realm Realm => Realms.FindByIdAsync("r").AsTask().Result!;

    public string BlacklistFolder => _blacklists;

    public static async Task<PeopleRealm> OpenAsync(Action<RealmRepresentation>? settings = null, DbEngine engine = DbEngine.Sqlite)
    {
        var realm = new PeopleRealm(await Storage.TestDb.OpenAsync(engine));
        await realm.ConfigureAsync(settings ?? (static _ => { }));
        return realm;
    }

    public async Task ConfigureAsync(Action<RealmRepresentation> settings)
    {
        var changed = new RealmRepresentation { Id = "r", Realm = "demo", Enabled = true };
        settings(changed);
        await ApplyAsync(new PutRealm(changed));
    }

    public async Task ApplyAsync(params Change[] changes) => await Realms.ApplyAsync(new ChangeSet("r").Add(changes));

    public async Task<User> AddUserAsync(string name, string? password = null, Action<UserRepresentation>? more = null)
    {
        var user = new UserRepresentation { Id = name + "-id", Username = name, Email = name + "@example.org", FirstName = "A", LastName = "B", Enabled = true };
        more?.Invoke(user);
        await ApplyAsync(new PutUser(user));
        if (password is not null)
        {
            var credential = await Passwords.HashAsync(Realm, password);
            await ApplyAsync(new PutCredential(user.Id!, credential!));
        }

        return await UserAsync(name);
    }

    public async Task<User> UserAsync(string name) => (await Store.FindByUsernameAsync("r", name))!;

    public async ValueTask DisposeAsync()
    {
        Queue.Dispose();
        _store.Dispose();
        await _db.DisposeAsync();
        Directory.Delete(_blacklists, recursive: true);
    }
}
