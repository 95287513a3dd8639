using System.Security.Cryptography.X509Certificates;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Keys;

/// <summary>Whether a key signs, only verifies, or does neither.</summary>
public enum KeyStatus
{
    Active, Passive, Disabled,
}

/// <summary>One key of a realm, as one of its key providers gives it.</summary>
public sealed class RealmKey
{
    /// <summary>The use of keys that sign.</summary>
    public const string Sig = "SIG";

    /// <summary>The use of keys that encrypt.</summary>
    public const string Enc = "ENC";

    public required string Kid { get; init; }

    /// <summary>The id of the component that it comes from.</summary>
    public required string ComponentId { get; init; }

    public required long Priority { get; init; }

    public required KeyStatus Status { get; init; }

    /// <summary><see cref="Sig"/> or <see cref="Enc"/>.</summary>
    public required string Use { get; init; }

    /// <summary>The one algorithm it is for: RS256, HS512, RSA-OAEP, AES, …</summary>
    public required string Algorithm { get; init; }

    public required JoseKey Key { get; init; }

    public X509Certificate2? Certificate { get; init; }

    /// <summary>RSA, EC, OKP or OCT, as the admin API says it.</summary>
    public string Type => Key.Kty == "oct" ? "OCT" : Key.Kty;

    /// <summary>The key bound to its algorithm; null when it is not for signing.</summary>
    public SigningKey? Signing => Use == Sig ? _signing ??= Bind() : null;

    private SigningKey? _signing;

    private SigningKey? Bind() =>
        SignatureAlgorithm.Find(Algorithm) is { } algorithm && Key.HasPrivate && Key.Fits(algorithm) ? new SigningKey(Key, algorithm, Kid) : null;

    /// <summary>The key as <c>certs</c> shows it.</summary>
    public Jwk ToJwk()
    {
        var jwk = Key.ToJwk() with { Kid = Kid, Alg = Algorithm, Use = Use == Sig ? "sig" : "enc" };
        return Certificate is null ? jwk : jwk.WithCertificate(Certificate.RawDataMemory.Span);
    }
}
