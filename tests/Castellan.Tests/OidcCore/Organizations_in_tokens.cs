using System.Text.Json;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;

namespace Castellan.Tests.OidcCore;

/// <summary>The scope <c>organization</c> in its forms, and the claim that it brings.</summary>
public sealed class Organizations_in_tokens
{
    private static async Task<TestRealm> RealmAsync(params string[] memberOf)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.OrganizationsEnabled = true);
        var now = await realm.NowAsync();
        var alice = await realm.AliceAsync();
        var changes = new ChangeSet(now.Id);
        foreach (var alias in (string[])["acme", "globex", "closed", "strangers"])
        {
            changes.Add(new PutOrganization(new() { Id = $"{alias}-{realm.Name}", Name = alias, Alias = alias, Enabled = alias != "closed" }));
        }

        foreach (var alias in memberOf)
        {
            changes.Add(new PutOrganizationMember($"{alias}-{realm.Name}", alice.Id, Managed: false));
        }

        await realm.Server.Realms.ApplyAsync(changes);
        return realm;
    }

    [Theory]
    [InlineData("openid", "acme", "")]
    [InlineData("openid organization", "acme", "acme")]
    [InlineData("openid organization:acme", "acme globex", "acme")]
    [InlineData("openid organization:*", "acme globex", "acme globex")]
    [InlineData("openid organization:*", "acme closed", "acme")]
    [InlineData("openid organization:*", "", "")]
    public async Task Are_those_that_the_scope_asks_for_and_the_person_belongs_to(string scope, string memberOf, string claimed)
    {
        var realm = await RealmAsync(memberOf.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var tokens = await realm.SignInAsync(scope);
        Assert.Equal(200, tokens.Status);
        Assert.Equal(claimed, Claimed(tokens));

        // And again whenever the tokens are renewed: by what is so then.
        var renewed = await realm.RefreshAsync(tokens.Refresh);
        Assert.Equal(claimed, Claimed(renewed));
        if (claimed.StartsWith("acme", StringComparison.Ordinal))
        {
            var now = await realm.NowAsync();
            await realm.Server.Realms.ApplyAsync(new ChangeSet(now.Id).Add(new DeleteOrganizationMember($"acme-{realm.Name}", (await realm.AliceAsync()).Id)));
            Assert.DoesNotContain("acme", Claimed(await realm.RefreshAsync(renewed.Refresh)), StringComparison.Ordinal);
        }
    }

    // The answer and the ID token of an offline refresh speak of all that was granted, as it is now.
    [Fact]
    public async Task Are_spoken_of_though_an_offline_refresh_asks_for_less()
    {
        var realm = await RealmAsync("acme");
        var refresh = (await realm.SignInAsync("openid organization:acme offline_access")).Refresh;
        var less = await LessAsync();
        Assert.Equal(("", "acme", true), (Claimed(less), Claimed(less, "id_token"), less["scope"]!.Contains("organization:acme", StringComparison.Ordinal)));
        await realm.Server.Realms.ApplyAsync(new ChangeSet((await realm.NowAsync()).Id).Add(new DeleteOrganizationMember($"acme-{realm.Name}", (await realm.AliceAsync()).Id)));
        less = await LessAsync();
        Assert.Equal(("", "", false), (Claimed(less), Claimed(less, "id_token"), less["scope"]!.Contains("organization:acme", StringComparison.Ordinal)));

        Task<Answer> LessAsync() => realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", "openid")]);
    }

    [Theory]
    [InlineData("openid organization:nowhere")]
    [InlineData("openid organization:acme organization:nowhere")]
    public async Task That_are_not_there_are_no_scope(string scope)
    {
        var realm = await RealmAsync("acme");
        (await realm.SignInAsync(scope)).Refuses(400, "invalid_scope");
    }

    [Theory]
    [InlineData("organization", false, false, null)]
    [InlineData("organization:", true, false, null)]
    [InlineData("organization:*", true, true, null)]
    [InlineData("organization:acme", true, true, "acme")]
    [InlineData("organizations:acme", false, false, null)]
    public void Forms_are_read(string name, bool form, bool asks, string? alias) =>
        Assert.Equal((form, asks, alias), (OrganizationScope.IsForm(name), OrganizationScope.Asks(name), OrganizationScope.Alias(name)));

    private static string Claimed(Answer tokens, string member = "access_token") => !tokens.Claims(member).TryGetProperty("organization", out var claim) ? ""
        : claim.ValueKind == JsonValueKind.Array ? string.Join(' ', claim.EnumerateArray().Select(a => a.GetString()).Order(StringComparer.Ordinal))
        : claim.ValueKind == JsonValueKind.Object ? string.Join(' ', claim.EnumerateObject().Select(o => o.Name).Order(StringComparer.Ordinal)) : claim.ToString();
}
