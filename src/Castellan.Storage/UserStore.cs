using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Storage;

/// <summary>People: a row with a document each, and tables for what they own.</summary>
public sealed class UserStore(Db db) : IUserStore
{
    /// <summary>Between the ids that one column holds.</summary>
    private const string Separator = "\n";

    /// <summary>Above so many rows the sum of a realm's users is written down anew.</summary>
    private const int MaxCountRows = 64;

    internal static Sql Columns =>
        $"""
        u.document, (SELECT string_agg(r.role_id, {Separator}) FROM user_role r WHERE r.user_id = u.id),
        (SELECT string_agg(m.group_id, {Separator}) FROM group_member m WHERE m.user_id = u.id)
        """;

    private readonly UserMemory? _memory = UserMemory.For(db);

    public ValueTask<User?> FindAsync(string realmId, string id, CancellationToken ct = default)
    {
        return _memory?.Find(realmId, id) is { } known ? new(known) : ReadAsync();

        async ValueTask<User?> ReadAsync()
        {
            var seen = _memory?.Stamp(realmId, id) ?? 0;
            var user = await db.OneAsync($"SELECT {Columns} FROM users u WHERE u.id = {id} AND u.realm_id = {realmId}", Read, ct);
            if (user is not null)
            {
                _memory?.Keep(realmId, user, seen);
            }

            return user;
        }
    }

    public ValueTask<User?> FindByUsernameAsync(string realmId, string username, CancellationToken ct = default)
    {
        return _memory?.FindByName(realmId, username) is { } known ? new(known) : ReadAsync();

        async ValueTask<User?> ReadAsync()
        {
            var user = await db.OneAsync($"SELECT {Columns} FROM users u WHERE u.realm_id = {realmId} AND u.username = {username}", Read, ct);
            if (user is not null)
            {
                _memory?.NoteName(realmId, user);
            }

            return user;
        }
    }

    public ValueTask<User?> FindByEmailAsync(string realmId, string email, CancellationToken ct = default) =>
        db.OneAsync($"SELECT {Columns} FROM users u WHERE u.id IN ({WithEmail(db.Engine, realmId, email)}) ORDER BY u.username LIMIT 1", Read, ct);

    public ValueTask<User?> FindServiceAccountAsync(string realmId, string clientId, CancellationToken ct = default)
    {
        return _memory?.FindServiceAccount(realmId, clientId) is { } known ? new(known) : ReadAsync();

        async ValueTask<User?> ReadAsync()
        {
            var id = await db.OneAsync($"SELECT u.id FROM users u WHERE u.service_account_client = {clientId} AND u.realm_id = {realmId}", Rows.Text, ct);
            if (id is null || await FindAsync(realmId, id, ct) is not { } user)
            {
                return null;
            }

            _memory?.NoteServiceAccount(clientId, user);
            return user;
        }
    }

    public ValueTask<User?> FindByFederatedIdentityAsync(string realmId, string identityProvider, string federatedUserId, CancellationToken ct = default) => db.OneAsync(
        $"""
        SELECT {Columns} FROM federated_identity f JOIN users u ON u.id = f.user_id
        WHERE f.realm_id = {realmId} AND f.identity_provider = {identityProvider} AND f.federated_user_id = {federatedUserId} LIMIT 1
        """,
        Read, ct);

    public ValueTask<List<User>> SearchAsync(string realmId, UserQuery query, int first, int max, CancellationToken ct = default) =>
        db.ReadAsync(reads => new UserSearch(reads, realmId, query).ListAsync(first, max, ct), ct);

    public async ValueTask<int> CountAsync(string realmId, UserQuery query, CancellationToken ct = default)
    {
        if (query != Everybody && query != Everybody with { ServiceAccounts = true })
        {
            return await db.ReadAsync(reads => new UserSearch(reads, realmId, query).CountAsync(ct), ct);
        }

        var (rows, people) = await db.OneAsync(
            $"SELECT count(*), CAST(COALESCE(sum(delta), 0) AS BIGINT) FROM user_count WHERE realm_id = {realmId}", static row => (row.GetInt64(0), row.GetInt64(1)), ct);
        if (rows > MaxCountRows)
        {
            await db.WriteAsync(
                async tx =>
                {
                    var parts = await tx.ListAsync($"DELETE FROM user_count WHERE realm_id = {realmId} RETURNING delta", static row => row.GetInt64(0), ct);
                    await tx.ExecuteAsync($"INSERT INTO user_count (realm_id, delta) VALUES ({realmId}, {parts.Sum()})", ct);
                },
                ct);
        }

        return (int)people + (query.ServiceAccounts
            ? (int)await db.ScalarAsync($"SELECT count(*) FROM users WHERE realm_id = {realmId} AND service_account_client IS NOT NULL", ct)
            : 0);
    }

    public ValueTask<List<CredentialRepresentation>> CredentialsAsync(string realmId, string userId, CancellationToken ct = default)
    {
        return _memory?.FindCredentials(realmId, userId) is { } known ? new(known) : ReadAsync();

        async ValueTask<List<CredentialRepresentation>> ReadAsync()
        {
            var seen = _memory?.StampOfCredentials(realmId, userId) ?? 0;
            var credentials = await db.ListAsync(
                $"""
                SELECT c.id, c.type, c.label, c.created, c.priority, c.secret_data, c.credential_data FROM credential c JOIN users u ON u.id = c.user_id
                WHERE c.user_id = {userId} AND u.realm_id = {realmId} ORDER BY c.priority, c.created, c.id
                """,
                static row => new CredentialRepresentation
                {
                    Id = row.GetString(0),
                    Type = row.GetString(1),
                    UserLabel = row.TextOrNull(2),
                    CreatedDate = row.NumberOrNull(3),
                    Priority = (int)row.GetInt64(4),
                    SecretData = row.TextOrNull(5),
                    CredentialData = row.TextOrNull(6),
                },
                ct);
            _memory?.KeepCredentials(realmId, userId, credentials, seen);
            return credentials;
        }
    }

    public ValueTask<List<FederatedIdentityRepresentation>> FederatedIdentitiesAsync(string realmId, string userId, CancellationToken ct = default) => db.ListAsync(
        $"""
        SELECT identity_provider, federated_user_id, federated_username FROM federated_identity
        WHERE user_id = {userId} AND realm_id = {realmId} ORDER BY identity_provider
        """,
        static row => new FederatedIdentityRepresentation { IdentityProvider = row.GetString(0), UserId = row.TextOrNull(1), UserName = row.TextOrNull(2) },
        ct);

    public ValueTask<string?> FederatedTokenAsync(string realmId, string userId, string identityProvider, CancellationToken ct = default) => db.OneAsync(
        $"SELECT token FROM federated_identity WHERE user_id = {userId} AND realm_id = {realmId} AND identity_provider = {identityProvider}", static row => row.TextOrNull(0), ct);

    public ValueTask<List<UserConsentRepresentation>> ConsentsAsync(string realmId, string userId, CancellationToken ct = default) => db.ListAsync(
        $"SELECT c.document FROM consent c JOIN users u ON u.id = c.user_id WHERE c.user_id = {userId} AND u.realm_id = {realmId} ORDER BY c.client_id",
        static row => StoredJson.Read(row.GetString(0), StoredJson.Consent),
        ct);

    public ValueTask<List<User>> InRoleAsync(string realmId, string roleId, int first, int max, CancellationToken ct = default) => db.ListAsync(
        $"""
        SELECT {Columns} FROM (SELECT user_id, username FROM user_role WHERE role_id = {roleId} ORDER BY username {Like.Page(db.Engine, first, max)}) p
        JOIN users u ON u.id = p.user_id WHERE u.realm_id = {realmId} ORDER BY p.username
        """,
        Read, ct);

    public ValueTask<List<User>> InGroupAsync(string realmId, string groupId, int first, int max, CancellationToken ct = default) => db.ListAsync(
        $"""
        SELECT {Columns} FROM (SELECT user_id, username FROM group_member WHERE group_id = {groupId} ORDER BY username {Like.Page(db.Engine, first, max)}) p
        JOIN users u ON u.id = p.user_id WHERE u.realm_id = {realmId} ORDER BY p.username
        """,
        Read, ct);

    public async ValueTask<bool> ReplaceCredentialAsync(
        string realmId, string userId, CredentialRepresentation read, CredentialRepresentation replacement, CancellationToken ct = default) => await db.WriteAsync(
        async tx =>
        {
            var replaced = await tx.ExecuteAsync(
                $"""
                UPDATE credential SET type = {replacement.Type}, label = {replacement.UserLabel}, created = {replacement.CreatedDate}, priority = {replacement.Priority ?? 10},
                    secret_data = {replacement.SecretData}, credential_data = {replacement.CredentialData}
                WHERE user_id = {userId} AND id = {read.Id} AND secret_data IS NOT DISTINCT FROM {read.SecretData} AND credential_data IS NOT DISTINCT FROM {read.CredentialData}
                    AND EXISTS (SELECT 1 FROM users u WHERE u.id = {userId} AND u.realm_id = {realmId})
                """,
                ct) == 1;
            if (replaced && _memory is not null)
            {
                await tx.NotifyAsync(UserMemory.Channel, UserMemory.Key(realmId, userId), ct);
            }

            return replaced;
        },
        ct);

    /// <summary>
    /// The ids of those who have an address: in the column that is unique where the realm says so, or else in the other. Each has its index, and
    /// neither engine finds both by itself: asked with OR in the order of names, they walk through the names.
    /// </summary>
    internal static Sql WithEmail(DbEngine engine, string realmId, string email) =>
        $"""
        SELECT e.id FROM users e WHERE e.realm_id = {realmId} AND e.unique_email = {email}
        UNION ALL SELECT e.id FROM users e {Sql.Raw(engine == DbEngine.Sqlite ? "INDEXED BY users_shared_email" : "")}
        WHERE e.realm_id = {realmId} AND e.unique_email IS NULL AND e.email IS NOT NULL AND e.email = {email}
        """;

    internal static User Read(Row row) => new(StoredJson.Read(row.GetString(0), StoredJson.User), Ids(row, 1), Ids(row, 2));

    private static readonly UserQuery Everybody = new();

    private static string[] Ids(Row row, int column) => row.TextOrNull(column)?.Split(Separator) ?? [];
}
