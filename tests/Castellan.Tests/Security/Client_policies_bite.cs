using System.Text.Json;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Tests.RealmFiles;

namespace Castellan.Tests.Security;

public class Client_policies_bite
{
    private static async Task<Realm> RealmAsync(RealmRoom room, string executor, string condition)
    {
        var (realm, refusal) = await room.ImportAsync($$$"""
            {"realm":"r","clientProfiles":{"profiles":[{"name":"house","executors":[{{{executor}}}]}]},
             "clientPolicies":{"policies":[{"name":"p","enabled":true,"conditions":[{{{condition}}}],"profiles":["house"]},
               {"name":"off","enabled":false,"conditions":[{"condition":"any-client"}],"profiles":["house"]}]}}
            """);
        Assert.Equal("", refusal);
        return realm!;
    }

    private static string? Change(Realm realm, ClientRepresentation client, ClientSource source = ClientSource.AuthenticatedUser) =>
        ClientPolicies.Of(realm).Change(new ClientChangeOccasion(realm, client, client, null, source))?.Description;

    [Theory]
    [InlineData("""{"executor":"reject-ropc-grant","configuration":{"auto-configure":"false"}}""", "Invalid client metadata: resource owner password credentials grant enabled")]
    [InlineData("""{"executor":"reject-ropc-grant","configuration":{"auto-configure":true}}""", null)]
    [InlineData("""{"executor":"reject-implicit-grant"}""", "Invalid client metadata: implicit flow enabled")]
    [InlineData("""{"executor":"secure-client-uris"}""", "Invalid redirectUris")]
    [InlineData("""{"executor":"secure-redirect-uris-enforcer","configuration":{"allow-http-scheme":true}}""", null)]
    [InlineData("""{"executor":"secure-redirect-uris-enforcer","configuration":{"allow-http-scheme":true,"allow-permitted-domains":["other\\.example"]}}""", "Invalid Redirect Uri: invalid uri")]
    [InlineData("""{"executor":"secure-redirect-uris-enforcer","configuration":{"allow-http-scheme":true,"allow-permitted-domains":["("]}}""", "Invalid Redirect Uri: invalid uri")]
    [InlineData("""{"executor":"secure-redirect-uris-enforcer","configuration":{"allow-http-scheme":true,"allow-permitted-domains":["(","app\\.example"]}}""", null)]
    [InlineData("""{"executor":"secure-client-authenticator","configuration":{"allowed-client-authenticators":["client-jwt"]}}""", "Invalid client metadata: token_endpoint_auth_method")]
    [InlineData("""{"executor":"secure-response-type"}""", "Invalid client metadata: ID Token as detached signature in disabled")]
    [InlineData("""{"executor":"secure-response-type","configuration":{"auto-configure":true}}""", null)]
    [InlineData("""{"executor":"no-such-thing"}""", null)]
    public async Task A_client_keeps_to_what_an_executor_demands(string executor, string? refusal)
    {
        await using var room = await RealmRoom.OpenAsync();
        var realm = await RealmAsync(room, executor, """{"condition":"any-client"}""");
        var client = new ClientRepresentation
        {
            ClientId = "c", DirectAccessGrantsEnabled = true, ImplicitFlowEnabled = true, StandardFlowEnabled = true, RedirectUris = ["http://app.example/cb"], ClientAuthenticatorType = "client-secret",
        };
        Assert.Equal(refusal, Change(realm, client));
    }

    [Theory]
    [InlineData("""{"condition":"client-access-type","configuration":{"type":["public"]}}""", true)]
    [InlineData("""{"condition":"client-access-type","configuration":{"type":["confidential"]}}""", false)]
    [InlineData("""{"condition":"client-access-type","configuration":{"type":["confidential"],"is-negative-logic":true}}""", true)]
    [InlineData("""{"condition":"client-attributes","configuration":{"attributes":"[{\"key\":\"color\",\"value\":\"blue\"}]"}}""", true)]
    [InlineData("""{"condition":"client-attributes","configuration":{"attributes":"[{\"key\":\"color\",\"value\":\"red\"}]"}}""", false)]
    [InlineData("""{"condition":"client-attributes","configuration":{"attributes":"no json"}}""", false)]
    [InlineData("""{"condition":"client-updater-context","configuration":{"update-client-source":["ByAnonymous"]}}""", true)]
    [InlineData("""{"condition":"grant-type","configuration":{"grant_types":["password"]}}""", false)]
    [InlineData("""{"condition":"any-client"},{"condition":"grant-type","configuration":{"grant_types":["password"]}}""", true)]
    [InlineData("""{"condition":"any-client"},{"condition":"client-access-type","configuration":{"type":["confidential"]}}""", false)]
    public async Task A_policy_applies_when_a_condition_says_so_and_none_says_no(string conditions, bool applies)
    {
        await using var room = await RealmRoom.OpenAsync();
        var realm = await RealmAsync(room, """{"executor":"reject-ropc-grant"}""", conditions);
        var client = new ClientRepresentation { ClientId = "c", PublicClient = true, DirectAccessGrantsEnabled = true, Attributes = new() { ["color"] = "blue" } };
        Assert.Equal(applies, Change(realm, client, ClientSource.Anonymous) is not null);
    }

    /// <summary>What counts is what a client becomes by a change, whatever it was.</summary>
    [Theory]
    [InlineData("public", false, true)]
    [InlineData("public", true, false)]
    [InlineData("confidential", true, true)]
    [InlineData("confidential", false, false)]
    public async Task A_policy_looks_at_the_client_as_it_will_be(string type, bool wasPublic, bool applies)
    {
        await using var room = await RealmRoom.OpenAsync();
        var realm = await RealmAsync(room, """{"executor":"reject-ropc-grant"}""", $$$"""{"condition":"client-access-type","configuration":{"type":["{{{type}}}"]}}""");
        ClientRepresentation before = new() { ClientId = "c", PublicClient = wasPublic }, after = new() { ClientId = "c", PublicClient = !wasPublic, DirectAccessGrantsEnabled = true };
        Assert.Equal(applies, ClientPolicies.Of(realm).Change(new ClientChangeOccasion(realm, after, after, before, ClientSource.AuthenticatedUser)) is not null);
    }

    /// <summary>Who says nothing of the scope gets all of it.</summary>
    [Theory]
    [InlineData(null, false, false)]
    [InlineData(null, true, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [InlineData(false, false, true)]
    public async Task Full_scope_is_off_where_a_policy_wants_it_off(bool? asked, bool configures, bool taken)
    {
        await using var room = await RealmRoom.OpenAsync();
        var realm = await RealmAsync(room, $$$"""{"executor":"full-scope-disabled","configuration":{"auto-configure":{{{(configures ? "true" : "false")}}}}}""", """{"condition":"any-client"}""");
        var client = new ClientRepresentation { ClientId = "c", FullScopeAllowed = asked };
        Assert.Equal(taken, Change(realm, client) is null);
        Assert.True(!taken || client.FullScopeAllowed is false);
    }

    [Theory]
    [InlineData("{}", "https://app.example/cb", null)]
    [InlineData("{}", "https://app.example/*", "invalid uri")]
    [InlineData("""{"allow-wildcard-context-path":true}""", "https://app.example/*", null)]
    [InlineData("""{"allow-wildcard-context-path":true}""", "https://*/*", "invalid uri")]
    [InlineData("""{"allow-wildcard-context-path":true,"oauth-2-1-compliant":true}""", "https://app.example/*", "invalid uri")]
    [InlineData("{}", "https://app.example/cb#here", null)]
    [InlineData("""{"oauth-2-1-compliant":true}""", "https://app.example/cb#here", "invalid uri")]
    [InlineData("""{"oauth-2-1-compliant":true,"allow-http-scheme":true}""", "http://app.example/cb", "invalid uri")]
    [InlineData("{}", "https://127.0.0.1/cb", "invalid loopback address")]
    [InlineData("""{"allow-ipv4-loopback-address":true}""", "http://127.0.0.1/cb", "invalid loopback address")]
    [InlineData("""{"allow-ipv4-loopback-address":true,"allow-http-scheme":true}""", "http://127.0.0.1/cb", null)]
    [InlineData("""{"allow-http-scheme":true}""", "http://localhost/cb", "invalid loopback address")]
    [InlineData("""{"allow-http-scheme":true}""", "http://127.0.0.2/cb", "invalid loopback address")]
    [InlineData("""{"allow-ipv6-loopback-address":true,"allow-http-scheme":true}""", "http://[::1]:8080/cb", null)]
    [InlineData("""{"allow-ipv6-loopback-address":true,"allow-http-scheme":true,"oauth-2-1-compliant":true}""", "http://[::1]:8080/cb", "invalid loopback address")]
    [InlineData("""{"allow-ipv6-loopback-address":true,"allow-http-scheme":true,"oauth-2-1-compliant":true}""", "http://[::1]/cb", null)]
    [InlineData("""{"allow-ipv4-loopback-address":true,"allow-http-scheme":true,"oauth-2-1-compliant":true}""", "http://localhost/cb", "invalid loopback address")]
    [InlineData("{}", "myapp:/cb", "invalid private use scheme")]
    [InlineData("""{"allow-private-use-uri-scheme":true}""", "myapp:/cb", null)]
    [InlineData("""{"allow-private-use-uri-scheme":true,"oauth-2-1-compliant":true}""", "myapp:/cb", "invalid private use scheme")]
    [InlineData("""{"allow-private-use-uri-scheme":true,"oauth-2-1-compliant":true}""", "org.example.app:/cb", null)]
    [InlineData("""{"allow-open-redirect":true}""", "*", null)]
    public async Task Redirect_uris_are_of_the_kinds_that_are_allowed_also_after_logout(string settings, string address, string? refusal)
    {
        await using var room = await RealmRoom.OpenAsync();
        var realm = await RealmAsync(room, "{\"executor\":\"secure-redirect-uris-enforcer\",\"configuration\":" + settings + "}", """{"condition":"any-client"}""");
        refusal = refusal is null ? null : "Invalid Redirect Uri: " + refusal;
        Assert.Equal(refusal, Change(realm, new() { ClientId = "c", RedirectUris = [address] }));
        Assert.Equal(refusal, Change(realm, new() { ClientId = "c", RedirectUris = ["https://app.example/cb"], Attributes = new() { ["post.logout.redirect.uris"] = "+##" + address } }));
        Assert.Equal("Invalid Redirect Uri: invalid uri", Change(realm, new() { ClientId = "c", RedirectUris = [] }));
        Assert.Null(Change(realm, new() { ClientId = "c", StandardFlowEnabled = false, RedirectUris = [address] }));
    }

    [Theory]
    [InlineData("""{"rootUrl":"http://a.example"}""", "rootUrl")]
    [InlineData("""{"baseUrl":"/app"}""", "baseUrl")]
    [InlineData("""{"adminUrl":"https://a.example/*"}""", "adminUrl")]
    [InlineData("""{"adminUrl":"","webOrigins":["+"],"redirectUris":["https://a.example/cb"]}""", null)]
    [InlineData("""{"webOrigins":["*"]}""", "webOrigins")]
    [InlineData("""{"attributes":{"backchannel.logout.url":"http://a.example"}}""", "logoutUrl")]
    [InlineData("""{"attributes":{"frontchannel.logout.url":"http://a.example"}}""", "frontChannelLogoutUrl")]
    [InlineData("""{"attributes":{"post.logout.redirect.uris":"+##http://a.example"}}""", "postLogoutUris")]
    [InlineData("""{"rootUrl":"https://a.example","attributes":{"post.logout.redirect.uris":"/bye"}}""", null)]
    public async Task Addresses_are_secure_and_no_patterns(string json, string? wrong)
    {
        await using var room = await RealmRoom.OpenAsync();
        var realm = await RealmAsync(room, """{"executor":"secure-client-uris"}""", """{"condition":"any-client"}""");
        var client = JsonSerializer.Deserialize(json, AdminJson.Default.ClientRepresentation)!;
        client.ClientId = "c";
        Assert.Equal(wrong is null ? null : "Invalid " + wrong, Change(realm, client));
    }

    [Fact]
    public async Task A_new_client_without_redirect_uris_goes_to_its_root_alone_where_addresses_are_to_be_secure()
    {
        await using var room = await RealmRoom.OpenAsync();
        var realm = await RealmAsync(room, """{"executor":"secure-client-uris"}""", """{"condition":"any-client"}""");
        var made = new ClientRepresentation { ClientId = "c", RootUrl = "https://a.example", RedirectUris = ["https://a.example/*"] };
        Assert.Null(ClientPolicies.Of(realm).Change(new ClientChangeOccasion(realm, made, new() { RootUrl = "https://a.example" }, null, ClientSource.AuthenticatedUser)));
        Assert.Equal(["https://a.example"], made.RedirectUris);
    }

    [Theory]
    [InlineData(false, "PS256")]
    [InlineData(true, null)]
    public async Task Algorithms_that_nobody_chose_are_secure_ones(bool dynamic, string? ofAccessTokens)
    {
        await using var room = await RealmRoom.OpenAsync();
        var realm = await RealmAsync(room, """{"executor":"secure-signature-algorithm"}""", """{"condition":"any-client"}""");
        var client = new ClientRepresentation { ClientId = "c" };
        Assert.Null(ClientPolicies.Of(realm).Change(new ClientChangeOccasion(realm, client, client, null, ClientSource.AuthenticatedUser) { IsDynamic = dynamic }));
        Assert.Equal(("PS256", null), (client.Attributes!["id.token.signed.response.alg"], client.Attributes.GetValueOrDefault("user.info.response.signature.alg")));
        Assert.Equal(ofAccessTokens, client.Attributes.GetValueOrDefault("access.token.signed.response.alg"));
        client.Attributes["request.object.signature.alg"] = "any";
        Assert.Equal("not allowed signature algorithm.", Change(realm, client));
    }

    [Theory]
    [InlineData("""{"executor":"secure-logout"}""", "Front-channel logout is not allowed for this client")]
    [InlineData("""{"executor":"secure-logout","configuration":{"allow-front-channel-logout":true}}""", null)]
    [InlineData("""{"executor":"reject-request"}""", "Request not allowed")]
    [InlineData("""{"executor":"holder-of-key-enforcer"}""", "Invalid client metadata: MTLS token in disabled")]
    [InlineData("""{"executor":"dpop-bind-enforcer"}""", "Invalid client metadata: DPoP token in disabled")]
    public async Task A_client_that_logs_out_by_the_browser_and_binds_nothing_is_told_so(string executor, string? refusal)
    {
        await using var room = await RealmRoom.OpenAsync();
        var realm = await RealmAsync(room, executor, """{"condition":"any-client"}""");
        Assert.Equal(refusal, Change(realm, new() { ClientId = "c", FrontchannelLogout = false, Attributes = new() { ["frontchannel.logout.url"] = "https://a.example/out" } }));
    }

    [Fact]
    public void The_profiles_that_come_with_the_server_are_there()
    {
        using var profiles = JsonDocument.Parse(ClientPolicies.GlobalProfiles);
        Assert.Contains("fapi-2-security-profile", profiles.RootElement.EnumerateArray().Select(p => p.GetProperty("name").GetString()!));
    }
}
