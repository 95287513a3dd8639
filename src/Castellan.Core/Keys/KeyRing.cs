using System.Buffers;
using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Keys;

/// <summary>
/// The keys of one picture of a realm, compiled from its key providers. Active keys sign, the one of the highest priority first; passive ones
/// still verify; disabled ones do nothing.
/// </summary>
public sealed class KeyRing
{
    private readonly Dictionary<string, SigningKey> _signing = new(StringComparer.Ordinal);
    private readonly Lazy<byte[]> _certs;

    private KeyRing(Realm realm)
    {
        var keys = new List<RealmKey>();
        foreach (var component in realm.Data.Components)
        {
            if (component.ProviderType == KeyProviders.ProviderType && KeyProviders.Find(component.ProviderId)?.Read(component) is { } key)
            {
                keys.Add(key);
            }
        }

        keys.Sort(static (a, b) => a.Priority != b.Priority
            ? b.Priority.CompareTo(a.Priority)
            : string.CompareOrdinal(a.ComponentId, b.ComponentId));
        All = keys;
        foreach (var key in keys)
        {
            if (key is { Status: KeyStatus.Active, Signing: { } signing })
            {
                _signing.TryAdd(key.Algorithm, signing);
            }
        }

        Verification = new(keys.Where(k => k.Status != KeyStatus.Disabled && k.Use == RealmKey.Sig)
            .Select(k => new VerificationKey(k.Key, k.Kid, SignatureAlgorithm.Find(k.Algorithm) is { } algorithm ? [algorithm] : [])));
        _certs = new(WriteCerts);
    }

    /// <summary>Every key, by priority.</summary>
    public IReadOnlyList<RealmKey> All { get; }

    /// <summary>The keys that check the realm's own signatures, each bound to its algorithm.</summary>
    public VerificationKeys Verification { get; }

    /// <summary>The JWK set that the realm publishes (RFC 7517 §5): public halves of all keys that are not disabled.</summary>
    public ReadOnlyMemory<byte> Certs => _certs.Value;

    public static KeyRing Of(Realm realm) => realm.Compiled(static r => new KeyRing(r));

    /// <summary>The key that signs with this algorithm, or null when the realm has none: <see cref="Keys.SigningAsync"/> makes one then.</summary>
    public SigningKey? Signing(string algorithm) => _signing.GetValueOrDefault(algorithm);

    /// <summary>The active key of this use and algorithm.</summary>
    public RealmKey? Active(string use, string algorithm)
    {
        foreach (var key in All)
        {
            if (key.Status == KeyStatus.Active && key.Use == use && key.Algorithm == algorithm)
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>A key that is not disabled, by its name.</summary>
    public RealmKey? Find(string use, string kid)
    {
        foreach (var key in All)
        {
            if (key.Status != KeyStatus.Disabled && key.Use == use && key.Kid == kid)
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>The key names in force by algorithm, as the admin API lists them.</summary>
    public IReadOnlyDictionary<string, string> ActiveKids()
    {
        var active = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in All)
        {
            if (key.Status == KeyStatus.Active)
            {
                active.TryAdd(key.Algorithm, key.Kid);
            }
        }

        return active;
    }

    private byte[] WriteCerts()
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = PlainJson.Encoder }))
        {
            new JwkSet([.. All.Where(k => k.Status != KeyStatus.Disabled && k.Key.Kty != "oct").Select(k => k.ToJwk())]).WriteTo(json);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
