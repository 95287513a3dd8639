using System.Buffers.Text;
using System.Globalization;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Keys;

/// <summary>The kinds of key provider that a realm may have.</summary>
public static class KeyProviders
{
    /// <summary>The <c>providerType</c> of their components.</summary>
    public const string ProviderType = "org.keycloak.keys.KeyProvider";

    private static readonly string[] s_rsaSignatures = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
    private static readonly string[] s_rsaEncryptions = ["RSA-OAEP", "RSA-OAEP-256", "RSA1_5"];

    /// <summary>All of them: a new kind is a line here.</summary>
    public static IReadOnlyList<KeyProvider> All { get; } =
    [
        new RsaKeyProvider("rsa-generated", RealmKey.Sig, s_rsaSignatures, imported: false),
        new RsaKeyProvider("rsa-enc-generated", RealmKey.Enc, s_rsaEncryptions, imported: false),
        new RsaKeyProvider("rsa", RealmKey.Sig, s_rsaSignatures, imported: true),
        new RsaKeyProvider("rsa-enc", RealmKey.Enc, s_rsaEncryptions, imported: true),
        new CurveKeyProvider("ecdsa-generated", RealmKey.Sig, "ecdsa", [("P-256", "ES256"), ("P-384", "ES384"), ("P-521", "ES512")], EcKey.Generate),
        new CurveKeyProvider("ecdh-generated", RealmKey.Enc, "ecdh", [("P-256", "ECDH-ES"), ("P-384", "ECDH-ES"), ("P-521", "ECDH-ES")], EcKey.Generate),
        new CurveKeyProvider("eddsa-generated", RealmKey.Sig, "eddsa", [("Ed25519", "EdDSA"), ("Ed448", "EdDSA")], OkpKey.Generate),
        new SecretKeyProvider("hmac-generated", RealmKey.Sig, ["HS256", "HS384", "HS512"], "HS256", 128),
        new SecretKeyProvider("aes-generated", RealmKey.Enc, ["AES"], "AES", 32),
        new KeystoreProvider(),
    ];

    public static KeyProvider? Find(string? providerId) => All.FirstOrDefault(p => p.Id == providerId);

    /// <summary>
    /// Checks a key provider's configuration and generates what it lacks, in place. Null when it is sound, otherwise what is wrong with it, in the
    /// words of the admin API. To be called for every such component before it is stored.
    /// </summary>
    public static string? Prepare(ComponentRepresentation component, string realmName, DateTimeOffset now)
    {
        component.Config ??= [];
        if (Find(component.ProviderId) is not { } provider)
        {
            return $"Invalid provider type '{component.ProviderId}'";
        }

        return ComponentChecks.Number<long>(component, "priority", "Priority") ?? ComponentChecks.Flag(component, "enabled", "Enabled") ?? ComponentChecks.Flag(component, "active", "Active")
            ?? provider.Prepare(component, realmName, now);
    }

    /// <summary>
    /// The provider that makes up for a missing key: of the lowest priority, so that any other is preferred. Null for an algorithm that no key can have.
    /// </summary>
    public static ComponentRepresentation? Fallback(string realmId, string use, string algorithm)
    {
        foreach (var provider in All)
        {
            if (provider.Use == use && provider.Generates(algorithm) is { } config)
            {
                config["priority"] = ["-100"];
                return new()
                {
                    Id = Ids.New(), Name = $"fallback-{algorithm}", ParentId = realmId, ProviderId = provider.Id, ProviderType = ProviderType, Config = config,
                };
            }
        }

        return null;
    }

    internal static string? Text(ComponentRepresentation component, string name) =>
        component.Config?.GetValueOrDefault(name) is [{ Length: > 0 } value, ..] ? value : null;

    internal static KeyStatus Status(ComponentRepresentation component) =>
        Text(component, "enabled") == "false" ? KeyStatus.Disabled : Text(component, "active") == "false" ? KeyStatus.Passive : KeyStatus.Active;

    internal static long Priority(ComponentRepresentation component) => long.TryParse(Text(component, "priority"), out var priority) ? priority : 0;
}

/// <summary>One kind of key provider.</summary>
public abstract class KeyProvider(string id, string use)
{
    public string Id => id;

    public string Use => use;

    /// <summary>The key of a component; null when its configuration does not make one, so that one broken provider breaks nothing else.</summary>
    public abstract RealmKey? Read(ComponentRepresentation component);

    /// <summary>Checks and completes a configuration; what is wrong with it, or null.</summary>
    public abstract string? Prepare(ComponentRepresentation component, string realmName, DateTimeOffset now);

    /// <summary>The configuration that generates a key of this algorithm; null when the provider does not.</summary>
    public abstract Dictionary<string, List<string>>? Generates(string algorithm);

    protected RealmKey Key(ComponentRepresentation component, string kid, string algorithm, JoseKey key, string? certificate = null, string? otherUse = null) => new()
    {
        Kid = kid,
        ComponentId = component.Id ?? "",
        Priority = KeyProviders.Priority(component),
        Status = KeyProviders.Status(component),
        Use = otherUse ?? use,
        Algorithm = algorithm,
        Key = key,
        Certificate = certificate is not null && KeyFiles.TryReadCertificate(certificate, out var read) ? read : null,
    };
}

/// <summary>RSA keys: generated, or given as PEM.</summary>
internal sealed class RsaKeyProvider(string id, string use, string[] algorithms, bool imported) : KeyProvider(id, use)
{
    private static readonly string[] s_sizes = ["1024", "2048", "3072", "4096"];

    public override RealmKey? Read(ComponentRepresentation component)
    {
        if (KeyProviders.Text(component, "privateKey") is not { } text || !KeyFiles.TryReadPrivateKey(text, out var key) || key is not RsaKey)
        {
            return null;
        }

        // Before there was a provider for each use, a component said itself what its key is for.
        var otherUse = KeyProviders.Text(component, "keyUse") is { } said ? string.Equals(said, RealmKey.Enc, StringComparison.OrdinalIgnoreCase) ? RealmKey.Enc : RealmKey.Sig : null;
        var algorithm = KeyProviders.Text(component, "algorithm") ?? (Use == RealmKey.Enc ? "RSA-OAEP" : "RS256");
        return Key(component, KeyProviders.Text(component, "kid") ?? key.KeyId(), algorithm, key, KeyProviders.Text(component, "certificate"), otherUse);
    }

    public override string? Prepare(ComponentRepresentation component, string realmName, DateTimeOffset now)
    {
        if (ComponentChecks.OneOf(component, "algorithm", "Algorithm", algorithms) is { } wrong)
        {
            return wrong;
        }

        return imported ? PrepareImported(component, realmName, now) : PrepareGenerated(component, realmName, now);
    }

    public override Dictionary<string, List<string>>? Generates(string algorithm) =>
        !imported && algorithms.Contains(algorithm) ? new() { ["algorithm"] = [algorithm] } : null;

    private string? PrepareGenerated(ComponentRepresentation component, string realmName, DateTimeOffset now)
    {
        if (ComponentChecks.OneOf(component, "keySize", "Key size", s_sizes) is { } wrong)
        {
            return wrong;
        }

        var size = int.Parse(KeyProviders.Text(component, "keySize") ?? "2048");
        var config = component.Config!;
        var key = KeyProviders.Text(component, "privateKey") is { } text && KeyFiles.TryReadPrivateKey(text, out var read) ? read as RsaKey : null;
        if (key is null || (KeyProviders.Text(component, "keySize") is not null && key.Bits != size))
        {
            key = RsaKey.Generate(size);
            config["privateKey"] = [KeyFiles.WritePrivateKey(key)];
            config.Remove("certificate");
        }

        config.TryAdd("keyUse", [Use]);
        Certify(component, key, realmName, now);
        return null;
    }

    private static string? PrepareImported(ComponentRepresentation component, string realmName, DateTimeOffset now)
    {
        if (KeyProviders.Text(component, "privateKey") is not { } text)
        {
            return "'Private RSA Key' is required";
        }

        if (!KeyFiles.TryReadPrivateKey(text, out var key) || key is not RsaKey)
        {
            return "Failed to decode private key";
        }

        if (KeyProviders.Text(component, "certificate") is { } certificate)
        {
            if (!KeyFiles.TryReadCertificate(certificate, out var read))
            {
                return "Failed to decode certificate";
            }

            using (read)
            {
                return KeyFiles.PublicKeyOf(read)?.KeyId() == key.KeyId() ? null : "Certificate does not match private key";
            }
        }

        Certify(component, key, realmName, now);
        return null;
    }

    private static void Certify(ComponentRepresentation component, JoseKey key, string realmName, DateTimeOffset now)
    {
        if (KeyProviders.Text(component, "certificate") is null && KeyFiles.SelfSigned(key, realmName, now) is { } made)
        {
            using (made)
            {
                component.Config!["certificate"] = [KeyFiles.WriteCertificate(made)];
            }
        }
    }
}

/// <summary>Keys on curves: ECDSA, ECDH, EdDSA. Their members are named <c>ecdsaPrivateKey</c> and so on.</summary>
internal sealed class CurveKeyProvider(
    string id, string use, string prefix, (string Curve, string Algorithm)[] curves, Func<string, JoseKey?> generate) : KeyProvider(id, use)
{
    public override RealmKey? Read(ComponentRepresentation component)
    {
        if (KeyProviders.Text(component, prefix + "PrivateKey") is not { } text || !KeyFiles.TryReadPrivateKey(text, out var key))
        {
            return null;
        }

        var algorithm = Use == RealmKey.Enc && KeyProviders.Text(component, prefix + "Algorithm") is { } said
            ? said
            : curves.FirstOrDefault(c => c.Curve == CurveOf(key)).Algorithm;
        return algorithm is null ? null : Key(component, KeyProviders.Text(component, "kid") ?? key.KeyId(), algorithm, key, KeyProviders.Text(component, "certificate"));
    }

    public override string? Prepare(ComponentRepresentation component, string realmName, DateTimeOffset now)
    {
        var member = prefix + "EllipticCurveKey";
        if (ComponentChecks.OneOf(component, member, "Elliptic Curve", [.. curves.Select(c => c.Curve)]) is { } wrong)
        {
            return wrong;
        }

        var curve = KeyProviders.Text(component, member) ?? curves[0].Curve;
        var key = KeyProviders.Text(component, prefix + "PrivateKey") is { } text && KeyFiles.TryReadPrivateKey(text, out var read) ? read : null;
        var config = component.Config!;
        if (key is null || CurveOf(key) != curve)
        {
            key = generate(curve)!;
            config[prefix + "PrivateKey"] = [KeyFiles.WritePrivateKey(key)];
        }

        config[prefix + "PublicKey"] = [KeyFiles.WritePublicKey(key)];
        config.TryAdd(member, [curve]);
        return null;
    }

    public override Dictionary<string, List<string>>? Generates(string algorithm)
    {
        var curve = curves.FirstOrDefault(c => c.Algorithm == algorithm || (Use == RealmKey.Enc && algorithm.StartsWith(c.Algorithm + "+", StringComparison.Ordinal))).Curve;
        if (curve is null)
        {
            return null;
        }

        var config = new Dictionary<string, List<string>> { [prefix + "EllipticCurveKey"] = [curve] };
        if (Use == RealmKey.Enc)
        {
            config[prefix + "Algorithm"] = [algorithm];
        }

        return config;
    }

    private static string? CurveOf(JoseKey key) => (key as EcKey)?.Curve ?? (key as OkpKey)?.Curve;
}

/// <summary>Shared secrets: HMAC and AES.</summary>
internal sealed class SecretKeyProvider(string id, string use, string[] algorithms, string defaultAlgorithm, int defaultSize) : KeyProvider(id, use)
{
    private static readonly string[] s_hmacSizes = ["16", "24", "32", "64", "128", "256", "512"];
    private static readonly string[] s_aesSizes = ["16", "24", "32"];

    public override RealmKey? Read(ComponentRepresentation component) =>
        KeyProviders.Text(component, "secret") is { } text && TryDecode(text, out var secret) && KeyProviders.Text(component, "kid") is { } kid
            ? Key(component, kid, KeyProviders.Text(component, "algorithm") ?? defaultAlgorithm, new OctKey(secret) { IsKept = true })
            : null;

    public override string? Prepare(ComponentRepresentation component, string realmName, DateTimeOffset now)
    {
        if ((ComponentChecks.OneOf(component, "secretSize", "Secret size", Use == RealmKey.Enc ? s_aesSizes : s_hmacSizes)
            ?? ComponentChecks.OneOf(component, "algorithm", "Algorithm", algorithms)) is { } wrong)
        {
            return wrong;
        }

        var config = component.Config!;
        var said = KeyProviders.Text(component, "secretSize");
        var size = said is null ? defaultSize : int.Parse(said);
        if (KeyProviders.Text(component, "secret") is not { } text || !TryDecode(text, out var secret) || (said is not null && secret.Length != size))
        {
            config["secret"] = [Secret.Base64Url(size)];
            config["kid"] = [Ids.New()];
        }
        else if (secret.Length != defaultSize)
        {
            // A secret of earlier days keeps its size, and says so.
            config["secretSize"] = [secret.Length.ToString(CultureInfo.InvariantCulture)];
        }

        config.TryAdd("kid", [Ids.New()]);
        return null;
    }

    public override Dictionary<string, List<string>>? Generates(string algorithm) =>
        algorithms.Contains(algorithm) ? new() { ["algorithm"] = [algorithm] } : null;

    private static bool TryDecode(string text, out byte[] secret)
    {
        secret = [];
        if (!Base64Url.IsValid(text.AsSpan()))
        {
            return false;
        }

        secret = Base64Url.DecodeFromChars(text);
        return secret.Length > 0;
    }
}
