using System.Text;
using Castellan.Core.Keys;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc6749;

namespace Castellan.Tests.Security;

/// <summary>Nothing made for one place counts at another, and nothing that the realm did not sign counts anywhere.</summary>
public sealed class Token_confusion
{
    [Fact]
    public async Task Each_artefact_is_refused_where_another_belongs()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var tokens = await realm.SignInAsync();
        var code = await Section_4_1_3_Codes.CodeAsync(realm);
        foreach (var notAccess in new[] { tokens.Refresh, tokens["id_token"]!, code, "", "a.b.c" })
        {
            Assert.Equal(401, (await realm.UserInfoAsync(notAccess.Length == 0 ? "x" : notAccess)).Status);
        }

        foreach (var notRefresh in new[] { tokens.Access, tokens["id_token"]!, code, "a.b.c" })
        {
            (await realm.RefreshAsync(notRefresh)).Refuses(400, "invalid_grant", "Invalid refresh token");
        }

        foreach (var notCode in new[] { tokens.Access, tokens.Refresh, "a.b.c" })
        {
            (await realm.PostAsync("token", ("client_id", "web"), ("grant_type", "authorization_code"), ("code", notCode))).Refuses(400, "invalid_grant", "Code not valid");
        }
    }

    [Fact]
    public async Task Forged_and_damaged_tokens_are_refused()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var token = (await realm.SignInAsync()).Access;
        var parts = token.Split('.');
        var ring = KeyRing.Of(await realm.NowAsync());
        var key = ring.Signing("RS256")!;
        var publicKey = Encoding.ASCII.GetBytes(KeyFiles.WritePublicKey(key.Key));
        var payload = System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]);
        List<string> forged =
        [
            // HS256 with the public key as the secret, in its usual writings.
            JwsWriter.Sign(new SigningKey(new OctKey(publicKey), SignatureAlgorithm.HS256, key.Kid), payload),
            JwsWriter.Sign(new SigningKey(new OctKey(key.Key.SubjectPublicKeyInfo()), SignatureAlgorithm.HS256, key.Kid), payload),
            // Another key under the same name, the same key under another algorithm, none.
            JwsWriter.Sign(new SigningKey(RsaKey.Generate(2048), SignatureAlgorithm.RS256, key.Kid), payload),
            JwsWriter.Sign(new SigningKey(key.Key, SignatureAlgorithm.RS512, key.Kid), payload),
            $"{Encode("""{"alg":"none"}""")}.{parts[1]}.",
            $"{Encode("""{"alg":"RS256","typ":"JWT","crit":["exp"],"kid":"x"}""")}.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{parts[1]}",
            token[..^1],
            token + "A",
            new string('.', 20_000),
        ];
        foreach (var bad in forged)
        {
            Assert.Equal(401, (await realm.UserInfoAsync(bad)).Status);
            Assert.Equal("False", (await realm.IntrospectAsync(bad))["active"]);
        }

        Assert.Equal(200, (await realm.UserInfoAsync(token)).Status);
    }

    [Fact]
    public async Task A_token_of_another_realm_is_refused()
    {
        var server = await TestServer.OneAsync();
        var (one, two) = (await server.RealmAsync(), await server.RealmAsync());
        var tokens = await one.SignInAsync();
        Assert.Equal(401, (await two.UserInfoAsync(tokens.Access)).Status);
        (await two.RefreshAsync(tokens.Refresh)).Refuses(400, "invalid_grant", "Invalid refresh token");
    }

    private static string Encode(string json) => StrictBase64Url.Encode(Encoding.UTF8.GetBytes(json));
}
