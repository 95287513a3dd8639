using System.Text.Json;
using System.Text.Json.Serialization;
using Castellan.Core.Representations;
using Castellan.Core.Users.Profile;

namespace Castellan.Server.Account;

/// <summary>A person's own profile.</summary>
internal sealed class AccountProfile
{
    public string? Id { get; set; }
    public string? Username { get; set; }
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public string? Email { get; set; }
    public bool? EmailVerified { get; set; }
    public UserProfileMetadata? UserProfileMetadata { get; set; }

    /// <summary>The console sends an attribute of one value as that value.</summary>
    [JsonConverter(typeof(LenientLists))]
    public Dictionary<string, List<string>>? Attributes { get; set; }
}

internal sealed record ProfileFault(string Field, string ErrorMessage, IReadOnlyList<JsonElement> Params);

/// <summary>One fault stands at the top as well as in the list; several in the list alone.</summary>
internal sealed record ProfileFaults(IReadOnlyList<ProfileFault> Errors, string? Field = null, string? ErrorMessage = null, IReadOnlyList<JsonElement>? Params = null);

/// <summary>A kind of credential with what the person has of it.</summary>
internal sealed record CredentialKind(
    string Type, string Category, string DisplayName, string Helptext, string? IconCssClass, string? CreateAction, string? UpdateAction, bool Removeable,
    IReadOnlyList<CredentialEntry>? UserCredentialMetadatas);

internal sealed record CredentialEntry(CredentialRepresentation Credential);

internal sealed record AccountSession(
    string Id, string? IpAddress, long Started, long LastAccess, long Expires, IReadOnlyList<AccountClient> Clients, string Browser, bool? Current);

internal sealed record AccountDevice(
    string Os, string OsVersion, string Device, bool Mobile, long LastAccess, bool? Current, IReadOnlyList<AccountSession> Sessions);

/// <summary>An application as the account shows it.</summary>
internal sealed record AccountClient
{
    public required string ClientId { get; init; }
    public string? ClientName { get; init; }
    public string? Description { get; init; }
    public bool UserConsentRequired { get; init; }
    public bool InUse { get; init; }
    public bool OfflineAccess { get; init; }
    public string? RootUrl { get; init; }
    public string? BaseUrl { get; init; }
    public string? EffectiveUrl { get; init; }
    public string? LogoUri { get; init; }
    public string? PolicyUri { get; init; }
    public string? TosUri { get; init; }
    public AccountConsent? Consent { get; init; }
}

internal sealed record AccountConsent
{
    public IReadOnlyList<ConsentedScope> GrantedScopes { get; init; } = [];
    public long? CreatedDate { get; init; }
    public long? LastUpdatedDate { get; init; }
}

internal sealed record ConsentedScope
{
    public string? Id { get; init; }
    public string? Name { get; init; }
    public string? DisplayText { get; init; }

    /// <summary>The text once more: Keycloak's misspelt member, which its clients read.</summary>
    public string? DisplayTest { get; init; }
}

internal sealed record LinkedAccount(bool Connected, string ProviderAlias, string ProviderName, string DisplayName, bool Social, string? LinkedUsername);

internal sealed record AccountOrganization(string Id, string Name, string Alias, string? Description, bool Enabled, IReadOnlyList<string> Domains);

/// <summary>A resource as its owner, or those whom it is shared with, see it.</summary>
internal sealed record AccountResource
{
    [JsonPropertyName("_id")]
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? DisplayName { get; init; }
    [JsonPropertyName("icon_uri")]
    public string? IconUri { get; init; }
    public IReadOnlyList<string> Uris { get; init; } = [];
    public IReadOnlyList<AccountScope>? Scopes { get; init; }
    public required AccountResourceServer Client { get; init; }
    public IReadOnlyList<AccountPermission>? Permissions { get; init; }
}

internal sealed record AccountScope(string Name, string? DisplayName, string? IconUri);

internal sealed record AccountResourceServer(string ClientId, string? Name, string? BaseUrl);

/// <summary>What somebody may do with a resource, or wants to.</summary>
internal sealed class AccountPermission
{
    public string? Id { get; set; }
    public string? Username { get; set; }
    public string? Email { get; set; }
    public string? FirstName { get; set; }
    public string? LastName { get; set; }
    public List<string>? Scopes { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(LenientBoolean), typeof(LenientInt32), typeof(LenientInt64), typeof(LenientString)])]
[JsonSerializable(typeof(AccountProfile))]
[JsonSerializable(typeof(ProfileFaults))]
[JsonSerializable(typeof(List<CredentialKind>))]
[JsonSerializable(typeof(List<AccountSession>))]
[JsonSerializable(typeof(List<AccountDevice>))]
[JsonSerializable(typeof(List<AccountClient>))]
[JsonSerializable(typeof(AccountConsent))]
[JsonSerializable(typeof(List<LinkedAccount>))]
[JsonSerializable(typeof(List<AccountOrganization>))]
[JsonSerializable(typeof(List<GroupRepresentation>))]
[JsonSerializable(typeof(AccountResource))]
[JsonSerializable(typeof(List<AccountResource>))]
[JsonSerializable(typeof(AccountPermission))]
[JsonSerializable(typeof(List<AccountPermission>))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(string))]
internal sealed partial class AccountJson : JsonSerializerContext;
