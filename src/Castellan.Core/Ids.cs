using System.Security.Cryptography;

namespace Castellan.Core;

/// <summary>Identifiers of realms, clients, users and whatever else is named by a UUID, as Keycloak makes them.</summary>
public static class Ids
{
    /// <summary>A new random UUID in its text form (RFC 9562 §5.4).</summary>
#pragma warning disable RS0030 // the one place that may
    public static string New() => Guid.NewGuid().ToString();
#pragma warning restore RS0030
}

/// <summary>Random values that nobody can guess.</summary>
public static class Secret
{
    private const string Alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>New random bytes from the operating system.</summary>
    public static byte[] New(int bytes) => RandomNumberGenerator.GetBytes(bytes);

    /// <summary>Letters and digits, about 5.95 bits each: the form of Keycloak's client secrets.</summary>
    public static string Text(int length) => RandomNumberGenerator.GetString(Alphanumerics, length);

    /// <summary>Random bytes as base64url without padding: the form of session ids since Keycloak 26.5 (18 bytes, 24 characters).</summary>
    public static string Base64Url(int bytes) => System.Buffers.Text.Base64Url.EncodeToString(New(bytes));

    /// <summary>Whether two secrets are equal, in a time that depends on their lengths alone.</summary>
    public static bool Equal(string given, string expected) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(given)), SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(expected)));

    /// <summary>The form in which codes and tokens are stored: SHA-256, base64url.</summary>
    public static string Hash(string token) =>
        System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token)));
}
