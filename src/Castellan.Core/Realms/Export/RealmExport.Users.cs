using System.Runtime.CompilerServices;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Core.Users;

namespace Castellan.Core.Realms.Export;

public sealed partial class RealmExport
{
    private const int PageSize = 500;

    /// <summary>How many people the realm has, service accounts with them.</summary>
    public ValueTask<int> CountUsersAsync(Realm realm, CancellationToken ct = default) => users.CountAsync(realm.Id, new(ServiceAccounts: true), ct);

    /// <summary>All people by name with their credentials, service accounts with them.</summary>
    public async IAsyncEnumerable<UserRepresentation> UsersAsync(Realm realm, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var clients = await store.ListClientsAsync(realm.Id, new(), ct: ct);
        var clientIds = clients.ToDictionary(c => c.Representation.Id!, c => c.Representation.ClientId ?? "", StringComparer.Ordinal);
        for (var first = 0; ; first += PageSize)
        {
            var page = await users.SearchAsync(realm.Id, new(ServiceAccounts: true), first, PageSize, ct);
            foreach (var user in page)
            {
                yield return await UserAsync(realm, user, clientIds, ct);
            }

            if (page.Count < PageSize)
            {
                yield break;
            }
        }
    }

    // A partial export has no people but the accounts of its clients.
    private async Task<List<UserRepresentation>?> ServiceAccountsAsync(Realm realm, List<ClientData> clients, Dictionary<string, string> clientIds, bool withRoles, CancellationToken ct)
    {
        var accounts = new List<UserRepresentation>();
        foreach (var client in clients.Where(c => c.Representation is { ServiceAccountsEnabled: true, PublicClient: not true, BearerOnly: not true }))
        {
            if (await users.FindServiceAccountAsync(realm.Id, client.Representation.Id!, ct) is { } user)
            {
                var account = await UserAsync(realm, user, clientIds, ct);
                account.Credentials = null;
                (account.RealmRoles, account.ClientRoles, account.Groups) = withRoles ? (account.RealmRoles, account.ClientRoles, account.Groups) : (null, null, null);
                accounts.Add(account);
            }
        }

        return accounts.Count == 0 ? null : accounts;
    }

    private async Task<UserRepresentation> UserAsync(Realm realm, User user, Dictionary<string, string> clientIds, CancellationToken ct)
    {
        var r = user.Representation.ShallowCopy();
        var roles = user.RoleIds.Select(realm.Roles.Find).OfType<Role>().ToList();
        var credentials = await users.CredentialsAsync(realm.Id, user.Id, ct);
        var links = await users.FederatedIdentitiesAsync(realm.Id, user.Id, ct);
        var consents = await users.ConsentsAsync(realm.Id, user.Id, ct);
        r.Attributes = r.Attributes is { Count: > 0 } ? r.Attributes : null;
        r.Totp = credentials.Any(c => c.Type == "otp");
        r.Credentials = [.. credentials.Select(Stored)];
        r.DisableableCredentialTypes = [];
        r.RequiredActions ??= [];
        r.NotBefore ??= 0;
        r.FederatedIdentities = links.Count == 0 ? null : links;
        r.RealmRoles = roles.Any(x => x.ClientId is null) ? RealmNames(roles) : null;
        r.ClientRoles = roles.Any(x => x.ClientId is not null) ? ClientNames(roles, clientIds) : null;
        r.Groups = [.. user.GroupIds.Select(realm.Groups.Find).OfType<Groups.Group>().Select(realm.Groups.Path).Order(StringComparer.Ordinal)];
        r.ClientConsents = consents.Count == 0 ? null : [.. consents.Where(c => clientIds.ContainsKey(c.ClientId ?? "")).Select(c => new UserConsentRepresentation
        {
            ClientId = clientIds[c.ClientId!], CreatedDate = c.CreatedDate, LastUpdatedDate = c.LastUpdatedDate,
            GrantedClientScopes = [.. (c.GrantedClientScopes ?? []).Select(realm.FindScopeById).OfType<Clients.ClientScope>().Select(s => s.Name)],
        })];
        if (r.ServiceAccountClientId is { } client)
        {
            r.ServiceAccountClientId = clientIds.GetValueOrDefault(client, client);
        }

        return r;
    }

    private static CredentialRepresentation Stored(CredentialRepresentation c) => new()
    {
        Id = c.Id, Type = c.Type, UserLabel = c.UserLabel, CreatedDate = c.CreatedDate, SecretData = c.SecretData, CredentialData = c.CredentialData,
        FederationLink = c.FederationLink,
    };
}
