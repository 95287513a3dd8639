using Castellan.Core.Clients;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Ciba;

/// <summary>
/// The token that goes to a person's device with a request, and comes back with their decision. It speaks of the person, but for nobody: its type says so,
/// and no other door takes it.
/// </summary>
public sealed class ChannelTokens(Keys.Keys keys)
{
    /// <summary>The claim <c>typ</c> of these tokens.</summary>
    public const string Type = "CIBA";

    /// <param name="secret">What leads to the request, see <see cref="CibaRequests"/>.</param>
    /// <param name="request">Whom it is about and when it was made.</param>
    /// <param name="expires">Seconds since 1970.</param>
    public async ValueTask<string> IssueAsync(Realm realm, Client client, CibaRequest request, string secret, string issuer, long expires, CancellationToken ct = default)
    {
        var key = await keys.SigningAsync(realm, client, "access.token.signed.response.alg", ct);
        using var jwt = JwtBuffer.Rent();
        var json = jwt.Json;
        json.WriteStartObject();
        json.WriteNumber("exp", expires);
        json.WriteNumber("iat", request.Created);
        json.WriteString("jti", secret);
        json.WriteString("iss", issuer);
        json.WriteString("aud", issuer);
        json.WriteString("sub", request.UserId);
        json.WriteString("typ", Type);
        json.WriteString("azp", client.ClientId);
        json.WriteEndObject();
        return jwt.Sign(key);
    }

    /// <summary>Reads such a token; null when the realm did not make it for this, or its time is over.</summary>
    public static (string Secret, string ClientId)? Read(Realm realm, string text, string issuer, long nowSeconds) =>
        OwnToken.ReadOnce(realm, text, issuer) is { Type: Type, Id: { } secret, AuthorizedParty: { } client, Expires: not null } token
        && token.IsActive(nowSeconds) && token.Audience.Contains(issuer) ? (secret, client) : null;
}
