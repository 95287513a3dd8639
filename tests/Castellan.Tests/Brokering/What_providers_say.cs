using System.Net;
using System.Text.Json.Nodes;
using Castellan.Core.Outbound;
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

    /// <summary>When the person proved themselves is the provider's to say, where it is asked for that; a proof of the future is one of now.</summary>
    [Theory]
    [InlineData("true", -5000, true)]
    [InlineData("true", 5000, false)]
    [InlineData("false", -5000, false)]
    public async Task The_moment_of_the_proof_is_the_providers(string passed, int shift, bool there)
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => p.Config!["passMaxAge"] = passed);
        var begun = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var at = begun + shift;
        room.Up.Change = token => token["auth_time"] = at;
        using var browser = await room.ArriveAsync();
        var token = (await room.Server.TokensAsync(BrokerRoom.RealmName, browser.Code!)).GetProperty("id_token").GetString()!;
        Assert.Equal(Castellan.Protocol.Jose.JoseFault.None, Castellan.Protocol.Jose.Jws.TryParse(token, out var jws));
        using var claims = jws!.Claims();
        var said = claims!.Seconds("auth_time");
        Assert.True(there ? said == at : said >= begun && said <= TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), $"{said}");
    }

    /// <summary>An account at Microsoft goes by its mail address; by the name it signs in with where that is an address and there is no other.</summary>
    [Theory]
    [InlineData("una@mail.example", "una@tenant.example", "una@mail.example", "una@mail.example")]
    [InlineData(null, "una@tenant.example", "una@tenant.example", "una@tenant.example")]
    [InlineData(null, "una", "an-id", null)]
    public async Task An_account_at_Microsoft_is_named_by_its_address(string? mail, string principal, string username, string? address)
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => (p.ProviderId, p.Config) = ("microsoft", new() { ["clientId"] = "us", ["clientSecret"] = "s" }));
        static FetchAnswer Json(JsonObject body) => new(200, "application/json", System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()));
        room.Up.Elsewhere["https://login.microsoftonline.com/common/oauth2/v2.0/token"] = _ => Json(new() { ["access_token"] = "a" });
        room.Up.Elsewhere["https://graph.microsoft.com/v1.0/me/"] = _ => Json(new() { ["id"] = "an-id", ["mail"] = mail, ["userPrincipalName"] = principal, ["givenName"] = "U", ["surname"] = "N" });
        using var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "up"));
        await browser.FollowAsync();
        await browser.GetAsync(room.Answer(browser));
        await browser.FollowAsync();
        var review = browser.PageId == "idp-review-user-profile" ? browser.Text : null;
        var una = await room.Users.FindByUsernameAsync((await room.RealmAsync()).Id, username);
        Assert.True(una is not null ? una.Email == address : address is null && review?.Contains($"value=\"{username}\"", StringComparison.Ordinal) is true, $"{browser.Status} {browser.PageId}");
    }

    /// <summary>The wish of the client for a context goes on, unless other parameters are named that do.</summary>
    [Theory]
    [InlineData(null, "urn:high", null)]
    [InlineData("tone", null, "low")]
    [InlineData("tone, acr_values", "urn:high", "low")]
    public async Task Parameters_of_the_client_go_on_that_the_provider_names(string? named, string? acr, string? tone)
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => p.Config!["forwardParameters"] = named!);
        using var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "up"), ("acr_values", "urn:high"), ("tone", "low"));
        await browser.FollowAsync();
        Assert.Equal((acr, tone), (BrokerRoom.Sent(browser, "acr_values"), BrokerRoom.Sent(browser, "tone")));
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
