namespace Castellan.Server.Admin;

/// <summary>Secrets that are shown as stars.</summary>
internal static class Masks
{
    /// <summary>What stands for a secret. Sent back in an update it means: as it was.</summary>
    public const string Secret = "**********";
}
