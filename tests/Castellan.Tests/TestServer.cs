using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Castellan.Core.Authorization;
using Castellan.Core.Credentials;
using Castellan.Core.Events;
using Castellan.Core.Federation;
using Castellan.Core.Keys;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Export;
using Castellan.Core.Realms.Import;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Core.Codes;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Core.Vaults;
using Castellan.Server;
using Castellan.Server.Ldap;
using Castellan.Storage;
using Castellan.Tests.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests;

/// <summary>The whole server on a free port with an embedded database, started once for all tests. Every test makes a realm of its own.</summary>
public sealed class TestServer
{
    /// <summary>In this header a request shows its client certificate.</summary>
    public const string CertificateHeader = "Test-Certificate";

    private static readonly Lazy<Task<TestServer>> s_one = new(StartAsync);
    private readonly WebApplication _app;

    private TestServer(WebApplication app, string url, RealmImport import) => (_app, Url, Import) = (app, url, import);

    public string Url { get; }

    public IServiceProvider Services => _app.Services;

    public IRealms Realms => _app.Services.GetRequiredService<IRealms>();

    public ISessions Sessions => _app.Services.GetRequiredService<ISessions>();

    private RealmImport Import { get; }

    public static Task<TestServer> OneAsync() => s_one.Value;

    /// <summary>A realm <c>t-…</c> with a confidential client <c>api</c> (secret <c>api-secret</c>), a public client <c>web</c>, and <c>alice</c>.</summary>
    public async Task<TestRealm> RealmAsync(Action<RealmRepresentation>? change = null)
    {
        var name = "t-" + Core.Secret.Text(10).ToLowerInvariant();
        var file = new RealmRepresentation
        {
            Realm = name,
            Enabled = true,
            Clients =
            [
                new()
                {
                    ClientId = "api", Secret = "api-secret", PublicClient = false, ServiceAccountsEnabled = true, DirectAccessGrantsEnabled = true,
                    StandardFlowEnabled = true, RedirectUris = ["http://localhost:3000/*"], WebOrigins = ["http://localhost:3000"],
                },
                new() { ClientId = "web", PublicClient = true, DirectAccessGrantsEnabled = true, StandardFlowEnabled = true, RedirectUris = ["http://localhost:3000/*"] },
            ],
            Users =
            [
                new()
                {
                    Username = "alice", Email = "alice@example.org", EmailVerified = true, FirstName = "Alice", LastName = "Ames", Enabled = true,
                    Credentials = [new() { Type = "password", Value = "correct-horse" }], RealmRoles = [$"default-roles-{name}"],
                },
            ],
        };
        change?.Invoke(file);
        SharedRealmKeys.GiveTo(file);
        var imported = await Import.ImportAsync(file);
        Assert.True(imported.Ok(out _, out var error), error?.Description);
        return new TestRealm(this, name);
    }

    /// <summary>Some client certificate, as that header takes it.</summary>
    public static string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=api", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddDays(1));
        return Convert.ToBase64String(made.RawData);
    }

    private static async Task<TestServer> StartAsync()
    {
        var time = TimeProvider.System;
        var db = await SqliteDb.OpenTemporaryAsync(time);
        var store = new ConfigurationStore(db, time, new MasterKeySealer(new byte[32]));
        var cache = new RealmCache(store);
        var federations = new Federations(new UserStore(db), cache, cache, new LdapDirectory(new NoVault(), time), time);
        var users = federations.Users;
        var passwords = new Passwords(new HashingQueue(), users, time);
        var import = new RealmImport(cache, cache, store, passwords, new PasswordChanges(passwords, users, new PasswordBlacklists("none"), time), time);
        var app = Loopback.Build(services =>
        {
            services.AddSingleton<Db>(db);
            services.AddSingleton<IConfigurationStore>(store);
            services.AddSingleton(federations);
            services.AddSingleton(users);
            services.AddSingleton(cache);
            services.AddSingleton(passwords);
            services.AddSingleton(import);
            services.AddSingleton<IEventStore>(new EventStore(db));
            services.AddSingleton<IOutbox>(new Outbox(db));
            services.AddSingleton<IOrganizationStore>(new OrganizationStore(db));
            services.AddSingleton<IAuthorizationStore>(new AuthorizationStore(db));
            services.AddSingleton<IPermissionTickets>(new PermissionTicketStore(db));
            services.AddSingleton(new RealmExport(store, users, new OrganizationStore(db), new AuthorizationStore(db)));
            services.AddSingleton<ISessions>(new SessionStore(db));
            services.AddSingleton<IOneUse>(new OneUseStore(db, time));
            services.AddSingleton<ILoginFailureStore>(new LoginFailureStore(db));
            services.AddCastellan();
        });
        app.Use((http, next) =>
        {
            // What TLS would have checked.
            if (http.Request.Headers[CertificateHeader] is [{ } shown])
            {
                http.Connection.ClientCertificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(shown));
            }

            return next(http);
        });
        app.MapCastellan();
        return new(app, await Loopback.StartAsync(app), import);
    }
}

/// <summary>A realm of the test server, with the requests that tests make of it.</summary>
public sealed class TestRealm(TestServer server, string name)
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public TestServer Server => server;

    public string Name => name;

    public string Issuer => $"{server.Url}/realms/{name}";

    public async Task<Realm> NowAsync() => (await server.Realms.FindAsync(name))!;

    /// <summary>A POST to an endpoint below <c>protocol/openid-connect</c>.</summary>
    public Task<Answer> PostAsync(string endpoint, params (string Name, string Value)[] form) => PostAsync(endpoint, null, form);

    public async Task<Answer> PostAsync(string endpoint, Action<HttpRequestMessage>? change, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Issuer}/protocol/openid-connect/{endpoint}")
        {
            Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))),
        };
        change?.Invoke(request);
        return await SendAsync(request);
    }

    public async Task<Answer> UserInfoAsync(string token, string scheme = "Bearer", string? proof = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Issuer}/protocol/openid-connect/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue(scheme, token);
        if (proof is not null)
        {
            request.Headers.Add("DPoP", proof);
        }

        return await SendAsync(request);
    }

    /// <summary>Tokens of alice at <c>api</c>.</summary>
    public async Task<Answer> SignInAsync(string scope = "openid", string client = "api") => await PostAsync(
        "token",
        [.. Credentials(client), ("grant_type", "password"), ("username", "alice"), ("password", "correct-horse"), ("scope", scope)]);

    public Task<Answer> RefreshAsync(string token, string client = "api") =>
        PostAsync("token", [.. Credentials(client), ("grant_type", "refresh_token"), ("refresh_token", token)]);

    public Task<Answer> IntrospectAsync(string token, params (string Name, string Value)[] more) =>
        PostAsync("token/introspect", [.. Credentials("api"), ("token", token), .. more]);

    public static (string, string)[] Credentials(string client) =>
        client == "web" ? [("client_id", "web")] : [("client_id", client), ("client_secret", $"{client}-secret")];

    /// <summary>Changes the realm's settings.</summary>
    public async Task SetAsync(Action<RealmRepresentation> change)
    {
        var realm = await NowAsync();
        var settings = JsonSerializer.Deserialize(JsonSerializer.Serialize(realm.Settings, AdminJson.Default.RealmRepresentation), AdminJson.Default.RealmRepresentation)!;
        change(settings);
        await server.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
    }

    public async Task SetClientAsync(string clientId, Action<ClientRepresentation> change)
    {
        var realm = await NowAsync();
        var client = (await server.Services.GetRequiredService<Core.Clients.IClients>().FindAsync(realm, clientId))!;
        var copy = JsonSerializer.Deserialize(JsonSerializer.Serialize(client.Representation, AdminJson.Default.ClientRepresentation), AdminJson.Default.ClientRepresentation)!;
        change(copy);
        await server.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutClient(copy)));
    }

    public async Task<User> AliceAsync() =>
        (await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync((await NowAsync()).Id, "alice"))!;

    public async Task SetAliceAsync(Action<UserRepresentation> change)
    {
        var copy = (await AliceAsync()).Representation;
        change(copy);
        await server.Realms.ApplyAsync(new ChangeSet((await NowAsync()).Id).Add(new PutUser(copy)));
    }

    private static async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await s_http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new((int)response.StatusCode, text, response.Headers.WwwAuthenticate.ToString())
        {
            AllowedOrigin = response.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null,
        };
    }
}

/// <summary>An answer of the server.</summary>
public sealed record Answer(int Status, string Text, string Challenge)
{
    /// <summary>The origin whose pages may read it.</summary>
    public string? AllowedOrigin { get; init; }

    public string? this[string member]
    {
        get
        {
            Assert.False(Text.Length == 0, $"There is no answer but {Status}.");
            using var json = JsonDocument.Parse(Text);
            return json.RootElement.TryGetProperty(member, out var value) ? value.ToString() : null;
        }
    }

    public string Access => this["access_token"] ?? throw new InvalidOperationException(Text);

    public string Refresh => this["refresh_token"] ?? throw new InvalidOperationException(Text);

    /// <summary>The claims of one of its tokens.</summary>
    public JsonElement Claims(string member) => Tokens.Payload(this[member]!);

    public void Refuses(int status, string error, string? description = null)
    {
        Assert.Equal((status, error), (Status, this["error"]));
        if (description is not null)
        {
            Assert.Equal(description, this["error_description"]);
        }
    }
}

internal static class Tokens
{
    public static JsonElement Payload(string token) => Part(token, 1);

    public static JsonElement Header(string token) => Part(token, 0);

    private static JsonElement Part(string token, int index)
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[index])));
        return json.RootElement.Clone();
    }
}
