using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Castellan.Core.Representations;
using Castellan.Server.Admin;

namespace Castellan.Tests.Admin;

/// <summary>Every route of the admin API against every administration role, as the routes themselves declare them.</summary>
public sealed class Route_permissions
{
    private const string Password = "correct-horse";
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private static readonly Lazy<Task<World>> s_world = new(WorldAsync);

    public static TheoryData<string> Roles => [.. AdminRoleNames.All, "nothing", "of another realm"];

    [Fact]
    public void Each_route_stands_in_the_list_once() =>
        Assert.Empty(AdminRoutes.All.GroupBy(r => (r.Method, r.Template)).Where(g => g.Count() > 1).Select(g => g.Key));

    [Fact]
    public void Whoever_has_no_role_at_all_gets_in_nowhere() =>
        Assert.Empty(AdminRoutes.All.Where(r => r.Permission != Permission.SignedIn && r.Permission.Allows(AdminRoles.None)).Select(r => r.Template));

    [Fact]
    public void Whoever_may_only_look_may_change_nothing()
    {
        var looking = new AdminRoles(AdminRoleNames.All.Where(n => n.StartsWith("view-", StringComparison.Ordinal) || n.StartsWith("query-", StringComparison.Ordinal)), mayCreateRealms: false);
        Assert.Empty(AdminRoutes.All.Where(r => r.Method is "PUT" or "DELETE" && r.Permission != Permission.SignedIn && r.Permission.Allows(looking)).Select(r => r.Method + " " + r.Template));
    }

    /// <summary>Policies bind those who manage clients.</summary>
    [Fact]
    public void Whoever_manages_clients_alone_cannot_lift_the_policies_for_them() =>
        Assert.DoesNotContain(AdminRoutes.All, r => r.Template.Contains("/client-policies/", StringComparison.Ordinal) && r.Permission.Allows(new AdminRoles(["manage-clients", "view-clients"], mayCreateRealms: false)));

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task A_role_opens_the_routes_that_name_it_and_no_other(string role)
    {
        var world = await s_world.Value;
        var roles = new AdminRoles(role is "nothing" or "of another realm" ? [] : Implied(role), mayCreateRealms: false);
        var wrong = new List<string>();
        foreach (var route in AdminRoutes.All.Where(r => r.InRealm))
        {
            var allowed = role != "of another realm" && route.Permission.Allows(roles);
            if (allowed && route.Method != "GET")
            {
                continue;
            }

            var status = await CallAsync(world, route, world.Tokens[role]);
            if (allowed ? status is 401 or 403 or 405 or >= 500 && status != 501 : status != 403 && route.Permission != Permission.SignedIn)
            {
                wrong.Add($"{route.Method} {route.Template}: {status}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_token_or_with_garbage()
    {
        var world = await s_world.Value;
        foreach (var route in AdminRoutes.All)
        {
            Assert.Equal(401, await CallAsync(world, route, null));
        }

        Assert.Equal(401, await CallAsync(world, AdminRoutes.All[0], "garbage"));
    }

    /// <summary>What the composite roles of administration bring with them.</summary>
    private static IEnumerable<string> Implied(string role) => role switch
    {
        "view-users" => [role, "query-users", "query-groups"],
        "view-clients" => [role, "query-clients"],
        "view-organizations" => [role, "query-organizations"],
        _ => [role],
    };

    private static async Task<int> CallAsync(World world, AdminRoute route, string? token)
    {
        var path = string.Join('/', route.Template.Split('/').Select(s =>
            s == "{realm}" ? world.Realm : s.StartsWith("{**", StringComparison.Ordinal) ? "none" : s.StartsWith('{') ? "00000000-0000-0000-0000-000000000000" : s));
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), world.Url + path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (route.Method is "POST" or "PUT")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        using var response = await s_http.SendAsync(request);
        return (int)response.StatusCode;
    }

    private static async Task<World> WorldAsync()
    {
        var server = await TestServer.OneAsync();
        var realm = await server.RealmAsync(file => file.Users!.AddRange(AdminRoleNames.All.Append("nothing").Select(role => new UserRepresentation
        {
            Username = role, Email = role + "@example.org", FirstName = "A", LastName = "B", Enabled = true,
            Credentials = [new() { Type = "password", Value = Password }],
            ClientRoles = role == "nothing" ? null : new() { ["realm-management"] = [role] },
        })));
        var other = await server.RealmAsync(file => file.Users!.Add(new UserRepresentation
        {
            Username = "chief", Email = "chief@example.org", FirstName = "A", LastName = "B", Enabled = true,
            Credentials = [new() { Type = "password", Value = Password }], ClientRoles = new() { ["realm-management"] = ["realm-admin"] },
        }));
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal) { ["of another realm"] = await TokenAsync(other, "chief") };
        foreach (var role in AdminRoleNames.All.Append("nothing"))
        {
            tokens[role] = await TokenAsync(realm, role);
        }

        return new(server.Url, realm.Name, tokens);
    }

    private static async Task<string> TokenAsync(TestRealm realm, string username) => (await realm.PostAsync(
        "token", ("client_id", "admin-cli"), ("grant_type", "password"), ("username", username), ("password", Password))).Access;

    private sealed record World(string Url, string Realm, Dictionary<string, string> Tokens);
}

/// <summary>What the reader of bodies says about members that it does not know.</summary>
public sealed class Unknown_members
{
    [Theory]
    [InlineData("""{"name":"x","nonsense":true}""", "nonsense", 28)]
    [InlineData("""{"nonsense":"text"}""", "nonsense", 14)]
    [InlineData("""{"nonsense":[1]}""", "nonsense", 14)]
    public async Task Are_named_with_their_place(string json, string member, int column)
    {
        var server = await TestServer.OneAsync();
        var realm = await server.RealmAsync(file => file.Users!.Add(new UserRepresentation
        {
            Username = "chief", Email = "chief@example.org", FirstName = "A", LastName = "B", Enabled = true,
            Credentials = [new() { Type = "password", Value = "correct-horse" }], ClientRoles = new() { ["realm-management"] = ["realm-admin"] },
        }));
        var token = (await realm.PostAsync("token", ("client_id", "admin-cli"), ("grant_type", "password"), ("username", "chief"), ("password", "correct-horse"))).Access;
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{server.Url}/admin/realms/{realm.Name}/roles") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(
            $"Invalid json representation for RoleRepresentation. Unrecognized field \"{member}\" at line 1 column {column}.",
            body.RootElement.GetProperty("error").GetString());
    }
}
