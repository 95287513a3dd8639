using System.Text;
using System.Text.Json;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Authorization.Requesting;

namespace Castellan.Tests.Uma;

/// <summary>Permissions for the asking (UMA 2.0 Grant §3.3, and Keycloak's requests without a ticket).</summary>
public sealed class What_is_granted
{
    [Theory]
    [InlineData("", "album: edit view")]
    [InlineData("permission=album", "album: edit view")]
    [InlineData("permission=album%23view", "album: view")]
    [InlineData("permission=album%23view,fly", "album: view")]
    [InlineData("permission=album%23view&permission=album%23edit", "album: edit view")]
    [InlineData("permission=album&scope=view", "album: view")]
    [InlineData("permission=%23view", "album: view")]
    [InlineData("permission=album&permission=nothing", "album: edit view")]
    [InlineData("permission=nothing&permission=album", "400 invalid_resource Resource with id [nothing] does not exist.")]
    [InlineData("permission=album%23fly", "400 invalid_scope One of the given scopes [fly] is invalid")]
    [InlineData("permission=album%23print", "400 invalid_resource Resource with id [album] does not exist.")]
    [InlineData("permission=secret", "403 access_denied not_authorized")]
    [InlineData("permission=", "403 access_denied not_authorized")]
    [InlineData("permission=%23print", "403 access_denied not_authorized")]
    [InlineData("permission=resource-type:urn:album", "album: edit view")]
    [InlineData("permission=resource-type-any:urn:album%23view", "album: view")]
    [InlineData("permission=resource-type-instance:urn:album", "403 access_denied not_authorized")]
    [InlineData("permission=resource-type-owner:urn:album", "403 access_denied not_authorized")]
    [InlineData("permission=/album/*&permission_resource_format=uri", "album: edit view")]
    [InlineData("permission=/ALBUM/*&permission_resource_format=uri", "400 invalid_resource Resource with uri [/ALBUM/*] does not exist.")]
    [InlineData("permission=/album/1&permission_resource_format=uri", "400 invalid_resource Resource with uri [/album/1] does not exist.")]
    [InlineData("permission=/album/1%23edit&permission_resource_format=uri&permission_resource_matching_uri=true", "album: edit")]
    [InlineData("permission=&permission_resource_format=uri", "400 invalid_request You must provide the uri")]
    [InlineData("permission=secret&permission_resource_format=poem", "400 invalid_request Invalid permission_resource_format")]
    [InlineData("response_permissions_limit=many", "400 invalid_request Invalid response_permissions_limit")]
    [InlineData("response_permissions_limit=-1", "403 access_denied not_authorized")]
    [InlineData("response_permissions_limit=0", "403 access_denied not_authorized")]
    [InlineData("permission=album&permission=secret&response_permissions_limit=1", "album: edit view")]
    [InlineData("response_include_resource_name=false", "-: edit view")]
    [InlineData("permission=album&submit_request=true", "album: edit view")]
    [InlineData("permission=secret&submit_request=true", "403 access_denied not_authorized")]
    [InlineData("rpt=x", "403 invalid_rpt RPT signature is invalid")]
    [InlineData("claim_token_format=poem", "400 invalid_request Claim token format [poem] not supported")]
    [InlineData("ticket=x", "403 invalid_ticket Ticket verification failed")]
    public async Task Goes_by_what_is_asked(string form, string expected)
    {
        var realm = await UmaRealm.MakeAsync();
        Assert.Equal(expected, await realm.ListAsync(await realm.TokenAsync("alice", "web"), Fields(form)));
    }

    [Fact]
    public async Task A_requesting_party_token_is_for_the_resource_server_and_is_refreshed_with_its_permissions()
    {
        var realm = await UmaRealm.MakeAsync();
        var answer = await realm.AskAsync(await realm.TokenAsync("alice", "web"), ("permission", "album#view"));
        var claims = answer.Claims("access_token");
        Assert.Equal(("api", "web", "False"), (claims.GetProperty("aud").GetString(), claims.GetProperty("azp").GetString(), answer["upgraded"]));
        Assert.Equal(["view"], claims.GetProperty("authorization").GetProperty("permissions")[0].GetProperty("scopes").EnumerateArray().Select(s => s.GetString()));
        Assert.Null(answer["scope"]);

        var seen = await realm.Realm.IntrospectAsync(answer.Access, ("token_type_hint", "requesting_party_token"));
        Assert.Equal("True", seen["active"]);
        Assert.Contains("resource_scopes", seen["permissions"]);
        Assert.Null(seen["sub"]);

        var refreshed = await realm.Realm.RefreshAsync(answer.Refresh, "web");
        Assert.True(refreshed.Claims("access_token").TryGetProperty("authorization", out _));
    }

    [Fact]
    public async Task Introspection_shows_permissions_to_the_resource_server_alone_and_of_no_other_token()
    {
        var realm = await UmaRealm.MakeAsync();
        var token = await realm.TokenAsync("alice", "web");
        var rpt = (await realm.AskAsync(token, ("permission", "album"))).Access;
        Assert.Equal("False", (await realm.Realm.IntrospectAsync(token, ("token_type_hint", "requesting_party_token")))["active"]);
        var others = await realm.Realm.PostAsync("token/introspect", [.. TestRealm.Credentials("other"), ("token", rpt), ("token_type_hint", "requesting_party_token")]);
        Assert.Equal("False", others["active"]);
        await realm.Realm.Server.Sessions.DeleteByRealmAsync((await realm.Realm.NowAsync()).Id);
        Assert.Equal("False", (await realm.Realm.IntrospectAsync(rpt, ("token_type_hint", "requesting_party_token")))["active"]);
    }

    /// <summary>A resource server that may see every role does not show them to a client that may not.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task A_requesting_party_token_carries_no_role_that_its_client_may_not_see(bool fullScope, bool seen)
    {
        var realm = await UmaRealm.MakeAsync(r => r.Clients!.Single(c => c.ClientId == "web").FullScopeAllowed = fullScope);
        var rpt = (await realm.AskAsync(await realm.TokenAsync("alice", "web"), ("permission", "album"))).Claims("access_token");
        Assert.Equal(seen, rpt.TryGetProperty("resource_access", out _));
        Assert.Equal("api", rpt.GetProperty("aud").GetString());
    }

    [Fact]
    public async Task An_upgrade_keeps_what_is_still_granted_and_gives_nothing_that_is_not()
    {
        var realm = await UmaRealm.MakeAsync();
        var (alice, bob) = (await realm.TokenAsync("alice", "web"), await realm.TokenAsync("bob", "web"));
        var view = await realm.AskAsync(alice, ("permission", "album#view"));
        var both = await realm.AskAsync(alice, ("permission", "album#edit"), ("rpt", view.Access));
        Assert.Equal("True", both["upgraded"]);
        Assert.Equal(2, both.Claims("access_token").GetProperty("authorization").GetProperty("permissions")[0].GetProperty("scopes").GetArrayLength());
        Assert.Equal("403 access_denied not_authorized", await realm.ListAsync(bob, ("permission", "album#view"), ("rpt", both.Access)));
        Assert.Equal("403 access_denied not_authorized", await realm.ListAsync(alice, ("permission", "secret"), ("rpt", both.Access)));

        // A resource with scopes is another permission than the one without that was asked for.
        Assert.Equal("403 access_denied not_authorized", await realm.ListAsync(alice, ("permission", "album"), ("rpt", both.Access)));
        Assert.Equal("album: edit view", await realm.ListAsync(alice, ("permission", "album"), ("scope", "view"), ("rpt", both.Access)));
        Assert.Equal("403 access_denied not_authorized", await realm.ListAsync(alice, ("permission", "#view"), ("rpt", both.Access)));
    }

    [Fact]
    public void Scopes_of_no_resource_are_permissions_of_their_own()
    {
        PermissionAnswer Of(string scope) => new(null, Granted: true, [new() { Id = scope, Name = scope }], []);
        Assert.Equal(["view", "edit"], GrantedPermissions.Of([Of("view"), Of("edit")]).Select(p => Assert.Single(p.Scopes)));
    }

    /// <summary>Under both of its names a list of scopes is there where it is empty, and what a client pushed is for policies alone.</summary>
    [Theory]
    [InlineData("""{"rsid":"r","rsname":"n","scopes":["view"],"claims":{"a":["b"]}}""", """{"rsid":"r","resource_id":"r","rsname":"n","scopes":["view"],"resource_scopes":["view"]}""")]
    [InlineData("""{"rsid":"r","rsname":"n"}""", """{"rsid":"r","resource_id":"r","rsname":"n","resource_scopes":[]}""")]
    public void Introspection_shows_a_permission_under_both_names(string held, string shown)
    {
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            Assert.Single(GrantedPermissions.Introspected(JsonElement.Parse($$"""{"permissions":[{{held}}]}"""))).WriteTo(json);
        }

        Assert.Equal(shown, Encoding.UTF8.GetString(body.WrittenSpan));
    }

    [Fact]
    public async Task Claims_are_pushed_by_those_who_can_keep_a_secret()
    {
        var realm = await UmaRealm.MakeAsync(r => r.Clients![0].AuthorizationSettings!.Resources!.Add(new() { Name = "printer", Scopes = [new() { Name = "print" }] }));
        (string, string)[] Pushed(string json) =>
            [("permission", "printer"), ("claim_token", Convert.ToBase64String(Encoding.UTF8.GetBytes(json))), ("claim_token_format", "urn:ietf:params:oauth:token-type:jwt")];
        var confidential = await realm.TokenAsync("bob");
        Assert.Equal("printer: print", await realm.ListAsync(confidential, Pushed("""{"colour":["blue"]}""")));
        Assert.Equal("403 access_denied not_authorized", await realm.ListAsync(confidential, Pushed("""{"colour":["red"]}""")));
        Assert.Equal("400 invalid_request Invalid claims", await realm.ListAsync(confidential, Pushed("[]")));
        Assert.Equal("403 invalid_grant Public clients are not allowed to send claims", await realm.ListAsync(await realm.TokenAsync("bob", "web"), Pushed("""{"colour":["blue"]}""")));
        var rpt = await realm.AskAsync(confidential, Pushed("""{"colour":["blue"]}"""));
        Assert.Contains("\"claims\":{\"colour\":[\"blue\"]}", rpt.Claims("access_token").ToString());
    }

    /// <summary>What the resource server wrote into its ticket is not for the client to write over.</summary>
    [Theory]
    [InlineData("""{"colour":["red"]}""", """{"colour":["blue"]}""", "403 access_denied request_submitted")]
    [InlineData("""{"colour":["blue"]}""", """{"colour":["red"]}""", "printer: print")]
    [InlineData("""{"size":["1"]}""", """{"colour":["blue"]}""", "printer: print")]
    public async Task Claims_of_the_ticket_come_before_those_of_the_client(string ticket, string pushed, string expected)
    {
        var realm = await UmaRealm.MakeAsync(r => r.Clients![0].AuthorizationSettings!.Resources!.Add(new() { Name = "printer", Scopes = [new() { Name = "print" }] }));
        var id = System.Text.Json.JsonDocument.Parse((await realm.ProtectAsync("GET", "/resource_set?name=printer", await realm.ProtectionAsync())).Text).RootElement[0].GetString();
        var signed = (await realm.ProtectAsync(
            "POST", "/permission", await realm.ProtectionAsync(), $$"""[{"resource_id":"{{id}}","resource_scopes":["print"],"claims":{{ticket}}}]"""))["ticket"]!;
        Assert.Equal(expected, await realm.ListAsync(
            await realm.TokenAsync("bob"), ("ticket", signed), ("claim_token", Convert.ToBase64String(Encoding.UTF8.GetBytes(pushed))),
            ("claim_token_format", "urn:ietf:params:oauth:token-type:jwt")));
    }

    /// <summary>A token that was exchanged is for whom it was exchanged, and so is what comes of it.</summary>
    [Theory]
    [InlineData("api", 200)]
    [InlineData("other", 403)]
    public async Task An_exchanged_token_stays_within_its_audience(string server, int status)
    {
        var realm = await UmaRealm.MakeAsync(r =>
        {
            Core.Representations.ProtocolMapperRepresentation For(string client) => new()
            {
                Name = client, Protocol = "openid-connect", ProtocolMapper = "oidc-audience-mapper", Config = new() { ["included.client.audience"] = client, ["access.token.claim"] = "true" },
            };
            r.Clients!.Single(c => c.ClientId == "web").ProtocolMappers = [For("gate")];
            r.Clients!.Add(new()
            {
                ClientId = "gate", Secret = "gate-secret", PublicClient = false, Attributes = new() { ["standard.token.exchange.enabled"] = "true" },
                ProtocolMappers = [For("api"), For("other")],
            });
        });
        var exchanged = (await realm.Realm.PostAsync("token",
            [.. TestRealm.Credentials("gate"), ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), ("subject_token", await realm.TokenAsync("alice", "web")),
                ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"), ("audience", "api")])).Access;
        var answer = await realm.AskAsync(exchanged, ("audience", server), ("permission", "album"));
        Assert.Equal((status, null), (answer.Status, answer["refresh_token"]));
    }

    [Fact]
    public async Task A_client_asks_for_itself_or_for_whom_a_token_names()
    {
        var realm = await UmaRealm.MakeAsync(r => r.Clients![0].AuthorizationSettings!.Policies![0].Config!["users"] = """["alice","service-account-api"]""");
        Task<Answer> Ask(params (string, string)[] form) => realm.AskAsync(null, [.. TestRealm.Credentials("api"), ("permission", "album"), .. form]);
        var own = await Ask();
        Assert.Equal((200, null), (own.Status, own["refresh_token"]));
        Assert.False(own.Claims("access_token").TryGetProperty("sid", out _));
        var alice = await realm.TokenAsync("alice", "web");
        Assert.Equal("web", (await Ask(("subject_token", alice))).Claims("access_token").GetProperty("azp").GetString());
        (await Ask(("subject_token", await realm.TokenAsync("bob", "web")))).Refuses(403, "access_denied");
        (await Ask(("subject_token", "x"))).Refuses(400, "unauthorized_client", "Invalid identity");

        const string IdToken = "http://openid.net/specs/openid-connect-core-1_0.html#IDToken";
        var signedIn = await realm.Realm.SignInAsync();
        Assert.Equal(200, (await Ask(("claim_token", signedIn["id_token"]!), ("claim_token_format", IdToken))).Status);
        var another = (await realm.Realm.SignInAsync(client: "web"))["id_token"]!;
        (await Ask(("claim_token", another), ("claim_token_format", IdToken))).Refuses(400, "invalid_claim_token", "Token issued to a different client");
        await realm.Realm.Server.Sessions.DeleteByRealmAsync((await realm.Realm.NowAsync()).Id);
        (await Ask(("claim_token", signedIn["id_token"]!), ("claim_token_format", IdToken))).Refuses(400, "unauthorized_client", "Invalid identity");
    }

    [Theory]
    [InlineData("permissions", 100, 0, 0, 0, "400 invalid_resource")]
    [InlineData("permissions", 101, 0, 0, 0, "400 invalid_request")]
    [InlineData("one permission again and again", 900, 0, 0, 0, "200")]
    [InlineData("scopes", 1, 100, 0, 0, "200")]
    [InlineData("scopes", 1, 101, 0, 0, "400 invalid_request")]
    [InlineData("further scopes", 1, 0, 3_000, 0, "200")]
    [InlineData("further scopes", 1, 0, 5_000, 0, "400 invalid_scope")]
    [InlineData("claims", 1, 0, 0, 50, "200")]
    [InlineData("claims", 1, 0, 0, 51, "400 invalid_request")]
    public async Task Is_bounded(string what, int permissions, int scopes, int further, int claims, string expected)
    {
        var realm = await UmaRealm.MakeAsync();
        List<(string, string)> form = [];
        for (var i = 0; i < permissions; i++)
        {
            form.Add(("permission", (what == "permissions" ? $"nothing{i}" : "album") + (scopes == 0 ? "" : "#view" + string.Concat(Enumerable.Range(1, scopes - 1).Select(s => $",s{s}")))));
        }

        if (further > 0)
        {
            form.Add(("scope", "view" + string.Concat(Enumerable.Range(0, further / 6).Select(i => $" s{i:0000}"))));
        }

        if (claims > 0)
        {
            var json = $"{{{string.Join(',', Enumerable.Range(0, claims).Select(i => $"\"c{i}\":[\"x\"]"))}}}";
            form.AddRange([("claim_token", Convert.ToBase64String(Encoding.UTF8.GetBytes(json))), ("claim_token_format", "urn:ietf:params:oauth:token-type:jwt")]);
        }

        var answer = await realm.AskAsync(await realm.TokenAsync("alice"), [.. form]);
        Assert.Equal(expected, answer.Status == 200 ? "200" : $"{answer.Status} {answer["error"]}");
    }

    [Theory]
    [InlineData(8_000, 200)]
    [InlineData(8_300, 400)]
    public async Task Claims_are_of_a_few_thousand_bytes(int length, int status)
    {
        var realm = await UmaRealm.MakeAsync();
        var claims = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"colour":["{{new string('x', length - 14)}}"]}"""));
        Assert.Equal(status, (await realm.AskAsync(
            await realm.TokenAsync("alice"), ("permission", "album"), ("claim_token", claims), ("claim_token_format", "urn:ietf:params:oauth:token-type:jwt"))).Status);
    }

    [Fact]
    public async Task A_token_is_not_made_so_long_that_nobody_reads_it()
    {
        var realm = await UmaRealm.MakeAsync(r =>
        {
            var settings = r.Clients![0].AuthorizationSettings!;
            settings.Resources!.AddRange(Enumerable.Range(0, 12).Select(i => new Core.Representations.ResourceRepresentation { Name = $"album {i}", Type = "urn:album" }));
            settings.Policies!.Add(new() { Name = "albums", Type = "resource", Config = new() { ["defaultResourceType"] = "urn:album", ["applyPolicies"] = "[\"alice\"]" } });
        });
        var claims = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"colour":["{{new string('x', 8_000)}}"]}"""));
        Task<Answer> Ask(params (string, string)[] form) =>
            realm.AskAsync(realm.TokenAsync("alice").Result, [("claim_token", claims), ("claim_token_format", "urn:ietf:params:oauth:token-type:jwt"), .. form]);
        (await Ask()).Refuses(400, "invalid_request");
        Assert.Contains("response_permissions_limit", (await Ask())["error_description"]);
        Assert.Equal(200, (await Ask(("response_mode", "decision"))).Status);
        Assert.Equal(200, (await Ask(("response_mode", "permissions"))).Status);
        var few = await Ask(("response_permissions_limit", "7"));
        Assert.Equal(200, few.Status);
        Assert.Equal("True", (await realm.Realm.IntrospectAsync(few.Access))["active"]);
    }

    /// <summary>What comes of somebody else's token belongs to the client of that token: it goes by that client's settings, and by the policies for it.</summary>
    [Theory]
    [InlineData("", 200, true)]
    [InlineData("use.refresh.tokens=false", 200, false)]
    [InlineData("dpop.bound.access.tokens=true", 400, false)]
    [InlineData("tls.client.certificate.bound.access.tokens=true", 400, false)]
    [InlineData("policy", 400, false)]
    public async Task A_token_goes_by_the_client_that_it_is_for(string setting, int status, bool refresh)
    {
        var realm = await UmaRealm.MakeAsync();
        var alice = await realm.TokenAsync("alice", "web");
        await realm.Realm.SetClientAsync("web", c => c.Attributes = setting.Split('=') is [var name, var value] ? new() { [name] = value } : []);
        if (setting == "policy")
        {
            await Security.Policies_at_every_endpoint.RefuseAsync(realm.Realm, """{"executor":"reject-request"}""", """{"condition":"client-access-type","configuration":{"type":["public"]}}""");
        }

        var answer = await realm.AskAsync(null, [.. TestRealm.Credentials("api"), ("permission", "album"), ("subject_token", alice)]);
        Assert.Equal((status, refresh), (answer.Status, answer["refresh_token"] is not null));
    }

    internal static (string, string)[] Fields(string form) =>
        [.. form.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(f => f.Split('=', 2)).Select(f => (f[0], Uri.UnescapeDataString(f[1])))];
}
