namespace Castellan.Tests.Security;

/// <summary>Every way in which somebody can be switched off, against every place that takes what they were given before.</summary>
public sealed class Disabled_state
{
    private static readonly Dictionary<string, Func<TestRealm, Task>> s_states = new()
    {
        ["client disabled"] = r => r.SetClientAsync("api", c => c.Enabled = false),
        ["user disabled"] = r => r.SetAliceAsync(u => u.Enabled = false),
        ["realm disabled"] = r => r.SetAsync(s => s.Enabled = false),
        ["session ended"] = async r => await r.Server.Sessions.DeleteByRealmAsync((await r.NowAsync()).Id),
        ["realm not before"] = r => r.SetAsync(s => s.NotBefore = Soon()),
        ["client not before"] = r => r.SetClientAsync("api", c => c.NotBefore = Soon()),
        ["user not before"] = r => r.SetAliceAsync(u => u.NotBefore = Soon()),
        ["user deleted"] = async r => await r.Server.Realms.ApplyAsync(new Core.Realms.ChangeSet((await r.NowAsync()).Id).Add(new Core.Realms.DeleteUser((await r.AliceAsync()).Id))),
    };

    public static TheoryData<string> States => [.. s_states.Keys];

    [Theory]
    [MemberData(nameof(States))]
    public async Task What_was_issued_before_is_refused_everywhere(string state)
    {
        // The audience holds the client, so that introspection would show the token if it still counted.
        var realm = await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![0].ProtocolMappers =
        [
            new()
            {
                Name = "aud", Protocol = "openid-connect", ProtocolMapper = "oidc-audience-mapper",
                Config = new() { ["included.client.audience"] = "api", ["access.token.claim"] = "true" },
            },
        ]);
        var tokens = await realm.SignInAsync();
        Assert.Equal("true", (await realm.IntrospectAsync(tokens.Access))["active"]?.ToLowerInvariant());
        Assert.Equal(200, (await realm.UserInfoAsync(tokens.Access)).Status);

        await s_states[state](realm);

        Assert.InRange((await realm.UserInfoAsync(tokens.Access)).Status, 401, 403);
        Assert.InRange((await realm.RefreshAsync(tokens.Refresh)).Status, 400, 403);
        var seen = await realm.IntrospectAsync(tokens.Access);
        Assert.True(seen.Status >= 400 || seen["active"] == "False", seen.Text);
    }

    public static TheoryData<string> SignInStates => ["client disabled", "user disabled", "realm disabled", "user deleted"];

    [Theory]
    [MemberData(nameof(SignInStates))]
    public async Task Nothing_new_is_issued(string state)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        await s_states[state](realm);
        Assert.InRange((await realm.SignInAsync()).Status, 400, 403);
        if (!state.StartsWith("user", StringComparison.Ordinal))
        {
            Assert.InRange((await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials")])).Status, 400, 403);
        }
    }

    private static int Soon() => (int)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 10;
}
