using System.Security.Cryptography;
using System.Text;

namespace Castellan.Core.Credentials;

/// <summary>PBKDF2 (RFC 8018 §5.2) with 64 byte hashes; stored ones are verified by their own length and iterations.</summary>
public sealed class Pbkdf2(string algorithm, HashAlgorithmName hash, int defaultIterations) : IPasswordHash
{
    /// <summary>What one sign-in may cost at most: a file must not be able to occupy the queue for minutes.</summary>
    private const int MaxIterations = 20_000_000;

    public string Algorithm => algorithm;

    public int DefaultIterations => defaultIterations;

    public int Length => 64;

    public PasswordCredentialData Describe(int? iterations) => new(iterations ?? defaultIterations, algorithm, []);

    public byte[]? Hash(string password, byte[] salt, PasswordCredentialData parameters, int length) =>
        parameters.HashIterations is < 1 or > MaxIterations
            ? null
            : Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, parameters.HashIterations, hash, length);

    public bool Satisfies(PasswordCredentialData stored, int? iterations) => stored.HashIterations == (iterations ?? defaultIterations);
}
