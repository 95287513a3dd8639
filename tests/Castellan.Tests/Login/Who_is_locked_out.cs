using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>What counts as a guess, and what those see and leave behind who go on guessing.</summary>
public sealed class Who_is_locked_out : IAsyncLifetime
{
    private const string Password = "Correct-horse-1";

    private const string Realm = $$"""
        {
          "realm": "shop", "enabled": true, "eventsEnabled": true, "bruteForceProtected": true, "failureFactor": 2, "waitIncrementSeconds": 600, "quickLoginCheckMilliSeconds": 0,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{Password}}"},
                       {"type": "otp", "secretData": "{\"value\":\"a-secret-of-twenty-b\"}", "credentialData": "{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,\"algorithm\":\"HmacSHA1\"}"}] },
                    {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B", "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SignInServer.StartAsync(Realm);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<Realm> RealmAsync() => (await _server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;

    /// <summary>In the order in which they happened.</summary>
    private async Task<string[]> FailuresAsync() =>
        [.. (await _server.Services.GetRequiredService<IEventStore>().ListAsync((await RealmAsync()).Id, new EventQuery())).Where(e => e.Error is not null).Reverse().Select(e => e.Error!)];

    [Fact]
    public async Task An_empty_password_is_no_guess()
    {
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        for (var time = 0; time < 4; time++)
        {
            await browser.SubmitAsync(("username", "bob"), ("password", ""));
            Assert.Contains("Invalid username or password.", browser.Text, StringComparison.Ordinal);
        }

        await browser.SubmitAsync(("username", "bob"), ("password", Password));
        Assert.NotNull(browser.Code);
        Assert.All(await FailuresAsync(), e => Assert.Equal("invalid_user_credentials", e));
    }

    /// <summary>The person hears the same as one who is locked out for a time; the events say what it is, also when an administrator forgave the failures.</summary>
    [Theory]
    [InlineData("auth-username-password-form", "Invalid username or password."), InlineData("auth-username-form", "Invalid username or email.")]
    public async Task Who_is_locked_out_for_good_is_disabled_in_events_and_guesses_on_for_all_they_see(string step, string words)
    {
        var realm = await RealmAsync();
        var bob = UserRepresentations.Copy((await _server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "bob"))!.Representation);
        (bob.Enabled, bob.Attributes) = (false, new() { ["disabledReason"] = ["permanentLockout"] });
        await _server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new PutUser(bob)));
        await TestFlows.UseAsync(_server, "shop", ("other", ["R " + step]));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "bob"), ("password", Password));
        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
        Assert.Equal(["user_disabled"], await FailuresAsync());
    }

    [Theory]
    [InlineData("auth-otp-form", "otp", "Invalid authenticator code.", "user_temporarily_disabled invalid_authentication_session")]
    [InlineData("auth-recovery-authn-code-form", "recoveryCodeInput", "Invalid username or password.", "user_temporarily_disabled invalid_user_credentials")]
    public async Task Who_goes_on_while_locked_out_is_told_of_twice(string step, string field, string words, string again)
    {
        var realm = await RealmAsync();
        var alice = (await _server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "alice"))!;
        await _server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(new PutCredential(alice.Id, RecoveryCodes.ToCredential(RecoveryCodes.New(), "codes", 0))));
        await TestFlows.UseAsync(_server, "shop", ("second", ["R auth-username-password-form", "R " + step]));
        using var browser = _server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        for (var time = 0; time < 3; time++)
        {
            await browser.SubmitAsync((field, "000000"));
        }

        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
        Assert.Equal(["invalid_user_credentials", "invalid_user_credentials", "user_temporarily_disabled"], await FailuresAsync());
        await browser.SubmitAsync((field, "000000"));
        Assert.Equal(again, string.Join(' ', (await FailuresAsync())[3..].Order().Reverse().Take(2)));
    }
}
