using Castellan.Core.Groups;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Storage;

/// <summary>Groups of organizations, and invitations to them.</summary>
public sealed partial class OrganizationStore
{
    private const string Separator = "\n";

    public ValueTask<OrganizationMember?> FindMemberAsync(string realmId, string organizationId, string userId, CancellationToken ct = default) => db.OneAsync(
        $"""
        SELECT {UserStore.Columns}, m.managed FROM organization_member m JOIN users u ON u.id = m.user_id
        WHERE m.organization_id = {organizationId} AND m.user_id = {userId} AND u.realm_id = {realmId}
        """,
        ReadMember, ct);

    public async ValueTask<GroupTree> GroupsAsync(string realmId, string organizationId, CancellationToken ct = default) => new(await db.ListAsync(
        $"""
        SELECT g.document, (SELECT string_agg(m.role_id, {Separator}) FROM role_mapping m WHERE m.owner_kind = {(int)RoleOwner.OrganizationGroup} AND m.owner_id = g.id)
        FROM organization_group g WHERE g.organization_id = {organizationId} AND g.realm_id = {realmId}
        """,
        static row => new Group(StoredJson.Read(row.GetString(0), StoredJson.Group), row.TextOrNull(1)?.Split(Separator) ?? []), ct));

    public ValueTask<string?> OwnerOfGroupAsync(string realmId, string groupId, CancellationToken ct = default) =>
        db.OneAsync($"SELECT organization_id FROM organization_group WHERE id = {groupId} AND realm_id = {realmId}", Rows.Text, ct);

    public ValueTask<List<OrganizationMember>> GroupMembersAsync(
        string realmId, string groupId, int first, int max, UserRestriction? only = null, CancellationToken ct = default) => db.ListAsync(
        $"""
        SELECT {UserStore.Columns}, m.managed FROM organization_group_member gm JOIN organization_group g ON g.id = gm.group_id
        JOIN organization_member m ON m.organization_id = g.organization_id AND m.user_id = gm.user_id JOIN users u ON u.id = gm.user_id
        WHERE g.id = {groupId} AND g.realm_id = {realmId} AND {Seen(only)} ORDER BY u.username {Like.Page(db.Engine, first, max)}
        """,
        ReadMember, ct);

    public ValueTask<List<string>> GroupsOfMemberAsync(string realmId, string organizationId, string userId, CancellationToken ct = default) => db.ListAsync(
        $"""
        SELECT g.id FROM organization_group_member gm JOIN organization_group g ON g.id = gm.group_id
        WHERE gm.user_id = {userId} AND g.organization_id = {organizationId} AND g.realm_id = {realmId}
        """,
        static row => row.GetString(0), ct);

    public ValueTask<List<Invitation>> InvitationsAsync(
        string realmId, string organizationId, InvitationQuery query, int first, int max, CancellationToken ct = default)
    {
        List<Sql> conditions = [$"organization_id = {organizationId}", $"realm_id = {realmId}"];
        foreach (var (column, value) in new[] { ("email", query.Email?.ToLowerInvariant()), ("first_name", query.FirstName), ("last_name", query.LastName) })
        {
            if (!string.IsNullOrEmpty(value))
            {
                conditions.Add($"{Sql.Raw(column)} = {value}");
            }
        }

        if (query.Search is { Length: > 0 } search)
        {
            var pattern = Like.Contains(search.ToLowerInvariant());
            conditions.Add($"""(email LIKE {pattern} ESCAPE '\' OR lower(first_name) LIKE {pattern} ESCAPE '\' OR lower(last_name) LIKE {pattern} ESCAPE '\')""");
        }

        if (query.PartOfEmail is { Length: > 0 } part)
        {
            conditions.Add($"""email LIKE {Like.Contains(part.ToLowerInvariant())} ESCAPE '\'""");
        }

        if (query.ExpiredAt is { } expired)
        {
            conditions.Add($"expires <= {expired}");
        }

        if (query.LiveAt is { } live)
        {
            conditions.Add($"expires > {live}");
        }

        return db.ListAsync($"{Invitations} WHERE {Sql.And(conditions)} ORDER BY email {Like.Page(db.Engine, first, max)}", ReadInvitation, ct);
    }

    public ValueTask<Invitation?> FindInvitationAsync(string realmId, string organizationId, string id, CancellationToken ct = default) =>
        db.OneAsync($"{Invitations} WHERE id = {id} AND organization_id = {organizationId} AND realm_id = {realmId}", ReadInvitation, ct);

    private static Sql Invitations => $"SELECT id, organization_id, email, first_name, last_name, sent, expires FROM organization_invitation";

    private static Invitation ReadInvitation(Row row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.TextOrNull(3), row.TextOrNull(4), row.GetInt64(5), row.GetInt64(6));

    private static OrganizationMember ReadMember(Row row) => new(UserStore.Read(row), row.Flag(3));
}
