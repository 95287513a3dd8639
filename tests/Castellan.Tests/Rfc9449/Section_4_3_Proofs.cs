using System.Buffers.Text;
using System.Text;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Rfc9449;

/// <summary>Proofs whose header alone is enough to refuse them, in Keycloak's words.</summary>
public sealed class Section_4_3_Proofs
{
    private static readonly string s_jwk = EcKey.Generate("P-256")!.ToJwk().ToJson();

    public static TheoryData<string, string> Headers => new()
    {
        { """{"typ":"JWT","alg":"ES256","jwk":JWK}""", "Invalid or missing type in DPoP header: JWT" },
        { """{"alg":"ES256","jwk":JWK}""", "Invalid or missing type in DPoP header: null" },
        { """{"typ":"dpop+jwt","alg":"none","jwk":JWK}""", "Unsupported DPoP algorithm: none" },
        { """{"typ":"dpop+jwt","alg":"HS256","jwk":JWK}""", "Unsupported DPoP algorithm: HS256" },
        { """{"typ":"dpop+jwt","alg":"ES999","jwk":JWK}""", "Unsupported DPoP algorithm: ES999" },
        { """{"typ":"dpop+jwt","alg":"ES256"}""", "No JWK in DPoP header" },
        { """{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"oct","k":"AAAA"}}""", "No public key in DPoP header" },
        { """{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256"}}""", "No public key in DPoP header" },
        { """{"typ":"dpop+jwt","alg":"RS256","jwk":JWK}""", "Key with algorithm RS256 and type EC is incorrect for provider algorithm RS256" },
        { """{"typ":"dpop+jwt","alg":"ES256","jwk":JWK}""", "DPoP verification failure: Invalid token signature" },
        { """{"typ":"dpop+jwt","alg":"ES256","crit":["x"],"x":1,"jwk":JWK}""", "DPoP header verification failure" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task Are_refused_by_their_header(string header, string why)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var proof = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.Replace("JWK}", s_jwk + "}", StringComparison.Ordinal)))}.e30.{new string('A', 86)}";
        (await realm.PostAsync("token", request => request.Headers.Add("DPoP", proof), [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")]))
            .Refuses(400, "invalid_request", why);
    }
}
