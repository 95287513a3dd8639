namespace Castellan.Core.Organizations;

/// <summary>An invitation to an organization that was sent to an address and not yet followed. Times are milliseconds.</summary>
public sealed record Invitation(string Id, string OrganizationId, string Email, string? FirstName, string? LastName, long Sent, long Expires);

/// <summary>Which invitations to list; absent members do not restrict.</summary>
/// <param name="Search">In address, first or last name.</param>
/// <param name="ExpiredAt">Only those that have run out at this moment.</param>
/// <param name="LiveAt">Only those that may be followed at this moment.</param>
/// <param name="PartOfEmail">What the address contains.</param>
public sealed record InvitationQuery(
    string? Email = null, string? FirstName = null, string? LastName = null, string? Search = null, long? ExpiredAt = null, long? LiveAt = null, string? PartOfEmail = null);
