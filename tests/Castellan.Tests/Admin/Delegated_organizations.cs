using static Castellan.Tests.Admin.Delegated_administration;

namespace Castellan.Tests.Admin;

public sealed class Delegated_organizations
{
    /// <summary>The organization <c>acme</c> has ann and dan, ann in its group <c>team</c>; ann is in <c>rest</c> too.</summary>
    [Fact]
    public async Task Members_of_organizations_are_for_who_may_see_and_manage_each()
    {
        const string View = "Organizations view acme", Manage = "Organizations manage acme", Nobody = "00000000-0000-0000-0000-000000000000";
        var world = await DelegatedWorld.MakeAsync();
        Assert.Equal(201, (await world.CallAsync("chief", "POST", "organizations/{acme}/groups", """{"name":"team"}""")).Status);
        await world.NameAsync("organizations/{acme}/groups", "name");
        foreach (var (organization, member) in new[] { ("{acme}", "{ann}"), ("{acme}", "{dan}"), ("{rest}", "{ann}") })
        {
            Assert.Equal(201, (await world.CallAsync("chief", "POST", $"organizations/{organization}/members", member)).Status);
        }

        Assert.Equal(204, (await world.CallAsync("chief", "PUT", "organizations/{acme}/groups/{team}/members/{ann}")).Status);
        foreach (var (permissions, seen, first) in new[]
        {
            (View, "", ""), (View + "; Users view ann", "ann", "ann"), (View + "; Users view dan", "dan", "dan"), (View + "; Users view bob", "", ""),
            (View + "; Users view", "ann dan", "ann"), (View + "; Users view; Users view ann not", "dan", "dan"),
            (View + "; Groups view-members staff", "ann dan", "ann"), (View + "; Groups view-members staff; Groups view-members day not", "ann", "ann"),
        })
        {
            var made = await MakeAsync(world, permissions);
            Assert.Equal((permissions, seen), (permissions, await NamesAsync(world, "organizations/{acme}/members")));
            Assert.Equal((permissions, first), (permissions, await NamesAsync(world, "organizations/{acme}/members?max=1")));
            Assert.Equal(seen.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, (await world.GetAsync("organizations/{acme}/members/count", "dora")).GetValue<int>());
            Assert.Equal((permissions, seen.StartsWith("ann", StringComparison.Ordinal) ? "ann" : ""), (permissions, await NamesAsync(world, "organizations/{acme}/groups/{team}/members")));
            await WithdrawAsync(world, made);
        }

        foreach (var (permissions, path, organizations) in new[]
        {
            ("Users view ann", "organizations/members/{ann}/organizations", ""),
            ("Users view ann; Organizations view rest", "organizations/members/{ann}/organizations", "rest"),
            ("Users view ann; Organizations view", "organizations/members/{ann}/organizations", "acme rest"),
            ("Users view ann; " + View, "organizations/{acme}/members/{ann}/organizations", "acme"),
        })
        {
            var made = await MakeAsync(world, permissions);
            Assert.Equal((permissions, organizations), (permissions, await NamesAsync(world, path, "name")));
            await WithdrawAsync(world, made);
        }

        foreach (var (permissions, method, path, body, status) in new[]
        {
            (View, "GET", "members/{ann}", null, 403), (View + "; Users view ann", "GET", "members/{ann}", null, 200), (View + "; Users view ann", "GET", "members/{dan}", null, 403),
            (View + "; Users manage ann", "GET", "members/{ann}", null, 403), ("Users view ann", "GET", "members/{ann}", null, 403),
            (View + "; Users view", "GET", "members/{bob}", null, 404), (View, "GET", "members/" + Nobody, null, 404),
            (View + "; Users view ann", "GET", "members/{ann}/groups", null, 200), (View + "; Users view ann", "GET", "members/{dan}/groups", null, 403),
            (View + "; Users view ann", "GET", "members/{dan}/organizations", null, 403), (View + "; Users view", "GET", "members/{bob}/organizations", null, 200),
            (View + "; Users manage bob", "POST", "members", "{bob}", 403), (Manage + "; Users view bob", "POST", "members", "{bob}", 403),
            (Manage, "POST", "members", Nobody, 404), (Manage + "; Users manage", "POST", "members", "{chief}", 403), (Manage + "; Users manage bob", "POST", "members", "{bob}", 201),
            (Manage + "; Users manage ann", "PUT", "groups/{team}/members/{dan}", null, 403), (Manage + "; Users manage dan", "PUT", "groups/{team}/members/{dan}", null, 204),
            (Manage + "; Users manage ann", "DELETE", "groups/{team}/members/{dan}", null, 403), (Manage + "; Users manage dan", "DELETE", "groups/{team}/members/{dan}", null, 204),
            (View + "; Users manage dan", "DELETE", "members/{dan}", null, 403), (Manage + "; Users manage ann", "DELETE", "members/{dan}", null, 403),
            (Manage + "; Users manage; Users manage dan not", "DELETE", "members/{dan}", null, 403), (Manage + "; Users manage dan", "DELETE", "members/{dan}", null, 204),
        })
        {
            var made = await MakeAsync(world, permissions);
            var answer = await world.CallAsync("dora", method, "organizations/{acme}/" + path, body);
            Assert.True(answer.Status == status, $"{permissions}: {method} {path}: {answer.Status} {answer.Text}");
            await WithdrawAsync(world, made);
        }

        Assert.Equal(403, (await world.CallAsync("dora", "GET", "organizations/members/{ann}/organizations")).Status);
    }
}
