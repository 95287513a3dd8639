using Castellan.Core;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Credentials;
using Castellan.Core.Federation;
using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Core.Users.Profile;
using Castellan.Server.Admin.Groups;

namespace Castellan.Server.Admin.Users;

/// <summary>Makes and changes users.</summary>
internal static class UserWrites
{
    private const string UpdatePassword = "UPDATE_PASSWORD";

    public static readonly AdminAnswer Busy = AdminAnswer.Error(503, "temporarily_unavailable", "Too many passwords wait to be hashed. Try again.");

    public static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.UserRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var realm = context.Realm;
        if (!context.Rights.MayMake([.. (given.Groups ?? []).Select(path => GroupRoutes.FindByPath(realm.Groups, path)).OfType<Group>()]))
        {
            return AdminAnswer.Forbidden;
        }

        var name = realm.Settings.RegistrationEmailAsUsername == true ? given.Email : given.Username;
        if (string.IsNullOrWhiteSpace(name))
        {
            return AdminAnswer.Message(400, "User name is missing");
        }

        var outcome = await context.Service<UserProfiles>().ApplyAsync(realm, new ProfileRequest(ProfileContext.Admin, null, Values(given, null)), context.Aborted);
        if (!outcome.Ok)
        {
            return ProfileAnswers.Refuse(outcome.Errors);
        }

        var user = outcome.Changed;
        user.Id = RealmFederations.Of(realm).NewId(user.Username!);
        user.CreatedTimestamp = given.CreatedTimestamp ?? context.Now;
        user.Enabled = given.Enabled ?? false;
        user.EmailVerified = given.EmailVerified ?? false;
        user.FederationLink = given.FederationLink;
        user.RequiredActions = Actions(realm, given, []);
        var changes = new List<Change> { new PutUser(user) { IsNew = true } };
        if (realm.Settings.DefaultRole?.Id is { } role)
        {
            changes.Add(new AddRole(RoleOwner.User, user.Id, role));
        }

        foreach (var group in await GroupsAsync(context, given))
        {
            // To whom groups are hidden, none is known to be missing.
            if (group is null && (context.Rights.Delegated is null || context.Rights.All(AdminObjects.Groups, "view")))
            {
                return AdminAnswer.NotFound("Group not found");
            }

            if (group is null || !UserGroupRoutes.MayJoin(context, group, byDefault: realm.DefaultGroups.Contains(group)))
            {
                return AdminAnswer.Forbidden;
            }

            changes.Add(new JoinGroup(user.Id, group.Id));
        }

        changes.AddRange((given.FederatedIdentities ?? []).Select(link => new PutFederatedIdentity(user.Id, link)));
        var (credentials, refused) = await CredentialsAsync(context, new User(user, [], []), given, isNew: true);
        if (refused is not null)
        {
            return refused;
        }

        changes.AddRange(credentials);
        try
        {
            await context.ApplyAsync(changes);
        }
        catch (DuplicateException)
        {
            // Somebody else took the name or the address since it was looked for.
            return AdminAnswer.Message(409, "User exists with same username or email");
        }

        given.Id = null;
        await RecordAsync(context, "CREATE", user.Id, given);
        return AdminAnswer.Created(context.Address($"users/{user.Id}"));
    }

    public static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, User user)
    {
        if (!(await context.ReadAsync(AdminJson.Default.UserRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given.Credentials is { Count: > 0 } && !context.Rights.MayResetPassword(user))
        {
            return AdminAnswer.Forbidden;
        }

        var guard = context.Service<BruteForceGuard>();
        var freed = given.Enabled == true && BruteForceGuard.IsPermanentlyLocked(user);
        var forgiven = given.Enabled == true && await guard.FindAsync(context.Realm, user.Id, context.Aborted) is { } failures && (!user.Enabled || failures.IsLocked(context.Now));
        var request = new ProfileRequest(ProfileContext.Admin, user, Values(given, given.Attributes is null ? user : null), RemoveMissing: given.Attributes is not null);
        var outcome = await context.Service<UserProfiles>().ApplyAsync(context.Realm, request, context.Aborted);
        if (!outcome.Ok)
        {
            return ProfileAnswers.Refuse(outcome.Errors);
        }

        var changed = outcome.Changed;
        changed.Enabled = given.Enabled ?? user.Enabled;
        changed.EmailVerified = given.EmailVerified ?? changed.EmailVerified;
        changed.FederationLink = given.FederationLink ?? changed.FederationLink;
        changed.RequiredActions = Actions(context.Realm, given, user.Representation.RequiredActions ?? []);
        if (freed)
        {
            changed.Attributes?.Remove(BruteForceGuard.DisabledReason);
        }

        var (credentials, refused) = await CredentialsAsync(context, user, given, isNew: false);
        if (refused is not null)
        {
            return refused;
        }

        try
        {
            await context.ApplyAsync([new PutUser(changed), .. credentials]);
        }
        catch (DuplicateException)
        {
            return AdminAnswer.Message(409, "User exists with same username or email");
        }

        if (freed || forgiven)
        {
            await guard.ClearAsync(context.Realm, user.Id, context.Aborted);
        }

        if (forgiven)
        {
            await context.RecordAsync("DELETE", "USER_LOGIN_FAILURE", $"users/{user.Id}");
        }

        await RecordAsync(context, "UPDATE", user.Id, given);
        return AdminAnswer.NoContent;
    }

    public static async ValueTask<AdminAnswer> ResetPasswordAsync(AdminContext context, User user)
    {
        if (!(await context.ReadAsync(AdminJson.Default.CredentialRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given.Value is null)
        {
            return AdminAnswer.Error(400, "No password provided");
        }

        if (string.IsNullOrWhiteSpace(given.Value))
        {
            return AdminAnswer.Error(400, "Empty password not allowed");
        }

        var change = await context.Service<PasswordChanges>().ReplaceAsync(context.Realm, user, given.Value, context.Aborted);
        if (!change.Ok)
        {
            return Refuse(change);
        }

        var changed = UserRepresentations.Copy(user.Representation);
        changed.RequiredActions = [.. (changed.RequiredActions ?? []).Where(a => a != UpdatePassword)];
        if (given.Temporary == true)
        {
            changed.RequiredActions.Add(UpdatePassword);
        }

        await context.ApplyAsync([.. change.Changes, new PutUser(changed)]);
        await context.RecordAsync("ACTION", "USER", $"users/{user.Id}/reset-password");
        return AdminAnswer.NoContent;
    }

    private static AdminAnswer Refuse(PasswordChange change) =>
        change.Refusal == PasswordRefusal.ReadOnly ? AdminAnswer.Error(400, PasswordRefusal.ReadOnly.Text)
        : change.Refusal is { } refusal ? AdminAnswer.Error(400, refusal.Key, refusal.Text) : Busy;

    /// <summary>Everything that the body says of the profile; with <paramref name="existing"/> also what it leaves out.</summary>
    private static Dictionary<string, List<string>> Values(UserRepresentation given, User? existing)
    {
        var values = new Dictionary<string, List<string>>(given.Attributes ?? existing?.Representation.Attributes ?? [], StringComparer.Ordinal);
        var stored = existing?.Representation;
        foreach (var (name, value) in new[]
        {
            (UserProfile.Username, given.Username ?? stored?.Username), (UserProfile.Email, given.Email ?? stored?.Email),
            (UserProfile.FirstName, given.FirstName ?? stored?.FirstName), (UserProfile.LastName, given.LastName ?? stored?.LastName),
        })
        {
            values.Remove(name);
            if (value is not null)
            {
                values[name] = [value];
            }
        }

        foreach (var name in values.Where(v => v.Value is null).Select(v => v.Key).ToList())
        {
            values[name] = [];
        }

        return values;
    }

    /// <summary>The actions that there are, also those that the realm has taken from its list.</summary>
    internal static HashSet<string?> KnownActions(Realm realm) =>
        DefaultRequiredActions.Make().Concat(realm.Data.RequiredActions).Select(a => a.Alias).ToHashSet(StringComparer.Ordinal);

    /// <summary>What the body says of the actions that there are; others stay as they were.</summary>
    private static List<string> Actions(Realm realm, UserRepresentation given, List<string> before)
    {
        var known = KnownActions(realm);
        List<string> all = given.RequiredActions is { } wanted
            ? [.. before.Where(a => !known.Contains(a) || wanted.Contains(a)).Concat(wanted.Where(known.Contains)).Distinct(StringComparer.Ordinal)]
            : [.. before];
        if ((given.Credentials ?? []).Exists(c => c is { Temporary: true, Type: "password" }) && !all.Contains(UpdatePassword))
        {
            all.Add(UpdatePassword);
        }

        return all;
    }

    /// <summary>The default groups of the realm and those that the body names by path; null for one that does not exist.</summary>
    private static ValueTask<List<Group?>> GroupsAsync(AdminContext context, UserRepresentation given)
    {
        var tree = context.Realm.Groups;
        var groups = (given.Groups ?? []).Select(path => GroupRoutes.FindByPath(tree, path)).ToList();
        groups.AddRange(context.Realm.DefaultGroups);
        return new([.. groups.DistinctBy(g => g?.Id)]);
    }

    private static async ValueTask<(List<Change> Changes, AdminAnswer? Refused)> CredentialsAsync(AdminContext context, User user, UserRepresentation given, bool isNew)
    {
        var changes = new List<Change>();
        var time = context.Service<TimeProvider>();
        var existing = isNew || given.Credentials is not { Count: > 0 } ? [] : await context.Users.CredentialsAsync(context.Realm.Id, user.Id, context.Aborted);
        foreach (var credential in given.Credentials ?? [])
        {
            if (existing.Exists(c => c.Id == credential.Id))
            {
                continue;
            }

            if (string.IsNullOrEmpty(credential.Value))
            {
                if (credential.SecretData is not null || credential.CredentialData is not null || credential.HashedSaltedValue is not null)
                {
                    changes.Add(new PutCredential(user.Id, CredentialForms.ToStored(credential, time)));
                }

                continue;
            }

            var passwords = context.Service<PasswordChanges>();
            var change = isNew
                ? await passwords.FirstAsync(context.Realm, user.Id, user.Username, user.Email, credential.Value, context.Aborted)
                : await passwords.ReplaceAsync(context.Realm, user, credential.Value, context.Aborted);
            if (!change.Ok)
            {
                return ([], Refuse(change));
            }

            changes.AddRange(change.Changes);
        }

        return (changes, null);
    }

    private static ValueTask RecordAsync(AdminContext context, string operation, string id, UserRepresentation given)
    {
        given.Credentials = null;
        return context.RecordAsync(operation, "USER", $"users/{id}", given, AdminJson.Default.UserRepresentation);
    }
}
