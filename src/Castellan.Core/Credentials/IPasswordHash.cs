namespace Castellan.Core.Credentials;

/// <summary>A password hashing algorithm under the name that stored credentials and the policy <c>hashAlgorithm</c> use.</summary>
public interface IPasswordHash
{
    string Algorithm { get; }

    int DefaultIterations { get; }

    /// <summary>What describes a new hash; <paramref name="iterations"/> null takes the default.</summary>
    PasswordCredentialData Describe(int? iterations);

    /// <summary>The hash of a password, as long as <paramref name="length"/>; null when the parameters are none that the algorithm has.</summary>
    byte[]? Hash(string password, byte[] salt, PasswordCredentialData parameters, int length);

    int Length { get; }

    /// <summary>Whether a stored hash is what the policy asks for, so that it may stay.</summary>
    bool Satisfies(PasswordCredentialData stored, int? iterations);
}

/// <summary>The algorithms, by name.</summary>
public static class PasswordHashes
{
    public static readonly IPasswordHash Default = new Argon2();

    private static readonly Dictionary<string, IPasswordHash> s_all = new IPasswordHash[]
    {
        Default,
        new Pbkdf2("pbkdf2", System.Security.Cryptography.HashAlgorithmName.SHA1, 1_300_000),
        new Pbkdf2("pbkdf2-sha256", System.Security.Cryptography.HashAlgorithmName.SHA256, 600_000),
        new Pbkdf2("pbkdf2-sha512", System.Security.Cryptography.HashAlgorithmName.SHA512, 210_000),
    }.ToDictionary(h => h.Algorithm, StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => s_all.Keys;

    public static IPasswordHash? Find(string? algorithm) => algorithm is null ? null : s_all.GetValueOrDefault(algorithm);
}
