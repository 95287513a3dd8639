using System.Net.Http.Headers;
using System.Text;

namespace Castellan.Tests.Rfc6749;

public sealed class Section_2_3_ClientAuthentication
{
    public static TheoryData<string?, string?, string?, int, string?> Cases => new()
    {
        // header, client_id, client_secret → status, error
        { "api:api-secret", null, null, 200, null },
        { null, "api", "api-secret", 200, null },
        { "api:wrong", null, null, 401, "unauthorized_client" },
        { null, "api", "wrong", 401, "unauthorized_client" },
        { null, "api", "", 401, "unauthorized_client" },
        { null, "api", null, 401, "unauthorized_client" },
        { null, null, null, 401, "invalid_client" },
        { null, "nobody", "x", 401, "invalid_client" },
        { "api", null, null, 401, "invalid_client" },
        { "api:api%ZZ", null, null, 400, "unauthorized_client" },
        { null, "web", null, 401, "unauthorized_client" }, // public clients have no service account
        { "api:api-secret", "web", null, 401, "unauthorized_client" }, // the body names the client
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Credentials_are_checked(string? header, string? id, string? secret, int status, string? error)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        List<(string, string)> form = [("grant_type", "client_credentials")];
        if (id is not null)
        {
            form.Add(("client_id", id));
        }

        if (secret is not null)
        {
            form.Add(("client_secret", secret));
        }

        var answer = await realm.PostAsync(
            "token",
            request => request.Headers.Authorization = header is null ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(header))),
            [.. form]);
        Assert.Equal((status, error), (answer.Status, answer["error"]));
    }

    /// <summary>A secret in a body stands in logs in which a header does not: a client may have it taken from one of them only.</summary>
    [Theory]
    [InlineData("client_secret_basic", true, false, null), InlineData("client_secret_basic", false, true, "client_secret_basic"), InlineData("client_secret_basic", true, true, "client_secret_basic")]
    [InlineData("client_secret_post", false, true, null), InlineData("client_secret_post", true, false, "client_secret_post"), InlineData("client_secret_post", true, true, null)]
    [InlineData("", false, true, null), InlineData("", true, false, null)]
    public async Task A_secret_comes_in_the_way_that_the_client_allows(string allowed, bool inHeader, bool inBody, string? required)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].Attributes = new() { ["client.secret.authentication.allowed.method"] = allowed });
        (string, string)[] form = [("grant_type", "client_credentials"), .. inBody ? TestRealm.Credentials("api") : []];
        var answer = await realm.PostAsync(
            "token",
            request => request.Headers.Authorization = inHeader ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("api:api-secret"))) : null,
            form);
        if (required is null)
        {
            Assert.Equal(200, answer.Status);
        }
        else
        {
            answer.Refuses(401, "unauthorized_client", $"Invalid method used to get client secret. Client requires method '{required}' to obtain client secret from the request");
        }
    }

    [Theory]
    [InlineData("token")]
    [InlineData("token/introspect")]
    [InlineData("revoke")]
    [InlineData("logout")]
    [InlineData("auth/device")]
    public async Task A_client_of_another_protocol_has_no_business_here(string endpoint)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients!.Add(new() { ClientId = "other", Protocol = "saml", PublicClient = false, Secret = "other-secret" }));
        (await realm.PostAsync(endpoint, [.. TestRealm.Credentials("other"), ("grant_type", "client_credentials"), ("token", "x"), ("refresh_token", "x")]))
            .Refuses(400, "invalid_client", "Wrong client protocol.");
    }

    /// <summary>What one grant takes several of (RFC 8693 §2.1, and the permissions of UMA) another does not.</summary>
    [Theory]
    [InlineData("client_credentials", "audience", false)]
    [InlineData("client_credentials", "permission", false)]
    [InlineData("urn:ietf:params:oauth:grant-type:token-exchange", "audience", true)]
    [InlineData("urn:ietf:params:oauth:grant-type:token-exchange", "resource", true)]
    [InlineData("urn:ietf:params:oauth:grant-type:token-exchange", "permission", false)]
    [InlineData("urn:ietf:params:oauth:grant-type:uma-ticket", "permission", true)]
    [InlineData("urn:ietf:params:oauth:grant-type:uma-ticket", "audience", false)]
    public async Task Each_grant_says_what_may_be_repeated(string grant, string name, bool may)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var answer = await realm.PostAsync("token", ("client_id", "api"), ("client_secret", "api-secret"), ("grant_type", grant), (name, "a"), (name, "b"));
        Assert.Equal(may, answer["error_description"] != "duplicated parameter");
    }

    [Theory]
    [InlineData("token")]
    [InlineData("token/introspect")]
    [InlineData("revoke")]
    public async Task A_repeated_parameter_is_refused(string endpoint)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var answer = await realm.PostAsync(endpoint, ("client_id", "api"), ("client_secret", "api-secret"), ("grant_type", "client_credentials"), ("token", "a"), ("token", "b"));
        answer.Refuses(400, "invalid_request", "duplicated parameter");
    }

    [Theory]
    [InlineData("token")]
    [InlineData("token/introspect")]
    [InlineData("revoke")]
    [InlineData("userinfo")]
    public async Task Oversized_and_malformed_bodies_are_refused_without_a_fault(string endpoint)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        foreach (var body in new[] { new string('x', 300_000), "%zz=%", "a=%C3%28", string.Concat(Enumerable.Repeat("a=1&", 2_000)), "\0\0\0" })
        {
            var answer = await realm.PostAsync(endpoint, request =>
            {
                request.Content = new StringContent(body);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
            });
            Assert.InRange(answer.Status, 400, 499);
        }
    }
}
