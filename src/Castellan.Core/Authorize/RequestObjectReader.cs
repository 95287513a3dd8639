using System.Text;
using Castellan.Core.Clients;
using Castellan.Core.Keys;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Authorize;

/// <summary>
/// Reads request objects (RFC 9101 §6): decrypts with the realm's key, checks the client's signature, holds both against what the client's settings
/// demand. Times and audience in it are not looked at, as Keycloak does not: the parameters are checked like any others.
/// </summary>
public sealed class RequestObjectReader(ClientKeys keys, TimeProvider time)
{
    private const string Signature = "request.object.signature.alg";

    /// <summary>What the object holds, to be disposed of; null for one that is not to be believed.</summary>
    public async ValueTask<JwtClaims?> ReadAsync(Client client, string text, CancellationToken ct = default)
    {
        if (!Jwe.LooksLikeOne(text))
        {
            return Jws.TryParse(text, out var plain, allowUnsecured: true) == JoseFault.None ? await SignedAsync(client, plain!, ct) : null;
        }

        if (Jwe.TryParse(text, out var jwe) != JoseFault.None || Decrypt(client, jwe!) is not { } content)
        {
            return null;
        }

        if (Jws.TryParse(content, out var inner, allowUnsecured: true) == JoseFault.None)
        {
            return await SignedAsync(client, inner!, ct);
        }

        // Bare claims: anybody can encrypt for the realm, so they are no more than an unsigned object, and none where a signature is demanded.
        return client.Attribute(Signature) is null ? JwtClaims.TryParse(content) : null;
    }

    private async ValueTask<JwtClaims?> SignedAsync(Client client, Jws jws, CancellationToken ct)
    {
        if (client.Attribute(Signature) is { } demanded && demanded != jws.Header.Alg)
        {
            return null;
        }

        return jws.IsUnsecured || await IsSignedByAsync(client, jws, ct) ? jws.Claims() : null;
    }

    private async ValueTask<bool> IsSignedByAsync(Client client, Jws jws, CancellationToken ct)
    {
        if (jws.Algorithm is { IsSymmetric: true } algorithm)
        {
            return !client.IsPublic && ClientSecrets.Of(client, time.GetUtcNow())
                .Any(secret => new VerificationKey(new OctKey(Encoding.UTF8.GetBytes(secret)), null, [algorithm]).Verify(jws) == JoseFault.None);
        }

        return await keys.VerificationAsync(client, jws.Header.Kid, ct) is { } known && known.Verify(jws) == JoseFault.None;
    }

    private static byte[]? Decrypt(Client client, Jwe jwe) =>
        (client.Attribute("request.object.encryption.alg") is { } alg && alg != jwe.Header.Alg)
        || (client.Attribute("request.object.encryption.enc") is { } enc && enc != jwe.Header.Enc)
            ? null : RealmDecryption.Open(client.Realm, jwe);
}
