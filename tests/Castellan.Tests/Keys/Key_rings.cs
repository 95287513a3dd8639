using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Keys;

public sealed class Key_rings
{
    [Theory]
    [InlineData("rsa-generated", "RS256", "RSA")]
    [InlineData("rsa-enc-generated", "RSA-OAEP", "RSA")]
    [InlineData("ecdsa-generated", "ES256", "EC")]
    [InlineData("ecdh-generated", "ECDH-ES", "EC")]
    [InlineData("eddsa-generated", "EdDSA", "OKP")]
    [InlineData("hmac-generated", "HS256", "OCT")]
    [InlineData("aes-generated", "AES", "OCT")]
    public void A_provider_generates_what_it_is_named_for(string provider, string algorithm, string type)
    {
        var component = Component(provider);
        Assert.Null(KeyProviders.Prepare(component, "r", TimeProvider.System.GetUtcNow()));
        var key = KeyProviders.Find(provider)!.Read(component);
        Assert.Equal((algorithm, type), (key!.Algorithm, key.Type));
        // Prepared again, it keeps its key.
        Assert.Null(KeyProviders.Prepare(component, "r", TimeProvider.System.GetUtcNow()));
        Assert.Equal(key.Kid, KeyProviders.Find(provider)!.Read(component)!.Kid);
    }

    [Theory]
    [InlineData("rsa-generated", "keySize", "1234", "'Key size' should be 1024, 2048, 3072 or 4096")]
    [InlineData("rsa-generated", "priority", "high", "'Priority' should be a number")]
    [InlineData("rsa", "privateKey", "", "'Private RSA Key' is required")]
    [InlineData("rsa", "privateKey", "nonsense", "Failed to decode private key")]
    [InlineData("java-keystore", "keystore", "", "'Keystore' is required")]
    public void A_configuration_that_makes_no_key_is_refused(string provider, string name, string value, string why)
    {
        var component = Component(provider);
        component.Config![name] = [value];
        Assert.Equal(why, KeyProviders.Prepare(component, "r", TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public async Task A_passive_key_still_verifies_and_a_disabled_one_does_not()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var old = (await realm.SignInAsync()).Access;
        var newer = Component("rsa-generated");
        newer.Config!["priority"] = ["200"];
        await PutAsync(realm, newer);
        var fresh = (await realm.SignInAsync()).Access;
        Assert.NotEqual(Kid(old), Kid(fresh));
        Assert.Equal(200, (await realm.UserInfoAsync(old)).Status);

        var first = (await realm.NowAsync()).Data.Components.First(c => c.Name == "rsa-generated");
        first.Config!["active"] = ["false"];
        await PutAsync(realm, first);
        Assert.Equal(200, (await realm.UserInfoAsync(old)).Status);
        first.Config["enabled"] = ["false"];
        await PutAsync(realm, first);
        Assert.Equal(401, (await realm.UserInfoAsync(old)).Status);
        Assert.Equal(200, (await realm.UserInfoAsync(fresh)).Status);
    }

    [Fact]
    public async Task A_missing_key_is_generated_once_however_many_need_it()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![0].Attributes = new() { ["access.token.signed.response.alg"] = "ES384" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")])));
        Assert.Single(answers.Select(a => Kid(a.Access)).Distinct());
        Assert.Equal("ES384", Tokens.Header(answers[0].Access).GetProperty("alg").GetString());
        Assert.Single((await realm.NowAsync()).Data.Components, c => c.Name == "fallback-ES384");
    }

    [Fact]
    public async Task Private_keys_do_not_lie_in_clear_in_the_database()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var components = (await realm.NowAsync()).Data.Components;
        var secrets = components.SelectMany(c => c.Config!.Where(m => m.Key is "privateKey" or "secret").Select(m => m.Value[0])).ToList();
        Assert.NotEmpty(secrets);
        var stored = await realm.Server.Services.GetRequiredService<Db>().ListAsync($"SELECT document FROM part WHERE realm_id = {(await realm.NowAsync()).Id}", Rows.Text);
        Assert.DoesNotContain(stored, document => secrets.Any(s => document.Contains(s, StringComparison.Ordinal)));
        Assert.Contains(stored, document => document.Contains("sealed:", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_sealed_opens_only_in_its_place_and_under_its_key()
    {
        var sealer = new MasterKeySealer(new byte[32]);
        var text = sealer.Seal("secret", "here");
        Assert.DoesNotContain("secret", text);
        Assert.Equal("secret", sealer.Open(text, "here"));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => sealer.Open(text, "there"));
        var other = Enumerable.Repeat((byte)7, 32).ToArray();
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => new MasterKeySealer(other).Open(text, "here"));
        Assert.Equal("secret", new MasterKeySealer(other, new byte[32]).Open(text, "here"));
    }

    private static async Task PutAsync(TestRealm realm, ComponentRepresentation component)
    {
        var now = await realm.NowAsync();
        component.ParentId ??= now.Id;
        Assert.Null(KeyProviders.Prepare(component, realm.Name, TimeProvider.System.GetUtcNow()));
        await realm.Server.Realms.ApplyAsync(new ChangeSet(now.Id).Add(new PutPart(PartKind.Component, component.Id!, component.Name, component)));
    }

    private static ComponentRepresentation Component(string provider) =>
        new() { Id = Core.Ids.New(), Name = "added", ProviderId = provider, ProviderType = KeyProviders.ProviderType, Config = [] };

    private static string? Kid(string token) => Tokens.Header(token).GetProperty("kid").GetString();
}
