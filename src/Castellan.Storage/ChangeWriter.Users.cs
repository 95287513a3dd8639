using System.Security.Cryptography;
using System.Text;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Storage;

/// <summary>Changes to people.</summary>
internal sealed partial class ChangeWriter
{
    /// <summary>Longer values are indexed by their hash: PostgreSQL's indexes have a limit, and nobody searches for a part of them.</summary>
    private const int MaxIndexedValue = 200;

    /// <summary>Above so many users in a set all of the memory goes.</summary>
    private const int MaxTold = 100;

    private readonly HashSet<string> _knownUsers = new(StringComparer.Ordinal);

    /// <summary>Users that this set adds, with their names: nobody has to ask whose they are.</summary>
    private readonly Dictionary<string, string> _newUsers = new(StringComparer.Ordinal);
    private readonly List<string> _newSearchTexts = [];
    private readonly List<string> _changedSearchTexts = [];

    /// <summary>How an attribute's value stands in the index.</summary>
    public static string Indexed(string value) =>
        value.Length <= MaxIndexedValue ? value : "#" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    public static string SearchText(UserRepresentation user)
    {
        var text = new StringBuilder("\n");
        foreach (var part in (ReadOnlySpan<string?>)[user.Username, user.Email, user.FirstName, user.LastName])
        {
            text.Append(part?.Replace('\n', ' ').ToLowerInvariant()).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A user that is new has nothing that would have to go before; an import has only such. Those of a realm that this set removes are gone by then.</summary>
    private async ValueTask FindKnownUsersAsync(CancellationToken ct)
    {
        var gone = set.Changes is [DeleteRealm removal, ..] ? removal.Replaced ?? _realm : "";
        foreach (var portion in set.Changes.OfType<PutUser>().Select(c => c.User.Id!).Chunk(1_000))
        {
            _knownUsers.UnionWith(await tx.ListAsync($"SELECT id FROM users WHERE id IN ({portion}) AND realm_id <> {gone}", Rows.Text, ct));
        }
    }

    /// <summary>Only the embedded database has a memory of users that wants to know.</summary>
    private async ValueTask TellOfUsersAsync(CancellationToken ct)
    {
        if (tx.Engine != DbEngine.Sqlite)
        {
            return;
        }

        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var change in set.Changes)
        {
            if (WrittenUser(change) is not { } id)
            {
                continue;
            }

            written.Add(id == UserMemory.All ? id : UserMemory.Key(_realm, id));
            if (id == UserMemory.All || written.Count > MaxTold)
            {
                await tx.NotifyAsync(UserMemory.Channel, UserMemory.All, ct);
                return;
            }
        }

        foreach (var key in written)
        {
            await tx.NotifyAsync(UserMemory.Channel, key, ct);
        }
    }

    /// <summary>Whose row, credentials, roles, groups or organizations a change touches: an id, <see cref="UserMemory.All"/>, or null for nobody's.</summary>
    private static string? WrittenUser(Change change) => change switch
    {
        PutUser c => c.User.Id,
        DeleteUser c => c.Id,
        PutCredential c => c.UserId,
        DeleteCredential c => c.UserId,
        JoinGroup c => c.UserId,
        LeaveGroup c => c.UserId,
        AddRole { Kind: RoleOwner.User } c => c.OwnerId,
        RemoveRole { Kind: RoleOwner.User } c => c.OwnerId,
        PutOrganizationMember c => c.UserId,
        DeleteOrganizationMember c => c.UserId,
        DeleteRealm or DeleteClient or DeleteRole or DeleteGroup or PutOrganization or DeleteOrganization => UserMemory.All,
        _ => null,
    };

    private void Write(UserChange change)
    {
        switch (change)
        {
            case PutUser c: Put(c.User, c.IsNew); break;
            case DeleteUser c: RemoveUser(c.Id); break;
            case PutCredential c: Put(c.UserId, c.Credential); break;
            case DeleteCredential c: Add($"DELETE FROM credential WHERE user_id = {Owned(c.UserId)} AND id = {c.Id}"); break;
            case JoinGroup c:
                Add(
                    $"""
                    INSERT INTO group_member (user_id, group_id, username) {Row(c.UserId, $"{c.UserId}, {c.GroupId}, {NameOf(c.UserId)}")} ON CONFLICT DO NOTHING
                    """);
                break;
            case LeaveGroup c: Add($"DELETE FROM group_member WHERE user_id = {Owned(c.UserId)} AND group_id = {c.GroupId}"); break;
            case PutFederatedIdentity c:
                Add(
                    $"""
                    INSERT INTO federated_identity (user_id, identity_provider, realm_id, federated_user_id, federated_username, token)
                    {Row(c.UserId, $"{c.UserId}, {c.Link.IdentityProvider}, {_realm}, {c.Link.UserId}, {c.Link.UserName}, {c.Token}")}
                    ON CONFLICT (user_id, identity_provider) DO UPDATE SET
                        federated_user_id = excluded.federated_user_id, federated_username = excluded.federated_username, token = excluded.token
                    """);
                break;
            case RenewFederatedToken c:
                Add($"UPDATE federated_identity SET token = {c.Token} WHERE user_id = {Owned(c.UserId)} AND identity_provider = {c.IdentityProvider} AND token = {c.Before}");
                break;
            case DeleteFederatedIdentity c: Add($"DELETE FROM federated_identity WHERE user_id = {Owned(c.UserId)} AND identity_provider = {c.IdentityProvider}"); break;
            case PutConsent c:
                Add(
                    $"""
                    INSERT INTO consent (user_id, client_id, document)
                    {Row(c.UserId, $"{c.UserId}, {c.Consent.ClientId}, {StoredJson.Write(c.Consent, StoredJson.Consent)}")}
                    ON CONFLICT (user_id, client_id) DO UPDATE SET document = excluded.document
                    """);
                break;
            case DeleteConsent c: Add($"DELETE FROM consent WHERE user_id = {Owned(c.UserId)} AND client_id = {c.ClientId}"); break;
            default: throw new ArgumentException($"Nobody knows how to write {change.GetType().Name}.", nameof(change));
        }
    }

    private void Put(UserRepresentation user, bool isNew)
    {
        var known = !_knownUsers.Add(user.Id!);
        var uniqueEmail = UniqueEmail(user);
        var (first, last) = (user.FirstName?.ToLowerInvariant(), user.LastName?.ToLowerInvariant());
        var document = StoredJson.Write(user, StoredJson.User);
        (known ? _changedSearchTexts : _newSearchTexts).Add(user.Id!);
        if (known)
        {
            _newUsers.Remove(user.Id!);
            AddOwn(
                "users(id)",
                $"""
                UPDATE users SET username = {user.Username}, email = {user.Email}, unique_email = {uniqueEmail}, first_name = {first}, last_name = {last},
                    enabled = {user.Enabled ?? false}, email_verified = {user.EmailVerified ?? false}, service_account_client = {user.ServiceAccountClientId},
                    search = {SearchText(user)}, document = {document}
                WHERE id = {user.Id} AND realm_id = {_realm} AND {(isNew ? 0 : 1)} = 1
                """);
            Add($"UPDATE user_role SET username = {user.Username} WHERE user_id = {user.Id} AND username <> {user.Username}");
            Add($"UPDATE group_member SET username = {user.Username} WHERE user_id = {user.Id} AND username <> {user.Username}");
            Add($"DELETE FROM user_attribute WHERE user_id = {user.Id}");
        }
        else
        {
            Add(
                $"""
                INSERT INTO users (id, realm_id, username, email, unique_email, first_name, last_name, enabled, email_verified, service_account_client, search, document)
                VALUES ({user.Id}, {_realm}, {user.Username}, {user.Email}, {uniqueEmail}, {first}, {last},
                    {user.Enabled ?? false}, {user.EmailVerified ?? false}, {user.ServiceAccountClientId}, {SearchText(user)}, {document})
                """);
            Note(user);
        }

        if (user.Attributes is { Count: > 0 } attributes)
        {
            var rows = attributes.SelectMany(a => a.Value.Distinct(StringComparer.Ordinal).Select(v => (Sql)$"({user.Id}, {a.Key}, {Indexed(v)}, {_realm})")).ToList();

            // SQLite keeps copies of pages for a statement of several rows; see Row.
            foreach (var portion in rows.Chunk(tx.Engine == DbEngine.Sqlite ? 1 : 200))
            {
                Add($"INSERT INTO user_attribute (user_id, name, value, realm_id) VALUES {Sql.Join(portion, ", ")} ON CONFLICT DO NOTHING");
            }
        }
    }

    private string? UniqueEmail(UserRepresentation user) => _duplicateEmails || string.IsNullOrEmpty(user.Email) ? null : user.Email;

    private void Note(UserRepresentation added)
    {
        _newUsers[added.Id!] = added.Username!;
        _usersAdded += added.ServiceAccountClientId is null ? 1 : 0;
    }

    /// <summary>SQLite's index of search texts, for all users of a portion at once.</summary>
    private void AddSearchTexts()
    {
        if (tx.Engine == DbEngine.Sqlite)
        {
            if (_newSearchTexts.Count > 0)
            {
                Add($"INSERT INTO user_search (rowid, search) SELECT num, search FROM users WHERE id IN ({_newSearchTexts.ToArray()})");
            }

            if (_changedSearchTexts.Count > 0)
            {
                Add($"INSERT OR REPLACE INTO user_search (rowid, search) SELECT num, search FROM users WHERE id IN ({_changedSearchTexts.ToArray()})");
            }
        }

        _newSearchTexts.Clear();
        _changedSearchTexts.Clear();
    }

    private void RemoveUser(string id)
    {
        foreach (var table in (ReadOnlySpan<string>)
            ["credential", "user_role", "group_member", "user_attribute", "federated_identity", "consent", "organization_member", "organization_group_member",
             "login_failure"])
        {
            Add($"DELETE FROM {Sql.Raw(table)} WHERE user_id = {Owned(id)}");
        }

        Add($"DELETE FROM client_session WHERE session_id IN (SELECT id FROM user_session WHERE user_id = {id} AND realm_id = {_realm})");
        Add($"DELETE FROM user_session WHERE user_id = {id} AND realm_id = {_realm}");
        Add($"DELETE FROM users WHERE id = {id} AND realm_id = {_realm} AND service_account_client IS NULL", changed => _usersRemoved += changed);
        Add($"DELETE FROM users WHERE id = {id} AND realm_id = {_realm}");
        _knownUsers.Remove(id);
        _newUsers.Remove(id);
        _endsSessions = true;
    }

    private void Put(string userId, CredentialRepresentation credential) => Add(
        $"""
        INSERT INTO credential (user_id, id, type, label, created, priority, secret_data, credential_data)
        {Row(
            userId,
            $"{userId}, {credential.Id}, {credential.Type}, {credential.UserLabel}, {credential.CreatedDate}, {credential.Priority ?? 10}, {credential.SecretData}, {credential.CredentialData}")}
        ON CONFLICT (user_id, id) DO UPDATE SET type = excluded.type, label = excluded.label, created = excluded.created, priority = excluded.priority,
            secret_data = excluded.secret_data, credential_data = excluded.credential_data
        """);

    private void AddUserRole(AddRole add) => Add(
        $"""
        INSERT INTO user_role (user_id, role_id, username) {Row(add.OwnerId, $"{add.OwnerId}, {add.RoleId}, {NameOf(add.OwnerId)}")} ON CONFLICT DO NOTHING
        """);

    /// <summary>
    /// The row to insert of something that a user owns: only for a user of this realm. Whose users this set adds needs not be asked; and of a
    /// plain row SQLite knows that it goes in whole or not at all, so that it keeps no copies of pages to take back half of it.
    /// </summary>
    private Sql Row(string userId, Sql values) => _newUsers.ContainsKey(userId) ? $"VALUES ({values})" : (Sql)$"SELECT {values} FROM users WHERE id = {userId} AND realm_id = {_realm}";

    private Sql NameOf(string userId) => _newUsers.TryGetValue(userId, out var name) ? $"{name}" : Sql.Raw("username");

    /// <summary>The user's id when it is of this realm, else null: no set reaches into another realm.</summary>
    private Sql Owned(string userId) => $"(SELECT id FROM users WHERE id = {userId} AND realm_id = {_realm})";
}
