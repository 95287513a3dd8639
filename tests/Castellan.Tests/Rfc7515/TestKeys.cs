using System.Collections.Concurrent;
using Xunit;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Rfc7515;

/// <summary>One key of each kind, made once: RSA keys take their time.</summary>
internal static class TestKeys
{
    private static readonly ConcurrentDictionary<string, Lazy<JoseKey>> s_keys = new();

    public static JoseKey For(SignatureAlgorithm algorithm, int which = 0) => algorithm.Family switch
    {
        SignatureFamily.Hmac => Of($"oct{which}", () => new OctKey([.. Enumerable.Range(which, 64).Select(i => (byte)(i * 7))])),
        SignatureFamily.Ecdsa => Of($"{algorithm.Curve}{which}", () => EcKey.Generate(algorithm.Curve!)!),
        SignatureFamily.EdDsa => Of($"Ed25519{which}", () => OkpKey.Generate("Ed25519")!),
        _ => Rsa(which),
    };

    public static RsaKey Rsa(int which = 0) => (RsaKey)Of($"RSA{which}", () => RsaKey.Generate(2048));

    public static JoseKey Of(string name, Func<JoseKey> make) => s_keys.GetOrAdd(name, _ => new(make)).Value;

    public static TheoryData<string> Algorithms => [.. SignatureAlgorithm.All.Select(algorithm => algorithm.Name)];

    public static SignatureAlgorithm Algorithm(string name) => SignatureAlgorithm.Find(name)!;
}
