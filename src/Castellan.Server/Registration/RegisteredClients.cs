using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Server.Admin;
using Castellan.Server.Admin.Authorization;
using Castellan.Server.Admin.Clients;

namespace Castellan.Server.Registration;

/// <summary>What becomes of clients that register and change themselves.</summary>
internal sealed class RegisteredClients(IRealms realms, IClients clients, IUserStore users, TimeProvider time)
{
    /// <summary>Somebody else may change the realm between reading the count of an initial access token and taking one off.</summary>
    private const int MaxTries = 10;

    /// <summary>What a registered client is when it does not say: one that keeps a secret and signs people in, nothing more.</summary>
    public ClientRepresentation Make(Realm realm, ClientRepresentation given)
    {
        var own = given.Attributes?.Where(a => !string.IsNullOrEmpty(a.Value)).Select(a => a.Key).ToHashSet(StringComparer.Ordinal) ?? [];
        given.PublicClient ??= false;
        given.BearerOnly ??= false;
        given.DirectAccessGrantsEnabled ??= false;
        if (given.OptionalClientScopes is not null)
        {
            // Without this one a token says nothing of its subject.
            given.DefaultClientScopes ??= ["basic"];
        }

        var client = ClientEdits.Make(realm, given, time.GetUtcNow().ToUnixTimeMilliseconds());
        foreach (var name in client.Attributes!.Keys.Where(k => k.StartsWith("backchannel.logout.", StringComparison.Ordinal) && !own.Contains(k)).ToList())
        {
            client.Attributes.Remove(name);
        }

        return client;
    }

    /// <summary>The client with what comes and goes with its settings: its own user, its authorization services, and those of its roles that everybody has.</summary>
    public async ValueTask<Read<List<Change>>> ChangesAsync(Realm realm, Client? before, ClientRepresentation after, List<string>? defaultRoles, CancellationToken ct)
    {
        if (defaultRoles?.Exists(string.IsNullOrWhiteSpace) is true)
        {
            return AdminAnswer.Error(400, "invalid_client_metadata", "A default role has no name");
        }

        if (before is null && after is { AuthorizationServicesEnabled: true, PublicClient: not true, BearerOnly: not true })
        {
            after.ServiceAccountsEnabled = true;
        }

        var account = await ServiceAccounts.FollowAsync(realm, users, before, after, time.GetUtcNow().ToUnixTimeMilliseconds(), ct);
        if (!(await AuthorizationSwitch.FollowAsync(realm, users, clients, before, after, null, account, ct)).Ok(out var authorization, out var refusal))
        {
            return AdminAnswer.Error(400, "invalid_client_metadata", refusal.Description!);
        }

        List<Change> changes = [new PutClient(after), .. account, .. authorization];
        changes.AddRange(DefaultRolesOfClient.Follow(realm, after.Id!, defaultRoles, authorization));
        return changes;
    }

    /// <summary>Why an initial access token registers nobody, or no more; null when it does.</summary>
    public AdminAnswer? RefuseAccess(Realm realm, RegistrationCaller caller) => InitialAccess.Find(realm, caller.TokenId ?? "") switch
    {
        null => RegistrationCaller.Unauthorized("Initial Access Token not found"),
        { Remaining: <= 0 } => RegistrationCaller.Unauthorized("No remaining count on initial access token"),
        { } access when !access.Counts(time.GetUtcNow().ToUnixTimeSeconds()) => RegistrationCaller.Unauthorized("Expired initial access token"),
        _ => null,
    };

    /// <summary>Stores the client, and takes one off the initial access token in the same write: two who race for the last do not both get it.</summary>
    public async ValueTask<AdminAnswer?> StoreAsync(Realm realm, RegistrationCaller caller, List<Change> changes, CancellationToken ct)
    {
        if (caller.Right != RegistrationRight.InitialAccess)
        {
            await realms.ApplyAsync(new ChangeSet(realm.Id).Add(changes), ct);
            return null;
        }

        for (var tries = 1; ; tries++)
        {
            var now = await realms.FindByIdAsync(realm.Id, ct) ?? realm;
            if (RefuseAccess(now, caller) is { } spent)
            {
                return spent;
            }

            var access = InitialAccess.Find(now, caller.TokenId!)!;
            var taken = access with { Remaining = access.Remaining - 1 };
            try
            {
                await realms.ApplyAsync(
                    new ChangeSet(realm.Id) { ExpectedVersion = now.Version }.Add(new PutPart(PartKind.Component, taken.Id, null, taken.ToComponent(realm.Id))).Add(changes), ct);
                return null;
            }
            catch (StaleException) when (tries < MaxTries)
            {
                // The picture was old; look again.
            }
        }
    }
}
