using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Federation;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;

namespace Castellan.Core.Login;

/// <summary>What the steps of a sign-in may use.</summary>
public sealed class LoginServices(
    IUserStore users, IRealms realms, IClients clients, ISessions sessions, IEvents events, IAuthenticationTabs tabs, BruteForceGuard guard, SessionEnding ending,
    CredentialChecks credentials, TimeProvider time)
{
    public IUserStore Users => users;

    public IRealms Realms => realms;

    public IClients Clients => clients;

    public ISessions Sessions => sessions;

    public IEvents Events => events;

    public IAuthenticationTabs Tabs => tabs;

    public BruteForceGuard Guard => guard;

    public SessionEnding Ending => ending;

    public CredentialChecks Credentials => credentials;

    public TimeProvider Time => time;

    /// <summary>A person's credentials, those that they prefer first.</summary>
    public ValueTask<List<CredentialRepresentation>> CredentialsAsync(Realm realm, User user, CancellationToken ct) =>
        users.CredentialsAsync(realm.Id, user.Id, ct);

    /// <summary>When a person's password was set, as a word; null for a person without one.</summary>
    public async ValueTask<string?> PasswordOfAsync(Realm realm, User user, CancellationToken ct) =>
        (await CredentialsAsync(realm, user, ct)).Where(c => c.Type == "password").Max(c => c.CreatedDate)?.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The person whom somebody means by a name: an e-mail where the realm lets people sign in with it, else the user name.</summary>
    public async ValueTask<User?> FindUserAsync(Realm realm, string name, CancellationToken ct)
    {
        var wanted = name.Trim().ToLowerInvariant();
        if (wanted.Length is 0 or > 255)
        {
            return null;
        }

        return (realm.Settings.LoginWithEmailAllowed ?? false) && wanted.Contains('@', StringComparison.Ordinal)
            ? await users.FindByEmailAsync(realm.Id, wanted, ct) ?? await users.FindByUsernameAsync(realm.Id, wanted, ct)
            : await users.FindByUsernameAsync(realm.Id, wanted, ct);
    }

    /// <summary>Adds a credential behind those that the person has.</summary>
    public async ValueTask AddCredentialAsync(Realm realm, User user, CredentialRepresentation credential, CancellationToken ct)
    {
        credential.Priority = (await CredentialsAsync(realm, user, ct)).Select(c => c.Priority ?? 0).DefaultIfEmpty(0).Max() + 10;
        await ApplyAsync(realm, ct, new PutCredential(user.Id, credential));
    }

    /// <summary>Writes changes to people.</summary>
    public async ValueTask<Written> ApplyAsync(Realm realm, CancellationToken ct, params Change[] changes)
    {
        try
        {
            await realms.ApplyAsync(new ChangeSet(realm.Id).Add(changes), ct);
            return Written.Done;
        }
        catch (DuplicateException)
        {
            return Written.Taken;
        }
        catch (FederationRefusal)
        {
            return Written.Refused;
        }
    }
}
