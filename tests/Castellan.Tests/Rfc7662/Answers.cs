using Castellan.Core.Representations;

namespace Castellan.Tests.Rfc7662;

/// <summary>What is answered of a token beside what the recordings show.</summary>
public sealed class Answers
{
    private static ProtocolMapperRepresentation Hard(string claim) => new()
    {
        Name = claim, Protocol = "openid-connect", ProtocolMapper = "oidc-hardcoded-claim-mapper",
        Config = new() { ["claim.name"] = claim, ["claim.value"] = $"own-{claim}", ["jsonType.label"] = "String", ["access.token.claim"] = "true" },
    };

    [Fact]
    public async Task A_mapper_may_say_the_username_and_not_whose_the_token_is()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].ProtocolMappers = [Hints.Audience, Hard("username"), Hard("client_id")]);
        var answer = await realm.IntrospectAsync((await realm.SignInAsync()).Access);
        Assert.Equal(("own-username", "api"), (answer["username"], answer["client_id"]));
    }

    [Fact]
    public async Task Where_none_says_it_the_username_is_the_name_that_is_preferred()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].ProtocolMappers = [Hints.Audience, Hard("preferred_username")]);
        var answer = await realm.IntrospectAsync((await realm.SignInAsync("email")).Access);
        Assert.Equal(("own-preferred_username", "own-preferred_username"), (answer["username"], answer["preferred_username"]));
    }

    [Fact]
    public async Task A_scope_that_shows_no_name_is_left_out_and_so_is_a_subject_that_no_scope_gives()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
            (file.Clients![0].ProtocolMappers, file.Clients[0].DefaultClientScopes, file.Clients[0].OptionalClientScopes) = ([Hints.Audience], ["roles"], ["phone"]));
        var answer = await realm.IntrospectAsync((await realm.SignInAsync("phone")).Access);
        Assert.Equal(("True", "phone", null, "alice"), (answer["active"], answer["scope"], answer["sub"], answer["username"]));
        var tokens = await realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "password"), ("username", "alice"), ("password", "correct-horse")]);
        Assert.Equal(("", null), (tokens["scope"], (await realm.IntrospectAsync(tokens.Access))["scope"]));
    }

    [Theory]
    [InlineData("application/jwt", true), InlineData("application/json, application/jwt", false), InlineData("application/json", false)]
    public async Task A_token_comes_to_who_accepts_nothing_else(string accept, bool comes)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => (file.Clients![0].ProtocolMappers, file.Clients[0].Attributes) =
            ([Hints.Audience], new() { ["client.introspection.response.allow.jwt.claim.enabled"] = "true" }));
        var token = (await realm.SignInAsync()).Access;
        var answer = await realm.PostAsync("token/introspect", request => request.Headers.Add("Accept", accept), [.. TestRealm.Credentials("api"), ("token", token)]);
        Assert.Equal(comes, answer["jwt"] is not null);
    }

    [Fact]
    public async Task An_empty_token_is_not_active()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        Assert.Equal((200, "False"), (await realm.IntrospectAsync("") is var answer ? answer.Status : 0, answer["active"]));
    }

    // RFC 9700 §4.14.2.
    [Fact]
    public async Task Under_rotation_a_refresh_token_counts_until_it_is_used()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.RevokeRefreshToken = true);
        var first = await realm.SignInAsync();
        Assert.Equal("True", await ActiveAsync(first));
        Assert.Equal("True", await ActiveAsync(first));
        var second = await realm.RefreshAsync(first.Refresh);
        Assert.Equal(("False", "True"), (await ActiveAsync(first), await ActiveAsync(second)));
        Assert.Equal(200, (await realm.RefreshAsync(second.Refresh)).Status);

        async Task<string?> ActiveAsync(Answer tokens) => (await realm.IntrospectAsync(tokens.Refresh, ("token_type_hint", "refresh_token")))["active"];
    }

    // RFC 8693 §4.1.
    [Fact]
    public async Task Who_acts_for_another_is_named()
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.Clients![0].ProtocolMappers = [Hints.Audience]);
        var (tokens, picture) = (await realm.SignInAsync(), await realm.NowAsync());
        Assert.Null((await realm.IntrospectAsync(tokens.Access))["act"]);
        var session = (await realm.Server.Sessions.FindAsync(picture.Id, tokens["session_state"]!))!;
        await realm.Server.Sessions.SaveAsync(session with { Notes = new Dictionary<string, string> { ["IMPERSONATOR_USERNAME"] = "root" } });
        Assert.Equal("""{"sub":"root"}""", (await realm.IntrospectAsync(tokens.Access))["act"]);
    }

    [Theory]
    [InlineData("true", "bearer"), InlineData("false", "Bearer")]
    public async Task The_type_is_written_as_the_client_wants_it(string lowerCase, string type)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
            (file.Clients![0].ProtocolMappers, file.Clients[0].Attributes) = ([Hints.Audience], new() { ["token.response.type.bearer.lower-case"] = lowerCase }));
        var tokens = await realm.SignInAsync();
        Assert.Equal((type, type), (tokens["token_type"], tokens.Claims("access_token").GetProperty("typ").GetString()));
        Assert.Equal(type, (await realm.IntrospectAsync(tokens.Access))["token_type"]);
        Assert.Equal(200, (await realm.UserInfoAsync(tokens.Access)).Status);
    }
}
