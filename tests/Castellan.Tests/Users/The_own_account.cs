using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Users;

/// <summary>What people see of their own account, and what is remembered of what they do there.</summary>
public sealed class The_own_account
{
    private static readonly HttpClient s_http = new();

    private static async Task<TestRealm> OpenAsync(Action<RealmRepresentation>? settings = null) =>
        await (await TestServer.OneAsync()).RealmAsync(r =>
        {
            r.EventsEnabled = true;
            settings?.Invoke(r);
        });

    private static async Task<(int Status, string Text)> CallAsync(TestRealm realm, string token, string method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{realm.Issuer}/account{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Accept.Add(new("application/json"));
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await s_http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<List<LoginEvent>> EventsAsync(TestRealm realm, string type) =>
        await realm.Server.Services.GetRequiredService<IEventStore>().ListAsync((await realm.NowAsync()).Id, new EventQuery([type], null, null, null, null, null, true, 0, 10));

    private static async Task DeclareAsync(TestRealm realm, string attribute, UnmanagedAttributePolicy? policy = null)
    {
        var now = await realm.NowAsync();
        var config = ProfileConfiguration.Default;
        config.UnmanagedAttributePolicy = policy;
        config.Attributes!.Add(ProfileConfiguration.Parse($$"""{"attributes":[{{attribute}}]}""")!.Attributes![0]);
        await realm.Server.Realms.ApplyAsync(new ChangeSet(now.Id).Add(ProfileConfiguration.Put(now, config)));
    }

    [Fact]
    public async Task Each_session_that_is_ended_is_remembered()
    {
        var realm = await OpenAsync();
        var (first, second) = (await realm.SignInAsync(), await realm.SignInAsync());
        var third = await realm.SignInAsync();
        Assert.Equal(204, (await CallAsync(realm, third.Access, "DELETE", $"/sessions/{first.Claims("access_token").GetProperty("sid")}")).Status);
        Assert.Equal(204, (await CallAsync(realm, third.Access, "DELETE", "/sessions")).Status);
        var ended = await EventsAsync(realm, EventTypes.Logout);
        Assert.Equal([first.Claims("access_token").GetProperty("sid").ToString(), second.Claims("access_token").GetProperty("sid").ToString()], ended.Select(e => e.SessionId));
        Assert.All(ended, e => Assert.Equal(("account", (string?)null), (e.ClientId, e.Error)));
    }

    /// <summary>Who signs out of a device, or of all, gives up the offline access that applications there have.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Offline_access_is_shown_with_the_devices_and_ends_with_them(bool one)
    {
        var realm = await OpenAsync();
        var offline = (await realm.SignInAsync("openid offline_access")).Claims("access_token").GetProperty("sid").ToString();
        var token = (await realm.SignInAsync()).Access;
        var devices = JsonNode.Parse((await CallAsync(realm, token, "GET", "/sessions/devices")).Text)!.AsArray();
        var shown = devices.SelectMany(d => d!["sessions"]!.AsArray()).Last(s => (string?)s!["id"] == offline)!;
        Assert.InRange((long)shown["expires"]!, (long)shown["started"]! + 1, (long)shown["started"]! + (366L * 24 * 3600));
        Assert.Equal(204, (await CallAsync(realm, token, "DELETE", one ? $"/sessions/{offline}" : "/sessions")).Status);
        var sessions = realm.Server.Services.GetRequiredService<Castellan.Core.Sessions.ISessions>();
        Assert.Null(await sessions.FindAsync((await realm.NowAsync()).Id, offline, offline: true));
        Assert.Equal(200, (await CallAsync(realm, token, "GET", "/sessions")).Status);
    }

    [Fact]
    public async Task A_group_tells_what_it_is_and_where_it_hangs()
    {
        var realm = await OpenAsync(file =>
        {
            file.Groups = [new() { Name = "staff", SubGroups = [new() { Name = "night", Description = "Who stays late" }] }];
            file.Users!.Find(u => u.Username == "alice")!.Groups = ["/staff/night"];
        });
        var group = JsonNode.Parse((await CallAsync(realm, (await realm.SignInAsync()).Access, "GET", "/groups")).Text)![0]!;
        var parent = (await realm.NowAsync()).Groups.All.Single(g => g.Name == "staff").Id;
        Assert.Equal(("/staff/night", "Who stays late", parent), ((string?)group["path"], (string?)group["description"], (string?)group["parentId"]));
    }

    [Fact]
    public async Task Every_attribute_that_changed_is_remembered()
    {
        var realm = await OpenAsync();
        await DeclareAsync(realm, """{"name":"nick","multivalued":true,"permissions":{"view":["user"],"edit":["user"]}}""");
        var token = (await realm.SignInAsync()).Access;
        foreach (var (nick, name) in new[] { ("[\"a\",\"b\"]", "Alice"), ("[]", "Alicia") })
        {
            Assert.Equal(204, (await CallAsync(realm, token, "POST", "", $$$"""{"username":"alice","email":"alice@example.org","firstName":"{{{name}}}","lastName":"Ames","attributes":{"nick":{{{nick}}}}}""")).Status);
        }

        Assert.Equal(400, (await CallAsync(realm, token, "POST", "", """{"username":"alice","email":"nonsense"}""")).Status);
        var told = await EventsAsync(realm, EventTypes.UpdateProfile);
        Assert.Equal(["context=ACCOUNT", "updated_nick=a::b"], told[0].Details!.Select(d => $"{d.Key}={d.Value}").Order());
        Assert.Equal(["context=ACCOUNT", "previous_first_name=Alice", "previous_nick=a::b", "updated_first_name=Alicia"], told[1].Details!.Select(d => $"{d.Key}={d.Value}").Order());
        Assert.Empty(await EventsAsync(realm, EventTypes.Error(EventTypes.UpdateProfile)));
    }

    [Fact]
    public async Task Consent_to_what_is_not_there_is_remembered_as_a_failure()
    {
        var realm = await OpenAsync();
        var token = (await realm.SignInAsync()).Access;
        foreach (var (method, json, type) in new[] { ("DELETE", null, EventTypes.RevokeGrant), ("POST", """{"grantedScopes":[]}""", EventTypes.GrantConsent), ("PUT", """{"grantedScopes":[]}""", EventTypes.UpdateConsent) })
        {
            Assert.Equal(404, (await CallAsync(realm, token, method, "/applications/none/consent", json)).Status);
            var told = Assert.Single(await EventsAsync(realm, EventTypes.Error(type)));
            Assert.Equal(("client_not_found", "No client with clientId: none found."), (told.Error, told.Details!["reason"]));
        }

        Assert.Equal(400, (await CallAsync(realm, token, "POST", "/applications/web/consent", """{"grantedScopes":[{"id":"none"}]}""")).Status);
        Assert.Equal("invalid_scope", (await EventsAsync(realm, EventTypes.Error(EventTypes.GrantConsent)))[1].Error);
    }

    /// <summary>What some step asks for and can be set up; the steps of a flow that is off ask for nothing.</summary>
    [Fact]
    public async Task Credentials_are_shown_that_are_of_use()
    {
        var realm = await OpenAsync();
        var token = (await realm.SignInAsync()).Access;
        Assert.Equal(["password", "otp"], await KindsAsync());

        var now = await realm.NowAsync();
        await realm.Server.Realms.ApplyAsync(new ChangeSet(now.Id).Add(new PutPart(PartKind.RequiredAction, PartIds.RequiredAction(now.Id, "CONFIGURE_TOTP"), "CONFIGURE_TOTP",
            new RequiredActionProviderRepresentation { Alias = "CONFIGURE_TOTP", ProviderId = "CONFIGURE_TOTP", Name = "Configure OTP", Enabled = false })));
        Assert.Equal(["password"], await KindsAsync());

        async Task<IEnumerable<string>> KindsAsync() => JsonNode.Parse((await CallAsync(realm, token, "GET", "/credentials")).Text)!.AsArray().Select(k => (string)k!["type"]!);
    }

    [Fact]
    public async Task Parameters_of_faults_are_texts_and_languages_are_told_without_a_choice()
    {
        var realm = await OpenAsync(r => (r.InternationalizationEnabled, r.SupportedLocales) = (false, ["en", "de"]));
        await DeclareAsync(realm, """{"name":"height","validations":{"double":{"min":1,"max":2.5}},"permissions":{"view":["user"],"edit":["user"]}}""");
        var token = (await realm.SignInAsync()).Access;
        Assert.Equal("""["de","en"]""", (await CallAsync(realm, token, "GET", "/supportedLocales")).Text);
        var refused = await CallAsync(realm, token, "POST", "", """{"username":"alice","email":"alice@example.org","firstName":"A","lastName":"A","attributes":{"height":["0"]}}""");
        Assert.Equal(["height", "1.0", "2.5"], JsonNode.Parse(refused.Text)!["params"]!.AsArray().Select(p => (string)p!));
    }

    [Theory]
    [InlineData("", "always,bound,linked")]
    [InlineData("linked=true", "bound,linked")]
    [InlineData("linked=true&search=%22Linked%20one%22", "linked")]
    [InlineData("linked=true&search=*inked%20o*", "linked")]
    [InlineData("linked=true&search=Link", "linked")]
    [InlineData("linked=true&search=one", "")]
    [InlineData("linked=false", "always")]
    public async Task Providers_are_shown_as_their_settings_say(string query, string aliases)
    {
        var realm = await OpenAsync(r =>
        {
            r.OrganizationsEnabled = true;
            r.IdentityProviders = [.. new[] { ("always", "ALWAYS"), ("linked", "WHEN_LINKED"), ("other", "WHEN_LINKED"), ("never", "NEVER"), ("bound", "ALWAYS"), ("unbound", "ALWAYS") }.Select(p => new IdentityProviderRepresentation
            {
                Alias = p.Item1, DisplayName = p.Item1 == "linked" ? "Linked one" : null, ProviderId = "oidc", Enabled = true,
                Config = new() { ["showInAccountConsole"] = p.Item2, ["clientId"] = "x", ["authorizationUrl"] = "https://idp.example/a", ["tokenUrl"] = "https://idp.example/t" },
            })];
            r.Users![0].FederatedIdentities = [.. new[] { "linked", "never", "bound" }.Select(p => new FederatedIdentityRepresentation { IdentityProvider = p, UserId = p, UserName = p })];
        });
        var now = await realm.NowAsync();
        foreach (var provider in now.Data.IdentityProviders.Where(p => p.Alias!.EndsWith("bound", StringComparison.Ordinal)))
        {
            provider.OrganizationId = "an-organization";
            await realm.Server.Realms.ApplyAsync(new ChangeSet(now.Id).Add(new PutPart(PartKind.IdentityProvider, provider.InternalId!, provider.Alias, provider)));
        }

        var shown = JsonNode.Parse((await CallAsync(realm, (await realm.SignInAsync()).Access, "GET", $"/linked-accounts?{query}")).Text)!;
        Assert.Equal(aliases, string.Join(',', shown.AsArray().Select(p => (string)p!["providerAlias"]!).Order()));
    }

    [Theory]
    [InlineData(true, true, 400)]
    [InlineData(false, true, 204)]
    [InlineData(true, false, 204)]
    public async Task Linked_accounts_stand_as_they_were_ordered_and_the_one_by_which_somebody_came_to_an_organization_stays(bool managed, bool enabled, int status)
    {
        var realm = await OpenAsync(r =>
        {
            r.OrganizationsEnabled = true;
            r.IdentityProviders = [.. new[] { ("a-last", null), ("b-second", "20"), ("c-first", "3") }.Select(p => new IdentityProviderRepresentation
            {
                Alias = p.Item1, ProviderId = "oidc", Enabled = true,
                Config = new() { ["guiOrder"] = p.Item2!, ["clientId"] = "x", ["authorizationUrl"] = "https://idp.example/a", ["tokenUrl"] = "https://idp.example/t" },
            })];
            r.Users![0].FederatedIdentities = [new() { IdentityProvider = "c-first", UserId = "1", UserName = "one" }];
        });
        var now = await realm.NowAsync();
        var provider = now.Data.IdentityProviders.First(p => p.Alias == "c-first");
        provider.OrganizationId = Core.Ids.New();
        var alice = (await realm.Server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(now.Id, "alice"))!;
        await realm.Server.Realms.ApplyAsync(new ChangeSet(now.Id).Add(
        [
            new PutOrganization(new() { Id = provider.OrganizationId, Name = "acme", Alias = "acme", Enabled = enabled }), new PutOrganizationMember(provider.OrganizationId, alice.Id, managed),
            new PutPart(PartKind.IdentityProvider, provider.InternalId!, provider.Alias, provider),
        ]));
        var token = (await realm.SignInAsync()).Access;
        var shown = JsonNode.Parse((await CallAsync(realm, token, "GET", "/linked-accounts")).Text)!;
        Assert.Equal("c-first b-second a-last", string.Join(' ', shown.AsArray().Select(p => (string)p!["providerAlias"]!)));
        Assert.Equal(status, (await CallAsync(realm, token, "DELETE", "/linked-accounts/c-first")).Status);
    }

    /// <summary>What is declared for another scope is not what nobody declared: leaving the scope out does not hand it over.</summary>
    [Fact]
    public async Task An_attribute_of_another_scope_is_neither_seen_nor_changed()
    {
        var realm = await OpenAsync(r => r.Users![0].Attributes = new() { ["clearance"] = ["low"], ["free"] = ["before"] });
        await DeclareAsync(realm, """{"name":"clearance","selector":{"scopes":["internal"]},"permissions":{"view":["admin"],"edit":["admin"]}}""", UnmanagedAttributePolicy.Enabled);
        var token = (await realm.SignInAsync()).Access;
        foreach (var (given, free) in new[] { ("""{"clearance":["high"],"free":["after"]}""", "after"), ("{}", null) })
        {
            Assert.Equal(204, (await CallAsync(realm, token, "POST", "", $$"""{"username":"alice","email":"alice@example.org","firstName":"A","lastName":"A","attributes":{{given}}}""")).Status);
            var alice = (await realm.Server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync((await realm.NowAsync()).Id, "alice"))!;
            Assert.Equal(("low", free), (alice.Attribute("clearance"), alice.Attribute("free")));
            Assert.Equal(free, (string?)JsonNode.Parse((await CallAsync(realm, token, "GET", "")).Text)!["attributes"]?["free"]?[0]);
            Assert.DoesNotContain("clearance", (await CallAsync(realm, token, "GET", "")).Text, StringComparison.Ordinal);
        }
    }

    /// <summary>As for administrators and on the forms: a device has a name, and no other has the same.</summary>
    [Theory]
    [InlineData("", 400)]
    [InlineData("  ", 400)]
    [InlineData("phone", 409)]
    [InlineData(" PHONE ", 409)]
    [InlineData("Tablet", 204)]
    [InlineData("tablet", 204)]
    [InlineData("Secret", 204)]
    public async Task Devices_are_told_apart_by_their_names(string label, int status)
    {
        var realm = await OpenAsync();
        var (id, users) = ((await realm.NowAsync()).Id, realm.Server.Services.GetRequiredService<IUserStore>());
        var token = (await realm.SignInAsync()).Access;
        var alice = (await users.FindByUsernameAsync(id, "alice"))!;
        CredentialRepresentation[] devices = [.. new[] { ("one", "otp", "Phone "), ("two", "otp", "tablet"), ("three", "webauthn", "Secret") }.Select(d => new CredentialRepresentation
        {
            Id = $"{d.Item1}-{alice.Id}", Type = d.Item2, UserLabel = d.Item3, SecretData = "{}", CredentialData = "{}",
        })];
        await realm.Server.Realms.ApplyAsync(new ChangeSet(id).Add([.. devices.Select(d => new PutCredential(alice.Id, d))]));
        Assert.Equal(status, (await CallAsync(realm, token, "PUT", $"/credentials/two-{alice.Id}/label", $"\"{label}\"")).Status);
        Assert.Equal(status == 204 ? label : "tablet", (await users.CredentialsAsync(id, alice.Id)).Find(c => c.Id == $"two-{alice.Id}")!.UserLabel);
    }

    [Theory]
    [InlineData("profile", "openid", true)]
    [InlineData("phone", "openid", false)]
    [InlineData("phone", "openid phone", true)]
    public async Task Attributes_of_a_scope_are_there_in_it(string scope, string asked, bool shown)
    {
        var realm = await OpenAsync();
        await DeclareAsync(realm, $$$"""{"name":"scoped","selector":{"scopes":["{{{scope}}}"]},"permissions":{"view":["user"],"edit":["user"]}}""");
        var profile = JsonNode.Parse((await CallAsync(realm, (await realm.SignInAsync(asked)).Access, "GET", "/")).Text)!;
        Assert.Equal(shown, profile["userProfileMetadata"]!["attributes"]!.AsArray().Any(a => (string)a!["name"]! == "scoped"));
    }
}
