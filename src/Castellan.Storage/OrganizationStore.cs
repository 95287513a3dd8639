using Castellan.Core.Organizations;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Storage;

/// <summary>Organizations and their members. Attributes lie in the documents; a search for them or for a part of a name reads all of a realm's.</summary>
public sealed partial class OrganizationStore(Db db) : IOrganizationStore
{
    private static readonly string[] s_names = ["u.username"];
    private static readonly string[] s_fields = [.. s_names, "u.email", "u.first_name", "u.last_name"];

    public ValueTask<OrganizationRepresentation?> FindAsync(string realmId, string id, CancellationToken ct = default) =>
        db.OneAsync($"SELECT document FROM organization WHERE id = {id} AND realm_id = {realmId}", Read, ct);

    public ValueTask<OrganizationRepresentation?> FindByAliasAsync(string realmId, string alias, CancellationToken ct = default) =>
        db.OneAsync($"SELECT document FROM organization WHERE realm_id = {realmId} AND alias = {alias}", Read, ct);

    public ValueTask<OrganizationRepresentation?> FindByNameAsync(string realmId, string name, CancellationToken ct = default) =>
        db.OneAsync($"SELECT document FROM organization WHERE realm_id = {realmId} AND name = {name}", Read, ct);

    public ValueTask<OrganizationRepresentation?> FindByDomainAsync(string realmId, string domain, CancellationToken ct = default) => db.OneAsync(
        $"""
        SELECT o.document FROM organization_domain d JOIN organization o ON o.id = d.organization_id WHERE d.realm_id = {realmId} AND d.name = {domain.ToLowerInvariant()}
        """,
        Read, ct);

    public async ValueTask<List<OrganizationRepresentation>> ListAsync(string realmId, OrganizationQuery query, int first, int max, CancellationToken ct = default)
    {
        if (string.IsNullOrEmpty(query.Search) && query.Attributes is not { Count: > 0 })
        {
            return await db.ListAsync($"SELECT document FROM organization WHERE {Among(realmId, query)} ORDER BY name {Like.Page(db.Engine, first, max)}", Read, ct);
        }

        var found = (await MatchingAsync(realmId, query, ct)).Skip(first);
        return [.. max < 0 ? found : found.Take(max)];
    }

    public async ValueTask<int> CountAsync(string realmId, OrganizationQuery query, CancellationToken ct = default) =>
        string.IsNullOrEmpty(query.Search) && query.Attributes is not { Count: > 0 }
            ? (int)await db.ScalarAsync($"SELECT count(*) FROM organization WHERE {Among(realmId, query)}", ct)
            : (await MatchingAsync(realmId, query, ct)).Count();

    public ValueTask<List<OrganizationRepresentation>> OfMemberAsync(string realmId, string userId, CancellationToken ct = default) => db.ListAsync(
        $"""
        SELECT o.document FROM organization_member m JOIN organization o ON o.id = m.organization_id
        WHERE m.user_id = {userId} AND o.realm_id = {realmId} ORDER BY o.name
        """,
        Read, ct);

    public ValueTask<List<OrganizationMember>> MembersAsync(
        string realmId, string organizationId, MemberQuery query, int first, int max, CancellationToken ct = default)
    {
        List<Sql> conditions = [$"m.organization_id = {organizationId}", $"u.realm_id = {realmId}", Seen(query.Only)];
        if (query.Managed is { } managed)
        {
            conditions.Add($"m.managed = {managed}");
        }

        if (query.Search is { Length: > 0 } search)
        {
            var text = search.ToLowerInvariant();
            var fits = (query.NamesAlone ? s_names : s_fields).Select(field => query.Exact ? (Sql)$"{Sql.Raw(field)} = {text}" : (Sql)$"{Sql.Raw(field)} LIKE {Like.Contains(text)} ESCAPE '\\'");
            conditions.Add($"({Sql.Join(fits, " OR ")})");
        }

        return db.ListAsync(
            $"""
            SELECT {UserStore.Columns}, m.managed FROM organization_member m JOIN users u ON u.id = m.user_id
            WHERE {Sql.And(conditions)} ORDER BY u.username {Like.Page(db.Engine, first, max)}
            """,
            ReadMember, ct);
    }

    public async ValueTask<int> CountMembersAsync(string realmId, string organizationId, UserRestriction? only = null, CancellationToken ct = default) => (int)await db.ScalarAsync(
        $"""
        SELECT count(*) FROM organization_member m JOIN organization o ON o.id = m.organization_id {Sql.Raw(only is null ? "" : "JOIN users u ON u.id = m.user_id")}
        WHERE o.id = {organizationId} AND o.realm_id = {realmId} AND {Seen(only)}
        """,
        ct);

    private async ValueTask<IEnumerable<OrganizationRepresentation>> MatchingAsync(string realmId, OrganizationQuery query, CancellationToken ct)
    {
        var all = await db.ListAsync($"SELECT document FROM organization WHERE {Among(realmId, query)} ORDER BY name", Read, ct);
        return all.Where(o => Matches(o, query));
    }

    private static Sql Among(string realmId, OrganizationQuery query) =>
        query.Only is { } only ? $"realm_id = {realmId} AND {Sql.Within("id", only)}" : (Sql)$"realm_id = {realmId}";

    private static Sql Seen(UserRestriction? only) => only is null ? Sql.Raw("1 = 1") : UserSearch.Within(only);

    private static bool Matches(OrganizationRepresentation organization, OrganizationQuery query)
    {
        foreach (var (name, value) in query.Attributes ?? new Dictionary<string, string>())
        {
            // The alias is asked for like an attribute.
            if (name == "alias" ? organization.Alias != value : organization.Attributes?.GetValueOrDefault(name)?.Contains(value) != true)
            {
                return false;
            }
        }

        return query.Search is not { Length: > 0 } search
            || (organization.Domains ?? []).Select(d => d.Name).Prepend(organization.Name).OfType<string>().Any(text =>
                query.Exact ? text.Equals(search, StringComparison.Ordinal) : text.Contains(search, StringComparison.OrdinalIgnoreCase));
    }

    private static OrganizationRepresentation Read(Row row) => StoredJson.Read(row.GetString(0), StoredJson.Organization);
}
