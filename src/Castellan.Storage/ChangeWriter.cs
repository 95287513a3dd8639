using System.Text.Json;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Storage;

/// <summary>
/// Writes one set of changes in one transaction. Changes to configuration are in this file, those to people in
/// <c>ChangeWriter.Users.cs</c>, those to organizations in <c>ChangeWriter.Organizations.cs</c>.
/// Statements gather and go out together; what one of them changed comes back to whoever wants to know.
/// </summary>
internal sealed partial class ChangeWriter(Tx tx, ChangeSet set, long now, ISealer? sealer)
{
    private const int PortionSize = 512;

    private List<(Sql Sql, Action<int>? Then)> _statements = [];
    private readonly string _realm = set.RealmId;
    private long _version;
    private int _index;
    private bool _duplicateEmails;
    private long _usersAdded;
    private long _usersRemoved;
    private bool _endsSessions;

    /// <summary>The version of the realm's roles to which this set raised it by one; null when it left the roles as they were, or the realm is new. A client's new name raises it once more.</summary>
    public long? NewRolesVersion { get; private set; }

    /// <summary>Returns the realm's version afterwards.</summary>
    public async ValueTask<long> RunAsync(CancellationToken ct)
    {
        await LockAsync(ct);
        await FindKnownUsersAsync(ct);
        await ForgetDepartingAsync(ct);
        await ExecuteAsync(ct);
        if (_usersAdded != _usersRemoved)
        {
            await tx.ExecuteAsync($"INSERT INTO user_count (realm_id, delta) VALUES ({_realm}, {_usersAdded - _usersRemoved})", ct);
        }

        if (_endsSessions)
        {
            await tx.NotifyAsync(SessionStore.EndedChannel, _realm, ct);
        }

        await TellOfUsersAsync(ct);

        return _version;
    }

    /// <summary>Writers of configuration wait for one another here; writers of people only keep the realm from being deleted under them.</summary>
    private async ValueTask LockAsync(CancellationToken ct)
    {
        var configuration = set.Changes.Any(c => c.IsConfiguration);
        var roles = set.Changes.Any(c => c is PutRole or DeleteRole or DeleteClient or AddRole { Kind: RoleOwner.Role } or RemoveRole { Kind: RoleOwner.Role });
        var groups = set.Changes.Any(c => c is PutGroup or DeleteGroup or DeleteRole or DeleteClient or AddRole { Kind: RoleOwner.Group } or RemoveRole { Kind: RoleOwner.Group });
        var expected = set.ExpectedVersion is { } version ? (Sql)$"version = {version}" : Sql.Raw("1 = 1");
        Sql sql = configuration
            ? $"""
              UPDATE realm SET version = version + 1, roles_version = roles_version + {roles}, groups_version = groups_version + {groups}, changed = {now}
              WHERE id = {_realm} AND {expected} RETURNING version, duplicate_emails, roles_version
              """
            : (Sql)$"SELECT version, duplicate_emails, roles_version FROM realm WHERE id = {_realm} AND {expected}{Sql.KeyShare(tx.Engine)}";
        (_version, _duplicateEmails, var rolesVersion) = await tx.OneAsync(sql, static row => (row.GetInt64(0), row.Flag(1), row.GetInt64(2)), ct);
        if (_version == 0 && (set.ExpectedVersion is not null || set.Changes is not ([PutRealm, ..] or [DeleteRealm { Replaced: not null }, PutRealm, ..])))
        {
            throw new StaleException(_realm);
        }

        NewRolesVersion = _version != 0 && roles ? rolesVersion : null;

        // A version that no earlier realm of this id can have had: pictures of that one may still be about.
        _version = _version == 0 ? now : _version;
    }

    private void Write(Change change)
    {
        switch (change)
        {
            case PutRealm c: Put(c.Settings); break;
            case DeleteRealm c: RemoveRealm(c.Replaced ?? _realm); break;
            case PutPart c: Put(c); break;
            case DeletePart c:
                if (c.Kind == PartKind.IdentityProvider)
                {
                    Add($"DELETE FROM federated_identity WHERE realm_id = {_realm} AND identity_provider IN (SELECT name FROM part WHERE kind = {(int)c.Kind} AND id = {c.Id} AND realm_id = {_realm})");
                }

                Add($"DELETE FROM part WHERE kind = {(int)c.Kind} AND id = {c.Id} AND realm_id = {_realm}");
                RemoveMappings(c.Kind == PartKind.ClientScope ? RoleOwner.ClientScope : null, c.Id);
                break;
            case PutClient c: Put(c); break;
            case DeleteClient c: RemoveClient(c.Id); break;
            case PutRole c: Put(c); break;
            case DeleteRole c: RemoveRoles($"SELECT id FROM role WHERE id = {c.Id} AND realm_id = {_realm}"); break;
            case PutGroup c: Put(c); break;
            case DeleteGroup c: RemoveGroup(c.Id); break;
            case AddRole { Kind: RoleOwner.User } c: AddUserRole(c); break;
            case AddRole c:
                Add($"INSERT INTO role_mapping (owner_kind, owner_id, role_id, realm_id) VALUES ({(int)c.Kind}, {c.OwnerId}, {c.RoleId}, {_realm}) ON CONFLICT DO NOTHING");
                break;
            case RemoveRole { Kind: RoleOwner.User } c: Add($"DELETE FROM user_role WHERE user_id = {Owned(c.OwnerId)} AND role_id = {c.RoleId}"); break;
            case RemoveRole c:
                Add($"DELETE FROM role_mapping WHERE owner_kind = {(int)c.Kind} AND owner_id = {c.OwnerId} AND role_id = {c.RoleId} AND realm_id = {_realm}");
                break;
            case OrganizationChange c: Write(c); break;
            case UserChange c: Write(c); break;
            case Core.Authorization.AuthorizationChange c: Write(c); break;
            default: throw new ArgumentException($"Nobody knows how to write {change.GetType().Name}.", nameof(change));
        }
    }

    private void Put(RealmRepresentation settings)
    {
        if (settings.Id != _realm)
        {
            throw new ArgumentException("The settings are of another realm.", nameof(settings));
        }

        _duplicateEmails = settings.DuplicateEmailsAllowed ?? false;
        Add(
            $"""
            INSERT INTO realm (id, name, version, roles_version, groups_version, changed, duplicate_emails, document)
            VALUES ({_realm}, {settings.Realm}, {_version}, {_version}, {_version}, {now}, {_duplicateEmails}, {StoredJson.Write(settings, StoredJson.Realm)})
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, duplicate_emails = excluded.duplicate_emails, document = excluded.document
            """);
    }

    private void Put(PutPart part)
    {
        var document = part.Document is ComponentRepresentation component && sealer is not null ? SealedComponents.Seal(sealer, component) : part.Document;
        var name = part.Kind is PartKind.ClientScope or PartKind.Flow or PartKind.RequiredAction or PartKind.IdentityProvider ? part.Name : null;
        AddOwn(
            "part(id)",
            $"""
            INSERT INTO part (kind, id, realm_id, name, position, document)
            VALUES ({(int)part.Kind}, {part.Id}, {_realm}, {name}, {(_version << 20) + _index}, {JsonSerializer.Serialize(document, StoredJson.Part(part.Kind))})
            ON CONFLICT (kind, id) DO UPDATE SET name = excluded.name, document = excluded.document WHERE part.realm_id = excluded.realm_id AND {Replaces(part)} = 1
            """);
    }

    private void Put(PutClient put)
    {
        var client = put.Client;
        // Roles are shown with the client's name.
        Add($"UPDATE realm SET roles_version = roles_version + 1 WHERE id = {_realm} AND EXISTS (SELECT 1 FROM client WHERE id = {client.Id} AND client_id <> {client.ClientId})");
        AddOwn(
            "client(id)",
            $"""
            INSERT INTO client (id, realm_id, client_id, search, document)
            VALUES ({client.Id}, {_realm}, {client.ClientId}, {client.ClientId?.ToLowerInvariant() ?? ""}, {StoredJson.Write(client, StoredJson.Client)})
            ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, search = excluded.search, document = excluded.document
            WHERE client.realm_id = excluded.realm_id AND {Replaces(put)} = 1
            """);
    }

    private void Put(PutRole put)
    {
        var role = put.Role;
        AddOwn(
            "role(id)",
            $"""
            INSERT INTO role (id, realm_id, container_id, name, document)
            VALUES ({role.Id}, {_realm}, {role.ContainerId ?? _realm}, {role.Name}, {StoredJson.Write(role, StoredJson.Role)})
            ON CONFLICT (id) DO UPDATE SET container_id = excluded.container_id, name = excluded.name, document = excluded.document
            WHERE role.realm_id = excluded.realm_id AND {Replaces(put)} = 1
            """);
    }

    // What is new meets nothing of its id; a statement that would replace something changes nothing then, and is refused.
    private static int Replaces(PutDocument put) => put.IsNew ? 0 : 1;

    private void Put(PutGroup put)
    {
        var group = put.Group;

        // What lies elsewhere is not written twice.
        var document = new GroupRepresentation { Id = group.Id, Name = group.Name, Description = group.Description, ParentId = group.ParentId, Attributes = group.Attributes };
        AddOwn(
            "user_group(id)",
            $"""
            INSERT INTO user_group (id, realm_id, parent_id, name, document)
            VALUES ({group.Id}, {_realm}, {group.ParentId ?? ""}, {group.Name}, {StoredJson.Write(document, StoredJson.Group)})
            ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name, document = excluded.document
            WHERE user_group.realm_id = excluded.realm_id AND {Replaces(put)} = 1
            """);
    }

    private void RemoveClient(string id)
    {
        Sql own = $"SELECT id FROM client WHERE id = {id} AND realm_id = {_realm}";
        RemoveRoles($"SELECT id FROM role WHERE container_id IN ({own})");
        RemoveMappings(RoleOwner.Client, id);
        Add($"DELETE FROM consent WHERE client_id IN ({own})");
        Add($"DELETE FROM client_session WHERE realm_id = {_realm} AND client_id IN ({own})");
        _endsSessions = true;
        RemoveResourceServer(id);
        Add($"DELETE FROM client WHERE id = {id} AND realm_id = {_realm}");
    }

    private void RemoveRoles(Sql roles)
    {
        Add($"DELETE FROM user_role WHERE role_id IN ({roles})");
        Add($"DELETE FROM role_mapping WHERE role_id IN ({roles})");
        Add($"DELETE FROM role_mapping WHERE owner_kind = {(int)RoleOwner.Role} AND owner_id IN ({roles})");
        Add($"DELETE FROM role WHERE id IN ({roles})");
    }

    private void RemoveGroup(string id)
    {
        var below = Below(id);
        Add($"DELETE FROM group_member WHERE group_id IN ({below})");
        Add($"DELETE FROM role_mapping WHERE owner_kind = {(int)RoleOwner.Group} AND owner_id IN ({below})");
        Add($"DELETE FROM user_group WHERE id IN ({below})");
    }

    /// <summary>The ids of a group and those below it.</summary>
    private Sql Below(string groupId) => $"""
        WITH RECURSIVE below (id) AS (
            SELECT id FROM user_group WHERE id = {groupId} AND realm_id = {_realm}
            UNION SELECT g.id FROM user_group g JOIN below b ON g.parent_id = b.id AND g.realm_id = {_realm})
        SELECT id FROM below
        """;

    private void RemoveMappings(RoleOwner? kind, string ownerId)
    {
        if (kind is { } owner)
        {
            Add($"DELETE FROM role_mapping WHERE owner_kind = {(int)owner} AND owner_id = {ownerId} AND realm_id = {_realm}");
        }
    }

    private void RemoveRealm(string realm)
    {
        foreach (var table in (ReadOnlySpan<string>)["credential", "user_role", "group_member", "consent", "organization_member", "organization_group_member"])
        {
            Add($"DELETE FROM {Sql.Raw(table)} WHERE user_id IN (SELECT id FROM users WHERE realm_id = {realm})");
        }

        foreach (var table in (ReadOnlySpan<string>)
            ["user_attribute", "federated_identity", "users", "user_count", "organization", "organization_domain", "organization_group", "organization_invitation", "client_session", "user_session", "login_failure",
             "event", "admin_event", "part", "role_mapping", "role", "user_group", "client",
             "authorization_scope", "authorization_resource", "authorization_policy", "authorization_link", "authorization_to_move", "permission_ticket"])
        {
            Add($"DELETE FROM {Sql.Raw(table)} WHERE realm_id = {realm}");
        }

        Add($"DELETE FROM realm WHERE id = {realm}");
        _endsSessions = true;
    }

    private void Add(Sql sql, Action<int>? then = null) => _statements.Add((sql, then));

    /// <summary>A statement that changes nothing when the id is another realm's.</summary>
    private void AddOwn(string what, Sql sql) => Add(sql, changed =>
    {
        if (changed == 0)
        {
            throw new DuplicateException(what);
        }
    });

    /// <summary>
    /// Executes what the changes come to, in portions. The statements of a long set are made ready on one thread while those before them run on
    /// another: making them takes a third as long as running them.
    /// </summary>
    private async ValueTask ExecuteAsync(CancellationToken ct)
    {
        using var portions = Portions().GetEnumerator();
        if (set.Changes.Count < PortionSize)
        {
            while (Next() is { } portion)
            {
                await ExecuteAsync(portion, ct);
            }

            return;
        }

        var ahead = Task.Run(Next, ct);
        try
        {
            while (await ahead is { } portion)
            {
                ahead = Task.Run(Next, ct);
                await ExecuteAsync(portion, ct);
            }
        }
        finally
        {
            await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Portion? Next() => portions.MoveNext() ? portions.Current : null;
    }

    private IEnumerable<Portion> Portions()
    {
        foreach (var change in set.Changes)
        {
            _index++;
            if (Gather(change))
            {
                // What was to be done before comes before.
                if (_statements.Count > 0 || _rowCount >= RowsAtOnce)
                {
                    yield return Taken();
                }

                continue;
            }

            if (_rowCount > 0)
            {
                yield return Taken();
            }

            Write(change);
            if (_statements.Count >= PortionSize)
            {
                yield return Taken();
            }
        }

        yield return Taken();
    }

    private Portion Taken()
    {
        AddSearchTexts();
        var portion = new Portion(_statements, _rows);
        (_statements, _rows, _rowCount) = (new(PortionSize + 16), [], 0);
        return portion;
    }

    private async ValueTask ExecuteAsync(Portion portion, CancellationToken ct)
    {
        var changed = await tx.ExecuteAllAsync(portion.Statements.ConvertAll(s => s.Sql), ct);
        for (var i = 0; i < changed.Count; i++)
        {
            portion.Statements[i].Then?.Invoke(changed[i]);
        }

        foreach (var rows in portion.Rows)
        {
            await tx.InsertAsync(rows, ct);
        }
    }

    /// <summary>Statements, and rows that go in after them.</summary>
    private sealed record Portion(List<(Sql Sql, Action<int>? Then)> Statements, List<NewRows> Rows);
}
