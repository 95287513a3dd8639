using System.Globalization;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Credentials;

/// <summary>A realm's password policy, <c>length(8) and digits(1)</c>, taken apart.</summary>
public sealed class PasswordPolicy
{
    private readonly Dictionary<string, string?> _entries;

    private PasswordPolicy(string? text) => _entries = Split(text);

    public static PasswordPolicy Parse(string? text) => new(text);

    /// <summary>The policy of a realm, parsed once for each picture of it.</summary>
    public static PasswordPolicy Of(Realm realm) => realm.Compiled(static r => new PasswordPolicy(r.Settings.PasswordPolicy));

    /// <summary>Why a text is no password policy, in Keycloak's words; null when it is one.</summary>
    public static string? Problem(string? text, PasswordBlacklists? blacklists = null)
    {
        foreach (var (id, value) in Split(text))
        {
            if (PasswordRules.Find(id) is not { } rule)
            {
                return "Password policy not found";
            }

            if (rule.Problem(value, blacklists) is { } problem)
            {
                return $"Invalid config for {id}: {problem}";
            }
        }

        return null;
    }

    /// <summary>What is written, by id; the value null where no brackets are.</summary>
    public IReadOnlyDictionary<string, string?> Entries => _entries;

    /// <summary>The rules in the order in which they refuse: that of a Java hash table over the ids, since automation may look for the one that Keycloak names first.</summary>
    internal IEnumerable<(PasswordRule Rule, string? Value)> InOrder()
    {
        var buckets = 16;
        while (_entries.Count > buckets * 3 / 4)
        {
            buckets *= 2;
        }

        return _entries.OrderBy(e => Bucket(e.Key, buckets)).Select(e => (PasswordRules.Find(e.Key), e.Value)).Where(e => e.Item1 is not null)!;
    }

    public bool Has(string id) => _entries.ContainsKey(id);

    /// <summary>The number in the brackets, or the policy's default when there is none; null when the policy is not in force.</summary>
    public int? Number(string id) => _entries.TryGetValue(id, out var text) ? PasswordRules.Number(text, PasswordRules.Find(id)?.Default ?? 0) : null;

    /// <summary>The algorithm for new passwords.</summary>
    public IPasswordHash Hash => PasswordHashes.Find(_entries.GetValueOrDefault("hashAlgorithm")) ?? PasswordHashes.Default;

    /// <summary>The iterations for new passwords; null leaves them to the algorithm.</summary>
    public int? HashIterations => Number("hashIterations") is > 0 and var iterations ? iterations : null;

    /// <summary>How many of the last passwords, the current one among them, may not be used again; 0 for no such rule.</summary>
    public int History => Math.Max(0, Number("passwordHistory") ?? 0);

    /// <summary>Within how many days an earlier password may not be used again; 0 for no such rule.</summary>
    public int AgeInDays => Math.Max(0, Number("passwordAge") ?? 0);

    /// <summary>How old a sign-in may be, in seconds, to change credentials without a new one.</summary>
    public int MaxAuthAge => Number("maxAuthAge") ?? 300;

    /// <summary>Below how many recovery codes their owner is warned.</summary>
    public int RecoveryCodesWarningThreshold => Number("recoveryCodesWarningThreshold") ?? 4;

    /// <summary>After how many days a password must be changed, with 0 at every sign-in; null for never.</summary>
    public int? ExpiresAfterDays => Number("forceExpiredPasswordChange") is not -1 and var days ? days : null;

    /// <summary>Whether a password is so old that its owner must change it.</summary>
    public bool IsExpired(CredentialRepresentation password, long now) =>
        ExpiresAfterDays is { } days && (password.CreatedDate is not { } created || now - created > days * 86_400_000L);

    private static Dictionary<string, string?> Split(string? text)
    {
        var entries = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var part in (text ?? "").Split(" and ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var open = part.IndexOf('(', StringComparison.Ordinal);
            entries[open < 0 ? part : part[..open].Trim()] = open < 0 ? null : part[(open + 1)..Math.Max(open + 1, part.Length - 1)];
        }

        return entries;
    }

    private static int Bucket(string id, int buckets)
    {
        var hash = 0;
        foreach (var c in id)
        {
            hash = unchecked((hash * 31) + c);
        }

        return (hash ^ (hash >>> 16)) & (buckets - 1);
    }
}

/// <summary>Why a password is refused: a message key of Keycloak with its parameters, and the English text.</summary>
public sealed record PasswordRefusal(string Key, IReadOnlyList<string> Parameters, string Text)
{
    /// <summary>The password lies where it cannot be changed.</summary>
    public static PasswordRefusal ReadOnly { get; } = new("readOnlyPasswordMessage", [], "Can't reset password as account is read only");

    internal static PasswordRefusal Of(string key, string format, params string[] parameters) =>
        new(key, parameters, string.Format(CultureInfo.InvariantCulture, format, [.. parameters]));
}
