using Castellan.Core.Clients;
using Castellan.Core.Credentials;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Realms.Import;

/// <summary>Makes administrators of the master realm without the admin API: at the first start, by <c>bootstrap-admin</c> and on the welcome page.</summary>
public sealed class FirstAdministrator(IRealms realms, IClients clients, IUserStore users, Passwords passwords, TimeProvider time)
{
    private const string Temporary = "is_temporary_admin";

    /// <summary>Whether anybody has the role <c>admin</c> in the master realm.</summary>
    public async Task<bool> ExistsAsync(CancellationToken ct = default)
    {
        var master = await MasterAsync(ct);
        return master.Roles.FindRealmRole(DefaultRoles.Admin) is { } admin && (await users.InRoleAsync(master.Id, admin.Id, 0, 1, ct)).Count > 0;
    }

    /// <summary>Adds a user who may do everything; false when the name is taken.</summary>
    public async Task<bool> AddUserAsync(string username, string password, bool temporary, UserRepresentation? about = null, CancellationToken ct = default)
    {
        var master = await MasterAsync(ct);
        var name = username.ToLowerInvariant();
        if (await users.FindByUsernameAsync(master.Id, name, ct) is not null)
        {
            return false;
        }

        CredentialRepresentation? credential;
        while ((credential = await passwords.HashAsync(master, password, ct)) is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
        }

        credential.Priority = 10;
        var user = new UserRepresentation
        {
            Id = Ids.New(), Username = name, Email = about?.Email?.ToLowerInvariant(), FirstName = about?.FirstName, LastName = about?.LastName, Enabled = true,
            EmailVerified = false, CreatedTimestamp = time.GetUtcNow().ToUnixTimeMilliseconds(), RequiredActions = [], NotBefore = 0,
            Attributes = temporary ? new() { [Temporary] = ["true"] } : null,
        };
        return await AddAsync(master, new ChangeSet(master.Id).Add(new PutUser(user)).Add(new PutCredential(user.Id, credential)), user.Id, ct);
    }

    /// <summary>Adds a client whose service account may do everything; false when the client id is taken.</summary>
    public async Task<bool> AddServiceAsync(string clientId, string secret, bool temporary, CancellationToken ct = default)
    {
        var master = await MasterAsync(ct);
        if (await clients.FindAsync(master, clientId, ct) is not null)
        {
            return false;
        }

        var client = new ClientRepresentation
        {
            Id = Ids.New(), ClientId = clientId, Name = "Temporary Admin Service Account", SurrogateAuthRequired = false, Enabled = true, AlwaysDisplayInConsole = false,
            ClientAuthenticatorType = "client-secret", Secret = secret, RedirectUris = [], WebOrigins = [], NotBefore = 0, BearerOnly = false, ConsentRequired = false,
            StandardFlowEnabled = false, ImplicitFlowEnabled = false, DirectAccessGrantsEnabled = false, ServiceAccountsEnabled = true, PublicClient = false,
            FrontchannelLogout = false, Protocol = "openid-connect", AuthenticationFlowBindingOverrides = [], FullScopeAllowed = true, NodeReRegistrationTimeout = -1,
            Attributes = new() { ["realm_client"] = "false", ["post.logout.redirect.uris"] = "+" },
            DefaultClientScopes = [.. (master.Settings.DefaultDefaultClientScopes ?? []).Where(IsOidc), DefaultClientScopes.ServiceAccount],
            OptionalClientScopes = [.. (master.Settings.DefaultOptionalClientScopes ?? []).Where(IsOidc)],
        };
        if (temporary)
        {
            client.Attributes[Temporary] = "true";
        }

        var user = new UserRepresentation
        {
            Id = Ids.New(), Username = "service-account-" + clientId.ToLowerInvariant(), Enabled = true, EmailVerified = false, RequiredActions = [], NotBefore = 0,
            CreatedTimestamp = time.GetUtcNow().ToUnixTimeMilliseconds(), ServiceAccountClientId = client.Id,
        };
        return await AddAsync(master, new ChangeSet(master.Id).Add(new PutClient(client)).Add(new PutUser(user)), user.Id, ct);

        bool IsOidc(string scope) => master.FindScope(scope) is { Representation.Protocol: null or "openid-connect" };
    }

    private async Task<bool> AddAsync(Realm master, ChangeSet changes, string userId, CancellationToken ct)
    {
        changes.Add(new AddRole(RoleOwner.User, userId, master.Roles.FindRealmRole(DefaultRoles.Admin)!.Id));
        if (master.Settings.DefaultRole?.Id is { } defaultRole)
        {
            changes.Add(new AddRole(RoleOwner.User, userId, defaultRole));
        }

        try
        {
            await realms.ApplyAsync(changes, ct);
            return true;
        }
        catch (DuplicateException)
        {
            return false;
        }
    }

    private async Task<Realm> MasterAsync(CancellationToken ct) =>
        await realms.FindAsync(RealmImport.Master, ct) ?? throw new InvalidOperationException("There is no master realm.");
}
