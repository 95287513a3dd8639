using System.Text;
using Castellan.Core.Keys;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Uma;

/// <summary>Each way in which somebody or something is switched off or meant for another place, against the grant and the protection API: refused, and nothing is written.</summary>
public sealed class Who_may_ask
{
    private static readonly Dictionary<string, Func<TestRealm, Task>> s_states = new()
    {
        ["session ended"] = async r => await r.Server.Sessions.DeleteByRealmAsync((await r.NowAsync()).Id),
        ["user disabled"] = r => r.SetAliceAsync(u => u.Enabled = false),
        ["client disabled"] = r => r.SetClientAsync("api", c => c.Enabled = false),
        ["realm disabled"] = r => r.SetAsync(s => s.Enabled = false),
        ["user not before"] = r => r.SetAliceAsync(u => u.NotBefore = Soon()),
        ["client not before"] = r => r.SetClientAsync("api", c => c.NotBefore = Soon()),
        ["realm not before"] = r => r.SetAsync(s => s.NotBefore = Soon()),
        ["keys of clients must be proved"] = r => r.SetClientAsync("api", c => c.Attributes = new() { ["dpop.bound.access.tokens"] = "true" }),
        ["certificates of clients must be shown"] = r => r.SetClientAsync("api", c => c.Attributes = new() { ["tls.client.certificate.bound.access.tokens"] = "true" }),
    };

    public static TheoryData<string> States => [.. s_states.Keys];

    [Theory, MemberData(nameof(States))]
    public async Task A_token_goes_by_the_state_of_now(string state)
    {
        var realm = await UmaRealm.MakeAsync();
        var token = await realm.TokenAsync("alice");
        Assert.Equal("album: edit view", await realm.ListAsync(token));
        await s_states[state](realm.Realm);
        Assert.InRange((await realm.AskAsync(token)).Status, 400, 403);
        if (!state.StartsWith("client", StringComparison.Ordinal) && !state.Contains("clients", StringComparison.Ordinal))
        {
            Assert.InRange((await realm.AskAsync(null, [.. TestRealm.Credentials("api"), ("subject_token", token)])).Status, 400, 403);
        }
    }

    [Fact]
    public async Task Nothing_that_is_no_access_token_of_this_realm_is_a_bearer_token()
    {
        var (realm, another) = (await UmaRealm.MakeAsync(), await UmaRealm.MakeAsync());
        var tokens = await realm.Realm.SignInAsync();
        foreach (var bearer in (string[])["x", tokens.Refresh, tokens["id_token"]!, await another.TokenAsync("alice")])
        {
            (await realm.AskAsync(bearer)).Refuses(400, "invalid_grant", "Invalid bearer token");
        }
    }

    [Theory]
    [InlineData("api", null, "album: edit view")]
    [InlineData("nobody", null, "400 invalid_request Unknown resource server id: [nobody]")]
    [InlineData("web", null, "400 invalid_request Client does not support permissions")]
    [InlineData("other", "disabled", "400 invalid_request Client does not support permissions")]
    [InlineData("other", "off", "400 invalid_request Client does not support permissions")]
    public async Task The_audience_is_a_resource_server_that_is_on(string audience, string? change, string expected)
    {
        var realm = await UmaRealm.MakeAsync();
        if (change is not null)
        {
            await realm.Realm.SetClientAsync(audience, c => (c.Enabled, c.AuthorizationServicesEnabled) = (change != "disabled", change == "disabled"));
        }

        Assert.Equal(expected, await realm.ListAsync(await realm.TokenAsync("alice", "web"), ("audience", audience)));
    }

    /// <summary>The realm signs other things with the same key; none of them is a ticket.</summary>
    [Fact]
    public async Task Nothing_else_that_the_realm_signed_is_a_ticket()
    {
        var realm = await UmaRealm.MakeAsync();
        var tokens = await realm.Realm.SignInAsync();
        var key = KeyRing.Of(await realm.Realm.NowAsync());
        var later = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds();
        string Signed(SigningKey with, string more) => JwsWriter.Sign(
            with, Encoding.UTF8.GetBytes($$"""{"aud":"{{realm.Realm.Issuer}}","azp":"api","jti":"1","permissions":[{"rsid":"x"}],"exp":{{later}}{{more}}}"""));
        foreach (var ticket in (string[])
        [
            tokens.Access, tokens.Refresh, tokens["id_token"]!, Signed(key.Signing("RS256")!, ""), Signed(key.Signing("HS512")!, ""","typ":"Refresh" """),
            Signed(key.Signing("HS512")!, "").Replace("a", "b", StringComparison.Ordinal),
        ])
        {
            (await realm.AskAsync(tokens.Access, ("ticket", ticket))).Refuses(403, "invalid_ticket", "Ticket verification failed");
        }

        (await realm.AskAsync(tokens.Access, ("ticket", Signed(key.Signing("HS512")!, "")))).Refuses(400, "invalid_resource");
        (await realm.AskAsync(tokens.Access, ("ticket", Signed(key.Signing("HS512")!, ""","exp":1""")))).Refuses(403, "invalid_ticket");
    }

    private static int Soon() => (int)DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeSeconds();
}
