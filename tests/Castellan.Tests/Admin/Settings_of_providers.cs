using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>What administrators set of identity providers, and read of them.</summary>
public sealed class Settings_of_providers
{
    [Fact]
    public async Task A_provider_goes_by_its_id_too_and_old_switches_become_new_ones()
    {
        var world = await AdminWorld.MakeAsync();
        await world.MakeAsync("identity-provider/instances", """{"alias":"hub","providerId":"github","config":{"clientId":"x","hideOnLoginPage":"true"}}""");
        var hub = await world.GetAsync("identity-provider/instances/hub");
        Assert.True(hub["hideOnLogin"]?.GetValue<bool>());
        Assert.Null(hub["config"]!["hideOnLoginPage"]);
        Assert.Equal("hub", (await world.GetAsync($"identity-provider/instances/{hub["internalId"]}"))["alias"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("github", "baseUrl,apiUrl,githubJsonFormat")]
    [InlineData("paypal", "sandbox")]
    [InlineData("oidc", "")]
    public async Task What_a_kind_can_be_told_is_shown(string kind, string names)
    {
        var world = await AdminWorld.MakeAsync();
        var shown = (await world.GetAsync($"identity-provider/providers/{kind}"))["configProperties"]!.AsArray();
        Assert.Equal(names, string.Join(',', shown.Select(p => p!["name"]!.GetValue<string>())));
    }

    [Fact]
    public async Task Each_cluster_has_an_issuer_of_its_own()
    {
        var world = await AdminWorld.MakeAsync();
        Assert.Equal(201, (await world.SendAsync("POST", "identity-provider/instances", """{"alias":"one","providerId":"kubernetes"}""")).Status);
        Assert.Equal(204, (await world.SendAsync("PUT", "identity-provider/instances/one", """{"alias":"one","providerId":"kubernetes","config":{"issuer":"https://one.example"}}""")).Status);
        Assert.Equal(201, (await world.SendAsync("POST", "identity-provider/instances", """{"alias":"two","providerId":"kubernetes"}""")).Status);
        foreach (var (method, path) in ((string, string)[])[("POST", ""), ("PUT", "/two")])
        {
            Assert.Contains("Issuer URL already used for IDP 'one'", (await world.SendAsync(method, "identity-provider/instances" + path, """{"alias":"two","providerId":"kubernetes","config":{"issuer":"https://one.example"}}""")).Text, StringComparison.Ordinal);
        }

        Assert.Contains("The url [issuer] requires secure connections",
            (await world.SendAsync("PUT", "identity-provider/instances/two", """{"alias":"two","providerId":"kubernetes","config":{"issuer":"http://two.example"}}""")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("type=ANY", "an-idp,g,hub")]
    [InlineData("type=EXCHANGE_EXTERNAL_TOKEN", "an-idp")]
    [InlineData("type=JWT_AUTHORIZATION_GRANT", "an-idp,g")]
    [InlineData("capability=USER_LINKING", "an-idp,g,hub")]
    public async Task Providers_are_listed_by_what_they_are_for(string query, string aliases)
    {
        var world = await AdminWorld.MakeAsync();
        await world.MakeAsync("identity-provider/instances", """{"alias":"hub","providerId":"github","config":{"clientId":"x"}}""");
        await world.MakeAsync("identity-provider/instances", """{"alias":"g","providerId":"google","config":{"clientId":"x"}}""");
        var listed = (await world.GetAsync($"identity-provider/instances?{query}")).AsArray().Select(p => p!["alias"]!.GetValue<string>());
        Assert.Equal(aliases, string.Join(',', listed.Where(a => a is "an-idp" or "g" or "hub")));
        Assert.True((await world.GetAsync("identity-provider/instances/g/reload-keys")).GetValue<bool>());
        Assert.False((await world.GetAsync("identity-provider/instances/hub/reload-keys")).GetValue<bool>());
    }

    [Theory]
    [InlineData("Certificate PEM", false, 400)]
    [InlineData("Public Key PEM", true, 200)]
    [InlineData("Public Key PEM", false, 400)]
    [InlineData("JSON Web Key Set", false, 400)]
    [InlineData("Something", true, 400)]
    public async Task A_key_is_read_from_a_file_and_not_kept(string format, bool isKey, int status)
    {
        var world = await AdminWorld.MakeAsync();
        using var key = System.Security.Cryptography.RSA.Create(2048);
        var pem = key.ExportSubjectPublicKeyInfoPem();
        using var form = new MultipartFormDataContent { { new StringContent(format), "keystoreFormat" }, { new ByteArrayContent(Encoding.ASCII.GetBytes(isKey ? pem : "none")), "file", "key.pem" } };
        var answer = await world.CallAsync("POST", world.Address(Server.Admin.AdminRoutes.All.First(r => r.Template.EndsWith("identity-provider/upload-certificate", StringComparison.Ordinal))), form);
        Assert.Equal(status, answer.Status);
        if (status == 200)
        {
            Assert.Equal(pem, JsonNode.Parse(answer.Text)!["publicKey"]!.GetValue<string>());
        }
    }
}
