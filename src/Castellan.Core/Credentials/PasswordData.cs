using System.Text.Json;
using System.Text.Json.Serialization;
using Castellan.Core.Representations;

namespace Castellan.Core.Credentials;

/// <summary>How a password was hashed: what lies in <see cref="CredentialRepresentation.CredentialData"/>, in Keycloak's form.</summary>
public sealed record PasswordCredentialData(int HashIterations, string? Algorithm, Dictionary<string, List<string>>? AdditionalParameters)
{
    public string? Parameter(string name) => AdditionalParameters?.GetValueOrDefault(name) is [var first, ..] ? first : null;
}

/// <summary>The hash and its salt in base64: what lies in <see cref="CredentialRepresentation.SecretData"/>.</summary>
public sealed record PasswordSecretData(string? Value, string? Salt, Dictionary<string, List<string>>? AdditionalParameters)
{
    /// <summary>Never shows the hash.</summary>
    public override string ToString() => "***";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(LenientBoolean), typeof(LenientInt32), typeof(LenientInt64), typeof(LenientString)])]
[JsonSerializable(typeof(PasswordCredentialData))]
[JsonSerializable(typeof(PasswordSecretData))]
[JsonSerializable(typeof(OtpCredentialData))]
[JsonSerializable(typeof(OtpSecretData))]
[JsonSerializable(typeof(WebAuthn.WebAuthnCredentialData))]
internal sealed partial class CredentialJson : JsonSerializerContext
{
    /// <summary>Reads stored data; null for what is no such document, since an import takes any text.</summary>
    public static T? Read<T>(string? json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
