using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Castellan.Core.Authorization;
using Castellan.Core.Grants;
using Castellan.Core.Representations;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Uma;

/// <summary>
/// A realm whose client <c>api</c> protects an album, which alice may view and edit, and a secret that nobody may see; beside it another resource server
/// <c>other</c>, a public client <c>web</c>, bob, and carol and dora, who may register resources of their own with either.
/// </summary>
internal sealed class UmaRealm(TestRealm realm)
{
    private static readonly HttpClient s_http = new();

    public TestRealm Realm => realm;

    public static async Task<UmaRealm> MakeAsync(Action<RealmRepresentation>? change = null) => new(await (await TestServer.OneAsync()).RealmAsync(r =>
    {
        r.UserManagedAccessAllowed = true;
        var api = r.Clients![0];
        (api.AuthorizationServicesEnabled, api.AuthorizationSettings) = (true, Settings());
        r.Clients.Add(new()
        {
            ClientId = "other", Secret = "other-secret", PublicClient = false, ServiceAccountsEnabled = true, DirectAccessGrantsEnabled = true,
            AuthorizationServicesEnabled = true, AuthorizationSettings = Settings(),
        });
        foreach (var name in (string[])["bob", "carol", "dora"])
        {
            r.Users!.Add(new()
            {
                Username = name, Enabled = true, Email = $"{name}@example.org", FirstName = name, LastName = "X", EmailVerified = true,
                Credentials = [new() { Type = "password", Value = "correct-horse" }], RealmRoles = [$"default-roles-{r.Realm}"],
            });
        }

        foreach (var user in r.Users!.Where(u => u.Username is "carol" or "dora"))
        {
            user.ClientRoles = new() { ["api"] = ["uma_protection"], ["other"] = ["uma_protection"] };
        }

        change?.Invoke(r);
    }));

    public async Task<string> TokenAsync(string user, string client = "api", string? scope = null) =>
        (await realm.PostAsync("token", [.. TestRealm.Credentials(client), ("grant_type", "password"), ("username", user), ("password", "correct-horse"), .. Scope(scope)])).Access;

    /// <summary>The resource server's own token.</summary>
    public async Task<string> ProtectionAsync(string client = "api") =>
        (await realm.PostAsync("token", [.. TestRealm.Credentials(client), ("grant_type", "client_credentials")])).Access;

    /// <summary>A request for permissions of <c>api</c>.</summary>
    public Task<Answer> AskAsync(string? bearer, params (string Name, string Value)[] form) => realm.PostAsync(
        "token",
        request =>
        {
            if (bearer is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            }
        },
        [("grant_type", PermissionGrant.GrantType), .. form.Any(f => f.Name is "audience" or "ticket") ? form : [("audience", "api"), .. form]]);

    /// <summary>The permissions that are granted, as <c>name: scopes</c>, or the refusal.</summary>
    public async Task<string> ListAsync(string bearer, params (string Name, string Value)[] form)
    {
        var answer = await AskAsync(bearer, [("response_mode", "permissions"), .. form]);
        return answer.Status == 200 ? Show(JsonDocument.Parse(answer.Text).RootElement) : $"{answer.Status} {answer["error"]} {answer["error_description"]}";
    }

    /// <summary>A call of another endpoint of the realm, with JSON.</summary>
    public async Task<Answer> CallAsync(string method, string path, string? bearer, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), realm.Issuer + path);
        request.Headers.Accept.ParseAdd("application/json");
        if (bearer is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        using var response = await s_http.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.WwwAuthenticate.ToString());
    }

    /// <summary>A call of the protection API.</summary>
    public Task<Answer> ProtectAsync(string method, string path, string? bearer, string? json = null) => CallAsync(method, "/authz/protection" + path, bearer, json);

    /// <summary>Dora's diary, which she shares as she likes, with the scopes view and edit.</summary>
    public async Task<string> DiaryAsync() => (await ProtectAsync(
        "POST", "/resource_set", await TokenAsync("dora"), """{"name":"diary","ownerManagedAccess":true,"resource_scopes":["view","edit"]}"""))["_id"]!;

    /// <summary>A permission ticket for scopes of a resource.</summary>
    public async Task<string> TicketAsync(string resource, params string[] scopes) => (await ProtectAsync(
        "POST", "/permission", await ProtectionAsync(), $$"""[{"resource_id":"{{resource}}","resource_scopes":[{{string.Join(',', scopes.Select(s => $"\"{s}\""))}}]}]"""))["ticket"]!;

    /// <summary>The ids of the tickets that are kept.</summary>
    public async Task<List<string>> TicketIdsAsync(string query = "")
    {
        using var list = JsonDocument.Parse((await ProtectAsync("GET", "/permission/ticket" + query, await ProtectionAsync())).Text);
        return [.. list.RootElement.EnumerateArray().Select(t => t.GetProperty("id").GetString()!)];
    }

    /// <summary>Everything that the resource servers protect, and every ticket: what must not change where something is refused.</summary>
    public async Task<string> StateAsync()
    {
        var id = (await realm.NowAsync()).Id;
        var store = realm.Server.Services.GetRequiredService<IAuthorizationStore>();
        var state = new StringBuilder();
        foreach (var name in (string[])["api", "other"])
        {
            var client = (await realm.Server.Services.GetRequiredService<Core.Clients.IClients>().FindAsync(await realm.NowAsync(), name))!.Id;
            foreach (var resource in await store.ResourcesAsync(id, client, new()))
            {
                state.AppendLine($"{name} {resource.Id} {resource.Name} {resource.OwnerId} {JsonSerializer.Serialize(resource.Representation, AdminJson.Default.ResourceRepresentation)}");
            }

            foreach (var policy in await store.PoliciesAsync(id, client))
            {
                state.AppendLine($"{name} {policy.Id} {policy.Name} {string.Join(' ', policy.ScopeIds)} {JsonSerializer.Serialize(policy.Representation, AdminJson.Default.PolicyRepresentation)}");
            }
        }

        foreach (var ticket in await realm.Server.Services.GetRequiredService<IPermissionTickets>().ListAsync(id, new()))
        {
            state.AppendLine(ticket.ToString());
        }

        return state.ToString();
    }

    public async Task<string> UserIdAsync(string name) =>
        (await realm.Server.Services.GetRequiredService<Core.Users.IUserStore>().FindByUsernameAsync((await realm.NowAsync()).Id, name))!.Id;

    private static (string, string)[] Scope(string? scope) => scope is null ? [] : [("scope", scope)];

    private static string Show(JsonElement list) => string.Join("; ", list.EnumerateArray()
        .Select(p => $"{(p.TryGetProperty("rsname", out var name) ? name.GetString() : "-")}: {(p.TryGetProperty("scopes", out var scopes) ? string.Join(' ', scopes.EnumerateArray().Select(s => s.GetString()).Order(StringComparer.Ordinal)) : "")}")
        .Order(StringComparer.Ordinal));

    private static ResourceServerRepresentation Settings() => new()
    {
        AllowRemoteResourceManagement = true, PolicyEnforcementMode = "ENFORCING", DecisionStrategy = "UNANIMOUS",
        Scopes = [new() { Name = "view" }, new() { Name = "edit" }, new() { Name = "print" }],
        Resources =
        [
            new() { Name = "album", Uris = ["/album/*"], Type = "urn:album", Scopes = [new() { Name = "view" }, new() { Name = "edit" }] },
            new() { Name = "secret", Uris = ["/secret"] },
        ],
        Policies =
        [
            new() { Name = "alice", Type = "user", Config = new() { ["users"] = """["alice"]""" } },
            new() { Name = "blue", Type = "regex", Config = new() { ["targetClaim"] = "colour", ["pattern"] = "blue", ["targetContextAttributes"] = "true" } },
            new() { Name = "the album", Type = "resource", Config = new() { ["resources"] = """["album"]""", ["applyPolicies"] = """["alice"]""" } },
            new() { Name = "printing", Type = "scope", Config = new() { ["scopes"] = """["print"]""", ["applyPolicies"] = """["blue"]""" } },
        ],
    };
}
