namespace Castellan.Tests.Uma;

/// <summary>Every verb of the protection API and of sharing, by everybody who could try (CVE-2026-4636, CVE-2026-4630, CVE-2026-4628, CVE-2025-14778, CVE-2026-9799).</summary>
public sealed class Whose_it_is
{
    private static readonly Dictionary<string, Func<UmaRealm, Task<string?>>> s_callers = new()
    {
        ["owner"] = async r => await r.TokenAsync("dora"),
        ["another owner"] = async r => await r.TokenAsync("carol"),
        ["requester without the role"] = async r => await r.TokenAsync("bob"),
        ["server"] = async r => await r.ProtectionAsync(),
        ["another server"] = async r => await r.ProtectionAsync("other"),
        ["owner, by another server"] = async r => await r.TokenAsync("dora", "other"),
        ["owner, by no server"] = async r => await r.TokenAsync("dora", "web"),
        ["nobody"] = _ => Task.FromResult<string?>(null),
    };

    /// <summary>What is done, by whom it may be, with {diary}, {ticket} and {policy} in place.</summary>
    private static readonly (string Method, string Path, string? Body, string[] By)[] s_deeds =
    [
        ("GET", "/authz/protection/resource_set/{diary}", null, ["owner", "server"]),
        ("PUT", "/authz/protection/resource_set/{diary}", """{"name":"other name"}""", ["owner", "server"]),
        ("DELETE", "/authz/protection/resource_set/{diary}", null, ["owner", "server"]),
        ("PUT", "/authz/protection/permission/ticket", """{"id":"{ticket}","granted":true}""", ["owner", "server"]),
        ("DELETE", "/authz/protection/permission/ticket/{ticket}", null, ["owner", "server"]),
        ("POST", "/authz/protection/permission/ticket", """{"resource":"{diary}","requesterName":"carol","scopeName":"view","granted":true}""", ["owner", "server"]),
        ("POST", "/authz/protection/uma-policy/{diary}", """{"name":"more","users":["carol"]}""", ["owner"]),
        ("GET", "/authz/protection/uma-policy/{policy}", null, ["owner"]),
        ("PUT", "/authz/protection/uma-policy/{policy}", """{"name":"changed","users":["carol"]}""", ["owner"]),
        ("DELETE", "/authz/protection/uma-policy/{policy}", null, ["owner"]),
        ("GET", "/account/resources/{diary}", null, ["owner", "owner, by another server", "owner, by no server"]),
        ("GET", "/account/resources/{diary}/permissions/requests", null, ["owner", "owner, by another server", "owner, by no server"]),
        ("PUT", "/account/resources/{diary}/permissions", """[{"username":"carol","scopes":["view"]}]""", ["owner", "owner, by another server", "owner, by no server"]),
    ];

    public static TheoryData<string> Deeds => [.. s_deeds.Select(d => $"{d.Method} {d.Path}")];

    [Theory, MemberData(nameof(Deeds))]
    public async Task Only_those_may_whose_it_is(string deed)
    {
        var (method, path, body, by) = s_deeds.Single(d => $"{d.Method} {d.Path}" == deed);
        var realm = await UmaRealm.MakeAsync();
        var diary = await realm.DiaryAsync();
        await realm.ListAsync(await realm.TokenAsync("bob"), ("ticket", await realm.TicketAsync(diary, "view")));
        var ticket = Assert.Single(await realm.TicketIdsAsync());
        var policy = (await realm.ProtectAsync("POST", $"/uma-policy/{diary}", await realm.TokenAsync("dora"), """{"name":"mine","scopes":["edit"],"users":["carol"]}"""))["id"]!;
        string Fill(string text) => text.Replace("{diary}", diary, StringComparison.Ordinal).Replace("{ticket}", ticket, StringComparison.Ordinal).Replace("{policy}", policy, StringComparison.Ordinal);
        var before = await realm.StateAsync();
        foreach (var (name, token) in s_callers.Where(c => !by.Contains(c.Key)))
        {
            var refused = await realm.CallAsync(method, Fill(path), await token(realm), body is null ? null : Fill(body));
            Assert.True(refused.Status is >= 400 and < 500, $"{name}: {refused.Status} {refused.Text}");
            Assert.DoesNotContain("diary\"", refused.Text);
            Assert.Equal(before, await realm.StateAsync());
        }

        foreach (var name in method == "GET" ? by : by[..1])
        {
            var done = await realm.CallAsync(method, Fill(path), await s_callers[name](realm), body is null ? null : Fill(body));
            Assert.True(done.Status is >= 200 and < 300, $"{name}: {done.Status} {done.Text}");
        }

        Assert.Equal(method == "GET", before == await realm.StateAsync());
    }

    [Fact]
    public async Task Lists_show_everybody_what_is_theirs()
    {
        var realm = await UmaRealm.MakeAsync();
        var diary = await realm.DiaryAsync();
        await realm.ListAsync(await realm.TokenAsync("bob"), ("ticket", await realm.TicketAsync(diary, "view")));
        await realm.ProtectAsync("POST", $"/uma-policy/{diary}", await realm.TokenAsync("dora"), """{"name":"mine","scopes":["edit"],"users":["carol"]}""");
        foreach (var (who, sees) in new[] { ("owner", true), ("another owner", false), ("another server", false) })
        {
            var token = await s_callers[who](realm);
            foreach (var path in (string[])["/resource_set", "/resource_set?owner=dora", "/resource_set?name=diary&deep=true", "/permission/ticket", $"/permission/ticket?resourceId={diary}", "/uma-policy"])
            {
                var shown = await realm.ProtectAsync("GET", path, token);
                Assert.Equal(200, shown.Status);
                Assert.Equal(sees, shown.Text.Contains(diary, StringComparison.Ordinal) || shown.Text.Contains("\"mine\"", StringComparison.Ordinal));
            }

            Assert.Equal(sees ? "1" : "0", (await realm.ProtectAsync("GET", "/permission/ticket/count", token)).Text);
        }

        // To which resource of the server's an address belongs, its pattern says to the server alone.
        Assert.Contains("album", (await realm.ProtectAsync("GET", "/resource_set?uri=/album/1&matchingUri=true&deep=true", await realm.ProtectionAsync())).Text, StringComparison.Ordinal);
        Assert.Equal("[]", (await realm.ProtectAsync("GET", "/resource_set?uri=/album/1&matchingUri=true&deep=true", await realm.TokenAsync("carol"))).Text);
    }

    private static readonly Dictionary<string, Func<UmaRealm, Task>> s_states = new()
    {
        ["session ended"] = async r => await r.Realm.Server.Sessions.DeleteByRealmAsync((await r.Realm.NowAsync()).Id),
        ["client disabled"] = r => r.Realm.SetClientAsync("api", c => c.Enabled = false),
        ["realm disabled"] = r => r.Realm.SetAsync(s => s.Enabled = false),
        ["realm not before"] = r => r.Realm.SetAsync(s => s.NotBefore = (int)DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeSeconds()),
        ["authorization off"] = r => r.Realm.SetClientAsync("api", c => c.AuthorizationServicesEnabled = false),
        ["not by remote"] = r => r.Realm.SetClientAsync("api", c => c.AuthorizationSettings!.AllowRemoteResourceManagement = false),
        ["role taken back"] = async r => await r.Realm.Server.Realms.ApplyAsync(new Core.Realms.ChangeSet((await r.Realm.NowAsync()).Id)
            .Add(new Core.Realms.RemoveRole(Core.Realms.RoleOwner.User, await r.UserIdAsync("dora"), await RoleIdAsync(r)))),
        ["keys must be proved"] = r => r.Realm.SetClientAsync("api", c => c.Attributes = new() { ["dpop.bound.access.tokens"] = "true" }),
    };

    public static TheoryData<string> States => [.. s_states.Keys];

    [Theory, MemberData(nameof(States))]
    public async Task Nothing_is_registered_or_given_by_a_token_that_counts_no_more(string state)
    {
        var realm = await UmaRealm.MakeAsync();
        var (diary, dora) = (await realm.DiaryAsync(), await realm.TokenAsync("dora"));
        var another = await (await UmaRealm.MakeAsync()).TokenAsync("dora");
        await s_states[state](realm);
        var before = await realm.StateAsync();
        foreach (var token in (string[])[dora, another])
        {
            foreach (var (method, path, body) in new[]
            {
                ("POST", "/resource_set", """{"name":"more"}"""), ("PUT", $"/resource_set/{diary}", """{"name":"more"}"""), ("DELETE", $"/resource_set/{diary}", null),
                ("POST", "/permission", $$"""[{"resource_id":"{{diary}}"}]"""),
                ("POST", "/permission/ticket", $$"""{"resource":"{{diary}}","requesterName":"bob","scopeName":"view","granted":true}"""),
                ("POST", $"/uma-policy/{diary}", """{"name":"more","users":["carol"]}"""),
            })
            {
                // Remote management is about resources and the policies of owners; the role is nothing that owners need.
                var open = token == dora && ((state == "not by remote" && path.StartsWith("/permission", StringComparison.Ordinal)) || (state == "role taken back" && path.StartsWith("/uma", StringComparison.Ordinal)));
                if (!open)
                {
                    Assert.InRange((await realm.ProtectAsync(method, path, token, body)).Status, 400, 404);
                    Assert.Equal(before, await realm.StateAsync());
                }
            }
        }
    }

    private static async Task<string> RoleIdAsync(UmaRealm realm)
    {
        var now = await realm.Realm.NowAsync();
        return now.Roles.All.Single(r => r.ClientName == "api" && r.Name == "uma_protection").Id;
    }
}
