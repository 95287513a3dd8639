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

    /// <summary>What is given is taken back by what takes it back, and by nothing else comes again.</summary>
    [Theory]
    [InlineData("her account")]
    [InlineData("her policy")]
    public async Task A_scope_that_goes_and_comes_back_is_not_given_again(string way)
    {
        var realm = await UmaRealm.MakeAsync();
        var diary = await realm.DiaryAsync();
        var (bob, dora) = (await realm.TokenAsync("bob", "web"), await realm.TokenAsync("dora"));
        await s_ways[way].Give(realm, diary);
        foreach (var scopes in (string[])["[\"edit\"]", "[]", "[\"view\",\"edit\"]"])
        {
            Assert.Equal(204, (await realm.ProtectAsync("PUT", $"/resource_set/{diary}", dora, $$"""{"name":"diary","ownerManagedAccess":true,"resource_scopes":{{scopes}}}""")).Status);
            Assert.Equal(Denied, await realm.ListAsync(bob, ("permission", diary)));
        }

        Assert.Empty(await PolicyIdsAsync(realm));
    }

    [Fact]
    public async Task What_an_owner_makes_of_a_share_stays_when_something_is_shared_again()
    {
        var realm = await UmaRealm.MakeAsync();
        var diary = await realm.DiaryAsync();
        var (bob, carol, dora) = (await realm.TokenAsync("bob", "web"), await realm.TokenAsync("carol", "web"), await realm.TokenAsync("dora"));
        await s_ways["her account"].Give(realm, diary);
        var id = Assert.Single(await PolicyIdsAsync(realm));
        Assert.Equal(201, (await realm.ProtectAsync("PUT", "/uma-policy/" + id, dora, """{"name":"for carol","scopes":["edit"],"users":["carol"]}""")).Status);
        await s_ways["her account"].Give(realm, diary);
        Assert.Equal(2, (await PolicyIdsAsync(realm)).Count);
        Assert.Equal("diary: view", await realm.ListAsync(bob, ("permission", diary)));
        Assert.Equal("diary: edit", await realm.ListAsync(carol, ("permission", diary)));
        await s_ways["her account"].Take(realm, diary);
        Assert.Equal("diary: edit", await realm.ListAsync(carol, ("permission", diary)));
    }

    [Fact]
    public async Task A_resource_about_which_its_owner_does_not_decide_is_not_shared()
    {
        var realm = await UmaRealm.MakeAsync();
        var dora = await realm.TokenAsync("dora");
        var notes = (await realm.ProtectAsync("POST", "/resource_set", dora, """{"name":"notes","resource_scopes":["view"]}"""))["_id"]!;
        var before = await realm.StateAsync();
        foreach (var token in (string[])[dora, await realm.ProtectionAsync()])
        {
            (await realm.ProtectAsync("POST", "/permission/ticket", token, $$"""{"resource":"{{notes}}","requesterName":"bob","scopeName":"view","granted":true}"""))
                .Refuses(400, "invalid_permission", "permission can only be created for resources with user-managed access enabled");
        }

        (await realm.CallAsync("PUT", $"/account/resources/{notes}/permissions", dora, """[{"username":"bob","scopes":["view"]}]""")).Refuses(400, "invalid_resource");
        (await realm.ProtectAsync("POST", $"/uma-policy/{notes}", dora, """{"name":"for bob","users":["bob"]}""")).Refuses(400, "invalid_request");
        Assert.Equal(before, await realm.StateAsync());
    }

    /// <summary>A person's resource has the scopes of the resource server's own of its type, and they are shared like its own.</summary>
    [Theory]
    [InlineData("her ticket")]
    [InlineData("a ticket that the resource server made")]
    [InlineData("her account")]
    [InlineData("her policy")]
    public async Task Scopes_that_a_type_has_are_shared_too(string way)
    {
        var realm = await UmaRealm.MakeAsync();
        var dora = await realm.TokenAsync("dora");
        var trip = (await realm.ProtectAsync("POST", "/resource_set", dora, """{"name":"trip","type":"urn:album","ownerManagedAccess":true}"""))["_id"]!;
        Assert.Contains("\"scopes\":[{\"name\":\"edit\"},{\"name\":\"view\"}]", (await realm.CallAsync("GET", $"/account/resources/{trip}", dora)).Text);
        var bob = await realm.TokenAsync("bob", "web");
        Assert.Equal(Denied, await realm.ListAsync(bob, ("permission", trip)));
        await s_ways[way].Give(realm, trip);
        Assert.Equal("trip: view", await realm.ListAsync(bob, ("permission", trip)));
        await s_ways[way].Take(realm, trip);
        Assert.Equal(Denied, await realm.ListAsync(bob, ("permission", trip)));
        (await realm.ProtectAsync("POST", "/permission/ticket", dora, $$"""{"resource":"{{trip}}","requesterName":"bob","scopeName":"print"}""")).Refuses(400, "invalid_resource_id");

        // Who asks for all of it asks for each of its scopes.
        var before = (await realm.TicketIdsAsync()).Count;
        Assert.Equal(Submitted, await realm.ListAsync(bob, ("ticket", await realm.TicketAsync(trip))));
        Assert.Equal(2, (await realm.TicketIdsAsync("?granted=false&requester=bob")).Count);
        Assert.InRange(before, 0, 1);
    }

    private static string Many(int count, Func<int, string> one) => $"[{string.Join(',', Enumerable.Range(0, count).Select(one))}]";

    /// <summary>Bodies for the diary that go just so, and bodies that are too much.</summary>
    private static readonly Dictionary<string, (string Method, string Path, Func<int, string> Body, int Most, string Error)> s_bodies = new()
    {
        ["a resource's id"] = ("POST", "/authz/protection/resource_set", n => $$"""{"_id":"{{new string('x', n)}}","name":"more"}""", 255, "invalid_request"),
        ["a resource's name"] = ("POST", "/authz/protection/resource_set", n => $$"""{"name":"{{new string('x', n)}}"}""", 255, "invalid_request"),
        ["a resource's type"] = ("PUT", "/authz/protection/resource_set/{diary}", n => $$"""{"name":"diary","type":"{{new string('x', n)}}"}""", 255, "invalid_request"),
        ["a scope's name"] = ("PUT", "/authz/protection/resource_set/{diary}", n => $$"""{"name":"diary","resource_scopes":["{{new string('x', n)}}"]}""", 255, "invalid_request"),
        ["a new scope's name"] = ("POST", "/authz/protection/resource_set", n => $$"""{"name":"more","scopes":[{"name":"{{new string('x', n)}}"}]}""", 255, "invalid_request"),
        ["a resource's scopes"] = ("PUT", "/authz/protection/resource_set/{diary}", n => $$"""{"name":"diary","resource_scopes":{{Many(n, i => $"\"s{i}\"")}}}""", 100, "invalid_request"),
        ["a policy's name"] = ("POST", "/authz/protection/uma-policy/{diary}", n => $$"""{"name":"{{new string('x', n)}}","users":["bob"]}""", 255, "invalid_request"),
        ["a policy's users"] = ("POST", "/authz/protection/uma-policy/{diary}", n => $$"""{"name":"more","users":{{Many(n, _ => "\"bob\"")}}}""", 100, "invalid_request"),
        ["a policy's scopes"] = ("POST", "/authz/protection/uma-policy/{diary}", n => $$"""{"name":"more","users":["bob"],"scopes":{{Many(n, _ => "\"view\"")}}}""", 100, "invalid_request"),
        ["permissions of a ticket"] = ("POST", "/authz/protection/permission", n => Many(n, _ => """{"resource_id":"{diary}"}"""), 100, "invalid_permission_request"),
        ["scopes of a ticket"] = ("POST", "/authz/protection/permission", n => $$"""[{"resource_id":"{diary}","resource_scopes":{{Many(n, _ => "\"view\"")}}}]""", 100, "invalid_permission_request"),
        ["people to share with"] = ("PUT", "/account/resources/{diary}/permissions", n => Many(n, _ => """{"username":"bob","scopes":["view"]}"""), 100, "invalid_permissions"),
        ["scopes to share"] = ("PUT", "/account/resources/{diary}/permissions", n => $$"""[{"username":"bob","scopes":{{Many(n, _ => "\"view\"")}}}]""", 100, "invalid_scope"),
    };

    public static TheoryData<string> Bodies => [.. s_bodies.Keys];

    [Theory, MemberData(nameof(Bodies))]
    public async Task Nothing_is_longer_than_can_be_kept_or_more_than_anybody_means(string what)
    {
        var (method, path, body, most, error) = s_bodies[what];
        var realm = await UmaRealm.MakeAsync();
        var (diary, dora) = (await realm.DiaryAsync(), await realm.TokenAsync("dora"));
        var before = await realm.StateAsync();
        Task<Answer> Send(int n) => realm.CallAsync(
            method, path.Replace("{diary}", diary, StringComparison.Ordinal), dora, body(n).Replace("{diary}", diary, StringComparison.Ordinal));
        (await Send(most + 1)).Refuses(400, error);
        (await Send(5_000)).Refuses(400, error);
        Assert.Equal(before, await realm.StateAsync());
        Assert.InRange((await Send(most)).Status, 200, 204);
    }

    [Theory]
    [InlineData("/resource_set", """{"_id":"a\u0000b","name":"more"}""")]
    [InlineData("/resource_set", """{"name":"more","type":"a\u0000b"}""")]
    [InlineData("/resource_set", """{"name":"more","resource_scopes":["a\u0000b"]}""")]
    [InlineData("/resource_set", """{"name":"more","scopes":[{"name":"a\ud800b"}]}""")]
    public async Task Nothing_is_kept_that_is_no_text(string path, string body)
    {
        var realm = await UmaRealm.MakeAsync();
        var before = await realm.StateAsync();
        Assert.Equal(400, (await realm.ProtectAsync("POST", path, await realm.TokenAsync("dora"), body)).Status);
        Assert.Equal(before, await realm.StateAsync());
    }

    [Fact]
    public async Task Whom_a_policy_names_twice_is_one_condition()
    {
        var realm = await UmaRealm.MakeAsync();
        var diary = await realm.DiaryAsync();
        var before = (await realm.StateAsync()).Split('\n').Length;
        Assert.Equal(200, (await realm.ProtectAsync("POST", $"/uma-policy/{diary}", await realm.TokenAsync("dora"), """{"name":"more","users":["bob","bob"]}""")).Status);
        Assert.Equal(before + 2, (await realm.StateAsync()).Split('\n').Length);
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
    public async Task Of_many_who_give_the_same_at_once_none_fails()
    {
        var realm = await UmaRealm.MakeAsync();
        var (diary, dora) = (await realm.DiaryAsync(), await realm.TokenAsync("dora"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() =>
            realm.CallAsync("PUT", $"/account/resources/{diary}/permissions", dora, """[{"username":"bob","scopes":["view"]}]"""))));
        Assert.All(answers, a => Assert.Equal(204, a.Status));
        Assert.Equal("diary: view", await realm.ListAsync(await realm.TokenAsync("bob"), ("permission", "diary")));
    }

    [Theory]
    [InlineData("[]", "invalid_permissions")]
    [InlineData("[null]", "unknown_error")]
    [InlineData("""[{"username":"nobody","scopes":["view"]}]""", "nobody", 404)]
    [InlineData("""[{"username":"bob","scopes":["view","fly"]}]""", "invalid_scope")]
    [InlineData("""[{"username":"bob","scopes":["print"]}]""", "invalid_scope")]
    public async Task An_account_shares_nothing_that_makes_no_sense(string body, string error, int status = 400)
    {
        var realm = await UmaRealm.MakeAsync();
        var diary = await realm.DiaryAsync();
        var before = await realm.StateAsync();
        (await realm.CallAsync("PUT", $"/account/resources/{diary}/permissions", await realm.TokenAsync("dora"), body)).Refuses(status, error);
        Assert.Equal(before, await realm.StateAsync());
    }

    /// <summary>By silence an owner gives no more than before.</summary>
    [Theory]
    [InlineData("""{"name":"n","users":["bob"]}""", "view")]
    [InlineData("""{"name":"n","users":["bob"],"scopes":["edit","view"]}""", "edit view")]
    [InlineData("""{"name":"n","users":["bob"],"scopes":[]}""", "")]
    public async Task A_policy_that_is_changed_keeps_its_scopes_where_none_are_named(string changed, string scopes)
    {
        var realm = await UmaRealm.MakeAsync();
        var (diary, dora) = (await realm.DiaryAsync(), await realm.TokenAsync("dora"));
        var made = await realm.ProtectAsync("POST", $"/uma-policy/{diary}", dora, """{"name":"n","scopes":["view"],"users":["bob"]}""");
        Assert.Equal(201, (await realm.ProtectAsync("PUT", "/uma-policy/" + made["id"], dora, changed)).Status);
        using var policy = JsonDocument.Parse((await realm.ProtectAsync("GET", "/uma-policy/" + made["id"], dora)).Text);
        Assert.Equal(scopes, string.Join(' ', policy.RootElement.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()).Order(StringComparer.Ordinal)));
        Assert.Equal(204, (await realm.ProtectAsync("GET", "/uma-policy?resource=nothing", dora)).Status);
        Assert.Equal(204, (await realm.ProtectAsync("GET", "/uma-policy?scope=nothing", dora)).Status);
    }

    [Fact]
    public async Task What_somebody_waits_for_is_told_scope_by_scope_and_what_is_refused_is_gone()
    {
        var realm = await UmaRealm.MakeAsync();
        var (diary, bob) = (await realm.DiaryAsync(), await realm.TokenAsync("bob"));
        await realm.ListAsync(bob, ("ticket", await realm.TicketAsync(diary, "view", "edit")));
        Assert.Equal(["edit", "view"], (await ScopesAsync("pending-requests?first=0&max=1")).Order(StringComparer.Ordinal));
        var ids = await realm.TicketIdsAsync();
        Assert.Equal(204, (await realm.ProtectAsync("PUT", "/permission/ticket", await realm.ProtectionAsync(), $$"""{"id":"{{ids[0]}}","granted":false}""")).Status);
        Assert.Equal(ids[1], Assert.Single(await realm.TicketIdsAsync()));
        Assert.Equal(204, (await realm.ProtectAsync("PUT", "/permission/ticket", await realm.ProtectionAsync(), $$"""{"id":"{{ids[1]}}","granted":true}""")).Status);
        Assert.Single(await ScopesAsync("shared-with-me?name=DIA"));
        Assert.Empty(await ScopesAsync("shared-with-me?name=album"));

        async Task<List<string>> ScopesAsync(string path)
        {
            using var list = JsonDocument.Parse((await realm.CallAsync("GET", "/account/resources/" + path, bob)).Text);
            return [.. list.RootElement.EnumerateArray().Select(r => Assert.Single(r.GetProperty("scopes").EnumerateArray()).GetProperty("name").GetString()!)];
        }
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
