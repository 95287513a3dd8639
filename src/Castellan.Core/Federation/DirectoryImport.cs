using System.Globalization;
using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>What became of an entry.</summary>
internal enum ImportOutcome
{
    Added,
    Updated,
    Refused,
}

/// <summary>Makes users of entries. One whose name or address belongs to somebody else is refused, and that one is not touched.</summary>
internal sealed class DirectoryImport(FederationContext context, IUserStore stored, TimeProvider time, DirectoryReports reports)
{
    private const int MaxName = 255;

    /// <param name="update">Whether somebody who is here already gets what the directory has now.</param>
    public async ValueTask<(User? User, ImportOutcome Outcome)> RunAsync(DirectoryPicture picture, bool update)
    {
        var (entry, federation, realm) = (picture.Entry, context.Federation, context.Realm);
        if (Draft(federation, entry) is not { } draft)
        {
            return Refused(entry, "it has no name, or no id");
        }

        var known = await FindAsync(realm.Id, federation.Id, draft.Attributes![ReservedAttributes.LdapId][0], context.Ct);
        if (known is not null && !update && known.Username == draft.Username)
        {
            return (known, ImportOutcome.Updated);
        }

        var user = known is null ? draft : UserRepresentations.Copy(known.Representation);
        if (known is not null)
        {
            Fill(federation, entry, user);
        }

        if (await ConflictAsync(user, known?.Id) is { } conflict)
        {
            return Refused(entry, conflict);
        }

        try
        {
            return known is null ? await AddAsync(picture, user) : await UpdateAsync(known, user);
        }
        catch (DuplicateException)
        {
            // Somebody else took the name meanwhile; perhaps the same person, in another sign-in.
            return await FindAsync(realm.Id, federation.Id, draft.Attributes[ReservedAttributes.LdapId][0], context.Ct) is { } same
                ? (same, ImportOutcome.Updated)
                : Refused(entry, "its name or address is taken");
        }
    }

    /// <summary>The user of an entry, without id; null for an entry that lacks a name or an id.</summary>
    public static UserRepresentation? Draft(LdapFederation federation, LdapEntry entry)
    {
        var user = new UserRepresentation { Enabled = true, EmailVerified = false, Attributes = new(StringComparer.Ordinal) };
        if (!Fill(federation, entry, user))
        {
            return null;
        }

        // Trust is a thing of the beginning: whether an address was verified since is for others to say.
        user.EmailVerified = federation.TrustsEmail || user.EmailVerified == true;
        return user;
    }

    /// <summary>When the directory made an entry, in milliseconds; null where it does not say.</summary>
    public static long? MadeAt(UserRepresentation user) =>
        user.Attributes?.GetValueOrDefault("createTimestamp") is [{ Length: >= 14 } time, ..]
        && DateTime.TryParseExact(time[..14], "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var made)
            ? new DateTimeOffset(made).ToUnixTimeMilliseconds()
            : null;

    public static List<string> DefaultActions(Realm realm) =>
        [.. realm.Data.RequiredActions.Where(a => a is { Enabled: true, DefaultAction: true }).Select(a => a.Alias).OfType<string>()];

    /// <summary>The user of an entry among those who are here, or null.</summary>
    private async ValueTask<User?> FindAsync(string realmId, string federationId, string ldapId, CancellationToken ct)
    {
        var query = new UserQuery(Attributes: new Dictionary<string, string>(StringComparer.Ordinal) { [ReservedAttributes.LdapId] = ldapId }, Exact: true);
        return (await stored.SearchAsync(realmId, query, 0, -1, ct)).Find(u => u.Representation.FederationLink == federationId && u.Attribute(ReservedAttributes.LdapId) == ldapId);
    }

    private static bool Fill(LdapFederation federation, LdapEntry entry, UserRepresentation user)
    {
        if (LdapIds.Of(entry, federation.IdAttribute) is not { Length: > 0 } id || entry.Text(federation.UsernameAttribute)?.Trim() is not { Length: > 0 and <= MaxName } name)
        {
            return false;
        }

        user.Username = name.ToLowerInvariant();
        foreach (var mapper in federation.Mappers.Reverse())
        {
            mapper.Import(entry, user);
        }

        user.FederationLink = federation.Id;
        var attributes = user.Attributes ??= new(StringComparer.Ordinal);
        attributes[ReservedAttributes.LdapId] = [id];
        attributes[ReservedAttributes.LdapEntryDn] = [entry.Dn];
        return true;
    }

    private async ValueTask<string?> ConflictAsync(UserRepresentation user, string? id)
    {
        var settings = context.Realm.Settings;
        if (IsOther(await stored.FindByUsernameAsync(context.Realm.Id, user.Username!, context.Ct)))
        {
            return $"the user name {user.Username} belongs to somebody else";
        }

        var entersByEmail = settings.LoginWithEmailAllowed != false;
        if (entersByEmail && user.Username!.Contains('@', StringComparison.Ordinal) && IsOther(await stored.FindByEmailAsync(context.Realm.Id, user.Username, context.Ct)))
        {
            return $"the user name {user.Username} is somebody else's address";
        }

        return user.Email is not { } email || settings.DuplicateEmailsAllowed == true ? null
            : IsOther(await stored.FindByEmailAsync(context.Realm.Id, email, context.Ct)) ? $"the address {email} belongs to somebody else"
            : entersByEmail && IsOther(await stored.FindByUsernameAsync(context.Realm.Id, email, context.Ct)) ? $"the address {email} is somebody else's user name"
            : null;

        bool IsOther(User? found) => found is not null && found.Id != id;
    }

    private async ValueTask<(User? User, ImportOutcome Outcome)> AddAsync(DirectoryPicture picture, UserRepresentation user)
    {
        var realm = context.Realm;
        user.Id = Ids.New();
        user.CreatedTimestamp = time.GetUtcNow().ToUnixTimeMilliseconds();
        user.RequiredActions = DefaultActions(realm);
        var changes = new List<Change> { new PutUser(user) { IsNew = true } };
        if (realm.Settings.DefaultRole?.Id is { } role)
        {
            changes.Add(new AddRole(RoleOwner.User, user.Id, role));
        }

        changes.AddRange(realm.DefaultGroups.Select(g => new JoinGroup(user.Id, g.Id)));
        foreach (var mapper in context.Federation.Mappers)
        {
            changes.AddRange(await mapper.ImportMembershipsAsync(context, picture, user.Id));
        }

        await context.ApplyAsync(changes);
        return (await stored.FindAsync(realm.Id, user.Id, context.Ct), ImportOutcome.Added);
    }

    private async ValueTask<(User? User, ImportOutcome Outcome)> UpdateAsync(User known, UserRepresentation user)
    {
        if (!JsonSerializer.SerializeToUtf8Bytes(user, AdminJson.Default.UserRepresentation).AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(known.Representation, AdminJson.Default.UserRepresentation)))
        {
            await context.ApplyAsync(new PutUser(user));
            known = await stored.FindAsync(context.Realm.Id, known.Id, context.Ct) ?? known;
        }

        return (known, ImportOutcome.Updated);
    }

    private (User?, ImportOutcome) Refused(LdapEntry entry, string why)
    {
        reports.NotImported(context.Realm, context.Federation, entry.Dn, why);
        return (null, ImportOutcome.Refused);
    }
}
