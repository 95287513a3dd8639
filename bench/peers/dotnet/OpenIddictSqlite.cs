using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Microsoft.AspNetCore;

/// <summary>OpenIddict with its Entity Framework stores on SQLite, as its documentation sets it up.</summary>
internal static class OpenIddictSqlite
{
    public static async Task RunAsync(string url, string file)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddDbContext<DbContext>(options => options.UseSqlite($"Data Source={file}").UseOpenIddict());
        builder.Services.AddOpenIddict()
            .AddCore(options => options.UseEntityFrameworkCore().UseDbContext<DbContext>())
            .AddServer(options =>
            {
                options.SetTokenEndpointUris("token").AllowClientCredentialsFlow().DisableAccessTokenEncryption();
                options.AddEphemeralEncryptionKey().AddSigningKey(OpenIddictStoreless.SigningKey("RS256"));
                options.UseAspNetCore().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement();
            });
        var app = builder.Build();
        await using (var scope = app.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<DbContext>().Database.EnsureCreatedAsync();
            var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
            if (await applications.FindByClientIdAsync("bench") is null)
                await applications.CreateAsync(new OpenIddictApplicationDescriptor
                {
                    ClientId = "bench",
                    ClientSecret = "bench-secret",
                    Permissions = { OpenIddictConstants.Permissions.Endpoints.Token, OpenIddictConstants.Permissions.GrantTypes.ClientCredentials },
                });
        }

        app.MapPost("/token", (HttpContext context) =>
            Results.SignIn(ClientPrincipal.Of(context.GetOpenIddictServerRequest()!.ClientId!), null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme));
        await app.RunAsync(url);
    }
}
