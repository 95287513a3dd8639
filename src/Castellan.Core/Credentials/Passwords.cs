using System.Security.Cryptography;
using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Credentials;

/// <summary>What became of a password that somebody gave.</summary>
public enum PasswordVerdict
{
    Wrong,
    Right,

    /// <summary>Too many wait to be hashed. Nothing was checked and nothing may be counted; the answer is 503.</summary>
    Busy,
}

/// <summary>Hashes and verifies passwords, at a bounded rate and always on the threads of the <see cref="HashingQueue"/>.</summary>
public sealed class Passwords(HashingQueue queue, IUserStore users, TimeProvider time)
{
    public const string Type = "password";

    /// <summary>Where earlier passwords are kept while a policy asks for it.</summary>
    public const string HistoryType = "password-history";

    private const int SaltBytes = 16;

    /// <summary>
    /// Checks the password of a user, who may be null: unknown names and users without a password cost the same work as known ones. A right
    /// password whose hash the realm's policy no longer wants is hashed anew and stored.
    /// </summary>
    public async ValueTask<PasswordVerdict> VerifyAsync(Realm realm, User? user, string password, CancellationToken ct = default)
    {
        var stored = user is null ? null : (await users.CredentialsAsync(realm.Id, user.Id, ct)).Find(c => c is { Type: Type, Id: not null });
        var policy = PasswordPolicy.Of(realm);
        if (queue.TryRun(() => Check(policy, stored, password), ct) is not { } running)
        {
            return PasswordVerdict.Busy;
        }

        // Who is from a directory proves it there, unless a password is kept here. What is hashed meanwhile hides from the time it takes who is.
        var elsewhere = user?.Federated is not null && stored is null ? users.ProvesPasswordAsync(realm, user, password, ct).AsTask() : null;
        var (right, replacement) = await running;
        right |= elsewhere is not null && await elsewhere;
        Telemetry.CountPassword(realm, stored is null ? null : Read(stored), right);
        if (replacement is not null)
        {
            // Losing against a change of the password that ran at the same time is as it should be.
            await users.ReplaceCredentialAsync(realm.Id, user!.Id, stored!, replacement, ct);
        }

        return right ? PasswordVerdict.Right : PasswordVerdict.Wrong;
    }

    /// <summary>Whether a password is the one of a stored credential; null when too many wait.</summary>
    public async ValueTask<bool?> MatchesAsync(CredentialRepresentation stored, string password, CancellationToken ct = default) =>
        queue.TryRun(() => Matches(stored, password), ct) is { } running ? await running : null;

    /// <summary>A new credential for a password, hashed as the realm's policy says; null when too many wait. Policies are not checked here.</summary>
    public async ValueTask<CredentialRepresentation?> HashAsync(Realm realm, string password, CancellationToken ct = default) =>
        await HashAsync(PasswordPolicy.Of(realm), password, ct);

    /// <summary>As <see cref="HashAsync(Realm, string, CancellationToken)"/>, for a realm that is still being made.</summary>
    public async ValueTask<CredentialRepresentation?> HashAsync(PasswordPolicy policy, string password, CancellationToken ct = default)
    {
        if (queue.TryRun(() => Hash(policy, password), ct) is not { } running)
        {
            return null;
        }

        var (credentialData, secretData) = await running;
        return new CredentialRepresentation
        {
            Id = Ids.New(),
            Type = Type,
            CreatedDate = time.GetUtcNow().ToUnixTimeMilliseconds(),
            CredentialData = credentialData,
            SecretData = secretData,
        };
    }

    private static (bool Right, CredentialRepresentation? Replacement) Check(PasswordPolicy policy, CredentialRepresentation? stored, string password)
    {
        if (stored is null || PasswordHashes.Find(Read(stored)?.Algorithm) is not { } hash)
        {
            _ = policy.Hash.Hash(password, new byte[SaltBytes], policy.Hash.Describe(policy.HashIterations), policy.Hash.Length);
            return (false, null);
        }

        if (!Matches(stored, password))
        {
            return (false, null);
        }

        if (hash == policy.Hash && hash.Satisfies(Read(stored)!, policy.HashIterations))
        {
            return (true, null);
        }

        var (credentialData, secretData) = Hash(policy, password);
        return (true, new CredentialRepresentation
        {
            Id = stored.Id,
            Type = stored.Type,
            UserLabel = stored.UserLabel,
            CreatedDate = stored.CreatedDate,
            Priority = stored.Priority,
            FederationLink = stored.FederationLink,
            CredentialData = credentialData,
            SecretData = secretData,
        });
    }

    private static bool Matches(CredentialRepresentation stored, string password)
    {
        var data = Read(stored);
        var secret = CredentialJson.Read(stored.SecretData, CredentialJson.Default.PasswordSecretData);
        if (PasswordHashes.Find(data?.Algorithm) is not { } hash || !Base64(secret?.Value, out var expected) || !Base64(secret?.Salt, out var salt))
        {
            return false;
        }

        var given = expected.Length is 0 or > 1024 ? null : hash.Hash(password, salt, data!, expected.Length);
        return given is not null && CryptographicOperations.FixedTimeEquals(given, expected);
    }

    private static (string CredentialData, string SecretData) Hash(PasswordPolicy policy, string password)
    {
        var data = policy.Hash.Describe(policy.HashIterations);
        var salt = Secret.New(SaltBytes);
        var hash = policy.Hash.Hash(password, salt, data, policy.Hash.Length)
            ?? throw new InvalidOperationException($"The password policy's {policy.Hash.Algorithm} with {data.HashIterations} iterations cannot be computed.");
        return (JsonSerializer.Serialize(data, CredentialJson.Default.PasswordCredentialData),
            JsonSerializer.Serialize(new(Convert.ToBase64String(hash), Convert.ToBase64String(salt), []), CredentialJson.Default.PasswordSecretData));
    }

    private static PasswordCredentialData? Read(CredentialRepresentation stored) =>
        CredentialJson.Read(stored.CredentialData, CredentialJson.Default.PasswordCredentialData);

    private static bool Base64(string? text, out byte[] bytes)
    {
        bytes = [];
        if (text is null)
        {
            return false;
        }

        var buffer = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, buffer, out var length))
        {
            return false;
        }

        bytes = buffer[..length];
        return true;
    }
}
