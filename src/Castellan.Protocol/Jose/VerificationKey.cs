namespace Castellan.Protocol.Jose;

/// <summary>A key bound to the algorithms that it may verify. What a token's header says never widens them (RFC 8725 §3.1).</summary>
public sealed class VerificationKey
{
    /// <summary>The smallest RSA key of RFC 7518 §3.3.</summary>
    public const int MinimumRsaBits = 2048;

    private readonly SignatureAlgorithm[] _algorithms;

    /// <summary>Binds the key; algorithms that are not for this kind of key are left out.</summary>
    public VerificationKey(JoseKey key, string? kid, IEnumerable<SignatureAlgorithm> algorithms) =>
        (Key, Kid, _algorithms) = (key, kid, [.. algorithms.Where(key.Fits)]);

    /// <summary>The key itself.</summary>
    public JoseKey Key { get; }

    /// <summary>Its name.</summary>
    public string? Kid { get; }

    /// <summary>What it may verify.</summary>
    public IReadOnlyList<SignatureAlgorithm> Algorithms => _algorithms;

    /// <summary>
    /// The key that a JWK describes, for the algorithm that it names or, where it names none, for all of its kind. Null when it is
    /// for encryption, symmetric (a published secret is none), too small or not a key.
    /// </summary>
    public static VerificationKey? From(Jwk jwk, int minimumRsaBits = MinimumRsaBits)
    {
        if (jwk.Use is not (null or "sig") || (jwk.KeyOps is { } ops && !ops.Contains("verify")) || jwk.Kty == "oct")
        {
            return null;
        }

        if (JoseKey.FromJwk(jwk) is not { } key || (key is RsaKey rsa && rsa.Bits < minimumRsaBits))
        {
            return null;
        }

        IEnumerable<SignatureAlgorithm> algorithms = jwk.Alg is null
            ? SignatureAlgorithm.Asymmetric
            : SignatureAlgorithm.Find(jwk.Alg) is { } named ? [named] : [];
        var bound = new VerificationKey(key, jwk.Kid, algorithms);
        return bound._algorithms.Length == 0 ? null : bound;
    }

    /// <summary>Whether it may verify that algorithm.</summary>
    public bool Allows(SignatureAlgorithm algorithm) => _algorithms.AsSpan().Contains(algorithm);

    /// <summary>Whether the signature is right, under an algorithm that the key allows.</summary>
    public bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Allows(algorithm) && Key.Verify(algorithm, data, signature);

    /// <summary>Checks a parsed object against this key alone, whatever <c>kid</c> it names.</summary>
    public JoseFault Verify(Jws jws)
    {
        if (jws.Algorithm is not { } algorithm)
        {
            return JoseFault.UnknownAlgorithm;
        }

        if (!Allows(algorithm))
        {
            return JoseFault.AlgorithmMismatch;
        }

        return Key.Verify(algorithm, jws.SigningInput.Span, jws.Signature.Span) ? JoseFault.None : JoseFault.BadSignature;
    }
}

/// <summary>The keys of one issuer or client.</summary>
public sealed class VerificationKeys
{
    // Tokens without kid are tried against each key that fits; a signature check each, so not against any number of them.
    private const int MostTried = 16;
    private readonly VerificationKey[] _keys;
    private readonly Dictionary<string, VerificationKey[]> _byKid;

    /// <summary>Keeps these keys.</summary>
    public VerificationKeys(IEnumerable<VerificationKey> keys)
    {
        _keys = [.. keys];
        _byKid = _keys.Where(key => key.Kid is not null).GroupBy(key => key.Kid!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<VerificationKey> Keys => _keys;

    /// <summary>Those of a set that can verify signatures.</summary>
    public static VerificationKeys From(JwkSet set, int minimumRsaBits = VerificationKey.MinimumRsaBits) =>
        new(set.Keys.Select(jwk => VerificationKey.From(jwk, minimumRsaBits)).OfType<VerificationKey>());

    /// <summary>Whether a key has that name.</summary>
    public bool Has(string kid) => _byKid.ContainsKey(kid);

    /// <summary>The keys of that name, or all when no name is given.</summary>
    public IReadOnlyList<VerificationKey> Find(string? kid) => kid is null ? _keys : _byKid.GetValueOrDefault(kid, []);

    /// <summary>Checks the signature with the key that the header names, or with each that fits when it names none.</summary>
    public JoseFault Verify(Jws jws)
    {
        if (jws.Algorithm is not { } algorithm)
        {
            return JoseFault.UnknownAlgorithm;
        }

        var candidates = jws.Header.Kid is { } kid ? _byKid.GetValueOrDefault(kid, []) : _keys;
        if (candidates.Length == 0)
        {
            return JoseFault.UnknownKey;
        }

        var fault = JoseFault.AlgorithmMismatch;
        var tried = 0;
        foreach (var key in candidates)
        {
            if (!key.Allows(algorithm))
            {
                continue;
            }

            if (key.Key.Verify(algorithm, jws.SigningInput.Span, jws.Signature.Span))
            {
                return JoseFault.None;
            }

            fault = JoseFault.BadSignature;
            if (++tried == MostTried)
            {
                break;
            }
        }

        return fault;
    }
}
