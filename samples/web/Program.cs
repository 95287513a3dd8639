using System.Net;
using System.Net.Http.Headers;
using Castellan.Samples.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;

var builder = WebApplication.CreateBuilder(args);
var realm = builder.Configuration["REALM_URL"] ?? "http://localhost:8080/realms/myrealm";
var api = builder.Configuration["API_URL"] ?? "http://localhost:5000";

builder.Services.AddHttpClient();
builder.Services.AddAuthorization();
builder.Services
    .AddAuthentication(options =>
    {
        options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
    })
    .AddCookie()
    .AddOpenIdConnect(options =>
    {
        options.Authority = realm;
        options.ClientId = builder.Configuration["CLIENT_ID"] ?? "my-web-app";
        options.ClientSecret = builder.Configuration["CLIENT_SECRET"] ?? "my-web-secret";
        options.ResponseType = "code";
        options.SaveTokens = true; // the access token, for the API
        options.MapInboundClaims = false;
        options.TokenValidationParameters.NameClaimType = "preferred_username";
        options.RequireHttpsMetadata = !realm.StartsWith("http://localhost", StringComparison.Ordinal);
    });

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();

app.MapGet("/", (HttpContext http) => Page.Of(http.User.Identity is { IsAuthenticated: true, Name: var name }
    ? $"""<p id="who">Signed in as {WebUtility.HtmlEncode(name)}</p><p><a id="call" href="/users">List the users</a></p><form method="post" action="/sign-out"><button id="sign-out">Sign out</button></form>"""
    : """<p id="who">Nobody is signed in</p><p><a id="sign-in" href="/users">Sign in and list the users</a></p>"""));

// Whoever is not signed in is sent to the realm first, and comes back here.
app.MapGet("/users", async (HttpContext http, HttpClient client) =>
{
    using var request = new HttpRequestMessage(HttpMethod.Get, $"{api}/users");
    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await http.GetTokenAsync("access_token"));
    using var response = await client.SendAsync(request, http.RequestAborted);
    var answer = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(http.RequestAborted)}";
    return Page.Of($"""<pre id="answer">{WebUtility.HtmlEncode(answer)}</pre><p><a id="home" href="/">Back</a></p>""");
}).RequireAuthorization();

// Here and at the realm.
app.MapPost("/sign-out", () => Results.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]));

app.Run();
