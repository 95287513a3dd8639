using System.Text.Json;
using Castellan.Core.Realms;

namespace Castellan.Tests.Uma;

/// <summary>From a request that comes too early to what an owner gives and takes back (UMA 2.0 Grant §3.3.6), by each way in which an owner can.</summary>
public sealed class What_is_shared
{
    private const string Denied = "403 access_denied not_authorized", Submitted = "403 access_denied request_submitted";

    [Fact]
    public async Task A_request_waits_for_its_owner_and_is_kept_once()
    {
        var realm = await UmaRealm.MakeAsync();
        var diary = await realm.DiaryAsync();
        var (bob, ticket) = (await realm.TokenAsync("bob"), await realm.TicketAsync(diary, "view"));
        Assert.Equal(Denied, await realm.ListAsync(bob, ("ticket", ticket), ("submit_request", "false")));
        Assert.Empty(await realm.TicketIdsAsync());
        Assert.Equal(Submitted, await realm.ListAsync(await realm.TokenAsync("dora"), ("ticket", ticket)));
        Assert.Empty(await realm.TicketIdsAsync());
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => realm.ListAsync(bob, ("ticket", ticket))));
        Assert.Equal(Submitted, await realm.ListAsync(bob, ("ticket", ticket)));
        Assert.Single(await realm.TicketIdsAsync($"?resourceId={diary}&granted=false&requester=bob&owner=dora"));

        // A ticket for all of it asks for what is not asked for yet.
        Assert.Equal(Submitted, await realm.ListAsync(bob, ("ticket", await realm.TicketAsync(diary))));
        Assert.Equal(2, (await realm.TicketIdsAsync()).Count);
        Assert.Equal("2", (await realm.ProtectAsync("GET", "/permission/ticket/count", await realm.ProtectionAsync())).Text);
    }

    [Fact]
    public async Task A_client_that_asks_for_itself_asks_nobody()
    {
        var realm = await UmaRealm.MakeAsync();
        var ticket = await realm.TicketAsync(await realm.DiaryAsync(), "view");
        (await realm.AskAsync(null, [.. TestRealm.Credentials("other"), ("ticket", ticket)])).Refuses(403, "access_denied");
        Assert.Empty(await realm.TicketIdsAsync());
    }

    /// <summary>How dora gives bob the scope view of her diary, and how she takes it back.</summary>
    private static readonly Dictionary<string, (Func<UmaRealm, string, Task> Give, Func<UmaRealm, string, Task> Take)> s_ways = new()
    {
        ["her ticket"] = (
            async (r, diary) =>
            {
                await r.ListAsync(await r.TokenAsync("bob"), ("ticket", await r.TicketAsync(diary, "view")));
                var id = Assert.Single(await r.TicketIdsAsync());
                Assert.Equal(204, (await r.ProtectAsync("PUT", "/permission/ticket", await r.TokenAsync("dora"), $$"""{"id":"{{id}}","granted":true}""")).Status);
            },
            async (r, _) => Assert.Equal(204, (await r.ProtectAsync("DELETE", "/permission/ticket/" + Assert.Single(await r.TicketIdsAsync()), await r.TokenAsync("dora"))).Status)),
        ["a ticket that the resource server made"] = (
            async (r, diary) => Assert.Equal(200, (await r.ProtectAsync(
                "POST", "/permission/ticket", await r.ProtectionAsync(), $$"""{"resource":"{{diary}}","requesterName":"bob","scopeName":"view","granted":true}""")).Status),
            async (r, _) => Assert.Equal(204, (await r.ProtectAsync(
                "PUT", "/permission/ticket", await r.ProtectionAsync(), $$"""{"id":"{{Assert.Single(await r.TicketIdsAsync())}}","granted":false}""")).Status)),
        ["a ticket for a scope that her resource has no more"] = (
            async (r, diary) => await s_ways!["a ticket that the resource server made"].Give(r, diary),
            async (r, diary) => Assert.Equal(204, (await r.ProtectAsync(
                "PUT", $"/resource_set/{diary}", await r.TokenAsync("dora"), """{"name":"diary","ownerManagedAccess":true,"resource_scopes":["edit"]}""")).Status)),
        ["her account"] = (
            async (r, diary) => Assert.Equal(204, (await r.CallAsync(
                "PUT", $"/account/resources/{diary}/permissions", await r.TokenAsync("dora"), """[{"username":"bob","scopes":["view"]}]""")).Status),
            async (r, diary) => Assert.Equal(204, (await r.CallAsync(
                "PUT", $"/account/resources/{diary}/permissions", await r.TokenAsync("dora"), """[{"username":"bob","scopes":[]}]""")).Status)),
        ["her policy"] = (
            async (r, diary) => Assert.Equal(200, (await r.ProtectAsync(
                "POST", $"/uma-policy/{diary}", await r.TokenAsync("dora"), """{"name":"for bob","scopes":["view"],"users":["bob"]}""")).Status),
            async (r, _) => await DeletePoliciesAsync(r)),
        ["a ticket, taken back by its policy"] = (
            async (r, diary) => await s_ways!["her account"].Give(r, diary),
            async (r, _) => await DeletePoliciesAsync(r)),
        ["a ticket, taken back by a change of its policy"] = (
            async (r, diary) => await s_ways!["her account"].Give(r, diary),
            async (r, _) =>
            {
                foreach (var id in await PolicyIdsAsync(r))
                {
                    Assert.Equal(201, (await r.ProtectAsync("PUT", "/uma-policy/" + id, await r.TokenAsync("dora"), """{"name":"for carol","users":["carol"]}""")).Status);
                }
            }
        ),
        ["her account, until nobody may share"] = (
            async (r, diary) => await s_ways!["her account"].Give(r, diary),
            async (r, diary) => Assert.Equal(204, (await r.ProtectAsync(
                "PUT", $"/resource_set/{diary}", await r.TokenAsync("dora"), """{"name":"diary","ownerManagedAccess":false,"resource_scopes":["view","edit"]}""")).Status)),
        ["her account, until she is gone"] = (
            async (r, diary) => await s_ways!["her account"].Give(r, diary),
            async (r, _) => await r.Realm.Server.Realms.ApplyAsync(new ChangeSet((await r.Realm.NowAsync()).Id).Add(new DeleteUser(await r.UserIdAsync("dora"))))),
        ["a policy for a role as well, until the role is gone"] = (
            async (r, diary) => Assert.Equal(200, (await r.ProtectAsync(
                "POST", $"/uma-policy/{diary}", await r.TokenAsync("dora"), """{"name":"for bob","scopes":["view"],"users":["bob"],"roles":["offline_access"]}""")).Status),
            async (r, _) => await r.Realm.Server.Realms.ApplyAsync(new ChangeSet((await r.Realm.NowAsync()).Id).Add(new DeleteRole((await r.Realm.NowAsync()).Roles.FindRealmRole("offline_access")!.Id)))),
    };

    public static TheoryData<string> Ways => [.. s_ways.Keys];

    [Theory, MemberData(nameof(Ways))]
    public async Task What_an_owner_gives_is_given_until_it_is_taken_back(string way)
    {
        var realm = await UmaRealm.MakeAsync();
        var diary = await realm.DiaryAsync();
        var (bob, carol) = (await realm.TokenAsync("bob", "web"), await realm.TokenAsync("carol", "web"));
        Assert.Equal(Denied, await realm.ListAsync(bob, ("permission", diary)));
        await s_ways[way].Give(realm, diary);
        Assert.Equal("diary: view", await realm.ListAsync(bob, ("permission", diary)));
        Assert.Equal(Denied, await realm.ListAsync(bob, ("permission", diary + "#edit")));
        Assert.Equal(Denied, await realm.ListAsync(carol, ("permission", diary)));
        if (!way.Contains("policy", StringComparison.Ordinal) || way.StartsWith("a ticket", StringComparison.Ordinal))
        {
            // A ticket makes it findable by name, and among everything.
            Assert.Equal("diary: view", await realm.ListAsync(bob, ("permission", "diary")));
            Assert.Equal("diary: view", await realm.ListAsync(bob));
        }

        await s_ways[way].Take(realm, diary);
        foreach (var asked in (string[])[diary, "diary", diary + "#view"])
        {
            Assert.StartsWith("4", await realm.ListAsync(bob, ("permission", asked)), StringComparison.Ordinal);
        }

        Assert.Equal(Denied, await realm.ListAsync(bob));
    }

    [Fact]
    public async Task An_account_shows_who_has_and_wants_what()
    {
        var realm = await UmaRealm.MakeAsync();
        var diary = await realm.DiaryAsync();
        var (dora, bob) = (await realm.TokenAsync("dora"), await realm.TokenAsync("bob"));
        async Task<string> Show(string path, string token) => (await realm.CallAsync("GET", "/account/resources" + path, token)).Text;
        await realm.ListAsync(bob, ("ticket", await realm.TicketAsync(diary, "edit")));
        await realm.CallAsync("PUT", $"/account/resources/{diary}/permissions", dora, """[{"username":"carol","scopes":["view"]}]""");
        Assert.Contains("\"username\":\"bob\"", await Show($"/{diary}/permissions/requests", dora));
        Assert.DoesNotContain("bob", await Show($"/{diary}/permissions", dora));
        Assert.Contains("\"scopes\":[{\"name\":\"edit\"}]", await Show("/pending-requests", bob));
        Assert.Equal("[]", await Show("/shared-with-me", bob));
        Assert.Contains("\"username\":\"carol\"", await Show("/shared-with-others", dora));
        Assert.Equal("[]", await Show("", bob));
        await realm.Realm.SetAsync(s => s.UserManagedAccessAllowed = false);
        Assert.Equal(403, (await realm.CallAsync("GET", "/account/resources", dora)).Status);
        Assert.Equal(403, (await realm.CallAsync("PUT", $"/account/resources/{diary}/permissions", dora, """[{"username":"bob","scopes":["view"]}]""")).Status);
    }

    [Fact]
    public async Task Of_many_who_give_the_same_at_once_none_fails_otherwise_than_by_being_late()
    {
        var realm = await UmaRealm.MakeAsync();
        var (diary, dora) = (await realm.DiaryAsync(), await realm.TokenAsync("dora"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() =>
            realm.CallAsync("PUT", $"/account/resources/{diary}/permissions", dora, """[{"username":"bob","scopes":["view"]}]"""))));
        Assert.All(answers, a => Assert.True(a.Status is 204 or 409, a.Text));
        Assert.Equal("diary: view", await realm.ListAsync(await realm.TokenAsync("bob"), ("permission", "diary")));
    }

    [Theory]
    [InlineData("[]", "invalid_permissions")]
    [InlineData("[null]", "unknown_error")]
    [InlineData("""[{"username":"nobody","scopes":["view"]}]""", "invalid_permissions")]
    [InlineData("""[{"username":"bob","scopes":["view","fly"]}]""", "invalid_scope")]
    [InlineData("""[{"username":"bob","scopes":["print"]}]""", "invalid_scope")]
    public async Task An_account_shares_nothing_that_makes_no_sense(string body, string error)
    {
        var realm = await UmaRealm.MakeAsync();
        var diary = await realm.DiaryAsync();
        var before = await realm.StateAsync();
        (await realm.CallAsync("PUT", $"/account/resources/{diary}/permissions", await realm.TokenAsync("dora"), body)).Refuses(400, error);
        Assert.Equal(before, await realm.StateAsync());
    }

    private static async Task<List<string>> PolicyIdsAsync(UmaRealm realm)
    {
        using var list = JsonDocument.Parse((await realm.ProtectAsync("GET", "/uma-policy", await realm.TokenAsync("dora"))).Text);
        return [.. list.RootElement.EnumerateArray().Select(p => p.GetProperty("id").GetString()!)];
    }

    private static async Task DeletePoliciesAsync(UmaRealm realm)
    {
        foreach (var id in await PolicyIdsAsync(realm))
        {
            Assert.Equal(204, (await realm.ProtectAsync("DELETE", "/uma-policy/" + id, await realm.TokenAsync("dora"))).Status);
        }
    }
}
