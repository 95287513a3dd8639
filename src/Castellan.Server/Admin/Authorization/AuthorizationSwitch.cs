using Castellan.Core;
using Castellan.Core.Authorization;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Server.Admin.Authorization;

/// <summary>Authorization services come and go with the client's setting, and only where a client has a secret and a service account.</summary>
internal static class AuthorizationSwitch
{
    /// <summary>The role of those who may register resources with the client.</summary>
    private const string ProtectionRole = "uma_protection";

    /// <summary>The changes that bring a resource server in step with its client as it will be.</summary>
    /// <param name="given">Settings that a new client comes with.</param>
    /// <param name="account">The changes to the client's service account.</param>
    public static ValueTask<Read<List<Change>>> FollowAsync(
        AdminContext context, Client? before, ClientRepresentation after, ResourceServerRepresentation? given, List<Change> account) =>
        FollowAsync(context.Realm, context.Users, context.Clients, before, after, given, account, context.Aborted);

    public static async ValueTask<Read<List<Change>>> FollowAsync(
        Realm realm, IUserStore users, IClients clients, Client? before, ClientRepresentation after, ResourceServerRepresentation? given, List<Change> account, CancellationToken ct)
    {
        var was = before?.Representation.AuthorizationServicesEnabled is true;
        var can = after is { PublicClient: not true, BearerOnly: not true, ServiceAccountsEnabled: true };
        if (before is null && after.AuthorizationServicesEnabled is true && !can)
        {
            return AdminAnswer.Error(400, "invalid_input", "Only confidential clients are allowed to set authorization settings");
        }

        after.AuthorizationServicesEnabled = after.AuthorizationServicesEnabled is true && can ? true : null;
        if (after.AuthorizationServicesEnabled is not true)
        {
            after.AuthorizationSettings = null;
            return was ? [new DeleteResourceServer(after.Id!)] : new List<Change>();
        }

        if (was)
        {
            after.AuthorizationSettings = before!.Representation.AuthorizationSettings;
            return new List<Change>();
        }

        if (given is not null && ResourceServerRoutes.Refuse(given) is { } wrong)
        {
            return wrong;
        }

        after.AuthorizationSettings = ResourceServerRoutes.Merge(null, given ?? new());
        var changes = await ProtectionAsync(realm, users, after, account, ct);
        if (given is not null)
        {
            var import = new SettingsImport(after.Id!, new([], [], []), new RealmPrincipals(realm, users, clients));
            if (!(await import.ReadAsync(given, ct)).Ok(out var contents, out var error))
            {
                return AdminAnswer.Error(400, error.Code, error.Description);
            }

            changes.AddRange(contents);
        }

        return changes;
    }

    private static async ValueTask<List<Change>> ProtectionAsync(Realm realm, IUserStore users, ClientRepresentation client, List<Change> account, CancellationToken ct)
    {
        var changes = new List<Change>();
        var roleId = realm.Roles.FindClientRole(client.Id!, ProtectionRole)?.Id;
        if (roleId is null)
        {
            roleId = Ids.New();
            changes.Add(new PutRole(new() { Id = roleId, Name = ProtectionRole, ClientRole = true, ContainerId = client.Id, Attributes = [] }));
        }

        var userId = account.OfType<PutUser>().FirstOrDefault()?.User.Id ?? (await users.FindServiceAccountAsync(realm.Id, client.Id!, ct))?.Id;
        if (userId is not null)
        {
            changes.Add(new AddRole(RoleOwner.User, userId, roleId));
        }

        return changes;
    }
}
