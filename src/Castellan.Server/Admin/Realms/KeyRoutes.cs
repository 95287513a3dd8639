using Castellan.Core.Keys;
using Castellan.Protocol.Jose;

namespace Castellan.Server.Admin.Realms;

/// <summary>The keys of a realm, and which of them are in force.</summary>
internal sealed class KeysMetadata
{
    public Dictionary<string, string>? Active { get; set; }

    public List<KeyMetadata>? Keys { get; set; }
}

/// <summary>One key: its public half.</summary>
internal sealed class KeyMetadata
{
    public string? ProviderId { get; set; }

    public long ProviderPriority { get; set; }

    public string? Kid { get; set; }

    public string? Status { get; set; }

    public string? Type { get; set; }

    public string? Algorithm { get; set; }

    public string? PublicKey { get; set; }

    public string? Certificate { get; set; }

    public string? Use { get; set; }

    public long? ValidTo { get; set; }
}

/// <summary>What the realm signs and encrypts with.</summary>
internal static class KeyRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } = [AdminRoute.Get("keys", Permission.ViewRealm, List)];

    private static ValueTask<AdminAnswer> List(AdminContext context)
    {
        var ring = KeyRing.Of(context.Realm);
        var shown = new KeysMetadata
        {
            Active = new(ring.ActiveKids(), StringComparer.Ordinal),
            Keys = [.. ring.All.Select(k => new KeyMetadata
            {
                ProviderId = k.ComponentId, ProviderPriority = k.Priority, Kid = k.Kid, Type = k.Type, Algorithm = k.Algorithm, Use = k.Use,
                Status = k.Status.ToString().ToUpperInvariant(),
                PublicKey = k.Key.Kty == "oct" ? null : KeyFiles.WritePublicKey(k.Key),
                Certificate = k.Certificate is { } certificate ? Convert.ToBase64String(certificate.RawData) : null,
                ValidTo = k.Certificate is { } valid ? new DateTimeOffset(valid.NotAfter.ToUniversalTime()).ToUnixTimeMilliseconds() : null,
            })],
        };
        return new(AdminAnswer.Json(shown, AdminApiJson.Default.KeysMetadata));
    }
}
