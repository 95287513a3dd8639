using System.Buffers.Text;
using System.Text;
using Castellan.Protocol.Jose;
using Castellan.Tests.Security;

namespace Castellan.Tests.Rfc9449;

public sealed class Section_5_Refresh_tokens
{
    [Fact]
    public async Task A_bound_token_wants_a_proof_of_its_own_key()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var key = EcKey.Generate("P-256")!;
        var tokens = await AskAsync(realm, key, ("grant_type", "password"), ("username", "alice"), ("password", "correct-horse"));
        Assert.Equal("DPoP", tokens["token_type"]);
        (string, string)[] refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens.Refresh)];
        (await AskAsync(realm, null, refresh)).Refuses(400, "invalid_grant", "DPoP proof is missing");
        (await AskAsync(realm, EcKey.Generate("P-256")!, refresh)).Refuses(400, "invalid_grant", "DPoP confirmation doesn't match DPoP proof");
        Assert.Equal(200, (await AskAsync(realm, key, refresh)).Status);
    }

    [Theory]
    [InlineData("false", "DPoP", true)]
    [InlineData("true", "Bearer", false)]
    public async Task A_policy_may_have_it_bound_alone(string alone, string type, bool boundAccess)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        await Policies_at_every_endpoint.RefuseAsync(realm, $$$"""{"executor":"dpop-bind-enforcer","configuration":{"allow-only-refresh-token-binding":"{{{alone}}}"}}""");
        var first = await AskAsync(realm, null, ("grant_type", "password"), ("username", "alice"), ("password", "correct-horse"));
        var key = EcKey.Generate("P-256")!;
        (await AskAsync(realm, null, ("grant_type", "refresh_token"), ("refresh_token", first.Refresh))).Refuses(400, "invalid_dpop_proof", "DPoP proof is missing");

        var tokens = await AskAsync(realm, key, ("grant_type", "refresh_token"), ("refresh_token", first.Refresh));
        Assert.Equal(type, tokens["token_type"]);
        Assert.Equal(boundAccess, tokens.Claims("access_token").TryGetProperty("cnf", out _));
        (await AskAsync(realm, EcKey.Generate("P-256")!, ("grant_type", "refresh_token"), ("refresh_token", tokens.Refresh)))
            .Refuses(400, "invalid_grant", "DPoP confirmation doesn't match DPoP proof");
        Assert.Equal(type, (await AskAsync(realm, key, ("grant_type", "refresh_token"), ("refresh_token", tokens.Refresh)))["token_type"]);
    }

    private static Task<Answer> AskAsync(TestRealm realm, EcKey? key, params (string, string)[] form) =>
        realm.PostAsync("token", request => request.Headers.TryAddWithoutValidation("DPoP", key is null ? [] : [Proof(realm, key)]), [("client_id", "web"), .. form]);

    /// <summary>A proof for an endpoint.</summary>
    internal static string Proof(TestRealm realm, EcKey key, string endpoint = "token")
    {
        var header = $$"""{"typ":"dpop+jwt","alg":"ES256","jwk":{{key.ToJwk().ToJson()}}}""";
        var claims = $$"""{"jti":"{{Core.Ids.New()}}","htm":"POST","htu":"{{realm.Issuer}}/protocol/openid-connect/{{endpoint}}","iat":{{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}}}""";
        var input = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        var signature = new byte[64];
        key.Sign(SignatureAlgorithm.ES256, Encoding.ASCII.GetBytes(input), signature);
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }
}
