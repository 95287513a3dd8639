using System.Text.Json;
using Castellan.Core.Clients.Policies;

namespace Castellan.Tests.Security;

/// <summary>No endpoint that serves a client forgets the realm's policies.</summary>
public sealed class Policies_at_every_endpoint
{
    private const string Device = "urn:ietf:params:oauth:grant-type:device_code";

    private static readonly Dictionary<string, Func<TestRealm, Answer, Answer, Task<Answer>>> s_endpoints = new()
    {
        [nameof(ClientEndpoint.Token)] = (realm, _, _) => realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")]),
        ["Token: password"] = (realm, _, _) => realm.SignInAsync(),
        ["Token: refresh"] = (realm, tokens, _) => realm.RefreshAsync(tokens.Refresh),
        ["Token: device"] = (realm, _, device) => realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", Device), ("device_code", device["device_code"]!)]),
        ["Token: code"] = (realm, _, _) => realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "http://localhost:3000/back")]),
        [nameof(ClientEndpoint.PushedRequest)] = (realm, _, _) => realm.PostAsync("ext/par/request", [.. TestRealm.Credentials("api"), ("response_type", "code"), ("redirect_uri", "http://localhost:3000/back")]),
        ["Token: ciba"] = (realm, _, _) => realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "urn:openid:params:grant-type:ciba"), ("auth_req_id", "x")]),
        [nameof(ClientEndpoint.BackchannelAuthentication)] = (realm, _, _) => realm.PostAsync("ext/ciba/auth", [.. TestRealm.Credentials("api"), ("login_hint", "alice"), ("scope", "openid")]),
        [nameof(ClientEndpoint.DeviceAuthorization)] = (realm, _, _) => AskAsync(realm),
        [nameof(ClientEndpoint.Revocation)] = (realm, tokens, _) => realm.PostAsync("revoke", [.. TestRealm.Credentials("api"), ("token", tokens.Refresh)]),
        [nameof(ClientEndpoint.Introspection)] = (realm, tokens, _) => realm.IntrospectAsync(tokens.Access),
        [nameof(ClientEndpoint.Logout)] = (realm, tokens, _) => realm.PostAsync("logout", [.. TestRealm.Credentials("api"), ("refresh_token", tokens.Refresh)]),
        [nameof(ClientEndpoint.UserInfo)] = (realm, tokens, _) => realm.UserInfoAsync(tokens.Access),
    };

    public static TheoryData<string> Endpoints => [.. s_endpoints.Keys];

    [Theory, MemberData(nameof(Endpoints))]
    public async Task Nothing_is_done_for_a_client_that_a_policy_refuses(string endpoint)
    {
        var (realm, tokens, device) = await RealmAsync();
        await RefuseAsync(realm, """{"executor":"reject-request"}""");
        (await s_endpoints[endpoint](realm, tokens, device)).Refuses(400, "invalid_request", "Request not allowed");

        // Nothing was ended, and without the policy everything is as it was.
        await realm.SetAsync(settings => settings.ClientPolicies = null);
        Assert.Equal(200, (await realm.RefreshAsync(tokens.Refresh)).Status);
    }

    [Theory, MemberData(nameof(Endpoints))]
    public async Task A_policy_for_other_clients_refuses_nothing(string endpoint)
    {
        var (realm, tokens, device) = await RealmAsync();
        await RefuseAsync(realm, """{"executor":"reject-request"}""", """{"condition":"client-access-type","configuration":{"type":["public"]}}""");
        Assert.DoesNotContain("Request not allowed", (await s_endpoints[endpoint](realm, tokens, device)).Text, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Endpoints))]
    public async Task A_client_that_proves_itself_in_another_way_than_demanded_is_refused(string endpoint)
    {
        var (realm, tokens, device) = await RealmAsync();
        await RefuseAsync(realm, """{"executor":"secure-client-authenticator","configuration":{"allowed-client-authenticators":["client-jwt"]}}""");
        var answer = await s_endpoints[endpoint](realm, tokens, device);
        if (endpoint is nameof(ClientEndpoint.UserInfo) or nameof(ClientEndpoint.PushedRequest))
        {
            // Here the client proves nothing, or what it gets is worth nothing without the token endpoint.
            Assert.InRange(answer.Status, 200, 201);
            return;
        }

        answer.Refuses(400, "invalid_request", "Configured client authentication method not allowed for client");
    }

    /// <summary>RFC 7523 §3: an assertion that is not for this server says nothing to it, whatever it is shown for.</summary>
    [Theory, MemberData(nameof(Endpoints))]
    public async Task An_assertion_that_is_not_as_demanded_is_refused(string endpoint)
    {
        var (realm, tokens, device) = await RealmAsync();
        await RefuseAsync(realm, """{"executor":"secure-signature-algorithm-signed-jwt","configuration":{"require-client-assertion":true}}""");
        var answer = await s_endpoints[endpoint](realm, tokens, device);
        if (endpoint is nameof(ClientEndpoint.UserInfo))
        {
            Assert.Equal(200, answer.Status);
            return;
        }

        answer.Refuses(400, "invalid_request", "not allowed input format.");
    }

    [Fact]
    public void The_table_has_every_endpoint() => Assert.Empty(Enum.GetNames<ClientEndpoint>().Except(s_endpoints.Keys));

    private static async Task<(TestRealm Realm, Answer Tokens, Answer Device)> RealmAsync()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].Attributes = new()
        {
            ["oauth2.device.authorization.grant.enabled"] = "true", ["oidc.ciba.grant.enabled"] = "true",
        });
        var device = await AskAsync(realm);
        Assert.Equal(200, device.Status);
        return (realm, await realm.SignInAsync(), device);
    }

    private static Task<Answer> AskAsync(TestRealm realm) => realm.PostAsync("auth/device", [.. TestRealm.Credentials("api"), ("scope", "openid")]);

    internal static Task RefuseAsync(TestRealm realm, string executor, string condition = """{"condition":"any-client"}""") => realm.SetAsync(settings =>
    {
        settings.ClientProfiles = Json($$$"""{"profiles":[{"name":"house","executors":[{{{executor}}}]}]}""");
        settings.ClientPolicies = Json($$$"""{"policies":[{"name":"p","enabled":true,"conditions":[{{{condition}}}],"profiles":["house"]}]}""");
    });

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
