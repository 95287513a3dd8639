using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Export;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Server.Admin;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Admin;

/// <summary>A realm with one of each thing that routes of the admin API are about, and an administrator who may do everything in it.</summary>
internal sealed class AdminWorld
{
    /// <summary>Looks like an id and is nobody's.</summary>
    public const string Nobody = "00000000-0000-0000-0000-000000000000";

    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    // What stands for a parameter of a route, by the path up to it.
    private readonly Dictionary<string, string> _things = new(StringComparer.Ordinal);
    private readonly TestServer _server;
    private readonly TestRealm _realm;
    private readonly string _token;

    private AdminWorld(TestServer server, TestRealm realm, string token) => (_server, _realm, _token) = (server, realm, token);

    public TestRealm Realm => _realm;

    /// <summary>A world of its own for each test that changes things.</summary>
    public static async Task<AdminWorld> MakeAsync()
    {
        var server = await TestServer.OneAsync();
        var realm = await server.RealmAsync(file =>
        {
            file.OrganizationsEnabled = true;
            file.Users!.Add(new UserRepresentation
            {
                Username = "chief", Email = "chief@example.org", FirstName = "A", LastName = "B", Enabled = true,
                Credentials = [new() { Type = "password", Value = "correct-horse" }], ClientRoles = new() { ["realm-management"] = ["realm-admin"] },
            });
        });
        var token = (await realm.PostAsync("token", ("client_id", "admin-cli"), ("grant_type", "password"), ("username", "chief"), ("password", "correct-horse"))).Access;
        var world = new AdminWorld(server, realm, token);
        await world.FillAsync();
        return world;
    }

    /// <summary>The address of a route, with things that exist in place of its parameters.</summary>
    /// <param name="last">Stands for the last parameter, when given.</param>
    public string Address(AdminRoute route, string? last = null)
    {
        var segments = route.Template.Split('/');
        var lastParameter = Array.FindLastIndex(segments, s => s.StartsWith('{'));
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i] == "{realm}")
            {
                segments[i] = _realm.Name;
            }
            else if (segments[i].StartsWith('{'))
            {
                var key = string.Join('/', route.Template.Split('/')[4..(i + 1)]);
                segments[i] = i == lastParameter && last is not null ? last : Thing(key);
            }
        }

        return _server.Url + string.Join('/', segments);
    }

    /// <summary>What stands for a parameter.</summary>
    public string Thing(string path) =>
        _things.GetValueOrDefault(path) ?? _things.GetValueOrDefault(path[(path.LastIndexOf('/', path.LastIndexOf('/') - 1) + 1)..]) ?? throw new KeyNotFoundException(path);

    public async Task<Answer> CallAsync(string method, string address, HttpContent? content = null, bool asksFirst = false)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        request.Headers.ExpectContinue = asksFirst;
        using var response = await s_http.SendAsync(request);
        Assert.False(response.StatusCode == System.Net.HttpStatusCode.Unauthorized, $"{method} {address}: the administrator is signed out.");
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.ToString() ?? "");
    }

    /// <summary>Something that is another after each change: to the configuration, or to bob.</summary>
    public async Task<string> MarkAsync()
    {
        var realm = await _realm.NowAsync();
        var users = _server.Services.GetRequiredService<IUserStore>();
        var bob = await users.FindAsync(realm.Id, Thing("users/{user}"));
        return $"{realm.Version} {(bob is null ? "" : JsonSerializer.Serialize(bob.Representation, AdminJson.Default.UserRepresentation))}";
    }

    /// <summary>Everything in the realm that a file of it holds.</summary>
    public async Task<string> PictureAsync()
    {
        var realm = await _realm.NowAsync();
        using var file = new MemoryStream();
        await new Core.Realms.Export.RealmFiles(_server.Services.GetRequiredService<RealmExport>()).WriteAsync(realm, file, people: true);
        return Encoding.UTF8.GetString(file.ToArray());
    }

    /// <summary>Sends a document to an address within the realm.</summary>
    public Task<Answer> SendAsync(string method, string path, string json) =>
        CallAsync(method, $"{_server.Url}/admin/realms/{_realm.Name}/{path}", new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>What an address within the realm answers to a document, as bytes.</summary>
    public async Task<byte[]> BytesAsync(string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_server.Url}/admin/realms/{_realm.Name}/{path}") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var response = await s_http.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Makes somebody a member whom the organization manages.</summary>
    public Task ManageAsync(string organization, string user) => ApplyAsync(new PutOrganizationMember(organization, user, Managed: true));

    /// <summary>Invitations as if they had been sent.</summary>
    public Task InviteAsync(string organization, params (string Email, string First, string Last)[] people) => ApplyAsync(
        [.. people.Select(p => (Change)new PutInvitation(new(Guid.NewGuid().ToString(), organization, p.Email, p.First, p.Last, 1, DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds())))]);

    private async Task ApplyAsync(params Change[] changes) => await _server.Realms.ApplyAsync(new ChangeSet((await _realm.NowAsync()).Id).Add(changes));

    public Task<string> MakeAsync(string path, string json) => MakeAsync(path, JsonNode.Parse(json)!);

    private async Task<string> MakeAsync(string path, JsonNode body)
    {
        var answer = await SendAsync("POST", path, body.ToJsonString());
        Assert.True(answer.Status is 200 or 201 or 204, $"{path}: {answer.Status} {answer.Text}");
        return answer.Challenge.Length > 0 ? Uri.UnescapeDataString(answer.Challenge[(answer.Challenge.LastIndexOf('/') + 1)..]) : answer.Text.StartsWith('{') ? JsonNode.Parse(answer.Text)!["id"]?.ToString() ?? "" : "";
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        var answer = await CallAsync("GET", $"{_server.Url}/admin/realms/{_realm.Name}/{path}");
        Assert.True(answer.Status == 200, $"{path}: {answer.Status} {answer.Text}");
        return JsonNode.Parse(answer.Text)!;
    }

    private async Task FillAsync()
    {
        var client = await MakeAsync("clients", """
            {"clientId":"guarded","publicClient":false,"secret":"s","serviceAccountsEnabled":true,"authorizationServicesEnabled":true,"redirectUris":["http://localhost:3000/*"]}
            """);
        var other = await MakeAsync("clients", """{"clientId":"other"}""");
        await MakeAsync("roles", """{"name":"a-role"}""");
        await MakeAsync("roles", """{"name":"another"}""");
        await MakeAsync($"clients/{client}/roles", """{"name":"c-role"}""");
        await MakeAsync($"clients/{other}/roles", """{"name":"o-role"}""");
        var role = await GetAsync("roles/a-role");
        var another = (await GetAsync("roles/another"))["id"]!.ToString();
        var group = await MakeAsync("groups", """{"name":"a-group"}""");
        await MakeAsync($"groups/{group}/children", """{"name":"below"}""");
        var user = await MakeAsync("users", """{"username":"bob","email":"bob@example.org","firstName":"B","lastName":"O","enabled":true,"credentials":[{"type":"password","value":"correct-horse"}]}""");
        var scope = await MakeAsync("client-scopes", """{"name":"a-scope","protocol":"openid-connect"}""");
        const string Mapper = """{"name":"a-mapper","protocol":"openid-connect","protocolMapper":"oidc-hardcoded-claim-mapper","config":{"claim.name":"x","claim.value":"y","jsonType.label":"String"}}""";
        var idp = await MakeAsync("identity-provider/instances", """{"alias":"an-idp","providerId":"oidc","enabled":true,"config":{"clientId":"x","clientSecret":"y","authorizationUrl":"https://idp.example/a","tokenUrl":"https://idp.example/t"}}""");
        var flow = await MakeAsync("authentication/flows", """{"alias":"a-flow","providerId":"basic-flow","topLevel":true,"builtIn":false}""");
        await MakeAsync("authentication/flows/a-flow/executions/execution", """{"provider":"auth-otp-form"}""");
        await MakeAsync("authentication/flows/a-flow/executions/execution", """{"provider":"auth-cookie"}""");
        var execution = (await GetAsync("authentication/flows/a-flow/executions"))[0]!["id"]!.ToString();
        var config = await MakeAsync($"authentication/executions/{execution}/config", """{"alias":"a-config","config":{}}""");
        var component = await MakeAsync("components", """{"name":"keys","providerId":"hmac-generated","providerType":"org.keycloak.keys.KeyProvider","config":{"priority":["1"]}}""");
        var ldap = await MakeAsync("components", """
            {"name":"ldap","providerId":"ldap","providerType":"org.keycloak.storage.UserStorageProvider","config":{"enabled":["false"],"vendor":["other"],"editMode":["READ_ONLY"],
            "connectionUrl":["ldap://localhost:1"],"usersDn":["ou=x"],"authType":["none"],"usernameLDAPAttribute":["uid"],"rdnLDAPAttribute":["uid"],"uuidLDAPAttribute":["entryUUID"],"userObjectClasses":["inetOrgPerson"]}}
            """);
        var ldapMapper = (await GetAsync($"components?parent={ldap}"))[0]!["id"]!.ToString();
        var organization = await MakeAsync("organizations", """{"name":"acme","alias":"acme","domains":[{"name":"acme.example","verified":false}]}""");
        var organizationGroup = await MakeAsync($"organizations/{organization}/groups", """{"name":"team"}""");
        var server = $"clients/{client}/authz/resource-server";
        var guardedScope = (await MakeAsync(server + "/scope", """{"name":"read"}"""))!;
        await MakeAsync(server + "/resource", """{"name":"thing","scopes":[{"name":"read"}]}""");
        var resource = (await GetAsync(server + "/resource"))[0]!["_id"]!.ToString();
        guardedScope = (await GetAsync(server + "/scope"))[0]!["id"]!.ToString();
        await MakeAsync(server + "/policy/role", $$"""{"name":"p","roles":[{"id":"{{role["id"]}}"}]}""");
        await MakeAsync(server + "/permission/scope", """{"name":"q","scopes":["read"]}""");
        var policy = (await GetAsync(server + "/policy?type=role"))[0]!["id"]!.ToString();
        var permission = (await GetAsync(server + "/permission?type=scope"))[0]!["id"]!.ToString();
        var initial = (await MakeAsync("clients-initial-access", """{"count":1,"expiration":0}"""));
        await MakeAsync("localization/de", """{"a":"b"}""");
        var workflow = await MakeAsync("workflows", """{"name":"w","on":"user_created","steps":[{"uses":"disable-user","after":"P10D"}]}""");
        var credential = (await GetAsync($"users/{user}/credentials"))[0]!["id"]!.ToString();
        await MakeAsync($"users/{user}/federated-identity/an-idp", """{"userId":"1","userName":"one"}""");
        await CallAsync("POST", $"{_server.Url}/admin/realms/{_realm.Name}/organizations/{organization}/members", new StringContent(user, Encoding.UTF8, "application/json"));
        var mapper = await MakeAsync($"clients/{client}/protocol-mappers/models", Mapper);
        var scopeMapper = await MakeAsync($"client-scopes/{scope}/protocol-mappers/models", Mapper);
        var idpMapper = await MakeAsync("identity-provider/instances/an-idp/mappers", """{"name":"m","identityProviderAlias":"an-idp","identityProviderMapper":"hardcoded-attribute-idp-mapper","config":{"attribute":"a","attribute.value":"b"}}""");

        foreach (var (path, thing) in new (string, string)[]
        {
            ("users/{user}", user), ("members/{user}", user), ("config-description/{provider}", "auth-otp-form"), ("authentication/config/{config}", config),
            ("config/{config}", config), ("executions/{execution}", execution), ("authentication/flows/{flow}", "a-flow"), ("required-actions/{alias}", "CONFIGURE_TOTP"),
            ("client-scopes/{scope}", scope), ("client-templates/{scope}", scope), ("client-scopes/{scope}/protocol-mappers/models/{mapper}", scopeMapper),
            ("protocol/{protocol}", "openid-connect"), ("clients/{of}", other), ("clients-initial-access/{id}", initial), ("clients/{client}", client),
            ("permission/{type}", "scope"), ("permission/{type}/{id}", permission), ("policy/{type}", "role"), ("policy/{type}/{id}", policy),
            ("clients/{client}/authz/resource-server/permission/{type}/{id}", permission), ("clients/{client}/authz/resource-server/policy/{type}/{id}", policy),
            ("resource/{resource}", resource), ("scope/{scope}", guardedScope), ("certificates/{name}", "jwt.credential"), ("default-client-scopes/{scope}", scope),
            ("optional-client-scopes/{scope}", scope), ("default-default-client-scopes/{scope}", scope), ("default-optional-client-scopes/{scope}", scope),
            ("scope-mappings/{container}", other), ("providers/{provider}", "keycloak-oidc-keycloak-json"), ("nodes/{node}", "node.example"),
            ("clients/{client}/protocol-mappers/models/{mapper}", mapper), ("clients/{client}/roles/{role}", "c-role"), ("components/{component}", component),
            ("default-groups/{group}", group), ("groups/{group}", group), ("organizations/{id}/groups/{group}", organizationGroup), ("group-by-path/{**path}", "a-group"),
            ("organizations/{id}/groups/group-by-path/{**path}", "team"), ("instances/{alias}", "an-idp"), ("identity-provider/instances/{alias}/mappers/{mapper}", idpMapper),
            ("identity-provider/providers/{kind}", "oidc"), ("localization/{locale}", "de"), ("localization/{locale}/{key}", "a"), ("{locale}/{key}", "a"),
            ("organizations/{id}", organization), ("identity-providers/{alias}", "an-idp"), ("invitations/{invitation}", Nobody), ("roles-by-id/{id}", another),
            ("roles/{role}", "a-role"), ("sessions/{session}", Nobody), ("ui-ext/authentication-management/{type}/{id}", flow), ("authentication-management/{type}", "client"),
            ("{type}/{id}", flow),
            ("clientScopes/{id}", scope), ("clients/{id}", client), ("ui-ext/available-roles/groups/{id}", group), ("groups/{id}", group), ("roles/{id}", another), ("users/{id}", user),
            ("user-storage/{id}", ldap), ("user-storage/{id}/mappers/{mapper}", ldapMapper), ("consents/{client}", "guarded"), ("credentials/{credential}", credential),
            ("moveAfter/{previous}", credential), ("federated-identity/{provider}", idp.Length > 0 ? "an-idp" : ""), ("offline-sessions/{client}", client),
            ("users/{user}/groups/{group}", group), ("scheduled/{resource}", user), ("workflows/{id}", workflow),
        })
        {
            _things[path] = thing;
        }
    }
}
