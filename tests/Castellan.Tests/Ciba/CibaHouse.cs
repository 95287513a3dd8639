using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Ciba;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Protocol.Jose;
using Castellan.Storage;
using Castellan.Tests.AspNetCore;
using Castellan.Tests.Login;
using Castellan.Tests.Rfc7515;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Ciba;

/// <summary>What came to a listener.</summary>
internal sealed record Received(string Path, string? Authorization, string? ContentType, JsonElement Body)
{
    public string Token => Authorization!["Bearer ".Length..];

    public string? this[string member] => Body.TryGetProperty(member, out var value) ? value.ToString() : null;
}

/// <summary>The server, the operator's service for people's devices, and the application that is told: the two of them one listener of this machine.</summary>
internal sealed class CibaHouse : IAsyncDisposable
{
    public const string Grant = "urn:openid:params:grant-type:ciba";
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private static readonly Lazy<Task<CibaHouse>> s_one = new(() => StartAsync());
    private readonly WebApplication _listener;
    private readonly ConcurrentQueue<Received> _received = new();

    private CibaHouse(SignInServer server, WebApplication listener, string address) => (Server, _listener, Address) = (server, listener, address);

    public SignInServer Server { get; }

    public string Address { get; }

    public string Issuer => $"{Server.Base}/realms/shop";

    /// <summary>What the device answers to a request.</summary>
    public int DeviceStatus { get; set; } = 201;

    /// <summary>The signed request of the client <c>signing</c> that lies at an address.</summary>
    public string Request { get; set; } = "";

    /// <summary>One for every test that changes nothing of it.</summary>
    public static Task<CibaHouse> OneAsync() => s_one.Value;

    /// <param name="change">Of the realm file.</param>
    /// <param name="channel">Where the server thinks that the devices are; null for the listener, an empty text for nowhere.</param>
    public static async Task<CibaHouse> StartAsync(DbEngine engine = DbEngine.Sqlite, Action<JsonObject>? change = null, string? channel = null)
    {
        CibaHouse? house = null;
        var listener = Loopback.Build(_ => { });
        listener.MapPost("/device", async http => http.Response.StatusCode = await house!.TakeAsync(http) ? house.DeviceStatus : 400);
        listener.MapPost("/notify", async http => http.Response.StatusCode = await house!.TakeAsync(http) ? 204 : 400);
        listener.MapPost("/elsewhere", async http =>
        {
            await house!.TakeAsync(http);
            http.Response.Redirect("/notify", permanent: false, preserveMethod: true);
        });
        listener.MapGet("/request", http => http.Response.WriteAsync(house!.Request));
        listener.MapPost("/broken", async http =>
        {
            await house!.TakeAsync(http);
            http.Response.StatusCode = 500;
        });
        var address = await Loopback.StartAsync(listener);
        var file = File(address);
        change?.Invoke(file);
        var server = await SignInServer.StartAsync(file.ToJsonString(), services =>
        {
            services.AddSingleton(new CibaChannelOptions(channel is "" ? null : new Uri(channel ?? address + "/device")));
            services.AddSingleton<IFetch>(new Fetch(allowLoopback: true));
        }, engine);
        return house = new(server, listener, address);
    }

    public async Task<Answer> PostAsync(string path, string client, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)).Prepend(new("client_id", client)).Append(new("client_secret", "s")));
        using var answer = await s_http.PostAsync($"{Issuer}/protocol/openid-connect/{path}", content);
        return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.WwwAuthenticate.ToString());
    }

    /// <summary>A request of a client for alice, over which the given parameters stand.</summary>
    public Task<Answer> AskAsync(string client, params (string Name, string Value)[] form) => PostAsync("ext/ciba/auth", client,
        [.. new[] { ("login_hint", "alice"), ("scope", "openid") }.Where(f => form.All(g => g.Item1 != f.Item1)), .. form.Where(f => f.Value is not null)]);

    /// <summary>A request that is taken, and what the device got.</summary>
    public async Task<(string AuthReqId, Received Device)> BeginAsync(string client = "till", params (string Name, string Value)[] form)
    {
        var message = form.FirstOrDefault(f => f.Name == "binding_message").Value ?? Core.Secret.Text(20);
        var answer = await AskAsync(client, [("binding_message", message), .. form.Where(f => f.Name != "binding_message")]);
        Assert.True(answer.Status == 200, answer.Text);
        return (answer["auth_req_id"]!, Assert.Single(_received, r => r.Path == "/device" && r["binding_message"] == message));
    }

    /// <summary>What the application was told of a request.</summary>
    public List<Received> Told(string authReqId) => [.. _received.Where(r => r.Path != "/device" && r["auth_req_id"] == authReqId)];

    public Task<Answer> PollAsync(string authReqId, string client = "till") => PostAsync("token", client, ("grant_type", Grant), ("auth_req_id", authReqId));

    public Task<Answer> DecideAsync(string token, string status = "SUCCEED") => CallBackAsync("Bearer " + token, $$"""{"status":"{{status}}"}""");

    public async Task<Answer> CallBackAsync(string? authorization, string body, string type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Issuer}/protocol/openid-connect/ext/ciba/auth/callback") { Content = new StringContent(body, Encoding.UTF8, type) };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using var answer = await s_http.SendAsync(request);
        return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), "");
    }

    public async Task<int> BearerAsync(string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Server.Base + path);
        request.Headers.Authorization = new("Bearer", token);
        request.Headers.Accept.Add(new("application/json"));
        using var answer = await s_http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    public async Task<Realm> RealmAsync() => (await Server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;

    public async Task<User> PersonAsync(string name = "alice") =>
        (await Server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync((await RealmAsync()).Id, name))!;

    public async Task ApplyAsync(params Change[] changes) =>
        await Server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet((await RealmAsync()).Id).Add(changes));

    public async Task SetAliceAsync(Action<UserRepresentation> change)
    {
        var copy = UserRepresentations.Copy((await PersonAsync()).Representation);
        change(copy);
        await ApplyAsync(new PutUser(copy));
    }

    public async Task SetClientAsync(string clientId, Action<ClientRepresentation> change)
    {
        var client = (await Server.Services.GetRequiredService<IClients>().FindAsync(await RealmAsync(), clientId))!;
        var copy = JsonSerializer.Deserialize(JsonSerializer.Serialize(client.Representation, AdminJson.Default.ClientRepresentation), AdminJson.Default.ClientRepresentation)!;
        change(copy);
        await ApplyAsync(new PutClient(copy));
    }

    public async Task SetRealmAsync(Action<RealmRepresentation> change)
    {
        var copy = JsonSerializer.Deserialize(JsonSerializer.Serialize((await RealmAsync()).Settings, AdminJson.Default.RealmRepresentation), AdminJson.Default.RealmRepresentation)!;
        change(copy);
        await ApplyAsync(new PutRealm(copy));
    }

    /// <summary>The last event of a client, newest first.</summary>
    public async Task<List<LoginEvent>> EventsAsync(string client) =>
        await Server.Services.GetRequiredService<IEventStore>().ListAsync((await RealmAsync()).Id, new EventQuery(ClientId: client));

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _listener.DisposeAsync();
    }

    private async Task<bool> TakeAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        _received.Enqueue(new(http.Request.Path, http.Request.Headers.Authorization, http.Request.ContentType, body.RootElement.Clone()));
        return true;
    }

    private static JsonObject File(string listener)
    {
        static JsonObject Client(string id, params (string Name, string Value)[] attributes) => new()
        {
            ["clientId"] = id, ["secret"] = "s", ["publicClient"] = false, ["redirectUris"] = new JsonArray("http://localhost:3000/*"), ["directAccessGrantsEnabled"] = true,
            ["attributes"] = new JsonObject(attributes.Prepend(("oidc.ciba.grant.enabled", "true")).Select(a => KeyValuePair.Create<string, JsonNode?>(a.Item1, a.Item2))),
        };

        static JsonObject Person(string name, bool enabled = true) => new()
        {
            ["username"] = name, ["email"] = name + "@example.org", ["firstName"] = "A", ["lastName"] = "A", ["enabled"] = enabled,
            ["credentials"] = new JsonArray(new JsonObject { ["type"] = "password", ["value"] = "Correct-horse-1" }),
        };

        var open = Client("open");
        (open["publicClient"], open["secret"]) = (true, null);
        var asking = Client("asking");
        asking["consentRequired"] = true;
        var service = Client("service");
        service["serviceAccountsEnabled"] = true;
        (string, string) Notified(string path) => ("ciba.backchannel.client.notification.endpoint", listener + path);
        var plain = Client("plain");
        plain["attributes"] = new JsonObject();
        return new()
        {
            ["realm"] = "shop", ["enabled"] = true, ["eventsEnabled"] = true, ["loginWithEmailAllowed"] = true, ["bruteForceProtected"] = true, ["failureFactor"] = 1,
            ["attributes"] = new JsonObject { ["cibaInterval"] = "0" },
            ["clients"] = new JsonArray(
                Client("till"), plain, open, asking, service,
                Client("bell", ("ciba.backchannel.token.delivery.mode", "ping"), Notified("/notify")),
                Client("sent-on", ("ciba.backchannel.token.delivery.mode", "ping"), Notified("/elsewhere")),
                Client("broken", ("ciba.backchannel.token.delivery.mode", "ping"), Notified("/broken")),
                Client("signing", ("ciba.backchannel.auth.request.signing.alg", "ES256"), ("use.jwks.string", "true"), ("jwks.string", Keys()), ("request.uris", listener + "/request"))),
            ["users"] = new JsonArray(Person("alice"), Person("bob", enabled: false)),
        };
    }

    private static string Keys()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            new JwkSet([.. SignatureAlgorithm.Asymmetric.Select(a => TestKeys.For(a).ToJwk() with { Kid = a.Name, Alg = a.Name, Use = "sig" })]).WriteTo(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
