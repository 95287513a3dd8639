using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Organizations;

/// <summary>The organizations of a realm and who belongs to them. Writes go through change sets.</summary>
public interface IOrganizationStore
{
    ValueTask<OrganizationRepresentation?> FindAsync(string realmId, string id, CancellationToken ct = default);

    ValueTask<OrganizationRepresentation?> FindByAliasAsync(string realmId, string alias, CancellationToken ct = default);

    ValueTask<OrganizationRepresentation?> FindByNameAsync(string realmId, string name, CancellationToken ct = default);

    /// <summary>The one organization that a domain belongs to; case does not count.</summary>
    ValueTask<OrganizationRepresentation?> FindByDomainAsync(string realmId, string domain, CancellationToken ct = default);

    /// <summary>Organizations by name; <paramref name="max"/> negative: all.</summary>
    ValueTask<List<OrganizationRepresentation>> ListAsync(string realmId, OrganizationQuery query, int first, int max, CancellationToken ct = default);

    ValueTask<int> CountAsync(string realmId, OrganizationQuery query, CancellationToken ct = default);

    /// <summary>The organizations that a user belongs to, by name.</summary>
    ValueTask<List<OrganizationRepresentation>> OfMemberAsync(string realmId, string userId, CancellationToken ct = default);

    /// <summary>Members by username, with whether the organization manages them; <paramref name="max"/> negative: all.</summary>
    ValueTask<List<OrganizationMember>> MembersAsync(string realmId, string organizationId, MemberQuery query, int first, int max, CancellationToken ct = default);

    /// <param name="only">Those who count; everybody when absent.</param>
    ValueTask<int> CountMembersAsync(string realmId, string organizationId, UserRestriction? only = null, CancellationToken ct = default);

    /// <summary>A user as a member; null when they are none.</summary>
    ValueTask<OrganizationMember?> FindMemberAsync(string realmId, string organizationId, string userId, CancellationToken ct = default);

    /// <summary>The groups of an organization with their roles; those at the top have the organization's id as parent.</summary>
    ValueTask<GroupTree> GroupsAsync(string realmId, string organizationId, CancellationToken ct = default);

    /// <summary>The id of the organization that a group belongs to; null when it is no group of one.</summary>
    ValueTask<string?> OwnerOfGroupAsync(string realmId, string groupId, CancellationToken ct = default);

    /// <summary>The members of a group by username; <paramref name="max"/> negative: all.</summary>
    /// <param name="only">Those whom the searcher may see; everybody when absent.</param>
    ValueTask<List<OrganizationMember>> GroupMembersAsync(string realmId, string groupId, int first, int max, UserRestriction? only = null, CancellationToken ct = default);

    /// <summary>The ids of an organization's groups that a user is in.</summary>
    ValueTask<List<string>> GroupsOfMemberAsync(string realmId, string organizationId, string userId, CancellationToken ct = default);

    /// <summary>Invitations by address; <paramref name="max"/> negative: all.</summary>
    ValueTask<List<Invitation>> InvitationsAsync(string realmId, string organizationId, InvitationQuery query, int first, int max, CancellationToken ct = default);

    ValueTask<Invitation?> FindInvitationAsync(string realmId, string organizationId, string id, CancellationToken ct = default);
}

/// <summary>A user who belongs to an organization; a managed one came through it and goes with it.</summary>
public sealed record OrganizationMember(User User, bool Managed);

/// <summary>Which organizations to list; absent members do not restrict.</summary>
/// <param name="Search">In the name or a domain: in part, or whole and in the same letters with <paramref name="Exact"/>.</param>
/// <param name="Attributes">Attributes of which one value must be this; <c>alias</c> is the alias.</param>
/// <param name="Only">Those that the searcher may see; all when absent.</param>
public sealed record OrganizationQuery(string? Search = null, bool Exact = false, IReadOnlyDictionary<string, string>? Attributes = null, Restriction? Only = null);

/// <summary>Which members to list.</summary>
/// <param name="Search">In username, e-mail, first or last name.</param>
/// <param name="Only">Those whom the searcher may see; everybody when absent.</param>
/// <param name="NamesAlone">Whether the search is in the username only.</param>
public sealed record MemberQuery(string? Search = null, bool Exact = false, bool? Managed = null, UserRestriction? Only = null, bool NamesAlone = false);
