using System.Text;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Keys;

/// <summary>Opens what was encrypted for a realm, with the keys that it publishes for that (RFC 7516; <c>use: enc</c> of its JWK set).</summary>
public static class RealmDecryption
{
    /// <summary>The content, or null when no key of the realm opens it. That it opens proves nothing of who wrote it: the keys are public.</summary>
    public static byte[]? Open(Realm realm, Jwe jwe)
    {
        var ring = KeyRing.Of(realm);
        var key = jwe.Header.Kid is { } kid ? ring.Find(RealmKey.Enc, kid)
            : ring.All.FirstOrDefault(k => k is { Status: KeyStatus.Active, Use: RealmKey.Enc, Key.Kty: not "oct" });
        return key is { Key.Kty: not "oct" } && IsFor(key, jwe) && jwe.Decrypt(key.Key, out var content) == JoseFault.None ? content : null;
    }

    /// <summary>What is in a token: itself when it is not encrypted, else its content as a text; null when that cannot be had.</summary>
    public static string? Open(Realm realm, string token) =>
        !Jwe.LooksLikeOne(token) ? token
        : Jwe.TryParse(token, out var jwe) == JoseFault.None && Open(realm, jwe!) is { } content ? Encoding.UTF8.GetString(content)
        : null;

    /// <summary>A key decrypts under its whole family, but the old padding only where it was made for that: it has told too many people too much.</summary>
    private static bool IsFor(RealmKey key, Jwe jwe) => jwe.Algorithm is { } algorithm && (algorithm.Name == key.Algorithm || algorithm != KeyEncryption.Rsa15);
}
