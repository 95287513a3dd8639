using System.Net;
using System.Text.RegularExpressions;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>What becomes of a way to a provider or back from it that leads nowhere, and what a session keeps of one that led somewhere.</summary>
public sealed class What_is_told_of_providers
{
    [Fact]
    public async Task Ways_that_lead_nowhere_leave_events()
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.KeepEventsAsync();
        var broker = $"{room.Issuer}/broker/up";
        using var browser = room.Server.Browser();
        await browser.GetAsync($"{broker}/login?client_id=web&tab_id=x");
        await browser.GetAsync($"{broker}/login?client_id=web&tab_id=x&session_code=y");
        await browser.GetAsync($"{broker}/login?session_code=y");
        await browser.GetAsync($"{broker}/endpoint?code=a");
        await browser.GetAsync($"{broker}/endpoint?code=a&state=nonsense");
        await browser.OpenAsync(BrokerRoom.RealmName);
        var door = WebUtility.HtmlDecode(Regex.Match(browser.Text, "id=\"social-up\"[^>]*href=\"([^\"]*)\"").Groups[1].Value);
        await browser.GetAsync(door.Replace("/broker/up/", "/broker/nobody/", StringComparison.Ordinal));
        using var back = await room.LeaveAsync();
        await back.GetAsync(room.Answer(back).Replace("&code=a-code", "", StringComparison.Ordinal));
        using var wrong = await room.LeaveAsync();
        room.Up.Nonce = "another";
        await wrong.GetAsync(room.Answer(wrong));
        await browser.GetAsync($"{broker}/endpoint/logout_response?state=nobody");
        string[] told =
        [
            "IDENTITY_PROVIDER_LOGIN_ERROR invalidRequestMessage - - identity_provider=up", "IDENTITY_PROVIDER_LOGIN_ERROR cookie_not_found web - identity_provider=up",
            "IDENTITY_PROVIDER_LOGIN_ERROR invalidRequestMessage - - identity_provider=up", "IDENTITY_PROVIDER_LOGIN_ERROR identity_provider_login_failure - -",
            "IDENTITY_PROVIDER_LOGIN_ERROR invalidRequestMessage - -", "IDENTITY_PROVIDER_LOGIN_ERROR couldNotSendAuthenticationRequestMessage web - identity_provider=nobody",
            "IDENTITY_PROVIDER_LOGIN_ERROR identity_provider_login_failure web -", "IDENTITY_PROVIDER_LOGIN_ERROR identity_provider_login_failure web -",
            "LOGOUT_ERROR user_session_not_found - -",
        ];
        Assert.Equal(told.Order(StringComparer.Ordinal), await room.FailuresAsync());
    }

    /// <summary>The person goes on at the login page: nothing failed yet.</summary>
    [Fact]
    public async Task A_provider_that_refuses_leaves_no_event()
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.KeepEventsAsync();
        using var browser = await room.LeaveAsync();
        await browser.GetAsync(room.Answer(browser).Replace("code=a-code", "error=access_denied", StringComparison.Ordinal));
        await browser.FollowAsync();
        Assert.Contains("Access denied when authenticating with up", browser.Text, StringComparison.Ordinal);
        Assert.Empty(await room.FailuresAsync());
    }

    /// <summary>Without a page on our side as well: an account that is unknown has nobody to ask.</summary>
    [Theory]
    [InlineData(false, "error=interaction_required")]
    [InlineData(true, "code=")]
    public async Task A_sign_in_without_a_page_shows_none_behind_the_provider(bool complete, string answer)
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => p.Config!["acceptsPromptNoneForwardFromClient"] = "true");
        room.Up.Email = complete ? "una@example.org" : "alice@example.org";
        using var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_idp_hint", "up"), ("prompt", "none"));
        await browser.FollowAsync();
        Assert.StartsWith(FakeProvider.Issuer, browser.Location, StringComparison.Ordinal);
        room.Up.Nonce = BrokerRoom.Sent(browser, "nonce");
        await browser.GetAsync(room.Answer(browser));
        await browser.FollowAsync();
        Assert.Contains(answer, browser.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_keeps_the_providers_tokens_for_mappers()
    {
        await using var room = await BrokerRoom.OpenAsync();
        room.Up.ChangeAnswer = answer => answer["refresh_token"] = "again";
        using var browser = await room.ArriveAsync();
        Assert.NotNull(browser.Code);
        var session = await SessionAsync(room, "una");
        Assert.Equal(("opaque", "again", true), (session.Notes["FEDERATED_ACCESS_TOKEN"], session.Notes["FEDERATED_REFRESH_TOKEN"], long.Parse(session.Notes["FEDERATED_TOKEN_EXPIRATION"], System.Globalization.CultureInfo.InvariantCulture) > 0));
    }

    private static async Task<UserSession> SessionAsync(BrokerRoom room, string username)
    {
        var realm = await room.RealmAsync();
        var user = (await room.Users.FindByUsernameAsync(realm.Id, username))!;
        return Assert.Single(await room.Server.Services.GetRequiredService<ISessions>().ListByUserAsync(realm.Id, user.Id, ct: TestContext.Current.CancellationToken));
    }

    private static async Task<TestBrowser> LeaveToLinkAsync(BrokerRoom room)
    {
        await room.LetAliceLinkAsync();
        var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName);
        await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_action", "idp_link:up"));
        await browser.FollowAsync();
        await browser.SubmitAsync(("continue", ""));
        room.Up.Nonce = BrokerRoom.Sent(browser, "nonce");
        return browser;
    }

    /// <summary>Only who changed their mind is sent back to the application; of anything else the person hears.</summary>
    [Theory]
    [InlineData("server_error", "Unexpected error when authenticating with identity provider", "identityProviderUnexpectedErrorMessage")]
    [InlineData("login_required", "login_required", "login_required")]
    public async Task A_link_that_a_provider_refuses_is_told_to_the_person(string error, string words, string told)
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.KeepEventsAsync();
        using var browser = await LeaveToLinkAsync(room);
        await browser.GetAsync(room.Answer(browser).Replace("code=a-code", "error=" + error, StringComparison.Ordinal));
        await browser.FollowAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
        Assert.StartsWith($"FEDERATED_IDENTITY_LINK_ERROR {told} web user", Assert.Single(await room.FailuresAsync()), StringComparison.Ordinal);
        Assert.Empty(await room.LinksAsync("alice"));
    }

    /// <summary>A session of a password is the provider's, too, once an account there was linked in it: it hears of its end.</summary>
    [Fact]
    public async Task The_end_of_a_session_that_linked_an_account_is_told_to_the_provider()
    {
        await using var room = await BrokerRoom.OpenAsync();
        using var browser = await LeaveToLinkAsync(room);
        await browser.GetAsync(room.Answer(browser));
        await browser.FollowAsync();
        Assert.NotNull(browser.Code);
        var notes = (await SessionAsync(room, "alice")).Notes;
        Assert.Equal(("up", "una"), (notes[LoginNotes.IdentityProvider], notes[LoginNotes.IdentityProviderIdentity]));
        var tokens = await room.Server.TokensAsync(BrokerRoom.RealmName, browser.Code!);
        await browser.GetAsync($"{room.Issuer}/protocol/openid-connect/logout?id_token_hint={tokens.GetProperty("id_token").GetString()}&post_logout_redirect_uri={Uri.EscapeDataString(SignInServer.Callback)}");
        await browser.FollowAsync();
        Assert.StartsWith($"{FakeProvider.Issuer}/logout", browser.Location, StringComparison.Ordinal);
    }
}
