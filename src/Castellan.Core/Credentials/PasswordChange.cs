using Castellan.Core.Federation;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Credentials;

/// <summary>What came of a new password: the writes that set it, or why it is refused, or neither when too many wait to be hashed (503).</summary>
public sealed record PasswordChange(IReadOnlyList<Change> Changes, PasswordRefusal? Refusal, bool Busy)
{
    public bool Ok => Refusal is null && !Busy;
}

/// <summary>Sets passwords: holds them against the realm's policy, hashes them, and keeps of the earlier ones what the policy asks for.</summary>
public sealed class PasswordChanges(Passwords passwords, IUserStore users, PasswordBlacklists blacklists, TimeProvider time)
{
    /// <summary>Earlier passwords stand behind everything that one can sign in with.</summary>
    private const int Behind = 1_000_000;

    /// <summary>The refusal of a password for somebody who is not stored yet (registration, creation), or of the part of the policy that needs no history.</summary>
    public PasswordRefusal? Check(Realm realm, string? username, string? email, string password) =>
        Check(PasswordPolicy.Of(realm), new PasswordSubject(password, username, email, blacklists));

    /// <summary>As <see cref="Check(Realm, string?, string?, string)"/>, for a realm that is still being made.</summary>
    public PasswordRefusal? Check(PasswordPolicy policy, string? username, string? email, string password) =>
        Check(policy, new PasswordSubject(password, username, email, blacklists));

    /// <summary>The writes that give a new user a password.</summary>
    public async ValueTask<PasswordChange> FirstAsync(Realm realm, string userId, string? username, string? email, string password, CancellationToken ct = default)
    {
        var directory = RealmFederations.Of(realm).Registering(userId);
        if (directory is not { ChecksPasswordPolicy: false } && Check(realm, username, email, password) is { } refusal)
        {
            return new PasswordChange([], refusal, Busy: false);
        }

        if (directory is not null)
        {
            return new PasswordChange([new SetDirectoryPassword(userId, password)], null, Busy: false);
        }

        return await passwords.HashAsync(realm, password, ct) is { } credential
            ? new PasswordChange([new PutCredential(userId, credential)], null, Busy: false)
            : new PasswordChange([], null, Busy: true);
    }

    /// <summary>The writes that change the password of a user. The credential keeps its id and place, as in Keycloak.</summary>
    public async ValueTask<PasswordChange> ReplaceAsync(Realm realm, User user, string password, CancellationToken ct = default)
    {
        var policy = PasswordPolicy.Of(realm);
        if (user.Federated is { Passwords: not PasswordPlace.Here } federated)
        {
            return InDirectory(federated, policy, user, password);
        }

        var stored = await users.CredentialsAsync(realm.Id, user.Id, ct);
        var current = stored.Find(c => c is { Type: Passwords.Type, Id: not null });
        var history = stored.Where(c => c.Type == Passwords.HistoryType).OrderByDescending(c => c.CreatedDate).ToList();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var oldest = now - (policy.AgeInDays * 86_400_000L);
        foreach (var (rule, value) in policy.InOrder())
        {
            var refusal = rule.Id switch
            {
                // The number that switches it off is -1: 0 still refuses the current password.
                "passwordHistory" when policy.Number(rule.Id) is not -1 => PasswordRefusal.Of(
                    "invalidPasswordHistoryMessage", "Invalid password: must not be equal to any of last {0} passwords.", policy.Number(rule.Id)!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                "passwordAge" when policy.Number(rule.Id) is not -1 => PasswordRefusal.Of("invalidPasswordGenericMessage", "Invalid password: new password does not match password policies."),
                _ => null,
            };
            if (refusal is null)
            {
                if (rule.Check?.Invoke(new PasswordSubject(password, user.Username, user.Email, blacklists), value) is { } refused)
                {
                    return new PasswordChange([], refused, Busy: false);
                }

                continue;
            }

            var earlier = rule.Id == "passwordHistory" ? history.Take(policy.History - 1) : history.Where(c => policy.AgeInDays > 0 && c.CreatedDate > oldest);
            foreach (var credential in earlier.Prepend(current).OfType<CredentialRepresentation>())
            {
                if (await passwords.MatchesAsync(credential, password, ct) is not { } same)
                {
                    return new PasswordChange([], null, Busy: true);
                }

                if (same)
                {
                    return new PasswordChange([], refusal, Busy: false);
                }
            }
        }

        if (await passwords.HashAsync(realm, password, ct) is not { } fresh)
        {
            return new PasswordChange([], null, Busy: true);
        }

        return new PasswordChange([.. Writes(user.Id, policy, current, history, fresh, oldest)], null, Busy: false);
    }

    private PasswordChange InDirectory(Federated federated, PasswordPolicy policy, User user, string password) =>
        federated.Passwords == PasswordPlace.Nowhere ? new PasswordChange([], PasswordRefusal.ReadOnly, Busy: false)
        : federated.ChecksPasswordPolicy && Check(policy, new PasswordSubject(password, user.Username, user.Email, blacklists)) is { } refused ? new PasswordChange([], refused, Busy: false)
        : new PasswordChange([new SetDirectoryPassword(user.Id, password)], null, Busy: false);

    private static IEnumerable<Change> Writes(
        string userId, PasswordPolicy policy, CredentialRepresentation? current, List<CredentialRepresentation> history, CredentialRepresentation fresh, long oldest)
    {
        var kept = Math.Max(0, policy.History - 1);
        if (current is not null)
        {
            fresh.Id = current.Id;
            fresh.Priority = current.Priority;
            if (policy.History > 1 || policy.AgeInDays > 0)
            {
                yield return new PutCredential(userId, new CredentialRepresentation
                {
                    Id = Ids.New(),
                    Type = Passwords.HistoryType,
                    Priority = Behind,
                    CreatedDate = current.CreatedDate,
                    CredentialData = current.CredentialData,
                    SecretData = current.SecretData,
                });
                kept = Math.Max(0, kept - 1);
            }
        }

        yield return new PutCredential(userId, fresh);
        foreach (var old in history.Skip(kept).Where(c => policy.AgeInDays == 0 || (c.CreatedDate ?? 0) < oldest))
        {
            yield return new DeleteCredential(userId, old.Id!);
        }
    }

    private static PasswordRefusal? Check(PasswordPolicy policy, PasswordSubject subject)
    {
        foreach (var (rule, value) in policy.InOrder())
        {
            if (rule.Check?.Invoke(subject, value) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }
}
