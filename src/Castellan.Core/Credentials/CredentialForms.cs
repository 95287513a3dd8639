using System.Text.Json;
using Castellan.Core.Representations;

namespace Castellan.Core.Credentials;

/// <summary>Brings credentials of realm files and requests into the one form that is stored: secret and credential data as JSON texts.</summary>
public static class CredentialForms
{
    /// <summary>
    /// The form to store, with an id of its own. Old files carry <c>hashedSaltedValue</c> and its companions instead of the two documents. A
    /// credential that holds a plain <see cref="CredentialRepresentation.Value"/> is not for here: it wants <see cref="Passwords.HashAsync(PasswordPolicy, string, CancellationToken)"/>.
    /// </summary>
    public static CredentialRepresentation ToStored(CredentialRepresentation given, TimeProvider time)
    {
        var stored = new CredentialRepresentation
        {
            Id = given.Id ?? Ids.New(),
            Type = given.Type,
            UserLabel = given.UserLabel,
            CreatedDate = given.CreatedDate ?? time.GetUtcNow().ToUnixTimeMilliseconds(),
            SecretData = given.SecretData,
            CredentialData = given.CredentialData,
            Priority = given.Priority,
            FederationLink = given.FederationLink,
        };
        if (given.SecretData is null && given.CredentialData is null && given.HashedSaltedValue is not null)
        {
            if (given.Type is "totp" or "hotp")
            {
                stored.Type = "otp";
                stored.UserLabel ??= given.Device;
                stored.CredentialData = JsonSerializer.Serialize(
                    new(given.Type, given.Digits ?? 6, given.Counter ?? 0, given.Period ?? 30, given.Algorithm ?? "HmacSHA1", null), CredentialJson.Default.OtpCredentialData);
                stored.SecretData = JsonSerializer.Serialize(new(given.HashedSaltedValue), CredentialJson.Default.OtpSecretData);
            }
            else
            {
                stored.CredentialData = JsonSerializer.Serialize(
                    new(given.HashIterations ?? -1, given.Algorithm ?? "pbkdf2", given.Config), CredentialJson.Default.PasswordCredentialData);
                stored.SecretData = JsonSerializer.Serialize(new(given.HashedSaltedValue, given.Salt, null), CredentialJson.Default.PasswordSecretData);
            }
        }

        return stored;
    }

    /// <summary>What the admin API and the person herself may see: never the secret.</summary>
    public static CredentialRepresentation ToShown(CredentialRepresentation stored) => new()
    {
        Id = stored.Id,
        Type = stored.Type,
        UserLabel = stored.UserLabel,
        CreatedDate = stored.CreatedDate,
        CredentialData = stored.CredentialData,
        FederationLink = stored.FederationLink,
    };
}
