using System.Text.Json.Serialization;
using Castellan.Core.Representations;
using Castellan.Core.Users.Profile;

namespace Castellan.Server.Admin.Users;

/// <summary>A session in the lists of a user.</summary>
internal sealed record UserSessionRepresentation(
    string Id, string? Username, string UserId, string? IpAddress, long Start, long LastAccess, bool? RememberMe, Dictionary<string, string> Clients, bool TransientUser);

/// <summary>What a user granted to a client, in the list of consents.</summary>
internal sealed record ConsentView(
    string ClientId, List<string> GrantedClientScopes, long? CreatedDate, long? LastUpdatedDate, List<AdditionalGrant> AdditionalGrants);

/// <summary>Something beside scopes that a consent stands for.</summary>
internal sealed record AdditionalGrant(string Client, string Key);

/// <summary>Where the browser goes that is signed in as somebody else now.</summary>
internal sealed record ImpersonationView(bool SameRealm, string Redirect);

/// <summary>The counts of failed sign-ins of a user.</summary>
internal sealed record BruteForceStatus(
    int? NumFailures, bool Disabled, string LastIPFailure, long LastFailure, long? FailedLoginNotBefore, int? NumTemporaryLockouts, int? NumSecondaryAuthFailures);

/// <summary>A user in the console's list, with the counts of failed sign-ins.</summary>
internal sealed class BruteUserRepresentation
{
    public string? Id { get; set; }
    public long? CreatedTimestamp { get; set; }
    public string? Username { get; set; }
    public bool? Enabled { get; set; }
    public bool? Totp { get; set; }
    public bool? EmailVerified { get; set; }
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public string? Email { get; set; }
    public Dictionary<string, List<string>>? Attributes { get; set; }
    public string? FederationLink { get; set; }
    public List<string>? DisableableCredentialTypes { get; set; }
    public List<string>? RequiredActions { get; set; }
    public int? NotBefore { get; set; }
    public Dictionary<string, bool>? Access { get; set; }
    public BruteForceStatus? BruteForceStatus { get; set; }
}

/// <summary>A fault in a profile; the parameters are texts, numbers and null.</summary>
internal sealed record ErrorView(string? Field, string? ErrorMessage, List<object?>? Params);

/// <summary>Several faults.</summary>
internal sealed record ErrorsView(List<ErrorView> Errors);

/// <summary>The JSON of the users resource.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(LenientBoolean), typeof(LenientInt32), typeof(LenientInt64), typeof(LenientString)])]
[JsonSerializable(typeof(List<UserSessionRepresentation>))]
[JsonSerializable(typeof(List<ConsentView>))]
[JsonSerializable(typeof(ImpersonationView))]
[JsonSerializable(typeof(BruteForceStatus))]
[JsonSerializable(typeof(List<BruteUserRepresentation>))]
[JsonSerializable(typeof(ErrorView))]
[JsonSerializable(typeof(ErrorsView))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(string))]
internal sealed partial class UsersJson : JsonSerializerContext;
