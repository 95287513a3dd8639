using Castellan.Core.Representations;

namespace Castellan.Core.Login.Actions;

/// <summary>What people call their devices: of one type no two alike.</summary>
public static class CredentialNames
{
    /// <summary>What Keycloak says, in English only.</summary>
    public const string Taken = "Device already exists with the same name";

    public static bool IsTaken(IEnumerable<CredentialRepresentation> sameType, string? label) =>
        label?.Trim() is { Length: > 0 } wanted && sameType.Any(c => string.Equals(c.UserLabel?.Trim(), wanted, StringComparison.OrdinalIgnoreCase));
}
