using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Castellan.Tests.Admin;

/// <summary>Workflows through the admin API: in both languages, checked, and kept as components.</summary>
public sealed class Workflow_routes
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    [Fact]
    public async Task A_workflow_is_made_in_yaml_shown_in_both_languages_changed_and_taken_away()
    {
        var (root, token) = await AdministratorAsync();
        const string Yaml = "name: Contractors\non: user-group-membership-added(/Contractors)\nif: '!has-role(employee)'\nsteps:\n- uses: grant-role\n  with:\n    role: [a, b]\n- uses: disable-user\n  after: 90d\n";
        var made = await SendAsync("POST", root, token, Yaml, "application/yaml");
        Assert.Equal(201, (int)made.StatusCode);
        var address = made.Headers.Location!.ToString();

        using var shown = JsonDocument.Parse(await TextAsync(await SendAsync("GET", address + "?includeId=false", token)));
        Assert.Equal("!has-role(employee)", shown.RootElement.GetProperty("if").GetString());
        Assert.Equal(["a", "b"], shown.RootElement.GetProperty("steps")[0].GetProperty("with").GetProperty("role").EnumerateArray().Select(r => r.GetString()));
        Assert.False(shown.RootElement.TryGetProperty("id", out _));
        Assert.Equal(["uses", "after"], shown.RootElement.GetProperty("steps")[1].EnumerateObject().Select(m => m.Name));
        Assert.Contains("after: \"90d\"", await TextAsync(await SendAsync("GET", address, token, accept: "application/yaml")));

        // What was shown may be sent back.
        Assert.Equal(204, (int)(await SendAsync("PUT", address, token, shown.RootElement.GetRawText(), "application/json")).StatusCode);
        Assert.Equal(400, (int)(await SendAsync("POST", root, token, Yaml, "application/yaml")).StatusCode);
        Assert.Single(JsonDocument.Parse(await TextAsync(await SendAsync("GET", root + "?search=contract&max=5", token, accept: "application/json"))).RootElement.EnumerateArray());
        Assert.Equal(204, (int)(await SendAsync("DELETE", address, token)).StatusCode);
        Assert.Equal(404, (int)(await SendAsync("GET", address, token)).StatusCode);
        Assert.Equal("[]", await TextAsync(await SendAsync("GET", root, token, accept: "application/json")));
    }

    [Theory]
    [InlineData("name: [", "application/yaml")]
    [InlineData("- a", "application/yaml")]
    [InlineData("name: a\nnonsense: b", "application/yaml")]
    [InlineData("name: a\nsteps: b", "application/yaml")]
    [InlineData("{", "application/json")]
    [InlineData("""{"steps":[{"uses":"disable-user"}]}""", "application/json")]
    public async Task What_is_none_is_refused_and_nothing_is_kept(string body, string type)
    {
        var (root, token) = await AdministratorAsync();
        Assert.Equal(400, (int)(await SendAsync("POST", root, token, body, type)).StatusCode);
        Assert.Equal("[]", await TextAsync(await SendAsync("GET", root, token, accept: "application/json")));
    }

    private static async Task<(string Root, string Token)> AdministratorAsync()
    {
        var server = await TestServer.OneAsync();
        var realm = await server.RealmAsync(file => file.Users!.Add(new()
        {
            Username = "chief", Email = "chief@example.org", FirstName = "A", LastName = "B", Enabled = true,
            Credentials = [new() { Type = "password", Value = "correct-horse" }], ClientRoles = new() { ["realm-management"] = ["realm-admin"] },
        }));
        var token = (await realm.PostAsync("token", ("client_id", "admin-cli"), ("grant_type", "password"), ("username", "chief"), ("password", "correct-horse"))).Access;
        return ($"{server.Url}/admin/realms/{realm.Name}/workflows", token);
    }

    private static Task<string> TextAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync();

    private static async Task<HttpResponseMessage> SendAsync(string method, string address, string token, string? body = null, string? type = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type!);
        }

        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        return await s_http.SendAsync(request);
    }
}
