using Castellan.Core.Representations;

namespace Castellan.Tests.Rfc7662;

/// <summary>What the hint of an introspection (RFC 7662 §2.1) does, as Keycloak has it.</summary>
public sealed class Hints
{
    [Theory]
    [InlineData("access_token", true)]
    [InlineData("refresh_token", true)]
    [InlineData("requesting_party_token", false)]
    public async Task Of_known_kinds_are_taken(string hint, bool active)
    {
        var realm = await WithAudienceAsync();
        var answer = await realm.IntrospectAsync((await realm.SignInAsync()).Access, ("token_type_hint", hint));
        Assert.Equal((200, active.ToString()), (answer.Status, answer["active"]));
    }

    [Theory]
    [InlineData("id_token")]
    [InlineData("ACCESS_TOKEN")]
    [InlineData("")]
    public async Task Of_other_kinds_are_refused(string hint)
    {
        var realm = await WithAudienceAsync();
        (await realm.IntrospectAsync((await realm.SignInAsync()).Access, ("token_type_hint", hint))).Refuses(400, "invalid_request", $"Unsupported token type [{hint}].");
    }

    /// <summary>A mapper that lets <c>api</c> ask about its tokens.</summary>
    internal static ProtocolMapperRepresentation Audience => new()
    {
        Name = "audience", Protocol = "openid-connect", ProtocolMapper = "oidc-audience-mapper",
        Config = new() { ["included.client.audience"] = "api", ["access.token.claim"] = "true" },
    };

    private static async Task<TestRealm> WithAudienceAsync() => await (await TestServer.OneAsync()).RealmAsync(r => r.Clients![0].ProtocolMappers = [Audience]);
}
