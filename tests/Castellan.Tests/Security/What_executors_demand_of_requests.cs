using System.Net;
using Castellan.Tests.Login;

namespace Castellan.Tests.Security;

/// <summary>Executors of client policies at the authorization endpoint, where the client hears of them, and at the token endpoint.</summary>
public sealed class What_executors_demand_of_requests
{
    private const string Callback = SignInServer.Callback;
    private const string Thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    [Theory]
    [InlineData("pkce-enforcer", "{}", "response_type=id_token", "Missing parameter: code_challenge_method")]
    [InlineData("pkce-enforcer", "{}", "response_type=code", "Missing parameter: code_challenge_method")]
    [InlineData("pkce-enforcer", "{}", "response_type=code&code_challenge_method=S256&code_challenge=" + Thumbprint, null)]
    [InlineData("secure-response-type", "{}", "response_type=code", "invalid response_type")]
    [InlineData("secure-response-type", "{}", "response_type=code&response_mode=query.jwt", "invalid response_type")]
    [InlineData("secure-response-type", "{}", "response_type=code&response_mode=jwt", null)]
    [InlineData("secure-response-type", "{}", "response_type=code id_token", null)]
    [InlineData("secure-response-type", "{}", "response_type=code id_token token", "invalid response_type")]
    [InlineData("secure-response-type", """{"allow-token-response-type":true}""", "response_type=code id_token token", null)]
    [InlineData("dpop-bind-enforcer", "{}", "response_type=code", null)]
    [InlineData("dpop-bind-enforcer", """{"enforce-authorization-code-binding-to-dpop":"true"}""", "response_type=code", "Missing parameter: dpop_jkt")]
    [InlineData("dpop-bind-enforcer", """{"enforce-authorization-code-binding-to-dpop":"true"}""", "response_type=code&dpop_jkt=" + Thumbprint, null)]
    [InlineData("secure-client-uris", "{}", "response_type=code", "Invalid redirect_uri")]
    public async Task At_the_authorization_endpoint(string executor, string configuration, string query, string? description)
    {
        var realm = await RealmAsync(executor, configuration);
        var answer = await s_http.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?client_id=api&scope=openid&nonce=n&redirect_uri={Uri.EscapeDataString(Callback)}&{query.Replace(" ", "%20", StringComparison.Ordinal)}");
        if (description is null)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        else if (query.Contains("jwt", StringComparison.Ordinal))
        {
            // The refusal is in a token, as the answer would have been.
            Assert.Contains("?response=", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains($"error=invalid_request&error_description={Uri.EscapeDataString(description)}", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("holder-of-key-enforcer", "client_credentials", "invalid_request", "Client Certification missing for MTLS HoK Token Binding")]
    [InlineData("holder-of-key-enforcer", "authorization_code", "invalid_request", "Client Certification missing for MTLS HoK Token Binding")]
    [InlineData("holder-of-key-enforcer", "urn:openid:params:grant-type:ciba", "invalid_request", "Client Certification missing for MTLS HoK Token Binding")]
    [InlineData("dpop-bind-enforcer", "urn:openid:params:grant-type:ciba", "invalid_dpop_proof", "DPoP proof is missing")]
    public async Task At_the_token_endpoint(string executor, string grant, string error, string description)
    {
        var realm = await RealmAsync(executor, "{}");
        (await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", grant), ("code", "x"), ("auth_req_id", "x"), ("redirect_uri", Callback)])).Refuses(400, error, description);
    }

    /// <summary>Before anybody knows whether it is the client's.</summary>
    [Fact]
    public async Task The_redirect_uri_of_a_request_is_of_a_kind_that_is_allowed()
    {
        var realm = await RealmAsync("secure-redirect-uris-enforcer", "{}");
        var answer = await s_http.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?client_id=api&response_type=code&redirect_uri={Uri.EscapeDataString(Callback)}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Invalid Redirect Uri: invalid loopback address", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>What a client asks for where a request says nothing counts like what a request says.</summary>
    [Theory]
    [InlineData("acr_values=gold", true)]
    [InlineData("claims={\"id_token\":{\"acr\":{\"essential\":true,\"values\":[\"gold\"]}}}", true)]
    [InlineData("acr_values=silver", false)]
    [InlineData("", false)]
    [InlineData("default", true)]
    public async Task A_policy_for_a_level_applies_however_it_is_asked_for(string query, bool applies)
    {
        var realm = await RealmAsync("secure-session", "{}", """{"condition":"acr-condition","configuration":{"acr-property":"gold"}}""");
        await realm.SetClientAsync("api", client =>
        {
            client.Attributes ??= [];
            client.Attributes["acr.loa.map"] = """{"silver":"1","gold":"2"}""";
            client.Attributes["default.acr.values"] = query == "default" ? "gold" : "";
        });
        var answer = await s_http.GetAsync($"{realm.Issuer}/protocol/openid-connect/auth?client_id=api&response_type=code&scope=openid&redirect_uri={Uri.EscapeDataString(Callback)}&{query.Replace("\"", "%22", StringComparison.Ordinal)}");
        Assert.Equal(applies ? HttpStatusCode.Redirect : HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<TestRealm> RealmAsync(string executor, string configuration, string condition = """{"condition":"any-client"}""")
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        await realm.SetClientAsync("api", client => (client.StandardFlowEnabled, client.ImplicitFlowEnabled, client.ServiceAccountsEnabled, client.RedirectUris) = (true, true, true, [Callback]));
        await Policies_at_every_endpoint.RefuseAsync(realm, $$"""{"executor":"{{executor}}","configuration":{{configuration}}}""", condition);
        return realm;
    }
}
