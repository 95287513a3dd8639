using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Claims;
using System.Text;
using Castellan.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.AspNetCore;

/// <summary>An API as a user of the package writes it.</summary>
internal sealed class ProtectedApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private ProtectedApi(WebApplication app, string url) => (_app, _client) = (app, new HttpClient { BaseAddress = new Uri(url) });

    public static async Task<ProtectedApi> StartAsync(Action<CastellanOptions> configure, TimeProvider? time = null, Action<IServiceCollection>? more = null)
    {
        var app = Loopback.Build(services =>
        {
            if (time is not null)
            {
                services.AddSingleton(time);
            }

            services.AddCastellan(configure);
            services.AddAuthorizationBuilder()
                .AddPolicy("clerk and payer", policy => policy.RequireClientRole("my-api", "clerk").RequireRealmRole("payer"))
                .AddPolicy("viewer and clerk", policy => policy.RequireRealmRole("user-viewer").RequireClientRole("my-api", "clerk"));
            more?.Invoke(services);
        });
        app.MapGet("/", Text("public"));
        app.MapGet("/me", (RequestDelegate)(context => context.Response.WriteAsync(context.User.Identity?.Name ?? "nobody"))).RequireAuthorization();
        app.MapGet("/claims", (RequestDelegate)(context => context.Response.WriteAsync(string.Join('\n', context.User.Claims.Select(claim => $"{claim.Type}={claim.Value}"))))).RequireAuthorization();
        app.MapGet("/users", Text("users")).RequireRealmRole("user-viewer");
        app.MapGet("/either", Text("either")).RequireRealmRole("nobody-has-this", "user-viewer");
        app.MapGet("/payers", Text("payers")).RequireRealmRole("payer");
        app.MapGet("/orders", Text("orders")).RequireClientRole("my-api", "clerk");
        app.MapGet("/others", Text("others")).RequireClientRole("other-api", "clerk");
        app.MapGet("/email", Text("email")).RequireScope("email");
        app.MapGet("/phone", Text("phone")).RequireScope("email", "phone");
        app.MapGet("/clerk-and-payer", Text("")).RequireAuthorization("clerk and payer");
        app.MapGet("/viewer-and-clerk", Text("")).RequireAuthorization("viewer and clerk");
        app.MapGet("/attribute", Text("")).RequireAuthorization(new AuthorizeAttribute { Roles = "user-viewer" });
        app.MapGet("/attribute-client-role", Text("")).RequireAuthorization(new AuthorizeAttribute { Roles = "clerk" });
        return new ProtectedApi(app, await Loopback.StartAsync(app));
    }

    public static Task<ProtectedApi> StartAsync(FakeRealm realm, TimeProvider? time = null, Action<CastellanOptions>? more = null) => StartAsync(
        options =>
        {
            options.AddIssuer(realm.Url, "my-api");
            more?.Invoke(options);
        },
        time);

    public Task<HttpResponseMessage> GetAsync(string path, string? token = null) =>
        SendAsync(path, token is null ? null : $"Bearer {token}");

    public async Task<HttpResponseMessage> SendAsync(string path, string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await _client.SendAsync(request);
    }

    /// <summary>For what a client library would not send.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_client.BaseAddress!.Host, _client.BaseAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync();
    }

    public async Task<HttpStatusCode> StatusAsync(string path, string? token = null)
    {
        using var response = await GetAsync(path, token);
        return response.StatusCode;
    }

    public async Task<string> ChallengeAsync(string path, string? token = null)
    {
        using var response = await GetAsync(path, token);
        return string.Join(", ", response.Headers.WwwAuthenticate.Select(Text));

        static string Text(AuthenticationHeaderValue value) => value.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private static RequestDelegate Text(string text) => context => context.Response.WriteAsync(text);
}

/// <summary>A transformation as some applications have it: it adds to the identity that it is given.</summary>
internal sealed class AddingTransformation : IClaimsTransformation
{
    public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal)
    {
        ((ClaimsIdentity)principal.Identity!).AddClaim(new Claim("department", "stock"));
        return Task.FromResult(principal);
    }
}

/// <summary>A clock that a test moves.</summary>
internal sealed class MovableClock : TimeProvider
{
    private long _offset;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _offset) * (TimestampFrequency / TimeSpan.TicksPerSecond);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);
}
