using System.Text.Json.Serialization;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Organizations;

/// <summary>A member: a user, and whether the organization manages them.</summary>
internal sealed class MemberRepresentation
{
    public string? Id { get; set; }
    public string? Username { get; set; }
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public string? Email { get; set; }
    public bool EmailVerified { get; set; }
    public Dictionary<string, List<string>>? Attributes { get; set; }
    public bool Enabled { get; set; }
    public long? CreatedTimestamp { get; set; }
    public bool? Totp { get; set; }
    public string? FederationLink { get; set; }
    public List<string>? DisableableCredentialTypes { get; set; }
    public List<string>? RequiredActions { get; set; }
    public int? NotBefore { get; set; }
    public string? MembershipType { get; set; }
}

/// <summary>An invitation; times are seconds.</summary>
internal sealed class InvitationRepresentation
{
    public string? Id { get; set; }
    public string? OrganizationId { get; set; }
    public string? Email { get; set; }
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public long SentDate { get; set; }
    public long ExpiresAt { get; set; }
    public string? Status { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(MemberRepresentation))]
[JsonSerializable(typeof(List<MemberRepresentation>))]
[JsonSerializable(typeof(List<OrganizationRepresentation>))]
[JsonSerializable(typeof(InvitationRepresentation))]
[JsonSerializable(typeof(List<InvitationRepresentation>))]
internal sealed partial class OrganizationJson : JsonSerializerContext;
