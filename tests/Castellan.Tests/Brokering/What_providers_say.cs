using System.Net;
using System.Text.Json.Nodes;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Tests.Brokering;

/// <summary>What a provider says is measured before it is kept, and counts for as much as it is worth.</summary>
public sealed class What_providers_say
{
    public static TheoryData<string, string> TooLong => new()
    {
        { "preferred_username", new string('u', 256) },
        { "email", new string('e', 256) + "@example.org" },
        { "given_name", new string('g', 256) },
    };

    [Theory]
    [MemberData(nameof(TooLong))]
    public async Task A_name_that_no_account_can_keep_makes_nobody(string member, string value)
    {
        await using var room = await BrokerRoom.OpenAsync();
        var before = await room.CountAsync();
        room.Up.ChangeInfo = info => info[member] = value;
        Assert.Equal(HttpStatusCode.BadGateway, (await room.ArriveAsync()).Status);
        Assert.Equal(before, await room.CountAsync());
    }

    public static TheoryData<string?, bool> Lifetimes => new() { { "300", true }, { "\"300\"", true }, { "\"soon\"", false }, { "{}", false }, { "99999999999999999999", false }, { null, false } };

    /// <summary>The answer is kept with the moment at which the token ends, where it says one.</summary>
    [Theory]
    [MemberData(nameof(Lifetimes))]
    public async Task A_lifetime_may_be_a_number_or_a_text(string? written, bool understood)
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => p.StoreToken = true);
        room.Up.ChangeAnswer = answer => answer["expires_in"] = written is null ? null : JsonNode.Parse(written);
        Assert.NotNull((await room.ArriveAsync()).Code);
        var realm = await room.RealmAsync();
        var stored = await room.Users.FederatedTokenAsync(realm.Id, (await room.Users.FindByUsernameAsync(realm.Id, "una"))!.Id, "up");
        Assert.Equal(understood, JsonNode.Parse(stored!)!["accessTokenExpiration"] is not null);
    }

    /// <summary>An address that was verified says nothing of the one that a mapper writes in its place.</summary>
    [Theory]
    [InlineData("up", "LEGACY", false)]
    [InlineData("up", "FORCE", false)]
    [InlineData("trusted", "LEGACY", true)]
    [InlineData("trusted", "FORCE", true)]
    public async Task A_new_address_is_verified_only_by_a_provider_that_is_trusted(string alias, string mode, bool verified)
    {
        await using var room = await BrokerRoom.OpenAsync();
        var realm = await room.RealmAsync();
        await room.ChangeAsync(alias, p => p.Config!["syncMode"] = mode);
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutPart(PartKind.IdentityProviderMapper, "m", "m", new IdentityProviderMapperRepresentation
        {
            Id = "m", Name = "m", IdentityProviderAlias = alias, IdentityProviderMapper = "oidc-user-attribute-idp-mapper",
            Config = new() { ["syncMode"] = "FORCE", ["claim"] = "email", ["user.attribute"] = "email" },
        })));
        Assert.NotNull((await room.ArriveAsync(alias)).Code);
        await room.ChangeUserAsync("una", una => una.EmailVerified = true);
        room.Up.Email = "victim@example.org";
        Assert.NotNull((await room.ArriveAsync(alias)).Code);
        var una = (await room.Users.FindByUsernameAsync(realm.Id, "una"))!;
        Assert.Equal(("victim@example.org", verified), (una.Email, una.Representation.EmailVerified ?? false));
    }

    /// <summary>A provider that is trusted with addresses and says nothing of their being verified is believed all the same; one that says no is not.</summary>
    [Theory]
    [InlineData("trusted", null, true)]
    [InlineData("trusted", true, true)]
    [InlineData("trusted", false, false)]
    [InlineData("up", null, false)]
    [InlineData("up", true, false)]
    public async Task A_trusted_provider_need_not_say_that_an_address_is_verified(string alias, bool? said, bool verified)
    {
        await using var room = await BrokerRoom.OpenAsync();
        room.Up.Change = token => token["email_verified"] = said;
        Assert.NotNull((await room.ArriveAsync(alias)).Code);
        Assert.Equal(verified, (await room.Users.FindByUsernameAsync((await room.RealmAsync()).Id, "una"))!.Representation.EmailVerified ?? false);
    }

    /// <summary>A provider that was asked for a fresh proof has to say that there was one.</summary>
    [Theory]
    [InlineData("true", 50, true)]
    [InlineData("true", 200, false)]
    [InlineData("true", null, false)]
    [InlineData("false", 200, true)]
    public async Task A_proof_that_is_too_old_is_none(string passed, int? secondsAgo, bool believed)
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => p.Config!["passMaxAge"] = passed);
        room.Up.Change = token => token["auth_time"] = secondsAgo is null ? null : DateTimeOffset.UtcNow.ToUnixTimeSeconds() - secondsAgo;
        using var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "up"), ("max_age", "100"));
        await browser.FollowAsync();
        room.Up.Nonce = BrokerRoom.Sent(browser, "nonce");
        await browser.GetAsync(room.Answer(browser));
        Assert.Equal(believed ? HttpStatusCode.Found : HttpStatusCode.BadGateway, browser.Status);
    }

    /// <summary>What a provider stops saying is nobody's wish to lose it.</summary>
    [Fact]
    public async Task A_name_that_the_provider_does_not_say_stays()
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => p.Config!["syncMode"] = "FORCE");
        Assert.NotNull((await room.ArriveAsync()).Code);
        room.Up.ChangeInfo = info => (info["given_name"], info["family_name"]) = ("Ursula", null);
        Assert.NotNull((await room.ArriveAsync()).Code);
        var una = (await room.Users.FindByUsernameAsync((await room.RealmAsync()).Id, "una"))!.Representation;
        Assert.Equal(("Ursula", "N", "una@example.org"), (una.FirstName, una.LastName, una.Email));
    }

    [Theory]
    [InlineData("false", "una")]
    [InlineData("true", "Una")]
    public async Task The_name_at_the_provider_is_in_small_letters_unless_it_tells_them_apart(string setting, string name)
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => p.Config!["caseSensitiveOriginalUsername"] = setting);
        room.Up.Username = "Una";
        Assert.NotNull((await room.ArriveAsync()).Code);
        Assert.Equal(name, Assert.Single(await room.LinksAsync("una")).UserName);
    }

    /// <summary>The address behind a provider's logout is no way to sign another browser out.</summary>
    [Fact]
    public async Task The_way_back_from_a_logout_leaves_other_sessions_alone()
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var leaving = await room.ArriveAsync();
        await leaving.GetAsync($"{room.Issuer}/protocol/openid-connect/logout?client_id=web");
        await leaving.SubmitAsync();
        Assert.StartsWith($"{FakeProvider.Issuer}/logout", leaving.Location, StringComparison.Ordinal);
        var state = BrokerRoom.Sent(leaving, "state");

        using var victim = await room.ArriveAsync();
        await victim.GetAsync($"{room.Issuer}/broker/up/endpoint/logout_response?state={Uri.EscapeDataString(state!)}");
        await victim.OpenAsync(BrokerRoom.RealmName, ("prompt", "none"));
        Assert.NotNull(victim.Code);
    }
}
