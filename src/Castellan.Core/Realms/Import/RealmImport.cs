using System.Runtime.CompilerServices;
using Castellan.Core.Clients;
using Castellan.Core.Credentials;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

/// <summary>Makes realms from representations, renames them and removes them, and keeps the master realm's administration clients in step.</summary>
public sealed partial class RealmImport(IRealms realms, IClients clients, IConfigurationStore store, Passwords passwords, PasswordChanges changes, TimeProvider time)
{
    /// <summary>The name of the realm that administers the others.</summary>
    public const string Master = "master";

    /// <summary>
    /// Makes the realm, all or nothing, and returns its id. A refusal carries Keycloak's status and text in <see cref="ProtocolError.Description"/>
    /// (as <c>errorMessage</c>), or in <see cref="ProtocolError.Code"/> alone (as <c>error</c>) where it has no description;
    /// <see cref="ProtocolError.Detail"/> is the place in the file.
    /// </summary>
    public Task<Result<string>> ImportAsync(RealmRepresentation file, CancellationToken ct = default) => ImportAsync(file, isFirst: false, ct);

    private async Task<Result<string>> ImportAsync(RealmRepresentation file, bool isFirst, CancellationToken ct)
    {
        if (Refusals.OfName(file.Realm, file.Id) is { } refusal)
        {
            return refusal;
        }

        if (await store.FindRealmIdAsync(file.Realm!, ct) is not null)
        {
            return Refusals.Exists(file.Realm!);
        }

        if (await IsTakenAsync(file.Id, ct))
        {
            return new ProtocolError("invalid_realm", Refusals.Duplicate, 409, "id");
        }

        var builder = new RealmBuilder(file, new(time, CompleteKeys)) { IsFirst = isFirst };
        if (!builder.BuildConfiguration() || !builder.BuildPeople())
        {
            return builder.Refusal!;
        }

        if (await HashAsync(builder, file.PasswordPolicy, null, ct) is { } badPassword)
        {
            return badPassword;
        }

        return await WriteAsync(builder, replaces: false, ct);
    }

    /// <summary>Makes the master realm when there is none; true when it did.</summary>
    public async Task<bool> EnsureMasterAsync(CancellationToken ct = default)
    {
        if (await store.FindRealmIdAsync(Master, ct) is not null)
        {
            return false;
        }

        var made = await ImportAsync(MasterRealm.Representation(), isFirst: true, ct);
        return made.Ok(out _, out var error) ? true
            : await store.FindRealmIdAsync(Master, ct) is not null ? false // Another node was quicker.
            : throw new InvalidOperationException($"The master realm cannot be made: {error.Description} ({error.Detail})");
    }

    /// <summary>Removes a realm with everything in it, and the client that administers it.</summary>
    public async Task DeleteAsync(Realm realm, CancellationToken ct = default)
    {
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new DeleteRealm()), ct);
        if (realm.Name != Master && await AdministrationOfAsync(realm.Name, ct) is (var master, { } client))
        {
            await realms.ApplyAsync(new ChangeSet(master.Id).Add(new DeleteClient(client.Id)), ct);
        }
    }

    /// <summary>Makes the clients of the master realm that administer other realms, where one is missing; returns the realms that lacked one.</summary>
    public async Task<List<string>> RepairAdministrationAsync(CancellationToken ct = default)
    {
        var repaired = new List<string>();
        if (await store.FindRealmIdAsync(Master, ct) is not { } id)
        {
            return repaired;
        }

        foreach (var realm in await store.ListRealmsWithoutAsync(id, DefaultClients.AdministrationName(""), ct))
        {
            if (await AdministrationOfAsync(realm, ct) is (var master, null) && await RepairAsync(master, realm, ct))
            {
                repaired.Add(realm);
            }
        }

        return repaired;
    }

    private async Task<bool> RepairAsync(Realm master, string realm, CancellationToken ct)
    {
        try
        {
            await realms.ApplyAsync(Administration.Add(master, realm, null), ct);
            return true;
        }
        catch (DuplicateException)
        {
            return false; // Another node was quicker.
        }
    }

    private Task<Result<string>> WriteAsync(RealmBuilder builder, bool replaces, CancellationToken ct) => WriteAsync(
        builder.Name, builder.RealmId, AsyncEnumerable.Repeat<Result<ChangeSet>>(new ChangeSet(builder.RealmId).Add(builder.Changes), 1), replaces, ct);

    private async Task<Result<string>> WriteAsync(string name, string id, IAsyncEnumerable<Result<ChangeSet>> realm, bool replaces, CancellationToken ct)
    {
        try
        {
            return await realms.ApplyAsync(AdministeredAsync(name, realm, ct), ct) is { } refusal ? refusal : id;
        }
        catch (DuplicateException duplicate)
        {
            return await OfDuplicateAsync(duplicate, name, replaces, ct);
        }
    }

    /// <summary>
    /// What administers a realm in the master realm comes last: writers of that wait from there on, and of two who make realms of one name at once only
    /// the one whose realm is written gets so far.
    /// </summary>
    private async IAsyncEnumerable<Result<ChangeSet>> AdministeredAsync(
        string name, IAsyncEnumerable<Result<ChangeSet>> realm, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var part in realm.WithCancellation(ct))
        {
            yield return part;
        }

        if (name != Master && await AdministrationOfAsync(name, ct) is var (master, client))
        {
            yield return Administration.Add(master, name, client);
        }
    }

    private async ValueTask<ProtocolError> OfDuplicateAsync(DuplicateException duplicate, string name, bool replaces, CancellationToken ct) =>
        !replaces && await store.FindRealmIdAsync(name, ct) is not null ? Refusals.Exists(name) : new("invalid_realm", Refusals.Duplicate, 409, duplicate.Message);

    private async ValueTask<bool> IsTakenAsync(string? id, CancellationToken ct) =>
        !string.IsNullOrEmpty(id) && await store.HasRealmAsync(id, ct);

    private async ValueTask<(Realm Master, Client? Client)?> AdministrationOfAsync(string realm, CancellationToken ct) =>
        await realms.FindAsync(Master, ct) is { } master ? (master, await clients.FindAsync(master, DefaultClients.AdministrationName(realm), ct)) : null;

    private ProtocolError? CheckPasswords(RealmBuilder builder, PasswordPolicy policy)
    {
        foreach (var pending in builder.Passwords)
        {
            if (changes.Check(policy, pending.User.Username, pending.User.Email, pending.Plain) is { } weak)
            {
                return new ProtocolError("invalid_realm", "Password policy not met. See logs for details", 400, $"{pending.Place}: {weak.Text}");
            }
        }

        return null;
    }

    // Hashing takes most of the time where a file has plain passwords: progress hears of each.
    private async Task<ProtocolError?> HashAsync(RealmBuilder builder, string? policy, Action<int>? progress, CancellationToken ct)
    {
        if (builder.Passwords.Count == 0)
        {
            return null;
        }

        var parsed = PasswordPolicy.Parse(policy);
        if (CheckPasswords(builder, parsed) is { } weak)
        {
            return weak;
        }

        var done = 0;
        await Parallel.ForEachAsync(builder.Passwords, new ParallelOptions { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount, CancellationToken = ct }, HashOneAsync);
        return null;

        async ValueTask HashOneAsync(PendingPassword pending, CancellationToken ct)
        {
            CredentialRepresentation? hashed;
            while ((hashed = await passwords.HashAsync(parsed, pending.Plain, ct)) is null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
            }

            (pending.Credential.SecretData, pending.Credential.CredentialData) = (hashed.SecretData, hashed.CredentialData);
            progress?.Invoke(Interlocked.Increment(ref done));
        }
    }

    private ProtocolError? CompleteKeys(ComponentRepresentation component, string realm) =>
        Keys.KeyProviders.Prepare(component, realm, time.GetUtcNow()) is { } wrong ? new(Refusals.Fault, wrong, 400, "components") : null;
}
