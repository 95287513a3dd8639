using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Storage;

/// <summary>
/// People who were asked for, and their credentials, with the embedded database alone: there this process is the only writer. Every token that is issued or looked into
/// asks for its user.
/// </summary>
internal sealed class UserMemory
{
    /// <summary>Where it is told which user was written: an id, or <see cref="All"/>.</summary>
    public const string Channel = "users";

    public const string All = "*";

    private const int Max = 8_192;
    private const int MaxAccounts = 20_000;

    private readonly RowMemory<User> _byId = new(Max);
    private readonly RowMemory<List<CredentialRepresentation>> _credentials = new(Max);

    /// <summary>The ids of service accounts by client. An account is asked whether it still is this client's.</summary>
    private readonly ConcurrentDictionary<string, string> _accounts = new(StringComparer.Ordinal);

    /// <summary>Ids by realm and name. Whoever is found is asked for the name.</summary>
    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    private UserMemory()
    {
    }

    /// <summary>The memory for this database, or null where another node may write to it.</summary>
    public static UserMemory? For(Db db)
    {
        if (db.Engine != DbEngine.Sqlite)
        {
            return null;
        }

        var memory = new UserMemory();
        db.Listen(Channel, memory.Forget, atCommit: true);
        return memory;
    }

    public User? Find(string realmId, string id) => Unchanged(_byId.Find(Key(realmId, id)));

    public User? FindServiceAccount(string realmId, string clientId) =>
        _accounts.TryGetValue(clientId, out var id) && Find(realmId, id) is { } user && user.Representation.ServiceAccountClientId == clientId ? user : null;

    public long Stamp(string realmId, string id) => _byId.Stamp(Key(realmId, id));

    public void Keep(string realmId, User user, long stamp) => _byId.Keep(Key(realmId, user.Id), Noted(user), stamp);

    /// <summary>Which account is the client's; the account itself is kept when it is read by its id.</summary>
    public void NoteServiceAccount(string clientId, User user) => Note(_accounts, clientId, user.Id);

    public User? FindByName(string realmId, string username) =>
        _names.TryGetValue(Key(realmId, username), out var id) && Find(realmId, id) is { } user && user.Username == username ? user : null;

    /// <summary>Who is called so; the user is kept when it is read by its id.</summary>
    public void NoteName(string realmId, User user) => Note(_names, Key(realmId, user.Username), user.Id);

    /// <summary>The credentials of a user, as copies: some callers take the secrets out before they show them.</summary>
    public List<CredentialRepresentation>? FindCredentials(string realmId, string userId) =>
        _credentials.Find(Key(realmId, userId)) is { } known ? Copy(known) : null;

    public long StampOfCredentials(string realmId, string userId) => _credentials.Stamp(Key(realmId, userId));

    public void KeepCredentials(string realmId, string userId, List<CredentialRepresentation> read, long stamp) =>
        _credentials.Keep(Key(realmId, userId), Copy(read), stamp);

    private static void Note(ConcurrentDictionary<string, string> ids, string key, string id)
    {
        if (ids.Count >= MaxAccounts)
        {
            ids.Clear();
        }

        ids[key] = id;
    }

    private static List<CredentialRepresentation> Copy(List<CredentialRepresentation> credentials) => credentials.ConvertAll(static c => new CredentialRepresentation
    {
        Id = c.Id, Type = c.Type, UserLabel = c.UserLabel, CreatedDate = c.CreatedDate, Priority = c.Priority, SecretData = c.SecretData, CredentialData = c.CredentialData,
    });

    public static string Key(string realmId, string id) => string.Concat(realmId, "\n", id);

    private void Forget(string? key)
    {
        if (key is null or All)
        {
            _byId.Clear();
            _credentials.Clear();
        }
        else
        {
            _byId.Forget(key);
            _credentials.Forget(key);
        }
    }

#if DEBUG
    // Whoever changes what a store handed out changes it for everybody. Debug builds notice.
    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<User, string> _asRead = [];

    private User Noted(User user)
    {
        _asRead.AddOrUpdate(user, Written(user));
        return user;
    }

    private User? Unchanged(User? user)
    {
        if (user is not null && _asRead.TryGetValue(user, out var before) && before != Written(user))
        {
            throw new UnreachableException($"The user {user.Username} was changed after the store had handed it out; copy it first (UserRepresentations.Copy).");
        }

        return user;
    }

    private static string Written(User user) => JsonSerializer.Serialize(user.Representation, StoredJson.User);
#else
    private static User Noted(User user) => user;

    private static User? Unchanged(User? user) => user;
#endif
}
