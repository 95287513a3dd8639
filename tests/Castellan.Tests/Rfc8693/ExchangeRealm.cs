using Castellan.Core.Events;
using Castellan.Core.Keys;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Protocol.Jose;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Rfc8693;

/// <summary>
/// A realm in which <c>api</c>'s tokens may be exchanged: by <c>gate</c>, by <c>renewing</c> (for refresh tokens too), by <c>asks</c> (with consent), by the
/// public <c>web</c>; <c>stranger</c> may exchange too but is in nobody's audience. What <c>gate</c> and <c>renewing</c> get is for <c>target</c> and <c>shut</c>.
/// </summary>
internal static class ExchangeRealm
{
    public const string Grant = "urn:ietf:params:oauth:grant-type:token-exchange", Enabled = "standard.token.exchange.enabled";

    public static string Kind(string name) => "urn:ietf:params:oauth:token-type:" + name;

    public static async Task<TestRealm> OpenAsync(Action<RealmRepresentation>? change = null) => await (await TestServer.OneAsync()).RealmAsync(file =>
    {
        file.EventsEnabled = true;
        file.Clients![0].ProtocolMappers = [Audience("gate"), Audience("renewing"), Audience("asks"), Audience("web")];
        file.Clients[1].Attributes = new() { [Enabled] = "true" };
        file.Clients.AddRange(
        [
            Client("gate", Audience("target"), Audience("shut")), Client("renewing", Audience("target"), Audience("shut")), Client("asks"), Client("stranger"),
            Client("target"), Client("other"), Client("shut"),
        ]);
        file.Clients.Single(c => c.ClientId == "renewing").Attributes!["standard.token.exchange.enableRefreshRequestedTokenType"] = "SAME_SESSION";
        file.Clients.Single(c => c.ClientId == "asks").ConsentRequired = true;
        file.Clients.Single(c => c.ClientId == "shut").Enabled = false;
        change?.Invoke(file);
    });

    public static ProtocolMapperRepresentation Audience(string client) => new()
    {
        Name = "aud " + client, Protocol = "openid-connect", ProtocolMapper = "oidc-audience-mapper",
        Config = new() { ["included.client.audience"] = client, ["access.token.claim"] = "true" },
    };

    private static ClientRepresentation Client(string id, params ProtocolMapperRepresentation[] mappers) => new()
    {
        ClientId = id, Secret = id + "-secret", PublicClient = false, DirectAccessGrantsEnabled = true, ServiceAccountsEnabled = true, ProtocolMappers = [.. mappers],
        Attributes = new() { [Enabled] = id is "target" or "other" or "shut" ? "false" : "true" },
    };

    /// <summary>An exchange. What is named again stands in the place of what there was; without a value it is left out.</summary>
    public static Task<Answer> ExchangeAsync(this TestRealm realm, string subject, string by = "gate", params (string Name, string? Value)[] more) =>
        realm.ExchangeAsync(subject, by, null, more);

    public static Task<Answer> ExchangeAsync(this TestRealm realm, string subject, string by, Action<HttpRequestMessage>? change, params (string Name, string? Value)[] more)
    {
        (string Name, string? Value)[] form = [.. TestRealm.Credentials(by), ("grant_type", Grant), ("subject_token", subject), ("subject_token_type", Kind("access_token"))];
        return realm.PostAsync("token", change, [.. form.Where(f => more.All(m => m.Name != f.Name)).Concat(more).Where(f => f.Value is not null).Select(f => (f.Name, f.Value!))]);
    }

    /// <summary>The last event of this kind, and nothing of earlier ones.</summary>
    public static async Task<LoginEvent> LastAsync(this TestRealm realm, string type) =>
        (await realm.Server.Services.GetRequiredService<IEventStore>().ListAsync((await realm.NowAsync()).Id, new EventQuery([type], Max: 1)))[0];

    public static async Task<Core.Clients.Client> ClientAsync(this TestRealm realm, string clientId) =>
        (await realm.Server.Services.GetRequiredService<Core.Clients.IClients>().FindAsync(await realm.NowAsync(), clientId))!;

    /// <summary>All that is kept of alice's sessions, to be compared.</summary>
    public static async Task<string> SessionsAsync(this TestRealm realm)
    {
        var (id, alice) = ((await realm.NowAsync()).Id, (await realm.AliceAsync()).Id);
        List<UserSession> all = [.. await realm.Server.Sessions.ListByUserAsync(id, alice), .. await realm.Server.Sessions.ListByUserAsync(id, alice, offline: true)];
        return string.Join('\n', all.OrderBy(s => s.Id, StringComparer.Ordinal).Select(s =>
            $"{s.Id} {s.Offline} {s.LastAccess}: " + string.Join(", ", s.Clients.OrderBy(c => c.ClientId, StringComparer.Ordinal)
                .Select(c => $"{c.ClientId} {c.LastAccess} {string.Join(' ', c.Notes.Select(n => n.Key + "=" + n.Value).Order(StringComparer.Ordinal))}"))));
    }

    /// <summary>A token with other claims, signed by the realm itself.</summary>
    public static async Task<string> ChangedAsync(this TestRealm realm, string token, Action<System.Text.Json.Nodes.JsonObject> change)
    {
        var claims = System.Text.Json.Nodes.JsonNode.Parse(Tokens.Payload(token).GetRawText())!.AsObject();
        change(claims);
        return JwsWriter.Sign(KeyRing.Of(await realm.NowAsync()).Signing("RS256")!, System.Text.Encoding.UTF8.GetBytes(claims.ToJsonString()));
    }
}
