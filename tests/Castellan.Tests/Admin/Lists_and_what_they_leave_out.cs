using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Castellan.Core.Representations;

namespace Castellan.Tests.Admin;

public sealed class Lists_and_what_they_leave_out
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private static async Task<(int Status, string Body)> GetAsync(TestRealm realm, string path)
    {
        var token = (await realm.PostAsync("token", ("client_id", "admin-cli"), ("grant_type", "password"), ("username", "chief"), ("password", "correct-horse"))).Access;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{realm.Server.Url}/admin/realms/{realm.Name}/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await s_http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<TestRealm> RealmAsync(Action<RealmRepresentation>? change = null) => await (await TestServer.OneAsync()).RealmAsync(file =>
    {
        file.Users!.Add(new()
        {
            Username = "chief", Email = "chief@example.org", FirstName = "A", LastName = "B", Enabled = true,
            Credentials = [new() { Type = "password", Value = "correct-horse" }], ClientRoles = new() { ["realm-management"] = ["realm-admin"] },
        });
        change?.Invoke(file);
    });

    [Theory]
    [InlineData("users", false)]
    [InlineData("users?search=service-account-api", false)]
    [InlineData("users?username=service-account-api&exact=true", true)]
    [InlineData("users?username=service-account", true)]
    public async Task A_service_account_is_found_by_its_name_and_is_in_no_list(string path, bool found)
    {
        var (status, body) = await GetAsync(await RealmAsync(), path);
        Assert.Equal(200, status);
        Assert.Equal(found, JsonNode.Parse(body)!.AsArray().Any(u => (string?)u!["username"] == "service-account-api"));
    }

    /// <summary>What the console shows as the settings of a required action.</summary>
    [Theory]
    [InlineData("VERIFY_EMAIL", "max_auth_age=\"300\" emailResendCooldownSeconds=\"30\"")]
    [InlineData("UPDATE_EMAIL", "max_auth_age=\"300\" verifyEmail=false emailResendCooldownSeconds=\"30\"")]
    [InlineData("UPDATE_PASSWORD", "max_auth_age=\"300\"")]
    [InlineData("UPDATE_PROFILE", "max_auth_age=\"300\"")]
    [InlineData("TERMS_AND_CONDITIONS", "max_auth_age=\"300\"")]
    public async Task A_required_action_says_what_can_be_set(string action, string expected)
    {
        var (status, body) = await GetAsync(await RealmAsync(), $"authentication/required-actions/{action}/config-description");
        Assert.Equal(200, status);
        Assert.Equal(expected, string.Join(' ', JsonNode.Parse(body)!["properties"]!.AsArray().Select(p => $"{(string?)p!["name"]}={p["defaultValue"]!.ToJsonString()}")));
    }

    [Theory]
    [InlineData("config", 400, """{"error":"RequiredAction is not configurable"}""")]
    [InlineData("config-description", 404, """{"error":"Could not find configurable RequiredAction provider"}""")]
    public async Task An_action_without_settings_says_so(string what, int status, string expected) =>
        Assert.Equal((status, expected), await GetAsync(await RealmAsync(), $"authentication/required-actions/delete_account/{what}"));

    /// <summary>What is a member of a user, and no attribute, is found by the language of attributes too.</summary>
    [Theory]
    [InlineData("username:chief", 1)]
    [InlineData("email:chief@example.org firstName:A", 1)]
    [InlineData("email:chief@example.org firstName:Z", 0)]
    [InlineData("lastName:B email:chief", 1)]
    public async Task People_are_found_by_their_members_as_by_attributes(string q, int found)
    {
        var realm = await RealmAsync();
        Assert.Equal(found, JsonNode.Parse((await GetAsync(realm, $"users?q={Uri.EscapeDataString(q)}")).Body)!.AsArray().Count);
        Assert.Equal((200, $"{found}"), await GetAsync(realm, $"users/count?q={Uri.EscapeDataString(q)}"));
    }

    [Theory]
    [InlineData(false, 403)]
    [InlineData(true, 200)]
    public async Task Who_holds_a_role_is_for_who_sees_people_and_roles(bool seesRoles, int status)
    {
        var realm = await RealmAsync(file => file.Users!.Find(u => u.Username == "chief")!.ClientRoles = new() { ["realm-management"] = seesRoles ? ["view-users", "view-realm"] : ["view-users"] });
        Assert.Equal(status, (await GetAsync(realm, "roles/offline_access/users")).Status);
    }

    [Fact]
    public async Task A_flow_with_a_step_that_there_is_not_has_no_list_of_steps()
    {
        var realm = await RealmAsync(file => file.AuthenticationFlows =
        [
            new()
            {
                Alias = "odd", ProviderId = "basic-flow", TopLevel = true,
                AuthenticationExecutions = [new() { Authenticator = "of-another-server", Requirement = "REQUIRED", Priority = 10 }],
            },
        ]);
        Assert.Equal((404, """{"error":"Could not find authenticator provider"}"""), await GetAsync(realm, "authentication/flows/odd/executions"));
    }

    [Fact]
    public async Task A_secret_that_lies_in_a_vault_is_shown_as_its_place()
    {
        var realm = await RealmAsync(file => file.Components = new()
        {
            ["org.keycloak.storage.UserStorageProvider"] =
            [
                new() { Name = "a", ProviderId = "ldap", Config = new() { ["bindCredential"] = ["${vault.ldap}"], ["enabled"] = ["false"] } },
                new() { Name = "b", ProviderId = "ldap", Config = new() { ["bindCredential"] = ["secret"], ["enabled"] = ["false"] } },
            ],
        });
        var components = JsonNode.Parse((await GetAsync(realm, "components?type=org.keycloak.storage.UserStorageProvider")).Body)!.AsArray();
        Assert.Equal(["${vault.ldap}", "**********"], components.OrderBy(c => (string?)c!["name"]).Select(c => (string)c!["config"]!["bindCredential"]![0]!));
    }
}
