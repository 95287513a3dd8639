using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Tests.Admin;

namespace Castellan.Tests.Authorization;

/// <summary>Policies and permissions as the administration lists them, whole and as parts of one another.</summary>
public sealed class Lists_of_policies
{
    [Theory]
    [InlineData("resource=hin", 200, "on-thing")]
    [InlineData("resource=nothing", 204, null)]
    [InlineData("scope=rea", 200, "on-thing")]
    [InlineData("scope=nothing", 204, null)]
    public async Task Permissions_are_found_by_what_they_are_about_and_what_is_not_there_has_none(string query, int status, string? found)
    {
        var (world, at) = await WorldAsync();
        var answer = await world.CallAsync("GET", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{at}/policy?{query}");
        Assert.Equal(status, answer.Status);
        Assert.True(found is null || JsonNode.Parse(answer.Text)!.AsArray().Any(p => (string?)p!["name"] == found), answer.Text);
    }

    /// <summary>Nobody is told there by which logic a policy decides; what it says of itself only those hear who ask for its parts.</summary>
    [Fact]
    public async Task A_policy_stands_among_the_parts_of_another_without_its_logic()
    {
        var (world, at) = await WorldAsync();
        var permission = (await world.GetAsync(at + "/permission?name=on-thing"))[0]!["id"];
        var part = (await world.GetAsync($"{at}/permission/scope/{permission}/associatedPolicies"))[0]!;
        Assert.Equal(("not-bob", "everybody else", "POSITIVE"), ((string?)part["name"], (string?)part["description"], (string?)part["logic"]));
        var user = (await world.GetAsync(at + "/policy?name=not-bob"))[0]!;
        Assert.Equal("NEGATIVE", (string?)user["logic"]);
        var whole = (await world.GetAsync($"{at}/policy/user/{user["id"]}/dependentPolicies"))[0]!;
        Assert.Equal(("on-thing", null), ((string?)whole["name"], (string?)whole["description"]));
    }

    [Fact]
    public async Task What_covers_the_servers_own_resources_of_a_type_covers_those_of_people()
    {
        var (world, at) = await WorldAsync();
        await world.MakeAsync(at + "/resource", """{"name":"album","type":"urn:album"}""");
        await world.MakeAsync(at + "/resource", """{"name":"bobs","type":"urn:album","owner":{"id":"bob"}}""");
        await world.MakeAsync(at + "/permission/resource", """{"name":"on-type","resourceType":"urn:album","policies":["not-bob"]}""");
        await world.MakeAsync(at + "/permission/resource", """{"name":"on-album","resources":["album"],"policies":["not-bob"]}""");
        var bobs = (await world.GetAsync(at + "/resource?name=bobs"))[0]!["_id"];
        var names = (await world.GetAsync($"{at}/resource/{bobs}/permissions")).AsArray().Select(p => (string?)p!["name"]).Order(StringComparer.Ordinal);
        Assert.Equal(["on-album", "on-type"], names);
    }

    [Fact]
    public async Task Roles_that_can_be_given_come_in_pages_of_ten_and_a_clients_own_are_none_for_its_scope()
    {
        var world = await AdminWorld.MakeAsync();
        var client = world.Thing("clients/{client}");
        var all = (await world.GetAsync($"ui-ext/available-roles/clients/{client}?max=200")).AsArray();
        Assert.Contains(all, r => (string?)r!["role"] == "o-role");
        Assert.DoesNotContain(all, r => (string?)r!["role"] == "c-role");
        Assert.Equal(10, (await world.GetAsync($"ui-ext/available-roles/clients/{client}")).AsArray().Count);
    }

    [Theory]
    [InlineData(-1, 1, 201)]
    [InlineData(-2, -1, 400)]
    [InlineData(1, 2, 400)]
    public async Task A_key_is_uploaded_with_a_certificate_that_counts_today(int from, int until, int status)
    {
        var world = await AdminWorld.MakeAsync();
        using var key = RSA.Create(2048);
        var today = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(today.AddDays(from), today.AddDays(until));
        var body = new JsonObject
        {
            ["name"] = "uploaded", ["providerId"] = "rsa", ["providerType"] = "org.keycloak.keys.KeyProvider",
            ["config"] = new JsonObject { ["privateKey"] = new JsonArray(key.ExportPkcs8PrivateKeyPem()), ["certificate"] = new JsonArray(certificate.ExportCertificatePem()) },
        };
        var answer = await world.CallAsync("POST", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/components", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
        Assert.Equal((status, status == 400 ? "Certificate is not valid" : null), (answer.Status, answer.Text.Length == 0 ? null : answer["errorMessage"]));
    }

    private static async Task<(AdminWorld World, string At)> WorldAsync()
    {
        var world = await AdminWorld.MakeAsync();
        var at = $"clients/{world.Thing("clients/{client}")}/authz/resource-server";
        await world.MakeAsync(at + "/policy/user", """{"name":"not-bob","description":"everybody else","logic":"NEGATIVE","users":["bob"]}""");
        await world.MakeAsync(at + "/permission/scope", """{"name":"on-thing","description":"of a thing","resources":["thing"],"scopes":["read"],"policies":["not-bob"]}""");
        return (world, at);
    }
}
