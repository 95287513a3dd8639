using Castellan.Core.Vaults;

namespace Castellan.Server.Admin;

/// <summary>Secrets that are shown as stars.</summary>
internal static class Masks
{
    /// <summary>What stands for a secret. Sent back in an update it means: as it was.</summary>
    public const string Secret = "**********";

    /// <summary>What is shown of a secret: a reference into the vault is none, and is shown.</summary>
    public static string Of(string? secret) => secret is not null && VaultReferences.Key(secret) is not null ? secret : Secret;
}
