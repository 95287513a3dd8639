namespace Castellan.Tests.Login;

public sealed class Languages_that_nobody_chose
{
    [Fact]
    public async Task Do_not_keep_a_person_out_of_whom_the_choice_is_demanded()
    {
        await using var server = await SignInServer.StartAsync("""
            {
              "realm": "shop", "enabled": true, "internationalizationEnabled": true, "supportedLocales": ["en", "de"],
              "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
              "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "requiredActions": ["update_user_locale"],
                         "credentials": [{"type": "password", "value": "Correct-horse-1"}]}]
            }
            """);
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.SubmitAsync(("username", "alice"), ("password", "Correct-horse-1"));
        Assert.NotNull(browser.Code);
    }
}
