using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using Castellan.Protocol.Jose;
using Castellan.Tests.Rfc7515;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Castellan.Tests.AspNetCore;

/// <summary>A realm on loopback whose keys and answers a test can change: what the package talks to, over real sockets.</summary>
internal sealed class FakeRealm : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile List<SigningKey> _published;

    private FakeRealm(WebApplication app, string url, SigningKey key) => (_app, Url, Key, _published) = (app, url, key, [key]);

    public string Url { get; }

    /// <summary>The key that <see cref="Token"/> signs with.</summary>
    public SigningKey Key { get; set; }

    public bool IsDown { get; set; }

    public string? Issuer { get; set; }

    public int Discoveries;
    public int Fetches;
    public int Introspections;
    public string? IntrospectionAnswer { get; set; }
    public string? IntrospectionCredentials { get; set; }

    public static async Task<FakeRealm> StartAsync(string name = "myrealm")
    {
        var app = Loopback.Build(_ => { });
        FakeRealm realm = null!;
        app.MapGet($"/realms/{name}/.well-known/openid-configuration", (RequestDelegate)(context => realm.DiscoverAsync(context)));
        app.MapGet($"/realms/{name}/certs", (RequestDelegate)(context => realm.KeysAsync(context)));
        app.MapPost($"/realms/{name}/introspect", (RequestDelegate)(context => realm.IntrospectAsync(context)));
        var url = await Loopback.StartAsync(app);
        realm = new FakeRealm(app, $"{url}/realms/{name}", NewKey(SignatureAlgorithm.RS256));
        return realm;
    }

    public static SigningKey NewKey(SignatureAlgorithm algorithm, int which = 0)
    {
        var key = TestKeys.For(algorithm, which);
        return new SigningKey(key, algorithm, key is OctKey ? $"oct{which}" : $"{algorithm}-{key.KeyId()}");
    }

    public void Publish(params SigningKey[] keys) => _published = [.. keys];

    /// <summary>A good access token, but for what the test changes. A claim with a null value is left out.</summary>
    public string Token(Action<Dictionary<string, object?>>? change = null, string? typ = "JWT", SigningKey? key = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object?>
        {
            ["exp"] = now + 300,
            ["iat"] = now,
            ["jti"] = Guid.NewGuid().ToString(),
            ["iss"] = Url,
            ["aud"] = new[] { "my-api", "account" },
            ["sub"] = "f3a1",
            ["typ"] = "Bearer",
            ["azp"] = "web",
            ["realm_access"] = new Dictionary<string, object?> { ["roles"] = new[] { "user-viewer", "offline_access" } },
            ["resource_access"] = new Dictionary<string, object?> { ["my-api"] = new Dictionary<string, object?> { ["roles"] = new[] { "clerk" } } },
            ["scope"] = "profile email",
            ["email_verified"] = true,
            ["preferred_username"] = "alice",
        };
        change?.Invoke(claims);
        return JwsWriter.Sign(key ?? Key, Json(claims), typ);
    }

    /// <summary>A good token but for its header, which is signed as it stands.</summary>
    public string TokenUnder(string header)
    {
        var input = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Token().Split('.')[1]}";
        var signature = new byte[Key.SignatureLength];
        Key.Sign(Encoding.ASCII.GetBytes(input), signature);
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }

    public static byte[] Json(object value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, value);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case Dictionary<string, object?> members:
                json.WriteStartObject();
                foreach (var (name, member) in members.Where(member => member.Value is not null))
                {
                    json.WritePropertyName(name);
                    Write(json, member);
                }

                json.WriteEndObject();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case string[] texts:
                json.WriteStartArray();
                Array.ForEach(texts, json.WriteStringValue);
                json.WriteEndArray();
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            default:
                throw new ArgumentException($"A claim cannot be {value}.");
        }
    }

    private async Task DiscoverAsync(HttpContext context)
    {
        Interlocked.Increment(ref Discoveries);
        await AnswerAsync(context, $$"""{"issuer":"{{Issuer ?? Url}}","jwks_uri":"{{Url}}/certs","introspection_endpoint":"{{Url}}/introspect"}""");
    }

    private async Task KeysAsync(HttpContext context)
    {
        Interlocked.Increment(ref Fetches);
        var keys = _published.Select(key => (key.Key.ToJwk() with { Kid = key.Kid, Alg = key.Algorithm.Name, Use = "sig" }).ToJson());
        await AnswerAsync(context, $$"""{"keys":[{{string.Join(',', keys)}}]}""");
    }

    private async Task IntrospectAsync(HttpContext context)
    {
        Interlocked.Increment(ref Introspections);
        IntrospectionCredentials = context.Request.Headers.Authorization;
        var form = await context.Request.ReadFormAsync();
        Assert.NotEmpty(form["token"].ToString());
        if (IntrospectionAnswer is null)
        {
            context.Response.StatusCode = 401;
            return;
        }

        await AnswerAsync(context, IntrospectionAnswer);
    }

    private async Task AnswerAsync(HttpContext context, string json)
    {
        if (IsDown)
        {
            context.Response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(json, Encoding.UTF8);
    }
}

/// <summary>Web applications on a free port of this machine.</summary>
internal static class Loopback
{
    public static WebApplication Build(Action<IServiceCollection> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // What a handler throws becomes an empty 500: here is where it says why.
        builder.Logging.AddFilter((category, level) => level >= LogLevel.Error && category is "Microsoft.AspNetCore.Server.Kestrel").AddConsole();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        configure(builder.Services);
        return builder.Build();
    }

    public static async Task<string> StartAsync(WebApplication app)
    {
        await app.StartAsync();
        return app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }
}
