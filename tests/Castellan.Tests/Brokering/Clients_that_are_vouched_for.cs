using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Brokering;

/// <summary>A client proves itself by what an identity provider says of it (<c>federated-jwt</c>): signed by the provider, for this realm, in time, once.</summary>
public sealed class Clients_that_are_vouched_for
{
    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static readonly Dictionary<string, (Action<JsonObject> Change, string Why)> s_wrong = new()
    {
        ["no issuer"] = (c => c.Remove("iss"), "Invalid client or Invalid client credentials"),
        ["another issuer"] = (c => c["iss"] = "https://other.example", "Invalid client or Invalid client credentials"),
        ["no subject"] = (c => c.Remove("sub"), "Invalid client or Invalid client credentials"),
        ["another subject"] = (c => c["sub"] = "somebody", "Invalid client or Invalid client credentials"),
        ["another audience"] = (c => c["aud"] = "https://other.example", "Invalid client or Invalid client credentials"),
        ["two audiences"] = (c => c["aud"] = new JsonArray(c["aud"]!.GetValue<string>(), "x"), "Multiple audiences not allowed"),
        ["no end"] = (c => c.Remove("exp"), "Token exp claim is required"),
        ["ended"] = (c => c["exp"] = Now - 1, "Token is not active"),
        ["of the past"] = (c => (c["iat"], c["exp"]) = (Now - 301, Now + 60), "Token was issued too far in the past to be used now"),
        ["no id"] = (c => c.Remove("jti"), "Token jti claim is required"),
    };

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    private static async Task<BrokerRoom> OpenAsync()
    {
        var room = await BrokerRoom.OpenAsync();
        await room.ChangeAsync("up", p => p.Config!["supportsClientAssertions"] = "true");
        await room.Realms.ApplyAsync(new ChangeSet((await room.RealmAsync()).Id).Add(new PutClient(new ClientRepresentation
        {
            Id = "id-of-the-job", ClientId = "job", Enabled = true, Protocol = "openid-connect", ServiceAccountsEnabled = true, ClientAuthenticatorType = "federated-jwt",
            Attributes = new() { ["jwt.credential.issuer"] = "up", ["jwt.credential.sub"] = "runner:job" },
        })));
        return room;
    }

    private static JsonObject Claims(BrokerRoom room) => new()
    {
        ["iss"] = FakeProvider.Issuer, ["sub"] = "runner:job", ["aud"] = room.Issuer, ["iat"] = Now, ["exp"] = Now + 60, ["jti"] = Core.Ids.New(),
    };

    /// <summary>Why introspection, which wants a client and nothing more of it, refuses; null when it does not.</summary>
    internal static async Task<string?> AskAsync(BrokerRoom room, string assertion, string? clientId = null)
    {
        using var http = new HttpClient();
        List<KeyValuePair<string, string>> fields =
            [new("token", "x"), new("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), new("client_assertion", assertion)];
        if (clientId is not null)
        {
            fields.Add(new("client_id", clientId));
        }

        using var form = new FormUrlEncodedContent(fields);
        using var answer = await http.PostAsync($"{room.Issuer}/protocol/openid-connect/token/introspect", form);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.TryGetProperty("error_description", out var why) ? why.GetString() : json.RootElement.TryGetProperty("active", out _) ? null : json.RootElement.GetRawText();
    }

    [Fact]
    public async Task One_that_the_provider_names_is_let_in_once()
    {
        await using var room = await OpenAsync();
        var assertion = FakeProvider.Sign(Claims(room));
        Assert.Null(await AskAsync(room, assertion));
        Assert.Equal("Token reuse detected", await AskAsync(room, assertion));
        Assert.Null(await AskAsync(room, FakeProvider.Sign(Claims(room)), "runner:job"));
        Assert.Equal("client_id parameter does not match sub claim", await AskAsync(room, FakeProvider.Sign(Claims(room)), "job"));
        await room.ChangeAsync("up", p => p.Config!["supportsClientAssertionReuse"] = "true");
        Assert.Null(await AskAsync(room, assertion));
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_claim_that_is_missing_or_wrong_is_refused(string what)
    {
        await using var room = await OpenAsync();
        var claims = Claims(room);
        s_wrong[what].Change(claims);
        Assert.Equal(s_wrong[what].Why, await AskAsync(room, FakeProvider.Sign(claims)));
    }

    // The realm has no organization: it is gone, or they are switched off.
    [Fact]
    public async Task A_provider_of_a_closed_organization_vouches_for_nobody()
    {
        await using var room = await OpenAsync();
        Assert.Null(await AskAsync(room, FakeProvider.Sign(Claims(room))));
        await room.ChangeAsync("up", p => p.OrganizationId = Core.Ids.New());
        Assert.Equal("Invalid client or Invalid client credentials", await AskAsync(room, FakeProvider.Sign(Claims(room))));
    }

    [Fact]
    public async Task Only_the_provider_vouches_and_only_while_it_is_to()
    {
        await using var room = await OpenAsync();
        const string Refused = "Invalid client or Invalid client credentials";
        Assert.Equal(Refused, await AskAsync(room, FakeProvider.Sign(Claims(room), new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one"))));
        Assert.Null(await AskAsync(room, FakeProvider.Sign(Claims(room))));
        await room.ChangeAsync("up", p => p.Config!["supportsClientAssertions"] = "false");
        Assert.Equal(Refused, await AskAsync(room, FakeProvider.Sign(Claims(room))));
        await room.ChangeAsync("up", p => (p.Config!["supportsClientAssertions"], p.Config["allowClientIdAsAudience"]) = ("true", "true"));
        Assert.Equal(Refused, await AskAsync(room, FakeProvider.Sign(Claims(room))));
        var claims = Claims(room);
        claims["aud"] = FakeProvider.ClientId;
        Assert.Null(await AskAsync(room, FakeProvider.Sign(claims)));
        await room.ChangeAsync("up", p => p.Enabled = false);
        claims["jti"] = Core.Ids.New();
        Assert.Equal(Refused, await AskAsync(room, FakeProvider.Sign(claims)));
    }

    [Fact]
    public async Task A_key_that_the_provider_withdrew_counts_until_keys_are_reloaded()
    {
        await using var room = await OpenAsync();
        Assert.Null(await AskAsync(room, FakeProvider.Sign(Claims(room))));
        var other = new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "two");
        room.Up.Elsewhere[$"{FakeProvider.Issuer}/keys"] = _ => new(200, null, System.Text.Encoding.UTF8.GetBytes($$"""{"keys":[{{(other.Key.ToJwk() with { Kid = "two", Use = "sig", Alg = "ES256" }).ToJson()}}]}"""));
        Assert.Null(await AskAsync(room, FakeProvider.Sign(Claims(room))));
        Assert.Equal("true", await ReloadAsync(room));
        Assert.NotNull(await AskAsync(room, FakeProvider.Sign(Claims(room))));
        Assert.Null(await AskAsync(room, FakeProvider.Sign(Claims(room), other)));
    }

    /// <summary>Has keys of the provider dropped, as an administrator of providers may.</summary>
    private static async Task<string> ReloadAsync(BrokerRoom room)
    {
        var realm = await room.RealmAsync();
        var role = realm.Roles.OfClientNamed("realm-management").First(r => r.Name == "manage-identity-providers").Id;
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id)
            .Add(new PutClient(new ClientRepresentation { Id = "id-of-the-tool", ClientId = "tool", Enabled = true, Protocol = "openid-connect", PublicClient = true, DirectAccessGrantsEnabled = true, FullScopeAllowed = true }))
            .Add(new AddRole(RoleOwner.User, (await room.Users.FindByUsernameAsync(realm.Id, "alice"))!.Id, role)));
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "password", ["client_id"] = "tool", ["username"] = "alice", ["password"] = BrokerRoom.Password });
        using var answer = await http.PostAsync($"{room.Issuer}/protocol/openid-connect/token", form);
        using var tokens = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        http.DefaultRequestHeaders.Authorization = new("Bearer", tokens.RootElement.GetProperty("access_token").GetString());
        return await http.GetStringAsync($"{room.Server.Base}/admin/realms/{BrokerRoom.RealmName}/identity-provider/instances/up/reload-keys");
    }
}
