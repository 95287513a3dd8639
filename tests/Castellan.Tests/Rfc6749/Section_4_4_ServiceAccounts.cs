using Castellan.Core.Realms;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Rfc6749;

public sealed class Section_4_4_ServiceAccounts
{
    private static Task<Answer> AskAsync(TestRealm realm, params (string, string)[] more) =>
        realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "client_credentials"), .. more]);

    [Fact]
    public async Task An_account_that_is_gone_or_disabled_is_told_of_before_a_wrong_scope()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var picture = await realm.NowAsync();
        Assert.Equal(200, (await AskAsync(realm)).Status);
        (await AskAsync(realm, ("scope", "nonsense"))).Refuses(400, "invalid_scope", "Invalid scopes: nonsense");
        var account = (await realm.Server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(picture.Id, "service-account-api"))!;
        account.Representation.Enabled = false;
        await realm.Server.Realms.ApplyAsync(new ChangeSet(picture.Id).Add(new PutUser(account.Representation)));
        (await AskAsync(realm, ("scope", "nonsense"))).Refuses(401, "invalid_request", "User 'service-account-api' disabled");
        await realm.Server.Realms.ApplyAsync(new ChangeSet(picture.Id).Add(new DeleteUser(account.Id)));
        (await AskAsync(realm)).Refuses(401, "invalid_request", "The associated service account for the client does not exist");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whether_it_gets_refresh_tokens_its_client_says_apart(bool wanted)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].Attributes = new()
        {
            ["client_credentials.use_refresh_token"] = wanted ? "true" : "false", ["use.refresh.tokens"] = wanted ? "false" : "true",
        });
        Assert.Equal((wanted, !wanted), ((await AskAsync(realm))["refresh_token"] is not null, (await realm.SignInAsync())["refresh_token"] is not null));
    }

    // Realms of old Keycloaks have a mapper for a note of that name.
    [Fact]
    public async Task Its_session_says_by_both_names_which_client_it_is()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].ProtocolMappers =
        [
            new()
            {
                Name = "Client ID", Protocol = "openid-connect", ProtocolMapper = "oidc-usersessionmodel-note-mapper",
                Config = new() { ["user.session.note"] = "clientId", ["claim.name"] = "clientId", ["jsonType.label"] = "String", ["access.token.claim"] = "true" },
            },
        ]);
        Assert.Equal("api", (await AskAsync(realm)).Claims("access_token").GetProperty("clientId").GetString());
    }

    [Fact]
    public async Task An_empty_grant_type_is_one_that_nobody_knows() =>
        (await (await (await TestServer.OneAsync()).RealmAsync()).PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "")])).Refuses(400, "unsupported_grant_type");
}
