using System.Globalization;
using Castellan.Core.Realms;

namespace Castellan.Core.Credentials;

/// <summary>A realm's password policy, <c>length(8) and digits(1)</c>, taken apart. Order and case of ids as written.</summary>
public sealed class PasswordPolicy
{
    private readonly Dictionary<string, string?> _entries = new(StringComparer.Ordinal);

    private PasswordPolicy(string? text)
    {
        foreach (var part in (text ?? "").Split(" and ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var open = part.IndexOf('(', StringComparison.Ordinal);
            var id = open < 0 ? part : part[..open].Trim();
            // The value ends at the last bracket: regular expressions hold brackets of their own.
            _entries[id] = open < 0 ? null : part[(open + 1)..(part.LastIndexOf(')') is var close && close > open ? close : part.Length)];
        }
    }

    public static PasswordPolicy Parse(string? text) => new(text);

    /// <summary>The policy of a realm, parsed once for each picture of it.</summary>
    public static PasswordPolicy Of(Realm realm) => realm.Compiled(static r => new PasswordPolicy(r.Settings.PasswordPolicy));

    /// <summary>What is written, by id; the value null where no brackets are.</summary>
    public IReadOnlyDictionary<string, string?> Entries => _entries;

    public bool Has(string id) => _entries.ContainsKey(id);

    /// <summary>The number in the brackets, or the default of the policy when there is none; null when the policy is not in force.</summary>
    public int? Number(string id, int otherwise) =>
        !_entries.TryGetValue(id, out var text) ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    /// <summary>The algorithm for new passwords.</summary>
    public IPasswordHash Hash => PasswordHashes.Find(_entries.GetValueOrDefault("hashAlgorithm")) ?? PasswordHashes.Default;

    /// <summary>The iterations for new passwords; null leaves them to the algorithm. Keycloak reads anything below 1 as "default".</summary>
    public int? HashIterations => Number("hashIterations", -1) is > 0 and var iterations ? iterations : null;
}
