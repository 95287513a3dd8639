using Castellan.Core.Authorization;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;

namespace Castellan.Storage;

/// <summary>
/// What names those who go, from inside documents: policies, permissions of administrators, and the realm's default groups. It is put right in the
/// same transaction, before the changes themselves, so that what the set brings anew may name them again.
/// </summary>
internal sealed partial class ChangeWriter
{
    // PostgreSQL and SQLite both take a thousand values at a time.
    private const int MaxValues = 500;

    /// <summary>The setting of each type of policy that lists whom it is about.</summary>
    private static readonly (PrincipalKind Kind, string Type, string Setting)[] s_references =
    [
        .. from type in PolicyTypes.All from member in type.Members where member.Kind == PolicyMemberKind.References select (member.Principal, type.Id, member.Setting),
    ];

    private async ValueTask ForgetDepartingAsync(CancellationToken ct)
    {
        var users = Ids<DeleteUser>(c => c.Id);
        var clients = Ids<DeleteClient>(c => c.Id);
        var scopes = set.Changes.OfType<DeletePart>().Where(c => c.Kind == PartKind.ClientScope).Select(c => c.Id).ToArray();
        var groups = Ids<DeleteGroup>(c => c.Id) is { Length: > 0 } tops ? await BelowAsync(tops, ct) : [];
        var roles = Ids<DeleteRole>(c => c.Id);
        foreach (var portion in clients.Chunk(MaxValues))
        {
            roles = [.. roles, .. await tx.ListAsync($"SELECT id FROM role WHERE container_id IN ({portion}) AND realm_id = {_realm}", Rows.Text, ct)];
        }

        foreach (var (kind, ids) in new[]
        {
            (PrincipalKind.User, users), (PrincipalKind.Client, clients), (PrincipalKind.ClientScope, scopes), (PrincipalKind.Group, groups), (PrincipalKind.Role, roles),
        })
        {
            foreach (var portion in ids.Chunk(MaxValues))
            {
                await ForgetInPoliciesAsync(kind, portion, ct);
                await ForgetResourcesAsync(portion, ct);
            }
        }

        foreach (var portion in Ids<DeleteOrganization>(c => c.Id).Chunk(MaxValues))
        {
            await ForgetResourcesAsync(portion, ct);
        }

        foreach (var portion in users.Chunk(MaxValues))
        {
            await ForgetSharesAsync(portion, ct);
        }

        foreach (var scope in scopes)
        {
            await ForgetInConsentsAsync(scope, ct);
        }

        if (groups.Length > 0)
        {
            await ForgetDefaultGroupsAsync(groups, ct);
        }
    }

    private string[] Ids<T>(Func<T, string> id) where T : Change => [.. set.Changes.OfType<T>().Select(id)];

    private async ValueTask<string[]> BelowAsync(string[] groups, CancellationToken ct)
    {
        var all = new List<string>();
        foreach (var group in groups)
        {
            all.AddRange(await tx.ListAsync(Below(group), Rows.Text, ct));
        }

        return [.. all];
    }

    /// <summary>
    /// A policy is left with those who stay. One that was about nobody else stays too, so that what applies it goes on without a grant of it rather than
    /// without the condition. Only of client scopes it goes, as in Keycloak; and what an owner made for somebody goes with them.
    /// </summary>
    private async ValueTask ForgetInPoliciesAsync(PrincipalKind kind, string[] ids, CancellationToken ct)
    {
        foreach (var (_, type, setting) in s_references.Where(r => r.Kind == kind))
        {
            var named = Sql.Join([.. ids.Select(id => (Sql)$"document LIKE {"%" + Like.Escape(id) + "%"} ESCAPE '\\'")], " OR ");
            foreach (var document in await tx.ListAsync($"SELECT document FROM authorization_policy WHERE realm_id = {_realm} AND type = {type} AND ({named})", Rows.Text, ct))
            {
                var policy = StoredJson.Read(document, StoredJson.Policy);
                if (policy.Config?.GetValueOrDefault(setting) is not { } list || PolicyReferences.Without(list, ids) is not { } rest)
                {
                    continue;
                }

                if (rest.Count == 0 && (kind == PrincipalKind.ClientScope || policy.Owner is not null))
                {
                    await RemoveNowAsync("authorization_policy", [policy.Id!, .. await SharesByAsync(policy.Id!, ct)], ct);
                    continue;
                }

                policy.Config[setting] = rest.ToJsonString();
                await tx.ExecuteAsync($"UPDATE authorization_policy SET document = {StoredJson.Write(policy, StoredJson.Policy)} WHERE id = {policy.Id}", ct);
            }
        }
    }

    /// <summary>What somebody owned, and what stands for somebody among the permissions of administrators.</summary>
    private async ValueTask ForgetResourcesAsync(string[] ids, CancellationToken ct)
    {
        var resources = await tx.ListAsync(
            $"""
            SELECT r.id FROM authorization_resource r WHERE r.realm_id = {_realm} AND (r.owner_id IN ({ids}) AND r.owner_id <> r.client_id
                OR r.name IN ({ids}) AND r.client_id IN (SELECT id FROM client WHERE realm_id = {_realm} AND client_id = {DefaultClients.AdminPermissions}))
            """,
            Rows.Text, ct);
        foreach (var portion in resources.Chunk(MaxValues))
        {
            // A permission for nothing else goes too: without a resource it would be one for all of them.
            var orphans = await tx.ListAsync(
                $"""
                SELECT DISTINCT l.source_id FROM authorization_link l WHERE l.kind = {(int)AuthorizationLink.ResourceOfPolicy} AND l.target_id IN ({portion})
                    AND NOT EXISTS (SELECT 1 FROM authorization_link o WHERE o.kind = l.kind AND o.source_id = l.source_id AND o.target_id NOT IN ({portion}))
                """,
                Rows.Text, ct);
            await RemoveNowAsync("authorization_policy", [.. orphans, .. await PartsAsync([.. orphans], ct)], ct);
            await RemoveNowAsync("authorization_resource", portion, ct);
            await tx.ExecuteAsync($"DELETE FROM permission_ticket WHERE resource_id IN ({portion}) AND realm_id = {_realm}", ct);
        }
    }

    /// <summary>What people gave and were given, and what they asked for. Policies of owners who stay went with the last condition that named somebody.</summary>
    private async ValueTask ForgetSharesAsync(string[] users, CancellationToken ct)
    {
        await tx.ExecuteAsync($"DELETE FROM permission_ticket WHERE (owner_id IN ({users}) OR requester_id IN ({users})) AND realm_id = {_realm}", ct);
        await RemoveNowAsync(
            "authorization_policy", await tx.ListAsync($"SELECT id FROM authorization_policy WHERE owner_id IN ({users}) AND realm_id = {_realm}", Rows.Text, ct), ct);
    }

    /// <summary>The policies of owners that a condition stands in, with their other conditions: without this one they would give to more than their owner meant.</summary>
    private async ValueTask<List<string>> SharesByAsync(string condition, CancellationToken ct)
    {
        var shares = await tx.ListAsync(
            $"""
            SELECT p.id FROM authorization_policy p JOIN authorization_link l ON l.source_id = p.id
            WHERE l.kind = {(int)AuthorizationLink.PolicyOfPolicy} AND l.target_id = {condition} AND p.type = {PolicyTypes.Owners} AND p.realm_id = {_realm}
            """,
            Rows.Text, ct);
        foreach (var share in shares)
        {
            await tx.ExecuteAsync($"DELETE FROM permission_ticket WHERE policy_id = {share} AND realm_id = {_realm}", ct);
        }

        return [.. shares, .. await PartsAsync([.. shares], ct)];
    }

    /// <summary>The conditions that stand in policies of owners and nowhere else.</summary>
    private async ValueTask<List<string>> PartsAsync(string[] policies, CancellationToken ct)
    {
        var parts = new List<string>();
        foreach (var portion in policies.Chunk(MaxValues))
        {
            parts.AddRange(await tx.ListAsync(
                $"""
                SELECT l.target_id FROM authorization_link l JOIN authorization_policy p ON p.id = l.target_id
                WHERE l.kind = {(int)AuthorizationLink.PolicyOfPolicy} AND l.source_id IN ({portion}) AND p.owner_id IS NOT NULL AND p.realm_id = {_realm}
                """,
                Rows.Text, ct));
        }

        return parts;
    }

    /// <summary>In one statement, since many may have consented: the id is a text of its own in a list of texts, first, last or alone.</summary>
    private async ValueTask ForgetInConsentsAsync(string scope, CancellationToken ct)
    {
        var quoted = $"\"{scope}\"";
        await tx.ExecuteAsync(
            $"""
            UPDATE consent SET document = replace(replace(replace(document, {quoted + ","}, ''), {"," + quoted}, ''), {quoted}, '')
            WHERE client_id IN (SELECT id FROM client WHERE realm_id = {_realm}) AND document LIKE {"%" + Like.Escape(quoted) + "%"} ESCAPE '\'
            """,
            ct);
    }

    private async ValueTask ForgetDefaultGroupsAsync(string[] groups, CancellationToken ct)
    {
        var document = await tx.OneAsync($"SELECT document FROM realm WHERE id = {_realm}", Rows.Text, ct);
        var settings = document is null ? null : StoredJson.Read(document, StoredJson.Realm);
        if (settings?.DefaultGroups?.RemoveAll(groups.Contains) > 0)
        {
            await tx.ExecuteAsync($"UPDATE realm SET document = {StoredJson.Write(settings, StoredJson.Realm)} WHERE id = {_realm}", ct);
        }
    }

    private async ValueTask RemoveNowAsync(string table, IEnumerable<string> ids, CancellationToken ct)
    {
        foreach (var portion in ids.Chunk(MaxValues))
        {
            await tx.ExecuteAsync($"DELETE FROM authorization_link WHERE source_id IN ({portion}) OR target_id IN ({portion})", ct);
            await tx.ExecuteAsync($"DELETE FROM {Sql.Raw(table)} WHERE id IN ({portion}) AND realm_id = {_realm}", ct);
        }
    }
}
