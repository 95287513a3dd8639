using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

/// <summary>What became of one part: ADDED, SKIPPED or OVERWRITTEN.</summary>
/// <param name="Part">The part as it was given.</param>
public sealed record PartialResult(string Action, PartialKind Kind, string Name, string? Id, object Part);

/// <summary>The kinds of parts.</summary>
public enum PartialKind
{
    Client, RealmRole, ClientRole, IdentityProvider, IdentityProviderMapper, Group, User,
}

public sealed partial class RealmImport
{
    /// <summary>
    /// Brings parts into a realm, all or nothing. Where one is there already it is passed over (SKIP), replaced (OVERWRITE), or refused (FAIL).
    /// </summary>
    /// <param name="isAllowed">Whether whoever asks may make a change: roles are not given by import that may not be given otherwise.</param>
    public async Task<Result<List<PartialResult>>> ImportPartsAsync(
        Realm realm, PartialImportRepresentation parts, Func<Change, bool> isAllowed, IUserLookup users, CancellationToken ct = default)
    {
        var known = (await store.ListClientsAsync(realm.Id, new(), ct: ct)).ConvertAll(c => c.Representation);
        var sorted = new PartialSorting(realm, parts, known);
        if (await sorted.SortAsync(users, ct) is { } exists)
        {
            return exists;
        }

        var builder = new RealmBuilder(sorted.Rest, new(time, CompleteKeys));
        builder.Know(realm, known, sorted.Gone);
        if (!builder.BuildParts())
        {
            return builder.Refusal!;
        }

        if (realm.Settings.DefaultRole is { } everybodys && sorted.Gone.Roles.Contains(everybodys.Id!))
        {
            // What everybody has is what took its place.
            var settings = Copy(realm.Settings);
            settings.DefaultRole = new() { Id = sorted.Rest.Roles!.Realm!.First(r => r.Name == everybodys.Name).Id, Name = everybodys.Name };
            builder.Changes.Add(new PutRealm(settings));
        }

        Change[] all = [.. sorted.Removals, .. builder.Changes];
        if (!Array.TrueForAll(all, change => isAllowed(change)))
        {
            return new ProtocolError("HTTP 403 Forbidden", null, 403);
        }

        if (await HashAsync(builder, realm.Settings.PasswordPolicy, null, ct) is { } badPassword)
        {
            return badPassword;
        }

        try
        {
            // Passwords join the changes when they are hashed, so the list is read again.
            await realms.ApplyAsync(new ChangeSet(realm.Id).Add(sorted.Removals).Add(builder.Changes), ct);
        }
        catch (DuplicateException duplicate)
        {
            return new ProtocolError("invalid_realm", Refusals.Duplicate, 409, duplicate.Message);
        }

        return sorted.Results();
    }
}

/// <summary>Who has a name or an address in a realm.</summary>
public interface IUserLookup
{
    ValueTask<string?> FindIdAsync(string username, string? email, CancellationToken ct);

    /// <summary>The user that a client is when it asks for itself.</summary>
    ValueTask<string?> FindServiceAccountIdAsync(string clientId, CancellationToken ct);
}
