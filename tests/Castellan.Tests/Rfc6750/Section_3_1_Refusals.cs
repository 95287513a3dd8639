namespace Castellan.Tests.Rfc6750;

/// <summary>What userinfo says of a token that was good once.</summary>
public sealed class Section_3_1_Refusals
{
    [Fact]
    public Task A_client_that_was_disabled() => RefusesAsync(realm => realm.SetClientAsync("api", client => client.Enabled = false), "Client disabled");

    [Fact]
    public Task A_person_who_was_disabled() => RefusesAsync(realm => realm.SetAliceAsync(user => user.Enabled = false), "User disabled");

    [Fact]
    public Task A_client_that_binds_its_tokens_to_keys_now() => RefusesAsync(Attribute("dpop.bound.access.tokens"), "Token verification failed");

    [Fact]
    public Task A_client_that_binds_its_tokens_to_certificates_now() => RefusesAsync(
        Attribute("tls.client.certificate.bound.access.tokens"), "Client certificate missing, or its thumbprint and one in the refresh token did NOT match");

    [Fact]
    public async Task A_token_without_the_scope_says_so_whatever_became_of_its_session()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var token = (await realm.SignInAsync("profile")).Access;
        await realm.Server.Sessions.DeleteByRealmAsync((await realm.NowAsync()).Id);
        var answer = await realm.UserInfoAsync(token);
        Assert.Equal((403, $"Bearer realm=\"{realm.Name}\", error=\"insufficient_scope\", error_description=\"Missing openid scope\""), (answer.Status, answer.Challenge));
    }

    private static Func<TestRealm, Task> Attribute(string name) => realm => realm.SetClientAsync("api", client => (client.Attributes ??= [])[name] = "true");

    private static async Task RefusesAsync(Func<TestRealm, Task> change, string why)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var token = (await realm.SignInAsync()).Access;
        Assert.Equal(200, (await realm.UserInfoAsync(token)).Status);
        await change(realm);
        var answer = await realm.UserInfoAsync(token);
        Assert.Equal((401, $"Bearer realm=\"{realm.Name}\", error=\"invalid_token\", error_description=\"{why}\""), (answer.Status, answer.Challenge));
    }
}
