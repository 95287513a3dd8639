using System.Net.Http.Headers;
using System.Text;

namespace Castellan.Tests.Admin;

/// <summary>Who makes something may say which id it has, but not that of another: that would put it in the other's place.</summary>
public sealed class Ids_that_are_taken
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    [Fact]
    public async Task Nothing_new_takes_the_place_of_what_is_there()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.IdentityProviders = [Provider("one"), Provider("two")];
            file.IdentityProviderMappers = [new() { Id = "m-" + file.Realm, Name = "kept", IdentityProviderAlias = "one", IdentityProviderMapper = "hardcoded-attribute-idp-mapper" }];
            file.Users!.Add(new()
            {
                Username = "chief", Email = "chief@example.org", FirstName = "A", LastName = "B", Enabled = true,
                Credentials = [new() { Type = "password", Value = "correct-horse" }], ClientRoles = new() { ["realm-management"] = ["realm-admin"] },
            });
        });
        var token = (await realm.PostAsync("token", ("client_id", "admin-cli"), ("grant_type", "password"), ("username", "chief"), ("password", "correct-horse"))).Access;
        var (admin, own) = ($"{realm.Server.Url}/admin/realms/{realm.Name}", "m-" + realm.Name);
        async Task<(int Status, string Text)> SendAsync(string url, string? json = null)
        {
            using var request = new HttpRequestMessage(json is null ? HttpMethod.Get : HttpMethod.Post, url) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await s_http.SendAsync(request);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }

        var mapper = $$"""{"id":"{{own}}","name":"new","identityProviderMapper":"hardcoded-role-idp-mapper"}""";
        Assert.Equal(409, (await SendAsync($"{admin}/identity-provider/instances/two/mappers", mapper)).Status);
        Assert.Contains("kept", (await SendAsync($"{admin}/identity-provider/instances/one/mappers/{own}")).Text, StringComparison.Ordinal);

        static Core.Representations.IdentityProviderRepresentation Provider(string alias) => new()
        {
            Alias = alias, ProviderId = "oidc", Enabled = true,
            Config = new() { ["clientId"] = "x", ["clientSecret"] = "y", ["authorizationUrl"] = "https://idp.example/a", ["tokenUrl"] = "https://idp.example/t" },
        };
    }
}
