using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Storage;

/// <summary>
/// New people in great number, as a realm file has them: their rows go to PostgreSQL table by table, without a statement for each. Only rows of
/// users that this set adds, so that nothing has to be asked or replaced; what is not so goes the usual way, in its order.
/// </summary>
internal sealed partial class ChangeWriter
{
    /// <summary>Below so many changes statements do as well.</summary>
    private const int ManyChanges = 2_000;

    private const int RowsAtOnce = 8_192;

    private static readonly RowShape s_users = new(
        "users", "id", "realm_id", "username", "email", "unique_email", "first_name", "last_name", "enabled#", "email_verified#", "service_account_client", "search", "document");

    private static readonly RowShape s_attributes = new("user_attribute", "user_id", "name", "value", "realm_id");
    private static readonly RowShape s_roles = new("user_role", "user_id", "role_id", "username");
    private static readonly RowShape s_members = new("group_member", "user_id", "group_id", "username");

    private static readonly RowShape s_credentials = new(
        "credential", "user_id", "id", "type", "label", "created#", "priority#", "secret_data", "credential_data");

    private readonly bool _inRows = tx.Engine == DbEngine.PostgreSql && set.Changes.Count >= ManyChanges;

    /// <summary>Users whose rows are all of this set's making so far, with their names.</summary>
    private readonly Dictionary<string, string> _gathered = new(StringComparer.Ordinal);
    private readonly HashSet<(RowShape, string, string)> _seen = [];
    private List<NewRows> _rows = [];
    private int _rowCount;

    /// <summary>Takes a change up into rows; false when it is none that can be.</summary>
    private bool Gather(Change change)
    {
        if (!_inRows)
        {
            return false;
        }

        switch (change)
        {
            case PutUser c when _knownUsers.Add(c.User.Id!): Gather(c.User); return true;
            case AddRole { Kind: RoleOwner.User } c when _gathered.TryGetValue(c.OwnerId, out var name):
                GatherOnce(s_roles, c.OwnerId, c.RoleId, name);
                return true;
            case JoinGroup c when _gathered.TryGetValue(c.UserId, out var name):
                GatherOnce(s_members, c.UserId, c.GroupId, name);
                return true;
            case PutCredential { Credential: var c } put when _gathered.ContainsKey(put.UserId) && _seen.Add((s_credentials, put.UserId, c.Id!)):
                Add(s_credentials, put.UserId, c.Id, c.Type, c.UserLabel, c.CreatedDate, (long)(c.Priority ?? 10), c.SecretData, c.CredentialData);
                return true;
            case PutUser c:
                _gathered.Remove(c.User.Id!);
                return false;
            case PutConsent or PutFederatedIdentity or RenewFederatedToken: return false;
            default:
                // It may take away what was put in.
                _gathered.Clear();
                _seen.Clear();
                return false;
        }
    }

    private void Gather(UserRepresentation user)
    {
        Add(
            s_users, user.Id, _realm, user.Username, user.Email, UniqueEmail(user), user.FirstName?.ToLowerInvariant(), user.LastName?.ToLowerInvariant(),
            user.Enabled is true ? 1L : 0L, user.EmailVerified is true ? 1L : 0L, user.ServiceAccountClientId, SearchText(user), StoredJson.Write(user, StoredJson.User));
        foreach (var (name, values) in user.Attributes ?? [])
        {
            foreach (var value in values.Select(Indexed).Distinct(StringComparer.Ordinal))
            {
                Add(s_attributes, user.Id, name, value, _realm);
            }
        }

        Note(user);
        _gathered[user.Id!] = user.Username!;
    }

    private void GatherOnce(RowShape shape, string userId, string id, string username)
    {
        if (_seen.Add((shape, userId, id)))
        {
            Add(shape, userId, id, username);
        }
    }

    private void Add(RowShape shape, params object?[] values)
    {
        if (_rows.Find(r => r.Table == shape) is not { } rows)
        {
            _rows.Add(rows = new(shape));
        }

        rows.Rows.Add(values);
        _rowCount++;
    }
}
