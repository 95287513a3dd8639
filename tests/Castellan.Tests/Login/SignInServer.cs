using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Castellan.Core;
using Castellan.Core.Codes;
using Castellan.Core.Credentials;
using Castellan.Core.Events;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Import;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Server;
using Castellan.Server.Http;
using Castellan.Storage;
using Castellan.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.Tests.Login;

/// <summary>The real server in this process, on a database of its own (SQLite in memory unless said) and a port of its own, with one realm.</summary>
internal sealed class SignInServer : IAsyncDisposable
{
    public const string Callback = "http://localhost:3000/callback";
    private readonly Db _db;
    private readonly Action<IServiceCollection>? _more;
    private WebApplication _app;
    private HashingQueue _hashing;

    private SignInServer(WebApplication app, HashingQueue hashing, Db db, Action<IServiceCollection>? more) => (_app, _hashing, _db, _more) = (app, hashing, db, more);

    public string Base { get; private set; } = "";

    public IServiceProvider Services => _app.Services;

    public Db Database => _db;

    /// <param name="more">Services in place of the usual ones, or beside them.</param>
    public static async Task<SignInServer> StartAsync(string realmJson, Action<IServiceCollection>? more = null, DbEngine engine = DbEngine.Sqlite)
    {
        var db = await TestDb.OpenAsync(engine);
        var (app, hashing) = await RunAsync(db, more, 0);
        var server = new SignInServer(app, hashing, db, more) { Base = app.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal) };
        var file = JsonSerializer.Deserialize(realmJson, AdminJson.Default.RealmRepresentation)!;
        SharedRealmKeys.GiveTo(file);
        var imported = await app.Services.GetRequiredService<RealmImport>().ImportAsync(file);
        Assert.True(imported.Ok(out _, out var error), error?.Description);
        return server;
    }

    /// <summary>The same server, started again on the same database at the same address: what it held in memory is gone.</summary>
    public async Task RestartAsync()
    {
        await _app.DisposeAsync();
        _hashing.Dispose();
        (_app, _hashing) = await RunAsync(_db, _more, new Uri(Base).Port);
    }

    private static async Task<(WebApplication App, HashingQueue Hashing)> RunAsync(Db db, Action<IServiceCollection>? more, int port)
    {
        var time = TimeProvider.System;
        var hashing = new HashingQueue(1);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port));
        var users = new UserStore(db);
        var store = new ConfigurationStore(db, time);
        var services = builder.Services;
        services.AddSingleton<IConfigurationStore>(store);
        services.AddSingleton<IUserStore>(users);
        services.AddSingleton(hashing);
        services.AddSingleton(new Passwords(hashing, users, time));
        services.AddSingleton<RealmImport>();
        services.AddSingleton<IDatabaseProbe>(new DatabaseProbe(db));
        services.AddSingleton<IEventStore>(new EventStore(db));
        services.AddSingleton<IOutbox>(new Outbox(db));
        services.AddSingleton<IOrganizationStore>(new OrganizationStore(db));
        services.AddSingleton<Castellan.Core.Authorization.IAuthorizationStore>(new AuthorizationStore(db));
        services.AddSingleton<Castellan.Core.Authorization.IPermissionTickets>(new PermissionTicketStore(db));
        services.AddSingleton<ISessions>(new SessionStore(db));
        services.AddSingleton<IOneUse>(new OneUseStore(db, time));
        services.AddSingleton<ILoginFailureStore>(new LoginFailureStore(db));
        more?.Invoke(services);
        services.AddCastellan();
        var app = builder.Build();
        Gate.Use(app, anyPath: false);
        app.MapCastellan();
        await app.StartAsync();
        return (app, hashing);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _db.DisposeAsync();
        _hashing.Dispose();
    }

    /// <summary>A browser of its own: cookies, no redirects followed.</summary>
    public TestBrowser Browser() => new(Base);

    public async Task<JsonElement> TokensAsync(string realm, string code, params (string, string)[] more)
    {
        using var client = new HttpClient();
        var fields = new Dictionary<string, string> { ["grant_type"] = "authorization_code", ["client_id"] = "web", ["redirect_uri"] = Callback, ["code"] = code };
        foreach (var (name, value) in more)
        {
            fields[name] = value;
        }

        using var form = new FormUrlEncodedContent(fields);
        var answer = await client.PostAsync($"{Base}/realms/{realm}/protocol/openid-connect/token", form);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}

/// <summary>What a browser does with pages, without scripts.</summary>
internal sealed class TestBrowser : IDisposable
{
    private readonly Dictionary<string, string> _cookies = [];
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly string _base;

    public TestBrowser(string address) => _base = address;

    /// <summary>What the browser's owner likes to read, as the header <c>Accept-Language</c> says it.</summary>
    public string? Languages { get; set; }

    public HttpStatusCode Status { get; private set; }

    public string? Location { get; private set; }

    public string Text { get; private set; } = "";

    public string? PageId => Regex.Match(Text, "data-page-id=\"login-([^\"]*)\"") is { Success: true } found ? found.Groups[1].Value : null;

    /// <summary>The code that the answer carries to the client, if it does.</summary>
    public string? Code => Location?.StartsWith(SignInServer.Callback, StringComparison.Ordinal) == true && Regex.Match(Location, "[?&#]code=([^&]+)") is { Success: true } found
        ? Uri.UnescapeDataString(found.Groups[1].Value) : null;

    public IReadOnlyDictionary<string, string> Cookies => _cookies;

    public IReadOnlyList<string> Actions => [.. Regex.Matches(Text, "<form[^>]*action=\"([^\"]+)\"").Select(m => Unescape(m.Groups[1].Value))];

    public IReadOnlyList<string> Links => [.. Regex.Matches(Text, "<a[^>]*href=\"([^\"]+)\"").Select(m => Unescape(m.Groups[1].Value)).Where(l => l.Contains("login-actions", StringComparison.Ordinal))];

    public Task OpenAsync(string realm, params (string Name, string Value)[] parameters)
    {
        var all = new Dictionary<string, string>
        {
            ["client_id"] = "web", ["redirect_uri"] = SignInServer.Callback, ["response_type"] = "code", ["scope"] = "openid", ["state"] = "st",
        };
        foreach (var (name, value) in parameters)
        {
            all[name] = value;
        }

        return GetAsync($"/realms/{realm}/protocol/openid-connect/auth?{string.Join('&', all.Where(p => p.Value.Length > 0).Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}"))}");
    }

    public Task GetAsync(string url) => SendAsync(new HttpRequestMessage(HttpMethod.Get, Absolute(url)));

    public Task PostAsync(string url, params (string Name, string Value)[] fields) => SendAsync(new HttpRequestMessage(HttpMethod.Post, Absolute(url))
    {
        Content = new FormUrlEncodedContent(fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value))),
    });

    /// <summary>Posts the page's first form with its hidden fields, and goes on while the answer stays on this server.</summary>
    public async Task SubmitAsync(params (string Name, string Value)[] fields)
    {
        await PostAsync(Actions[0], [.. Hidden().Where(h => fields.All(f => f.Name != h.Name)), .. fields]);
        await FollowAsync();
    }

    public async Task FollowAsync()
    {
        for (var hops = 0; hops < 5 && Location is { } next && next.StartsWith(_base, StringComparison.Ordinal); hops++)
        {
            await GetAsync(next);
        }
    }

    public IEnumerable<(string Name, string Value)> Hidden() => Regex.Matches(Text, "<input type=\"hidden\"[^>]*name=\"([^\"]+)\" value=\"([^\"]*)\"").Select(m => (m.Groups[1].Value, Unescape(m.Groups[2].Value)));

    /// <summary>Another page of the same browser: it has the cookies of this one, as they are now.</summary>
    public TestBrowser Copy()
    {
        var copy = new TestBrowser(_base);
        foreach (var (name, value) in _cookies)
        {
            copy._cookies[name] = value;
        }

        return copy;
    }

    public void Forget(string cookie) => _cookies.Remove(cookie);

    public void Dispose() => _http.Dispose();

    private static string Unescape(string text) => WebUtility.HtmlDecode(text);

    private string Absolute(string url) => url.StartsWith("http", StringComparison.Ordinal) ? url : _base + url;

    private async Task SendAsync(HttpRequestMessage request)
    {
        if (_cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}")));
        }

        if (Languages is not null)
        {
            request.Headers.Add("Accept-Language", Languages);
        }

        using var answer = await _http.SendAsync(request);
        (Status, Location, Text) = (answer.StatusCode, answer.Headers.Location?.OriginalString, await answer.Content.ReadAsStringAsync());
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            var pair = cookie.Split(';')[0];
            var (name, value) = (pair[..pair.IndexOf('=', StringComparison.Ordinal)], pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            if (cookie.Contains("Max-Age=0", StringComparison.Ordinal))
            {
                _cookies.Remove(name);
            }
            else
            {
                _cookies[name] = value;
            }
        }
    }
}
