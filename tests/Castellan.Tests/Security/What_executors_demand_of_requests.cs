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

    private static async Task<TestRealm> RealmAsync(string executor, string configuration)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        await realm.SetClientAsync("api", client => (client.StandardFlowEnabled, client.ImplicitFlowEnabled, client.ServiceAccountsEnabled, client.RedirectUris) = (true, true, true, [Callback]));
        await Policies_at_every_endpoint.RefuseAsync(realm, $$"""{"executor":"{{executor}}","configuration":{{configuration}}}""");
        return realm;
    }
}
