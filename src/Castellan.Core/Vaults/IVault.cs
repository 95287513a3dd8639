namespace Castellan.Core.Vaults;

/// <summary>
/// Secrets that lie outside of the database. A setting of a realm names one as <c>${vault.key}</c>, and whoever uses the setting asks for the secret then,
/// so that a changed one counts at once and none is ever stored, shown or exported.
/// </summary>
public interface IVault
{
    /// <summary>The secret of that name for that realm; null when there is none.</summary>
    ValueTask<string?> FindAsync(string realm, string key, CancellationToken ct = default);
}

/// <summary>A server without a vault.</summary>
public sealed class NoVault : IVault
{
    public ValueTask<string?> FindAsync(string realm, string key, CancellationToken ct = default) => new((string?)null);
}

/// <summary>References to secrets in settings.</summary>
public static class VaultReferences
{
    private const string Start = "${vault.";

    /// <summary>The secret that a setting refers to; the setting as it is when it refers to none, or to one that the vault does not have.</summary>
    public static async ValueTask<string> ResolveAsync(this IVault vault, string realm, string setting, CancellationToken ct = default) =>
        Key(setting) is { } key ? await vault.FindAsync(realm, key, ct) ?? setting : setting;

    /// <summary>The name within <c>${vault.name}</c>; null for any other text.</summary>
    public static string? Key(string setting) =>
        setting.StartsWith(Start, StringComparison.Ordinal) && setting.EndsWith('}') && setting.Length > Start.Length + 1 ? setting[Start.Length..^1] : null;
}
