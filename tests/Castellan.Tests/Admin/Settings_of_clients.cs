using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core;
using Castellan.Core.Clients;
using Castellan.Core.Representations;

namespace Castellan.Tests.Admin;

/// <summary>Attributes of clients that mean nothing, or nothing good, are refused in Keycloak's words; others are taken.</summary>
public sealed class Settings_of_clients
{
    private const string Default = "Default ACR values need to contain values specified in the ACR-To-Loa mapping or number levels from set realm browser flow";
    private const string Minimum = "Minimum ACR value needs to be value specified in the ACR-To-Loa mapping or number level from set realm browser flow";

    private static readonly Lazy<Task<AdminWorld>> s_world = new(AdminWorld.MakeAsync);

    public static TheoryData<string, string?> Attributes => new()
    {
        { """{"default.acr.values":"gold"}""", Default },
        { """{"default.acr.values":"gold##silver","acr.loa.map":"{\"gold\":2}"}""", Default },
        { """{"default.acr.values":"gold##silver","acr.loa.map":"{\"gold\":2,\"silver\":1}"}""", null },
        { """{"default.acr.values":""}""", null },
        { """{"minimum.acr.value":"gold"}""", Minimum },
        { """{"minimum.acr.value":"2"}""", Minimum },
        { """{"minimum.acr.value":"gold","acr.loa.map":"no map"}""", Minimum },
        { """{"minimum.acr.value":"gold","acr.loa.map":"{\"gold\":2}"}""", null },
        { """{"use.jwks.url":"true","use.jwks.string":"true"}""", "Illegal to use both jwks_uri and jwks_string" },
        { """{"use.jwks.url":"false","use.jwks.string":"true"}""", null },
        { """{"policyUri":"/policy"}""", "Policy URL is not a valid URL" },
        { """{"policyUri":"https://app.example/policy"}""", null },
        { """{"tosUri":"app:terms"}""", "Terms of service URL is not a valid URL" },
        { """{"tosUri":"javascript:alert(1)"}""", "Terms of service URL uses an illegal scheme" },
        { """{"logoUri":"data:image/png;base64,AAAA"}""", null },
        { """{"logoUri":"data:text/html,x"}""", "Logo URL uses an illegal scheme" },
        { """{"logoUri":"/logo.png"}""", null },
        { """{"logoUri":"javascript:alert(1)"}""", "Logo URL uses an illegal scheme" },
        { """{"backchannel.logout.url":"/out"}""", null },
        { """{"backchannel.logout.url":"https://{tenant}.example/{path}"}""", null },
        { """{"backchannel.logout.url":"https://}tenant{.example"}""", "Backchannel logout URL is not a valid URL" },
        { """{"backchannel.logout.url":"app:out"}""", "Backchannel logout URL is not a valid URL" },
        { """{"backchannel.logout.url":"data:x"}""", "Backchannel logout URL uses an illegal scheme" },
        { """{"client.session.idle.timeout":"99999999"}""", "Client session idle timeout cannot exceed realm SSO session idle timeout." },
        { """{"client.session.idle.timeout":"soon"}""", null },
    };

    [Theory, MemberData(nameof(Attributes))]
    public async Task Are_refused_where_they_cannot_be_meant(string attributes, string? why)
    {
        var world = await s_world.Value;
        var made = await SendAsync(world, "POST", "clients", $$"""{"clientId":"made-{{Ids.New()}}","attributes":{{attributes}}}""");
        Assert.Equal((why is null ? 201 : 400, why), (made.Status, Why(made)));
        var id = await world.MakeAsync("clients", $$"""{"clientId":"put-{{Ids.New()}}"}""");
        var put = await SendAsync(world, "PUT", $"clients/{id}", $$"""{"attributes":{{attributes}}}""");
        Assert.Equal((why is null ? 204 : 400, why), (put.Status, Why(put)));

        static Task<Answer> SendAsync(AdminWorld world, string method, string path, string json) =>
            world.CallAsync(method, $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{path}", new StringContent(json, Encoding.UTF8, "application/json"));

        static string? Why(Answer answer) => answer.Status == 400 ? JsonNode.Parse(answer.Text)!["error_description"]!.ToString() : null;
    }

    public static TheoryData<string?, string?, string?> Addresses => new()
    {
        { "foo://bar", null, "Root URL is not a valid URL" }, { "/root", null, "Root URL is not a valid URL" }, { "${other}/x", null, "Root URL is not a valid URL" },
        { "javascript:alert(1)", null, "Root URL uses an illegal scheme" }, { "https://app.example#x", null, "Root URL must not contain an URL fragment" },
        { "${authBaseUrl}", "/home", null }, { "${authAdminUrl}", null, null }, { "https://app.example:8443/x", "https://app.example/#home", null }, { "", "", null },
        { null, "foo://bar", "Base URL is not a valid URL" }, { null, "app.example", "Base URL is not a valid URL" }, { null, "${x}/y", "Base URL is not a valid URL" },
        { null, "data:text/html,x", "Base URL uses an illegal scheme" }, { null, "/a b", "Base URL is not a valid URL" }, { "https://", null, "Root URL is not a valid URL" },
    };

    [Theory, MemberData(nameof(Addresses))]
    public void Their_addresses_can_be_gone_to(string? root, string? home, string? why) =>
        Assert.Equal(why, ClientValidation.Refuse(new ClientRepresentation { ClientId = "c", RootUrl = root, BaseUrl = home }, new RealmRepresentation()));

    [Theory, InlineData(""), InlineData("  ")]
    public void They_have_a_name(string name) => Assert.Equal("Client ID cannot be blank", ClientValidation.Refuse(new ClientRepresentation { ClientId = name }, new RealmRepresentation()));

    [Theory, InlineData("\"consentRequired\":true", false), InlineData("\"consentRequired\":true,\"fullScopeAllowed\":true", true), InlineData("\"consentRequired\":false", true)]
    public async Task Whoever_is_asked_for_consent_is_not_asked_for_all_roles(string members, bool all)
    {
        var world = await s_world.Value;
        var id = await world.MakeAsync("clients", $$"""{"clientId":"asks-{{Ids.New()}}",{{members}}}""");
        Assert.Equal(all, (bool)(await world.GetAsync("clients/" + id))["fullScopeAllowed"]!);
    }

    [Theory, InlineData("", false), InlineData(""","saml.metadataDescriptorUrl":"https://sp.example/metadata" """, true)]
    public async Task A_client_whose_keys_stand_elsewhere_gets_none_before_it_says_where(string where, bool made)
    {
        var world = await s_world.Value;
        var id = await world.MakeAsync("clients", $$"""{"clientId":"sp-{{Ids.New()}}","protocol":"saml","attributes":{"saml.useMetadataDescriptorUrl":"true"{{where}} } }""");
        Assert.Equal(made, (await world.GetAsync("clients/" + id))["attributes"]!["saml.signing.certificate"] is not null);
    }

    [Theory, InlineData(true, " and RememberMe idle timeout."), InlineData(false, ".")]
    public void A_session_of_a_client_is_no_longer_than_the_realms(bool remembers, string end)
    {
        var realm = new RealmRepresentation { SsoSessionIdleTimeout = 100, SsoSessionIdleTimeoutRememberMe = 200, RememberMe = remembers };
        Assert.Equal("Client session idle timeout cannot exceed realm SSO session idle timeout" + end, Refuse(201));
        Assert.Equal(remembers, Refuse(200) is null);
        Assert.Null(Refuse(100));

        string? Refuse(int seconds) => ClientValidation.Refuse(new ClientRepresentation { Attributes = new() { ["client.session.idle.timeout"] = $"{seconds}" } }, realm);
    }
}
