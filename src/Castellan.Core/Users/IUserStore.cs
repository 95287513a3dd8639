using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Users;

/// <summary>The people of all realms. Names and e-mails are compared in lower case, which the caller has made. Writes go through change sets.</summary>
public interface IUserStore
{
    ValueTask<User?> FindAsync(string realmId, string id, CancellationToken ct = default);

    ValueTask<User?> FindByUsernameAsync(string realmId, string username, CancellationToken ct = default);

    /// <summary>The first user with this e-mail; several may share one when the realm allows duplicates.</summary>
    ValueTask<User?> FindByEmailAsync(string realmId, string email, CancellationToken ct = default);

    ValueTask<User?> FindServiceAccountAsync(string realmId, string clientId, CancellationToken ct = default);

    ValueTask<User?> FindByFederatedIdentityAsync(string realmId, string identityProvider, string federatedUserId, CancellationToken ct = default);

    /// <summary>Users by name of user; service accounts only when the query asks. <paramref name="max"/> negative: all.</summary>
    ValueTask<List<User>> SearchAsync(string realmId, UserQuery query, int first, int max, CancellationToken ct = default);

    ValueTask<int> CountAsync(string realmId, UserQuery query, CancellationToken ct = default);

    /// <summary>Credentials in the order in which the user prefers them.</summary>
    ValueTask<List<CredentialRepresentation>> CredentialsAsync(string realmId, string userId, CancellationToken ct = default);

    ValueTask<List<FederatedIdentityRepresentation>> FederatedIdentitiesAsync(string realmId, string userId, CancellationToken ct = default);

    /// <summary>The provider's tokens as they are kept with a link; null when there is no link or nothing is kept.</summary>
    ValueTask<string?> FederatedTokenAsync(string realmId, string userId, string identityProvider, CancellationToken ct = default);

    /// <summary>Consents; client and scopes by id.</summary>
    ValueTask<List<UserConsentRepresentation>> ConsentsAsync(string realmId, string userId, CancellationToken ct = default);

    /// <summary>Users that were given the role directly.</summary>
    ValueTask<List<User>> InRoleAsync(string realmId, string roleId, int first, int max, CancellationToken ct = default);

    /// <summary>Direct members of a group.</summary>
    ValueTask<List<User>> InGroupAsync(string realmId, string groupId, int first, int max, CancellationToken ct = default);

    /// <summary>Replaces a credential only while its stored data is still what was read; false when somebody was faster (a counter that was used).</summary>
    ValueTask<bool> ReplaceCredentialAsync(string realmId, string userId, CredentialRepresentation read, CredentialRepresentation replacement, CancellationToken ct = default);

    /// <summary>Whether the directory that the user is from knows this password. Nobody's password lies elsewhere in a store without directories.</summary>
    ValueTask<bool> ProvesPasswordAsync(Realm realm, User user, string password, CancellationToken ct = default) => new(false);
}

/// <summary>Which users to find; absent members do not restrict.</summary>
/// <param name="Search">Words over name, e-mail, first and last name; <c>"quoted"</c> exact, <c>*</c> anything, otherwise by prefix (Keycloak's rules).</param>
/// <param name="Exact">Whether the single fields must match whole instead of in part.</param>
/// <param name="Attributes">Attribute names with the value that each must have; case does not count.</param>
/// <param name="AttributesInPart">Whether an attribute need only contain its value.</param>
/// <param name="Only">Those whom the searcher may see; everybody when absent.</param>
public sealed record UserQuery(
    string? Search = null, string? Username = null, string? Email = null, string? FirstName = null, string? LastName = null, bool Exact = false,
    bool? Enabled = null, bool? EmailVerified = null, string? IdentityProvider = null, string? FederatedUserId = null,
    IReadOnlyDictionary<string, string>? Attributes = null, bool ServiceAccounts = false, IReadOnlyList<string>? GroupIds = null,
    UserRestriction? Only = null, bool AttributesInPart = false);

/// <summary>Kinds of users that a restriction may let through at once.</summary>
public enum UserKind
{
    Nobody,

    /// <summary>Those who are in no group.</summary>
    Ungrouped,

    Everybody,
}

/// <summary>Some of the users: those of a kind, who are named, or are in one of the groups, and are not excepted. All lists hold ids.</summary>
/// <param name="AnyGroup">Whether the members of every group belong to them.</param>
public sealed record UserRestriction(
    UserKind All, bool AnyGroup, IReadOnlyList<string> Ids, IReadOnlyList<string> Groups, IReadOnlyList<string> NotIds, IReadOnlyList<string> NotGroups)
{
    public static UserRestriction Nobody { get; } = new(UserKind.Nobody, AnyGroup: false, [], [], [], []);
}
