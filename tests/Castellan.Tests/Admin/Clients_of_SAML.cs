using System.Text;
using System.Text.Json.Nodes;
using Castellan.Protocol.Jose;
using Castellan.Tests.Saml;

namespace Castellan.Tests.Admin;

/// <summary>Service providers in the admin API: what becomes of their metadata, and the files that they are given.</summary>
public sealed class Clients_of_SAML
{
    private const string Bindings = "urn:oasis:names:tc:SAML:2.0:bindings:";
    private static readonly Lazy<string> s_certificate = new(() => Convert.ToBase64String(KeyFiles.SelfSigned(SamlKeys.Known, "sp", TimeProvider.System.GetUtcNow())!.RawData));

    private static string Entity(string inside, string attributes = "") => $"""
        <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:ui="urn:oasis:names:tc:SAML:metadata:ui" entityID="sp">
        <md:SPSSODescriptor {attributes}>{inside.Replace("BIND:", Bindings, StringComparison.Ordinal).Replace("CERT", s_certificate.Value, StringComparison.Ordinal)}</md:SPSSODescriptor></md:EntityDescriptor>
        """;

    private static string Consumer(string binding, string at) => $"""<md:AssertionConsumerService Binding="BIND:{binding}" Location="{at}" index="0"/>""";

    private static string Key(string certificate) => $"""<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>""";

    public static TheoryData<string, string, string> Metadata => new()
    {
        { Entity(Consumer("HTTP-Artifact", "a") + Consumer("PAOS", "b") + Consumer("HTTP-POST", "c") + Consumer("HTTP-POST", "d") + Consumer("urn:x", "e")), "redirectUris", """["c","b","a"]""" },
        { Entity(Consumer("HTTP-POST", "a") + Consumer("HTTP-Redirect", "a")), "redirectUris", """["a","a"]""" },
        { Entity(Key("CERT")), "attributes.saml.client.signature", "true" },
        { Entity("", "AuthnRequestsSigned=\"true\""), "attributes.saml.client.signature", "" },
        { Entity("""<md:ArtifactResolutionService Binding="x" Location="a" index="2"/><md:ArtifactResolutionService Binding="x" Location="b" index="1"/>"""), "attributes.saml_artifact_resolution_service_url", "b" },
        { Entity("""<md:ArtifactResolutionService Binding="x" Location="a" index="1"/><md:ArtifactResolutionService Binding="x" Location="b" index="2" isDefault="true"/>"""), "attributes.saml_artifact_resolution_service_url", "b" },
        { Entity("""<md:Extensions><ui:UIInfo><ui:Logo height="1" width="1">https://sp/logo</ui:Logo></ui:UIInfo></md:Extensions>"""), "attributes.logoUri", "https://sp/logo" },
        { Entity("""<md:Extensions><ui:UIInfo><ui:PrivacyStatementURL xml:lang="de">d</ui:PrivacyStatementURL><ui:PrivacyStatementURL xml:lang="en">e</ui:PrivacyStatementURL></ui:UIInfo></md:Extensions>"""), "attributes.policyUri", "e" },
        { Entity("""<md:AttributeConsumingService index="0"><md:RequestedAttribute Name="n" NameFormat="urn:other:uri"/></md:AttributeConsumingService>"""), "protocolMappers.config", """{"attribute.name":"n"}""" },
        { "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">" + Entity("") + Entity("") + "</md:EntitiesDescriptor>", "error", "Expected one entity descriptor" },
        { Entity(Key("nonsense")), "error", "HTTP 400 Bad Request" },
        { Entity("").Replace("</md:SPSSODescriptor>", "", StringComparison.Ordinal), "error", "HTTP 400 Bad Request" },
        { "<EntityDescriptor/>", "error", "HTTP 400 Bad Request" },
        { "<nonsense/>", "error", "Unsupported format" },
        { Entity("").TrimEnd() + " and more", "error", "Unsupported format" },
    };

    [Theory, MemberData(nameof(Metadata))]
    public async Task Metadata_becomes_a_client(string metadata, string what, string expected)
    {
        var world = await AdminWorld.MakeAsync();
        var answer = await world.CallAsync("POST", Address(world, "client-description-converter"), new StringContent(metadata, Encoding.UTF8, "text/plain"));
        var node = JsonNode.Parse(answer.Text);
        Assert.Equal(what == "error" ? 400 : 200, answer.Status);
        var parts = what.Split('.', 2);
        node = node![parts[0]];
        if (node is JsonArray { Count: > 0 } list && parts.Length > 1)
        {
            node = list[0];
        }

        Assert.Equal(expected, (parts.Length > 1 ? node![parts[1]] : node) is not { } found ? "" : found is JsonValue value ? value.ToString() : found.ToJsonString());
    }

    [Theory]
    [InlineData("saml-sp-descriptor", """{"saml.artifact.binding":"true","saml_artifact_binding_url":"https://sp/art","saml_single_logout_service_url_post":"https://sp/slo"}""",
        "SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://sp/slo\"|AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact\" Location=\"https://sp/art\"")]
    [InlineData("saml-sp-descriptor", """{"saml.artifact.binding":"true","saml_single_logout_service_url_artifact":"https://sp/slo"}""", "SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact\" Location=\"https://sp/slo\"")]
    [InlineData("keycloak-saml", """{"saml.signing.certificate":"","saml.signature.algorithm":""}""", "signatureAlgorithm=\"RSA_SHA256\"|YOU MUST CONFIGURE YOUR CLIENT's SIGNING CERTIFICATE")]
    [InlineData("keycloak-saml-subsystem-cli", """{"saml.signing.certificate":"","saml_signature_canonicalization_method":""}""", "YOU MUST CONFIGURE YOUR_CLIENT's SIGNING CERTIFICATE|name=signatureAlgorithm,value=RSA_SHA256)\n\n$")]
    [InlineData("keycloak-saml-subsystem-cli", """{"saml.client.signature":"false"}""", "} \\\n)\n\n$")]
    public async Task A_provider_gets_a_file_of_what_it_is(string file, string attributes, string expected)
    {
        var world = await AdminWorld.MakeAsync();
        var client = new JsonObject { ["clientId"] = "sp", ["protocol"] = "saml", ["attributes"] = new JsonObject { ["saml.signing.certificate"] = s_certificate.Value } };
        var id = await world.MakeAsync("clients", client.ToJsonString());
        client["attributes"] = JsonNode.Parse(attributes);
        Assert.Equal(204, (await world.CallAsync("PUT", Address(world, $"clients/{id}"), new StringContent(client.ToJsonString(), Encoding.UTF8, "application/json"))).Status);
        var text = (await world.CallAsync("GET", Address(world, $"clients/{id}/installation/providers/{file}"))).Text;
        Assert.All(expected.Split('|'), part => Assert.True(part.EndsWith('$') ? text.EndsWith(part[..^1], StringComparison.Ordinal) : text.Contains(part, StringComparison.Ordinal), text));
    }

    [Theory]
    [InlineData("saml", "saml_assertion_consumer_url_post", "/acs", "Assertion Consumer Service POST Binding URL is not a valid URL")]
    [InlineData("saml", "saml_single_logout_service_url_artifact", "urn:x", "Logout Service ARTIFACT Binding URL is not a valid URL")]
    [InlineData("saml", "saml_artifact_resolution_service_url", "https://sp/a b", "Artifact Resolution Service is not a valid URL")]
    [InlineData("saml", "saml.metadataDescriptorUrl", "data:text/xml,x", "Metadata descriptor URL uses an illegal scheme")]
    [InlineData("saml", "adminUrl", "admin", "Master SAML Processing URL is not a valid URL")]
    [InlineData("saml", "saml_assertion_consumer_url_post", "https://sp/acs#f", null)]
    [InlineData("openid-connect", "saml_assertion_consumer_url_post", "/acs", null)]
    [InlineData("openid-connect", "adminUrl", "/admin", null)]
    public async Task Addresses_of_a_provider_stand_for_themselves(string protocol, string name, string address, string? refusal)
    {
        var world = await AdminWorld.MakeAsync();
        var client = new JsonObject { ["clientId"] = "sp", ["protocol"] = protocol, ["attributes"] = new JsonObject { ["saml.client.signature"] = "false" } };
        (name == "adminUrl" ? client : client["attributes"]!.AsObject())[name] = address;
        var answer = await world.CallAsync("POST", Address(world, "clients"), new StringContent(client.ToJsonString(), Encoding.UTF8, "application/json"));
        Assert.Equal(refusal is null ? 201 : 400, answer.Status);
        Assert.Equal(refusal, refusal is null ? null : JsonNode.Parse(answer.Text)!["error_description"]?.ToString());
    }

    private static string Address(AdminWorld world, string path) => $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{path}";
}
