using Castellan.Core;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Server.Admin.Clients;

/// <summary>The user that a client is when it asks for itself: it comes and goes with the client's setting.</summary>
internal static class ServiceAccounts
{
    public const string Prefix = "service-account-";

    /// <summary>The changes that bring the account in step with the client as it will be.</summary>
    public static ValueTask<List<Change>> FollowAsync(AdminContext context, Client? before, ClientRepresentation after) =>
        FollowAsync(context.Realm, context.Users, before, after, context.Now, context.Aborted);

    public static async ValueTask<List<Change>> FollowAsync(Realm realm, IUserStore users, Client? before, ClientRepresentation after, long now, CancellationToken ct)
    {
        var changes = new List<Change>();
        var account = before is null ? null : await users.FindServiceAccountAsync(realm.Id, before.Id, ct);
        var username = Prefix + after.ClientId!.ToLowerInvariant();
        if (after.ServiceAccountsEnabled is true && account is null)
        {
            changes.AddRange(Make(realm, after, username, now));
        }
        else if (after.ServiceAccountsEnabled is not true)
        {
            if (before is not null)
            {
                // What tells of the account goes with it.
                after.DefaultClientScopes?.Remove(DefaultClientScopes.ServiceAccount);
            }

            if (account is not null)
            {
                changes.Add(new DeleteUser(account.Id));
            }
        }
        else if (account is not null && account.Username != username)
        {
            var renamed = account.Representation.Copy(AdminJson.Default.UserRepresentation);
            renamed.Username = username;
            changes.Add(new PutUser(renamed));
        }

        return changes;
    }

    private static IEnumerable<Change> Make(Realm realm, ClientRepresentation client, string username, long now)
    {
        if (realm.FindScope(DefaultClientScopes.ServiceAccount) is not null && client.DefaultClientScopes?.Contains(DefaultClientScopes.ServiceAccount) is not true)
        {
            (client.DefaultClientScopes ??= []).Add(DefaultClientScopes.ServiceAccount);
            client.OptionalClientScopes?.Remove(DefaultClientScopes.ServiceAccount);
        }

        var id = Ids.New();
        yield return new PutUser(new()
        {
            Id = id, Username = username, Enabled = true, EmailVerified = false, CreatedTimestamp = now, RequiredActions = [], NotBefore = 0,
            ServiceAccountClientId = client.Id,
        });
        if (realm.Settings.DefaultRole?.Id is { } role)
        {
            yield return new AddRole(RoleOwner.User, id, role);
        }

        foreach (var group in realm.DefaultGroups)
        {
            yield return new JoinGroup(id, group.Id);
        }
    }

    // A client that was made without its account gets it when it is first asked for.
    private static async ValueTask<User?> FindAsync(AdminContext context, Client client)
    {
        if (await context.Users.FindServiceAccountAsync(context.Realm.Id, client.Id, context.Aborted) is { } account)
        {
            return account;
        }

        var changed = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        List<Change> changes = [.. Make(context.Realm, changed, Prefix + client.ClientId.ToLowerInvariant(), context.Now), new PutClient(changed)];
        await context.ApplyAsync(changes);
        return await context.Users.FindServiceAccountAsync(context.Realm.Id, client.Id, context.Aborted);
    }

    /// <summary>The account as the client's page shows it.</summary>
    public static async ValueTask<AdminAnswer> ShowAsync(AdminContext context, Client client)
    {
        var account = client.Representation.ServiceAccountsEnabled is true ? await FindAsync(context, client) : null;
        if (account is null)
        {
            return AdminAnswer.Error(400, $"Service account not enabled for the client '{client.ClientId}'");
        }

        var stored = account.Representation;
        return AdminAnswer.Json(
            new UserRepresentation
            {
                Id = account.Id, Username = account.Username, FirstName = stored.FirstName, LastName = stored.LastName, Email = stored.Email,
                EmailVerified = stored.EmailVerified ?? false, Enabled = account.Enabled, CreatedTimestamp = stored.CreatedTimestamp, Totp = false,
                DisableableCredentialTypes = [], RequiredActions = stored.RequiredActions ?? [], NotBefore = stored.NotBefore ?? 0,
                Attributes = UserProfile.Of(context.Realm).Visible(ProfileContext.Admin, account) is { Count: > 0 } attributes ? attributes : null,
            },
            AdminJson.Default.UserRepresentation);
    }
}
