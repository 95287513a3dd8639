using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning); // not three lines for each request
builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None); // nor an activity that nobody asks for
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));

builder.Services.Configure<SocketTransportOptions>(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false); // a system call less for each request

// The one line that protects the API. REALM_URL and AUDIENCE come from the environment, or from appsettings.json.
builder.Services.AddCastellan(
    builder.Configuration["REALM_URL"] ?? "http://localhost:8080/realms/myrealm",
    builder.Configuration["AUDIENCE"] ?? "my-api-client");

// Pages of other origins may ask too: the one of samples/spa. A token they need all the same.
builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy =>
    policy.WithOrigins(builder.Configuration["ALLOWED_ORIGIN"] ?? "http://localhost:5173").WithHeaders("authorization")));

var app = builder.Build();
app.UseWhen(http => http.Request.Headers.ContainsKey("Origin"), pages => pages.UseCors()); // in front of the two below, so that pages can read a refusal as well
app.UseAuthentication();
app.UseAuthorization();
app.MapGet("/", () => "This is the API. GET /users wants a token with the role user-viewer, GET /me any token.");
app.MapGet("/users", () => Users.All).RequireRealmRole("user-viewer");
app.MapGet("/me", (ClaimsPrincipal user) => new Me(user.FindFirstValue("sub"), user.Identity?.Name, [.. user.FindAll(ClaimTypes.Role).Select(role => role.Value)]))
    .RequireAuthorization();
app.Run();

internal sealed record User(int Id, string Name);

internal sealed record Me(string? Subject, string? Name, string[] Roles);

internal static class Users
{
    public static readonly User[] All = [new(1, "Alice"), new(2, "Bob")];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(User[]))]
[JsonSerializable(typeof(Me))]
internal sealed partial class ApiJson : JsonSerializerContext;
