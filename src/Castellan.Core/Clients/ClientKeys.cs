using System.Runtime.CompilerServices;
using System.Text;
using Castellan.Core.Outbound;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Clients;

/// <summary>The public keys of clients: from a text, an address, or a certificate, as their attributes say.</summary>
public sealed class ClientKeys(RemoteKeys remote)
{
    private readonly ConditionalWeakTable<JwkSet, VerificationKeys> _verification = [];

    /// <summary>The keys that check the client's signatures; null when it has none. A key that is not known is looked for again, at a bounded rate.</summary>
    public async ValueTask<VerificationKeys?> VerificationAsync(Client client, string? kid, CancellationToken ct = default)
    {
        if (await SetAsync(client, kid, ct) is { } set)
        {
            return _verification.GetValue(set, static s => VerificationKeys.From(s));
        }

        return (client.Attribute("jwt.credential.certificate") ?? client.Attribute("jwt.credential.public.key")) is { } text && KeyFiles.TryReadPublicKey(text, out var key)
            // A bare certificate or key names none, so it checks whatever name a signature gives.
            ? new VerificationKeys([new VerificationKey(key, kid, SignatureAlgorithm.Asymmetric)])
            : null;
    }

    /// <summary>A key to encrypt to the client: marked for encryption, and for this algorithm if it names one.</summary>
    public async ValueTask<(JoseKey Key, string? Kid)?> EncryptionAsync(
        Client client, KeyEncryption algorithm, ContentEncryption encryption, CancellationToken ct = default)
    {
        foreach (var jwk in (await SetAsync(client, null, ct))?.Keys ?? [])
        {
            if (jwk.Use == "enc" && jwk.Alg == algorithm.Name && JoseKey.FromJwk(jwk) is { } key && algorithm.Fits(key, encryption))
            {
                return (key, jwk.Kid);
            }
        }

        return null;
    }

    private async ValueTask<JwkSet?> SetAsync(Client client, string? kid, CancellationToken ct)
    {
        if (client.Flag("use.jwks.url") && client.Attribute("jwks.url") is { } address)
        {
            return await remote.FindAsync(client.Id, address, kid, ct);
        }

        return client.Flag("use.jwks.string") ? client.Compiled(static c => new OwnSet(c)).Set : null;
    }

    private sealed class OwnSet(Client client)
    {
        public JwkSet? Set { get; } = client.Attribute("jwks.string") is { } json && JwkSet.TryParse(Encoding.UTF8.GetBytes(json), out var set) ? set : null;
    }
}
