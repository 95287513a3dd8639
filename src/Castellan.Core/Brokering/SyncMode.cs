namespace Castellan.Core.Brokering;

/// <summary>What a mapper does with people who come again.</summary>
public enum SyncMode
{
    /// <summary>As the provider says.</summary>
    Inherit,

    /// <summary>Nothing: only the first sign-in counts.</summary>
    Import,

    /// <summary>Everything is made what the provider says now, and taken away when it says it no more.</summary>
    Force,

    /// <summary>As Keycloak did before there were modes: each mapper has its own habit.</summary>
    Legacy,
}

/// <summary>The words for modes in settings.</summary>
public static class SyncModes
{
    public static SyncMode Parse(string? text) => text switch
    {
        "IMPORT" => SyncMode.Import,
        "FORCE" => SyncMode.Force,
        "LEGACY" => SyncMode.Legacy,
        _ => SyncMode.Inherit,
    };
}
