using System.Buffers.Text;
using System.Text.Json;
using Castellan.Core.Representations;

namespace Castellan.Core.Credentials.WebAuthn;

/// <summary>An authenticator's key as it is stored, in Keycloak's form.</summary>
public sealed record WebAuthnCredentialData(
    string? Aaguid, string? CredentialId, long Counter, string? CredentialPublicKey, string? AttestationStatementFormat, List<string>? Transports);

/// <summary>Stored keys of authenticators.</summary>
public static class WebAuthnCredential
{
    public const string SecondFactorType = "webauthn";

    public const string PasswordlessType = "webauthn-passwordless";

    /// <summary>What is stored; null for what nobody can use.</summary>
    public static WebAuthnCredentialData? Read(CredentialRepresentation stored) =>
        CredentialJson.Read(stored.CredentialData, CredentialJson.Default.WebAuthnCredentialData);

    /// <summary>The id under which browsers and authenticators know the key, base64url; null for what nobody can use.</summary>
    public static string? IdOf(CredentialRepresentation stored) =>
        Read(stored)?.CredentialId is { } id && TryBytes(id, out var bytes) ? Base64Url.EncodeToString(bytes) : null;

    public static List<string> TransportsOf(CredentialRepresentation stored) => Read(stored)?.Transports ?? [];

    internal static CredentialRepresentation New(string type, string? label, long created, WebAuthnCredentialData data) => new()
    {
        Id = Ids.New(),
        Type = type,
        UserLabel = label,
        CreatedDate = created,
        SecretData = "{}",
        CredentialData = JsonSerializer.Serialize(data, CredentialJson.Default.WebAuthnCredentialData),
    };

    internal static CredentialRepresentation WithCounter(CredentialRepresentation stored, WebAuthnCredentialData data, long counter) => new()
    {
        Id = stored.Id, Type = stored.Type, UserLabel = stored.UserLabel, CreatedDate = stored.CreatedDate, Priority = stored.Priority,
        FederationLink = stored.FederationLink, SecretData = stored.SecretData,
        CredentialData = JsonSerializer.Serialize(data with { Counter = counter }, CredentialJson.Default.WebAuthnCredentialData),
    };

    /// <summary>Reads base64url as browsers write it, and plain base64 as old versions stored it.</summary>
    internal static bool TryBytes(string text, out byte[] bytes)
    {
        try
        {
            bytes = Base64Url.DecodeFromChars(text.Replace('+', '-').Replace('/', '_').TrimEnd('='));
            return true;
        }
        catch (FormatException)
        {
            bytes = [];
            return false;
        }
    }
}
