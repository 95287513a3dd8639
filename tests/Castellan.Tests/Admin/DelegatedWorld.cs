using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Representations;

namespace Castellan.Tests.Admin;

/// <summary>
/// A realm with fine-grained permissions: <c>chief</c> may do everything, <c>dora</c> may only search. <c>ann</c> is in the group <c>staff</c>,
/// <c>dan</c> in <c>day</c> below it, <c>bob</c> in none.
/// </summary>
internal sealed class DelegatedWorld
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private readonly string _root;
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);

    private DelegatedWorld(TestRealm realm) => (Realm, _root) = (realm, $"{realm.Server.Url}/admin/realms/{realm.Name}");

    public TestRealm Realm { get; }

    public static async Task<DelegatedWorld> MakeAsync()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.OrganizationsEnabled = true;
            file.Roles = new() { Realm = [new() { Name = "clerk" }, new() { Name = "boss", Composites = new() { Client = new() { ["realm-management"] = ["manage-users"] } } }], Client = new() { ["web"] = [new() { Name = "reader" }] } };
            file.Groups = [new() { Name = "staff", SubGroups = [new() { Name = "day" }] }, new() { Name = "other" }];
            file.Organizations = [new() { Name = "acme", Alias = "acme", Domains = [new() { Name = "acme.example" }] }, new() { Name = "rest", Alias = "rest", Domains = [new() { Name = "rest.example" }] }];
            file.Users!.AddRange(
            [
                Person("chief", roles: "realm-admin"), Person("dora", null, "query-users", "query-groups", "query-clients", "query-organizations"),
                Person("ann", "/staff"), Person("dan", "/staff/day"), Person("bob"),
            ]);
        });
        var world = new DelegatedWorld(realm);
        foreach (var user in new[] { "chief", "dora" })
        {
            world._tokens[user] = (await realm.PostAsync("token", ("client_id", "admin-cli"), ("grant_type", "password"), ("username", user), ("password", "correct-horse"))).Access;
        }

        var settings = await world.GetAsync("");
        settings["adminPermissionsEnabled"] = true;
        Assert.Equal(204, (await world.CallAsync("chief", "PUT", "", settings.ToJsonString())).Status);
        await world.NameAsync("client-scopes", "name");
        await world.NameAsync("users", "username");
        await world.NameAsync("clients", "clientId");
        await world.NameAsync("roles", "name");
        await world.NameAsync("groups", "name");
        await world.NameAsync("organizations", "name");
        await world.NameAsync($"groups/{world.Id("staff")}/children", "name");
        await world.NameAsync($"clients/{world.Id("web")}/roles", "name");
        world._ids["only"] = await world.MakeAsync("policy/user", new JsonObject { ["name"] = "only", ["users"] = new JsonArray(world.Id("dora")) });
        world._ids["not"] = await world.MakeAsync("policy/user", new JsonObject { ["name"] = "not", ["users"] = new JsonArray(world.Id("dora")), ["logic"] = "NEGATIVE" });
        return world;

        static UserRepresentation Person(string name, string? group = null, params string[] roles) => new()
        {
            Username = name, Email = name + "@example.org", FirstName = "A", LastName = "B", Enabled = true, Groups = group is null ? null : [group],
            Credentials = roles.Length > 0 ? [new() { Type = "password", Value = "correct-horse" }] : null, ClientRoles = roles.Length > 0 ? new() { ["realm-management"] = [.. roles] } : null,
        };
    }

    public string Id(string name) => _ids[name];

    /// <summary>Makes a permission; gives its id.</summary>
    /// <param name="of">The names of the objects; empty for the whole type.</param>
    /// <param name="policy"><c>only</c> permits dora, <c>not</c> everybody else.</param>
    public Task<string> PermitAsync(string type, string[] scopes, string[] of, string policy = "only") => MakeAsync("permission/scope", new JsonObject
    {
        ["name"] = Guid.NewGuid().ToString(), ["resourceType"] = type, ["scopes"] = List(scopes), ["resources"] = List(of.Select(Id)), ["policies"] = List([Id(policy)]),
    });

    public async Task WithdrawAsync(string permission) =>
        Assert.Equal(204, (await CallAsync("chief", "DELETE", $"clients/{Id("admin-permissions")}/authz/resource-server/permission/scope/{permission}")).Status);

    public async Task<JsonNode> GetAsync(string path, string by = "chief")
    {
        var answer = await CallAsync(by, "GET", path);
        Assert.True(answer.Status == 200, $"{path}: {answer.Status} {answer.Text}");
        return JsonNode.Parse(answer.Text)!;
    }

    /// <summary>A call by a person; <c>{name}</c> in the path or body stands for an id.</summary>
    public async Task<Answer> CallAsync(string by, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path.Length == 0 ? _root : $"{_root}/{Fill(path)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens[by]);
        request.Content = body is null ? null : new StringContent(Fill(body), Encoding.UTF8, "application/json");
        using var response = await s_http.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.ToString() ?? "");
    }

    /// <summary>Knows the things of a list by their names from now on.</summary>
    public async Task NameAsync(string path, string name, string id = "id")
    {
        foreach (var one in (await GetAsync(path)).AsArray())
        {
            _ids[one![name]!.ToString()] = one[id]!.ToString();
        }
    }

    private static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)JsonValue.Create(t))]);

    private string Fill(string text) => _ids.Aggregate(text, (filled, id) => filled.Replace("{" + id.Key + "}", id.Value, StringComparison.Ordinal));

    private async Task<string> MakeAsync(string path, JsonObject body)
    {
        var answer = await CallAsync("chief", "POST", $"clients/{Id("admin-permissions")}/authz/resource-server/{path}", body.ToJsonString());
        Assert.True(answer.Status == 201, $"{path}: {answer.Status} {answer.Text}");
        return answer["id"]!;
    }
}
