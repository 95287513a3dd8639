using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;
using Castellan.Protocol.Jose;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>An assertion of a provider gets tokens for whom it names (RFC 7523 §2.1): signed, for this realm, in time, once.</summary>
public sealed class Assertions_as_grants
{
    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private static readonly Dictionary<string, (Action<JsonObject> Change, string Why)> s_wrong = new()
    {
        ["no issuer"] = (c => c.Remove("iss"), "Missing claim: iss"),
        ["another issuer"] = (c => c["iss"] = "https://other.example", "No Identity Provider for provided issuer"),
        ["no subject"] = (c => c.Remove("sub"), "Missing claim: sub"),
        ["an unknown subject"] = (c => c["sub"] = "subject-2", "User not found"),
        ["no audience"] = (c => c.Remove("aud"), "Invalid token audience"),
        ["the audience of an ID token"] = (c => c["aud"] = FakeProvider.ClientId, "Invalid token audience"),
        ["no end"] = (c => c.Remove("exp"), "Token exp claim is required"),
        ["ended"] = (c => c["exp"] = Now - 1, "Token is not active"),
        ["for ever"] = (c => (c["exp"], c["iat"]) = (Now + 86400, null), "Token expiration is too far in the future and iat claim not present in token"),
        ["of the future"] = (c => c["iat"] = Now + 60, "Token was issued in the future"),
        ["of the past"] = (c => c["iat"] = Now - 3600, "Token was issued too far in the past to be used now"),
        ["two audiences"] = (c => c["aud"] = new JsonArray(c["aud"]!.GetValue<string>(), "x"), "Multiple audiences not allowed"),
        ["not yet"] = (c => c["nbf"] = Now + 60, "Token is not active"),
        ["no id"] = (c => c.Remove("jti"), "Token jti claim is required"),
    };

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_claim_that_is_missing_or_wrong_is_refused(string what)
    {
        await using var room = await LinkedAsync();
        var claims = Claims(room);
        s_wrong[what].Change(claims);
        Assert.Equal(s_wrong[what].Why, (await AskAsync(room, FakeProvider.Sign(claims))).GetProperty("error_description").GetString());
    }

    // The realm has no organization: it is gone, or they are switched off. What is left of that issuer is a provider that the client may not use.
    [Fact]
    public async Task That_of_a_closed_organizations_provider_gets_nothing()
    {
        await using var room = await LinkedAsync();
        await room.ChangeAsync("up", p => p.OrganizationId = Core.Ids.New());
        Assert.Equal("Identity Provider is not allowed for the client", (await AskAsync(room, FakeProvider.Sign(Claims(room)))).GetProperty("error_description").GetString());
    }

    [Fact]
    public async Task It_counts_once_and_under_the_providers_key()
    {
        await using var room = await LinkedAsync();
        var forged = FakeProvider.Sign(Claims(room), new SigningKey(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one"));
        Assert.Equal("Invalid signature", (await AskAsync(room, forged)).GetProperty("error_description").GetString());
        var assertion = FakeProvider.Sign(Claims(room));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(room, assertion)));
        Assert.Single(answers, a => a.TryGetProperty("access_token", out _));
        Assert.All(answers, a => Assert.False(a.TryGetProperty("refresh_token", out _)));
    }

    [Theory]
    [InlineData(long.MaxValue), InlineData(long.MaxValue / 1000), InlineData(253_402_300_800)]
    public async Task It_counts_once_however_far_its_end_is(long exp)
    {
        await using var room = await LinkedAsync();
        var claims = Claims(room);
        claims["exp"] = exp;
        var assertion = FakeProvider.Sign(claims);
        Assert.True((await AskAsync(room, assertion)).TryGetProperty("access_token", out _));
        Assert.Equal("Token reuse detected", (await AskAsync(room, assertion)).GetProperty("error_description").GetString());
    }

    // RFC 8705: a client that forgot its certificate may try again with it.
    [Fact]
    public async Task Without_the_certificate_that_its_tokens_are_bound_to_a_client_does_not_use_it_up()
    {
        await using var room = await LinkedAsync();
        var assertion = FakeProvider.Sign(Claims(room));
        await SetClientAsync(room, client => client.Attributes!["tls.client.certificate.bound.access.tokens"] = "true");
        Assert.Equal("Client Certification missing for MTLS HoK Token Binding", (await AskAsync(room, assertion)).GetProperty("error_description").GetString());
        await SetClientAsync(room, client => client.Attributes!["tls.client.certificate.bound.access.tokens"] = "false");
        Assert.True((await AskAsync(room, assertion)).TryGetProperty("access_token", out _));
    }

    [Fact]
    public async Task It_is_signed_as_the_provider_has_it_and_bounds_what_it_gets()
    {
        await using var room = await LinkedAsync();
        await room.ChangeAsync("up", p => p.Config!["jwtAuthorizationGrantAssertionSignatureAlg"] = "RS256");
        Assert.Equal("Invalid signature algorithm", (await AskAsync(room, FakeProvider.Sign(Claims(room)))).GetProperty("error_description").GetString());
        await room.ChangeAsync("up", p => (p.Config!["jwtAuthorizationGrantAssertionSignatureAlg"], p.Config["jwtAuthorizationGrantLimitAccessTokenExp"]) = ("ES256", "true"));
        foreach (var (life, bounded) in ((int, bool)[])[(200, true), (3600, false)])
        {
            var claims = Claims(room);
            var end = Now + life;
            claims["exp"] = end;
            var answer = await AskAsync(room, FakeProvider.Sign(claims));
            Assert.Equal(JoseFault.None, Jws.TryParse(answer.GetProperty("access_token").GetString()!, out var jws));
            using var token = jws!.Claims();
            Assert.Equal(bounded, token!.Seconds("exp") == end);
            Assert.True(token.Seconds("exp") <= end && answer.GetProperty("expires_in").GetInt32() <= 300);
        }
    }

    [Fact]
    public async Task The_event_says_whom_the_provider_meant()
    {
        await using var room = await LinkedAsync();
        var realm = await room.RealmAsync();
        var settings = realm.Settings.ShallowCopy();
        settings.EventsEnabled = true;
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
        Assert.True((await AskAsync(room, FakeProvider.Sign(Claims(room)))).TryGetProperty("access_token", out _));
        var left = Assert.Single(await room.Server.Services.GetRequiredService<IEventStore>().ListAsync(realm.Id, new EventQuery(Max: 50)), e => e.Type == EventTypes.JwtAuthorizationGrant);
        Assert.Equal(("up", FakeProvider.Issuer, "subject-1"), (left.Details!["identity_provider"], left.Details["identity_provider_issuer"], left.Details["identity_provider_user_id"]));
    }

    [Fact]
    public async Task A_disabled_provider_vouches_for_nobody()
    {
        await using var room = await LinkedAsync();
        await room.ChangeAsync("up", p => p.Enabled = false);
        Assert.Equal("Identity Provider is not allowed for the client", (await AskAsync(room, FakeProvider.Sign(Claims(room)))).GetProperty("error_description").GetString());
    }

    [Fact]
    public async Task What_keeps_a_client_from_it_is_said()
    {
        await using var room = await LinkedAsync();
        Assert.Equal("Missing parameter:assertion", await WhyAsync("assertion"));
        await SetClientAsync(room, client => client.Attributes!["oauth2.jwt.authorization.grant.idp"] = "another");
        Assert.Equal("Identity Provider is not allowed for the client", await WhyAsync());
        await SetClientAsync(room, client => client.Attributes!["oauth2.jwt.authorization.grant.enabled"] = "false");
        Assert.Equal("JWT Authorization Grant is not supported for the requested client", await WhyAsync());
        await SetClientAsync(room, client => client.PublicClient = true);
        Assert.Equal("Public client not allowed to use authorization grant", await WhyAsync());

        async Task<string?> WhyAsync(string? without = null) => (await AskAsync(room, FakeProvider.Sign(Claims(room)), without)).GetProperty("error_description").GetString();
    }

    private static readonly Dictionary<string, Func<BrokerRoom, Task>> s_gone = new()
    {
        ["person disabled"] = room => room.ChangeUserAsync("una", una => una.Enabled = false),
        ["person locked"] = LockAsync,
        ["person not asked for consent"] = room => SetClientAsync(room, client => client.ConsentRequired = true),
        ["person deleted"] = async room => await room.Realms.ApplyAsync(new ChangeSet((await room.RealmAsync()).Id).Add(new DeleteUser((await UnaAsync(room)).Id))),
        ["link removed"] = async room => await room.Realms.ApplyAsync(new ChangeSet((await room.RealmAsync()).Id).Add(new DeleteFederatedIdentity((await UnaAsync(room)).Id, "up"))),
        ["client disabled"] = room => SetClientAsync(room, client => client.Enabled = false),
        ["grant switched off"] = room => SetClientAsync(room, client => client.Attributes!["oauth2.jwt.authorization.grant.enabled"] = "false"),
        ["provider no longer the client's"] = room => SetClientAsync(room, client => client.Attributes!["oauth2.jwt.authorization.grant.idp"] = "second"),
        ["realm disabled"] = async room =>
        {
            var realm = await room.RealmAsync();
            var settings = realm.Settings.ShallowCopy();
            settings.Enabled = false;
            await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
        },
    };

    public static TheoryData<string> Gone => [.. s_gone.Keys];

    /// <summary>CVE-2025-14559, CVE-2026-1609: whoever was switched off since gets no token by an assertion either, however good it is.</summary>
    [Theory]
    [MemberData(nameof(Gone))]
    public async Task CVE_2025_14559_and_2026_1609_an_assertion_for_what_is_switched_off_gets_no_token(string what)
    {
        await using var room = await LinkedAsync();
        Assert.True((await AskAsync(room, FakeProvider.Sign(Claims(room)))).TryGetProperty("access_token", out _));
        await s_gone[what](room);
        var answer = await AskAsync(room, FakeProvider.Sign(Claims(room)));
        Assert.False(answer.TryGetProperty("access_token", out _), answer.ToString());
        Assert.True(answer.TryGetProperty("error", out _), answer.ToString());
    }

    [Fact]
    public async Task A_client_that_asks_for_consent_gets_a_token_where_there_is_one()
    {
        await using var room = await LinkedAsync();
        await SetClientAsync(room, client => client.ConsentRequired = true);
        var realm = await room.RealmAsync();
        var client = (await room.Server.Services.GetRequiredService<Core.Clients.IClients>().FindAsync(realm, "api"))!;
        var consent = new UserConsentRepresentation { ClientId = client.Id, GrantedClientScopes = [.. client.DefaultScopes.Select(s => s.Id)] };
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutConsent((await UnaAsync(room)).Id, consent)));
        Assert.True((await AskAsync(room, FakeProvider.Sign(Claims(room)))).TryGetProperty("access_token", out _));
    }

    /// <summary>CVE-2026-9704: without one of its parameters a request is refused; it is never taken for another one, of the client for itself say.</summary>
    [Theory]
    [InlineData("grant_type"), InlineData("assertion"), InlineData("client_id"), InlineData("client_secret")]
    public async Task CVE_2026_9704_a_request_without_one_of_its_parameters_is_refused(string left)
    {
        await using var room = await LinkedAsync();
        await SetClientAsync(room, client => client.ServiceAccountsEnabled = true);
        var answer = await AskAsync(room, FakeProvider.Sign(Claims(room)), left);
        Assert.False(answer.TryGetProperty("access_token", out _), answer.ToString());
    }

    private static async Task LockAsync(BrokerRoom room)
    {
        var realm = await room.RealmAsync();
        var settings = realm.Settings.ShallowCopy();
        (settings.BruteForceProtected, settings.FailureFactor) = (true, 1);
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
        await using var attempt = await room.Server.Services.GetRequiredService<BruteForceGuard>().BeginAsync(await room.RealmAsync(), await UnaAsync(room), null);
        await attempt.FailedAsync();
    }

    private static async Task<User> UnaAsync(BrokerRoom room) => (await room.Users.FindByUsernameAsync((await room.RealmAsync()).Id, "una"))!;

    private static async Task SetClientAsync(BrokerRoom room, Action<ClientRepresentation> change)
    {
        var realm = await room.RealmAsync();
        var client = (await room.Server.Services.GetRequiredService<Core.Clients.IClients>().FindAsync(realm, "api"))!;
        var copy = JsonSerializer.Deserialize(JsonSerializer.Serialize(client.Representation, AdminJson.Default.ClientRepresentation), AdminJson.Default.ClientRepresentation)!;
        change(copy);
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutClient(copy)));
    }

    private static JsonObject Claims(BrokerRoom room) => new()
    {
        ["iss"] = FakeProvider.Issuer, ["sub"] = "subject-1", ["aud"] = room.Issuer, ["iat"] = Now, ["exp"] = Now + 60, ["jti"] = Core.Ids.New(),
    };

    private static async Task<BrokerRoom> LinkedAsync()
    {
        var room = await BrokerRoom.OpenAsync();
        Assert.NotNull((await room.ArriveAsync()).Code);
        return room;
    }

    private static async Task<JsonElement> AskAsync(BrokerRoom room, string assertion, string? without = null)
    {
        using var client = new HttpClient();
        KeyValuePair<string, string>[] fields =
        [
            new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), new("assertion", assertion), new("client_id", "api"), new("client_secret", "a-secret-of-the-api"),
        ];
        using var form = new FormUrlEncodedContent(fields.Where(f => f.Key != without));
        using var answer = await client.PostAsync($"{room.Issuer}/protocol/openid-connect/token", form);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}
