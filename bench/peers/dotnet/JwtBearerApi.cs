using System.Text.Json;
using Microsoft.AspNetCore.Authentication.JwtBearer;

/// <summary>GET /users behind Microsoft's JwtBearer, which asks for the same things: signature, issuer, audience, times, role.</summary>
internal static class JwtBearerApi
{
    public static Task RunAsync(string url, string realm, string audience)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.Authority = realm;
            options.Audience = audience;
            options.RequireHttpsMetadata = false;
            options.MapInboundClaims = false;
        });
        builder.Services.AddAuthorizationBuilder().AddPolicy("user-viewer", policy => policy.RequireAssertion(context =>
            context.User.FindFirst("realm_access") is { } claim
            && JsonDocument.Parse(claim.Value).RootElement.GetProperty("roles").EnumerateArray().Any(role => role.ValueEquals("user-viewer"))));
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/users", () => new[] { new { id = 1, name = "Alice" }, new { id = 2, name = "Bob" } }).RequireAuthorization("user-viewer");
        return app.RunAsync(url);
    }
}
