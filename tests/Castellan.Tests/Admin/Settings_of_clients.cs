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
