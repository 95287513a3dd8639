using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Castellan.Core.Representations;
using Castellan.Server.Admin;

namespace Castellan.Tests.Admin;

/// <summary>Every route that takes a body, given bodies that are none, or none of its own: it says so, and changes nothing.</summary>
public sealed class Bad_input
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private static readonly Lazy<Task<(TestServer Server, TestRealm Realm, string Token)>> s_world = new(WorldAsync);

    public static TheoryData<string, string> Bodies => new()
    {
        { "broken JSON", "{\"name\":" },
        { "no JSON", "name=x" },
        { "not UTF-8", "\u0000" },
        { "wrong types", """{"name":{"a":1},"id":[1],"enabled":"perhaps","config":5,"attributes":7,"clientId":{},"alias":[],"username":[]}""" },
        { "a member that nobody knows", """{"nonsense":1}""" },
        { "a list of members that nobody knows", """[{"nonsense":1}]""" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Is_refused_in_the_forms_of_refusals_and_changes_nothing(string what, string body)
    {
        var (server, realm, token) = await s_world.Value;
        var before = (await server.Realms.FindAsync(realm.Name))!.Version;
        var wrong = new List<string>();
        foreach (var route in AdminRoutes.All.Where(r => r.InRealm && r.Method is "POST" or "PUT"))
        {
            var path = string.Join('/', route.Template.Split('/').Select(s =>
                s == "{realm}" ? realm.Name : s.StartsWith("{**", StringComparison.Ordinal) ? "none" : s.StartsWith('{') ? "00000000-0000-0000-0000-000000000000" : s));
            using var request = new HttpRequestMessage(new HttpMethod(route.Method), server.Url + path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await s_http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            // A mail that cannot be sent is answered 500, as Keycloak does; 501 is for what is not there yet.
            if (((int)response.StatusCode is >= 500 and not 501 && !route.Template.EndsWith("/testSMTPConnection", StringComparison.Ordinal)) || ((int)response.StatusCode >= 400 && !IsRefusal(text)))
            {
                wrong.Add($"{route.Method} {route.Template}: {(int)response.StatusCode} {text}");
            }
        }

        Assert.Empty(wrong);

        // Three routes do something whatever is sent: they take no body. None of them changes the configuration but the one that ends all sessions.
        var after = (await server.Realms.FindAsync(realm.Name))!;
        Assert.True(after.Version - before <= 1, $"After {what} the realm has changed {after.Version - before} times.");
    }

    /// <summary><c>{"error": …}</c> with or without a description, or <c>{"errorMessage": …}</c> with or without a field.</summary>
    private static bool IsRefusal(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && (json.RootElement.TryGetProperty("error", out _) || json.RootElement.TryGetProperty("errorMessage", out _) || json.RootElement.TryGetProperty("errors", out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task<(TestServer, TestRealm, string)> WorldAsync()
    {
        var server = await TestServer.OneAsync();
        var realm = await server.RealmAsync(file => file.Users!.Add(new UserRepresentation
        {
            Username = "chief", Email = "chief@example.org", FirstName = "A", LastName = "B", Enabled = true,
            Credentials = [new() { Type = "password", Value = "correct-horse" }], ClientRoles = new() { ["realm-management"] = ["realm-admin"] },
        }));
        var token = (await realm.PostAsync("token", ("client_id", "admin-cli"), ("grant_type", "password"), ("username", "chief"), ("password", "correct-horse"))).Access;
        return (server, realm, token);
    }
}
