using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core;
using Castellan.Protocol.Jose;
using Castellan.Tests.Saml;

namespace Castellan.Tests.Admin;

/// <summary>Small routes of the admin API, each in what it says and leaves.</summary>
public sealed class Parts_of_realms_and_clients
{
    private static readonly Lazy<string> s_publicKey = new(() => KeyFiles.WritePublicKey(SamlKeys.Known));

    [Fact]
    public async Task A_public_key_counts_until_a_set_of_keys_comes()
    {
        var world = await AdminWorld.MakeAsync();
        var id = await world.MakeAsync("clients", """{"clientId":"keys"}""");
        var pem = $"-----BEGIN PUBLIC KEY-----\n{s_publicKey.Value}\n-----END PUBLIC KEY-----\n";
        Assert.Equal(s_publicKey.Value, JsonNode.Parse((await UploadAsync("Public Key PEM", pem)).Text)!["publicKey"]?.ToString());
        var key = KeyFiles.TryReadPublicKey(pem, out var read) ? read : null;
        var set = $$"""{"keys":[{"kty":"oct","k":"AAAA","use":"sig"},{{Write(key!)}}]}""";
        var shown = JsonNode.Parse((await UploadAsync("JSON Web Key Set", set)).Text)!;
        Assert.Equal((s_publicKey.Value, "one", set), (shown["publicKey"]?.ToString(), shown["kid"]?.ToString(), shown["jwks"]?.ToString()));
        var attributes = (await world.GetAsync("clients/" + id))["attributes"]!;
        Assert.Equal(("true", set, null), (attributes["use.jwks.string"]?.ToString(), attributes["jwks.string"]?.ToString(), attributes["jwt.credential.public.key"]?.ToString()));
        var none = await UploadAsync("JSON Web Key Set", """{"keys":[]}""");
        Assert.Equal((400, "certificate-not-found"), (none.Status, JsonNode.Parse(none.Text)!["error"]!.ToString()));
        await UploadAsync("Public Key PEM", pem);
        Assert.Null((await world.GetAsync("clients/" + id))["attributes"]!["use.jwks.string"]);

        Task<Answer> UploadAsync(string format, string file) => world.CallAsync(
            "POST", Url(world, $"clients/{id}/certificates/jwt.credential/upload-certificate"),
            new MultipartFormDataContent { { new StringContent(format), "keystoreFormat" }, { new StringContent(file), "file", "file" } });

        static string Write(JoseKey key)
        {
            using var rsa = System.Security.Cryptography.RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo(), out _);
            var numbers = rsa.ExportParameters(false);
            return $$"""{"kty":"RSA","use":"sig","kid":"one","n":"{{StrictBase64Url.Encode(numbers.Modulus!)}}","e":"{{StrictBase64Url.Encode(numbers.Exponent!)}}"}""";
        }
    }

    [Theory]
    [InlineData("JKS")]
    [InlineData("PKCS12")]
    public async Task A_key_store_that_was_downloaded_can_be_uploaded(string format)
    {
        var world = await AdminWorld.MakeAsync();
        var id = await world.MakeAsync("clients", """{"clientId":"keys"}""");
        var address = $"clients/{id}/certificates/jwt.credential";
        Assert.Equal(200, (await SendAsync(world, "POST", address + "/generate", "")).Status);
        var made = await world.GetAsync(address);
        var store = await world.BytesAsync(address + "/download", $$"""{"format":"{{format}}","keyAlias":"mine","keyPassword":"a-secret","storePassword":"a-secret"}""");
        Assert.NotNull(Core.Keys.KeyStoreFile.Find(store, world.Realm.Name, "a-secret", null));
        Assert.Null(Core.Keys.KeyStoreFile.Find(
            await world.BytesAsync(address + "/download", $$"""{"format":"{{format}}","realmCertificate":false,"keyPassword":"a-secret","storePassword":"a-secret"}"""), world.Realm.Name, "a-secret", null));
        await world.BytesAsync(address + "/download", $$"""{"format":"{{format}}","keyPassword":"a-secret","storePassword":"a-secret"}""");
        Assert.Equal(200, (await SendAsync(world, "POST", address + "/generate", "")).Status);
        foreach (var (alias, password, status) in ((string, string, int)[])[("other", "a-secret", 400), ("mine", "wrong", 400), ("mine", "a-secret", 200)])
        {
            var answer = await world.CallAsync("POST", Url(world, address + "/upload"), new MultipartFormDataContent
            {
                { new StringContent(format), "keystoreFormat" }, { new StringContent(alias), "keyAlias" }, { new StringContent(password), "storePassword" }, { new StringContent("a-secret"), "keyPassword" },
                { new ByteArrayContent(store), "file", "store" },
            });
            Assert.Equal(status, answer.Status);
        }

        var kept = await world.GetAsync(address);
        Assert.Equal((made["certificate"]!.ToString(), made["privateKey"]!.ToString()), (kept["certificate"]!.ToString(), kept["privateKey"]!.ToString()));
    }

    [Theory]
    [InlineData("download", "{}", 404, "keypair not generated for client")]
    [InlineData("generate-and-download", """{"format":"pkcs12"}""", 400, "Need to specify a key password for jks generation and download")]
    [InlineData("generate-and-download", """{"format":"pkcs12","keyPassword":"a","storePassword":"b","keySize":512}""", 400, "A key has 2048, 3072 or 4096 bits, and a certificate counts for 100 years at most")]
    [InlineData("generate-and-download", """{"format":"pkcs12","keyPassword":"a","storePassword":"b","keySize":2048,"validity":1}""", 200, null)]
    public async Task A_key_store_is_what_is_asked_for(string act, string config, int status, string? why)
    {
        var world = await AdminWorld.MakeAsync();
        var id = await world.MakeAsync("clients", """{"clientId":"keys"}""");
        var answer = await SendAsync(world, "POST", $"clients/{id}/certificates/jwt.credential/{act}", config);
        Assert.Equal(status, answer.Status);
        if (why is not null)
        {
            var said = JsonNode.Parse(answer.Text)!;
            Assert.Equal(why, (said["error_description"] ?? said["error"])!.ToString());
            return;
        }

        var kept = (await world.GetAsync($"clients/{id}/certificates/jwt.credential"))["certificate"]!.ToString();
        Assert.True(KeyFiles.TryReadCertificate(kept, out var certificate));
        using (certificate)
        {
            Assert.Equal((2048, true), (certificate.PublicKey.GetRSAPublicKey()!.KeySize, certificate.NotAfter < DateTime.Now.AddYears(2)));
        }
    }

    [Fact]
    public async Task Ways_to_a_credential_are_those_that_are_switched_on()
    {
        var world = await AdminWorld.MakeAsync();
        Assert.Contains("CONFIGURE_TOTP", (await world.GetAsync("credential-registrators")).ToJsonString(), StringComparison.Ordinal);
        var action = await world.GetAsync("authentication/required-actions/CONFIGURE_TOTP");
        action["enabled"] = false;
        Assert.Equal(204, (await SendAsync(world, "PUT", "authentication/required-actions/CONFIGURE_TOTP", action.ToJsonString())).Status);
        Assert.DoesNotContain("CONFIGURE_TOTP", (await world.GetAsync("credential-registrators")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_scope_goes_by_either_path_and_the_last_scope_stays()
    {
        var world = await AdminWorld.MakeAsync();
        var scope = (await world.GetAsync("default-default-client-scopes"))[0]!["id"]!.ToString();
        Assert.Equal(204, (await SendAsync(world, "DELETE", "default-optional-client-scopes/" + scope, null)).Status);
        Assert.DoesNotContain(scope, (await world.GetAsync("default-default-client-scopes")).ToJsonString(), StringComparison.Ordinal);
        var all = (await world.GetAsync("client-scopes")).AsArray().Select(s => s!["id"]!.ToString()).ToList();
        foreach (var id in all[1..])
        {
            Assert.Equal(204, (await SendAsync(world, "DELETE", "client-scopes/" + id, null)).Status);
        }

        var last = await SendAsync(world, "DELETE", "client-scopes/" + all[0], null);
        Assert.Equal((403, "You are not allowed to delete all the client scopes."), (last.Status, JsonNode.Parse(last.Text)!["errorMessage"]!.ToString()));
    }

    [Fact]
    public async Task Components_of_a_kind_are_those_of_the_realm()
    {
        var world = await AdminWorld.MakeAsync();
        const string Kind = "org.keycloak.keys.KeyProvider";
        var parent = Ids.New();
        var id = await world.MakeAsync("components", $$"""{"name":"far","providerId":"hmac-generated","providerType":"{{Kind}}","parentId":"{{parent}}"}""");
        Assert.DoesNotContain(id, (await world.GetAsync("components?type=" + Kind)).ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(id, (await world.GetAsync($"components?type={Kind}&parent={parent}")).ToJsonString(), StringComparison.Ordinal);
        var unknown = await SendAsync(world, "GET", $"components/{AdminWorld.Nobody}/sub-component-types?type=x", null);
        Assert.Equal((404, "Could not find parent component"), (unknown.Status, JsonNode.Parse(unknown.Text)!["error"]!.ToString()));
    }

    [Fact]
    public async Task A_node_has_a_name_that_addresses_can_hold()
    {
        var world = await AdminWorld.MakeAsync();
        var id = await world.MakeAsync("clients", """{"clientId":"nodes"}""");
        var refused = await SendAsync(world, "POST", $"clients/{id}/nodes", """{"node":"a/b"}""");
        Assert.Equal((400, "Character '/' not allowed."), (refused.Status, JsonNode.Parse(refused.Text)!["error"]!.ToString()));
        Assert.Equal(204, (await SendAsync(world, "POST", $"clients/{id}/nodes", """{"node":"a.b"}""")).Status);
    }

    private static string Url(AdminWorld world, string path) => $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{path}";

    private static Task<Answer> SendAsync(AdminWorld world, string method, string path, string? json) =>
        world.CallAsync(method, Url(world, path), json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"));
}
