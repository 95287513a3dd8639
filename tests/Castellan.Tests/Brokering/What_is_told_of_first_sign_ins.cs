using System.Net;
using Castellan.Core.Login;
using Castellan.Server.Mail;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>What people and the realm's events are told when an account does not get through the flow for those that come for the first time.</summary>
public sealed class What_is_told_of_first_sign_ins
{
    private static async Task<BrokerRoom> OpenAsync(params string[] steps)
    {
        var room = await BrokerRoom.OpenAsync();
        await room.KeepEventsAsync();
        await TestFlows.PutAsync(room.Server, BrokerRoom.RealmName, ("own", steps));
        await room.ChangeAsync("up", p => p.FirstBrokerLoginFlowAlias = "own");
        return room;
    }

    [Fact]
    public async Task Somebody_has_the_address_already()
    {
        await using var room = await OpenAsync("R idp-create-user-if-unique");
        room.Up.Email = "Alice@Example.org";
        using var browser = await room.ArriveAsync();
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.Contains("User with email alice@example.org already exists.", browser.Text, StringComparison.Ordinal);
        Assert.Equal(
            "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR federated_identity_account_exists web user existing_email=alice@example.org identity_provider=up identity_provider_identity=una",
            Assert.Single(await room.FailuresAsync()));
    }

    [Fact]
    public async Task Nobody_is_here_yet()
    {
        await using var room = await OpenAsync("R idp-detect-existing-broker-user", "R idp-auto-link");
        using var browser = await room.ArriveAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, browser.Status);
        Assert.Equal(
            "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR user_not_found web - authenticator=DetectExistingBrokerUser identity_provider=up identity_provider_identity=una", Assert.Single(await room.FailuresAsync()));
    }

    [Fact]
    public async Task The_person_here_is_disabled()
    {
        await using var room = await OpenAsync("R idp-detect-existing-broker-user", "R idp-auto-link");
        await room.ChangeUserAsync("alice", alice => alice.Enabled = false);
        room.Up.Email = "alice@example.org";
        using var browser = await room.ArriveAsync();
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("Account is disabled, contact your administrator.", browser.Text, StringComparison.Ordinal);
        Assert.StartsWith("IDENTITY_PROVIDER_FIRST_LOGIN_ERROR user_disabled web", Assert.Single(await room.FailuresAsync()), StringComparison.Ordinal);
        Assert.Empty(await room.LinksAsync("alice"));
    }

    /// <summary>Where the flow has no page for it, nobody is offered to change the profile.</summary>
    [Theory]
    [InlineData(false, "R > rest")]
    [InlineData(true, "R idp-review-profile", "R > rest")]
    public async Task A_profile_is_changed_where_there_is_a_page_for_it(bool offered, params string[] steps)
    {
        await using var room = await OpenAsync(steps);
        await TestFlows.PutAsync(
            room.Server, BrokerRoom.RealmName, ("own", steps), ("rest", ["A idp-create-user-if-unique", "A > handle"]), ("handle", ["R idp-confirm-link", "R idp-username-password-form"]));
        room.Up.Email = "alice@example.org";
        using var browser = await room.ArriveAsync();
        Assert.Equal("login-idp-link-confirm", browser.PageId);
        Assert.Equal(offered, browser.Text.Contains("id=\"updateProfile\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_that_asks_for_the_password_calls_the_provider_by_its_name()
    {
        await using var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => p.DisplayName = "Up there");
        room.Up.Email = "alice@example.org";
        using var browser = await room.ArriveAsync();
        await browser.SubmitAsync(("submitAction", "linkAccount"));
        Assert.Contains("Authenticate to link your account with Up there", browser.Text, StringComparison.Ordinal);
    }

    /// <summary>A name or address that the person made up is not the provider's word: what is asked for then is the password.</summary>
    [Fact]
    public async Task What_the_person_changed_is_not_proved_by_mail()
    {
        await using var room = await BrokerRoom.OpenAsync(services => services.AddSingleton<IMailSender>(new NoMail()), mail: true);
        room.Up.Email = "alice@example.org";
        using var browser = await room.ArriveAsync();
        await browser.SubmitAsync(("submitAction", "updateProfile"));
        Assert.Equal("idp-review-user-profile", browser.PageId);
        await browser.SubmitAsync(("username", "alice"), ("email", "alice@example.org"), ("firstName", "U"), ("lastName", "N"));
        await browser.SubmitAsync(("submitAction", "linkAccount"));
        Assert.Equal("login", browser.PageId);
    }

    [Theory]
    [InlineData(false, "user_disabled")]
    [InlineData(true, "user_temporarily_disabled")]
    public async Task Somebody_who_is_linked_and_may_not_sign_in_is_told_so(bool locked, string error)
    {
        await using var room = await BrokerRoom.OpenAsync();
        using (var first = await room.ArriveAsync())
        {
            Assert.NotNull(first.Code);
        }

        await room.ChangeRealmAsync(settings => (settings.EventsEnabled, settings.BruteForceProtected, settings.FailureFactor, settings.WaitIncrementSeconds) = (true, true, 1, 600));
        if (locked)
        {
            var una = (await room.Users.FindByUsernameAsync((await room.RealmAsync()).Id, "una"))!;
            var guard = room.Server.Services.GetRequiredService<LoginServices>().Guard;
            for (var tries = 0; tries < 3; tries++)
            {
                await using var attempt = await guard.BeginAsync(await room.RealmAsync(), una, null, TestContext.Current.CancellationToken);
                await attempt.FailedAsync(ct: TestContext.Current.CancellationToken);
            }
        }
        else
        {
            await room.ChangeUserAsync("una", una => una.Enabled = false);
        }

        using var browser = await room.ArriveAsync();
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("Account is disabled, contact your administrator.", browser.Text, StringComparison.Ordinal);
        Assert.Equal($"IDENTITY_PROVIDER_LOGIN_ERROR {error} web - identity_provider=up identity_provider_identity=una", Assert.Single(await room.FailuresAsync()));
    }

    private sealed class NoMail : IMailSender
    {
        public ValueTask<bool> SendAsync(SmtpSettings settings, string to, MailText mail, CancellationToken ct = default) => new(true);
    }
}
