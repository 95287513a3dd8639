using Castellan.Core.Codes;
using Castellan.Core.Credentials;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;

namespace Castellan.Core.Login;

/// <summary>What became of a secret that was given.</summary>
public enum CheckResult
{
    Right, Wrong,

    /// <summary>Too many were wrong before: nothing was looked at.</summary>
    Locked,

    /// <summary>Too many wait to be hashed: nothing was looked at, nothing counted.</summary>
    Busy,
}

/// <summary>Checks what people prove themselves with. Every check takes part in the counting against guesses, whatever the factor or grant.</summary>
public sealed class CredentialChecks(Passwords passwords, BruteForceGuard guard, IUserStore users, IOneUse oneUse, TimeProvider time)
{
    /// <summary>A password. Costs the same work for nobody, and for somebody who is locked out.</summary>
    public async ValueTask<CheckResult> PasswordAsync(Realm realm, User? user, string password, string? ipAddress, CancellationToken ct)
    {
        if (user is null)
        {
            return await passwords.VerifyAsync(realm, null, password, ct) == PasswordVerdict.Busy ? CheckResult.Busy : CheckResult.Wrong;
        }

        await using var attempt = await guard.BeginAsync(realm, user, ipAddress, ct);
        switch (await passwords.VerifyAsync(realm, attempt.Locked ? null : user, password, ct))
        {
            case PasswordVerdict.Busy:
                return CheckResult.Busy;
            case PasswordVerdict.Right:
                return CheckResult.Right;
            default:
                if (attempt.Locked)
                {
                    return CheckResult.Locked;
                }

                await attempt.FailedAsync(ct: ct);
                return CheckResult.Wrong;
        }
    }

    /// <summary>A one-time code of the given device; of the first one for null. A code counts once.</summary>
    public ValueTask<CheckResult> OtpAsync(Realm realm, User user, string? credentialId, string code, string? ipAddress, CancellationToken ct) =>
        SecondFactorAsync(realm, user, ipAddress, () => OtpAsync(realm, user, credentialId, code, ct), ct, guessable: true);

    /// <summary>The next recovery code; it is used up.</summary>
    public ValueTask<CheckResult> RecoveryCodeAsync(Realm realm, User user, string code, string? ipAddress, CancellationToken ct) =>
        SecondFactorAsync(realm, user, ipAddress, () => RecoveryCodeAsync(realm, user, code, ct), ct);

    /// <summary>Any other second factor, counted like the rest.</summary>
    /// <param name="guessable">Whether its secrets are so short that the realm counts failures apart (<c>maxSecondaryAuthFailures</c>): one-time codes.</param>
    public async ValueTask<CheckResult> SecondFactorAsync(Realm realm, User user, string? ipAddress, Func<ValueTask<bool>> check, CancellationToken ct, bool guessable = false)
    {
        await using var attempt = await guard.BeginAsync(realm, user, ipAddress, ct);
        if (attempt.Locked)
        {
            return CheckResult.Locked;
        }

        if (await check())
        {
            return CheckResult.Right;
        }

        await attempt.FailedAsync(guessable, ct);
        return CheckResult.Wrong;
    }

    private async ValueTask<bool> OtpAsync(Realm realm, User user, string? credentialId, string code, CancellationToken ct)
    {
        var devices = (await users.CredentialsAsync(realm.Id, user.Id, ct)).Where(c => c.Type == "otp");
        var stored = credentialId is null ? devices.FirstOrDefault() : devices.FirstOrDefault(c => c.Id == credentialId);
        if (stored is null || OneTimeCodes.Read(stored) is not { } device)
        {
            return false;
        }

        var window = Math.Clamp(realm.Settings.OtpPolicyLookAheadWindow ?? 1, 0, 100);
        if (device.IsCounter)
        {
            if (device.FindCounter(code, window) is not { } used)
            {
                return false;
            }

            // The counter moves in the same statement that looks whether it still is what was read: of two equal codes one loses.
            return await users.ReplaceCredentialAsync(realm.Id, user.Id, stored, OneTimeCodes.WithCounter(stored, used + 1), ct);
        }

        if (device.FindStep(code, time.GetUtcNow().ToUnixTimeSeconds(), window) is not { } step)
        {
            return false;
        }

        var reusable = realm.Attribute("realmReusableOtpCode") == "true";
        var until = time.GetUtcNow().AddSeconds((long)device.Period * ((2 * window) + 2)).ToUnixTimeMilliseconds();
        return reusable || await oneUse.TryAddAsync(realm.Id, OneUseKinds.OtpUsed, $"{stored.Id}.{step}", until, ct);
    }

    private async ValueTask<bool> RecoveryCodeAsync(Realm realm, User user, string code, CancellationToken ct)
    {
        var stored = (await users.CredentialsAsync(realm.Id, user.Id, ct)).Find(c => c.Type == "recovery-authn-codes");
        return stored is not null && RecoveryCodes.Take(stored, code) is { } rest && await users.ReplaceCredentialAsync(realm.Id, user.Id, stored, rest, ct);
    }
}
