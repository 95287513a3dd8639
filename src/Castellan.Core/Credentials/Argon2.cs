using System.Globalization;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Castellan.Core.Credentials;

/// <summary>
/// Argon2 (RFC 9106) with Keycloak's parameters: type id, version 1.3, 7168 KiB, 5 passes, one lane, 32 bytes. libsodium computes it; for stored
/// hashes with what libsodium has not (several lanes, type d, version 1.0, other salts) BouncyCastle does, slower.
/// </summary>
public sealed class Argon2 : IPasswordHash
{
    private const int Kibibytes = 7168;

    /// <summary>What one sign-in may cost at most: a file must not be able to take the machine's memory.</summary>
    private const int MaxKibibytes = 1 << 20, MaxPasses = 1000, MaxLanes = 64;

    public string Algorithm => "argon2";

    public int DefaultIterations => 5;

    public int Length => 32;

    public PasswordCredentialData Describe(int? iterations) => new(iterations ?? DefaultIterations, Algorithm, new()
    {
        ["hashLength"] = [Length.ToString(CultureInfo.InvariantCulture)],
        ["memory"] = [Kibibytes.ToString(CultureInfo.InvariantCulture)],
        ["type"] = ["id"],
        ["version"] = ["1.3"],
        ["parallelism"] = ["1"],
    });

    public byte[]? Hash(string password, byte[] salt, PasswordCredentialData parameters, int length)
    {
        var passes = parameters.HashIterations;
        if (passes is < 1 or > MaxPasses || length < 16
            || !Number(parameters, "memory", Kibibytes, 8, MaxKibibytes, out var memory) || !Number(parameters, "parallelism", 1, 1, MaxLanes, out var lanes))
        {
            return null;
        }

        var type = parameters.Parameter("type") ?? "id";
        var version = parameters.Parameter("version") ?? "1.3";
        var bytes = Encoding.UTF8.GetBytes(password);
        if (type is not ("id" or "i" or "d") || version is not ("1.3" or "1.0"))
        {
            return null;
        }

        if (lanes == 1 && version == "1.3" && salt.Length == Sodium.SaltBytes && (type == "id" || (type == "i" && passes >= 3)))
        {
            var hash = new byte[length];
            Sodium.Argon2(hash, bytes, salt, passes, memory, type == "id" ? Sodium.Argon2id : Sodium.Argon2i);
            return hash;
        }

        return Other(bytes, salt, passes, memory, lanes, type, version, length);
    }

    /// <summary>Keycloak compares everything but the passes: a changed <c>hashIterations</c> alone touches new passwords only.</summary>
    public bool Satisfies(PasswordCredentialData stored, int? iterations)
    {
        var wanted = Describe(iterations);
        return wanted.AdditionalParameters!.Keys.All(name => stored.Parameter(name) == wanted.Parameter(name));
    }

    private static byte[] Other(byte[] password, byte[] salt, int passes, int memory, int lanes, string type, string version, int length)
    {
        var parameters = new Argon2Parameters.Builder(type switch { "id" => Argon2Parameters.Argon2id, "i" => Argon2Parameters.Argon2i, _ => Argon2Parameters.Argon2d })
            .WithVersion(version == "1.3" ? Argon2Parameters.Version13 : Argon2Parameters.Version10)
            .WithIterations(passes).WithMemoryAsKB(memory).WithParallelism(lanes).WithSalt(salt).Build();
        var generator = new Argon2BytesGenerator();
        generator.Init(parameters);
        var hash = new byte[length];
        generator.GenerateBytes(password, hash);
        return hash;
    }

    private static bool Number(PasswordCredentialData data, string name, int otherwise, int least, int most, out int value)
    {
        value = otherwise;
        return data.Parameter(name) is not { } text
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most);
    }
}
