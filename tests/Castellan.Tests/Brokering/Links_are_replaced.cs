using System.Net;
using Castellan.Core.Brokering;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Brokering;

/// <summary>A person has one account of a provider. Another takes its place only when they were asked (<c>idp-confirm-override-link</c>) and proved themselves.</summary>
public sealed class Links_are_replaced
{
    /// <summary>A realm whose provider asks before a link is replaced; alice is linked to another account of it.</summary>
    private static async Task<BrokerRoom> OpenAsync(string then = "R idp-auto-link", string? flow = "asking")
    {
        var room = await BrokerRoom.OpenAsync();
        await TestFlows.PutAsync(room.Server, BrokerRoom.RealmName, ("asking", ["R idp-detect-existing-broker-user", "R idp-confirm-override-link", then]));
        await room.ChangeAsync("up", p => p.FirstBrokerLoginFlowAlias = flow);
        room.Up.Email = "alice@example.org";
        return room;
    }

    private static async Task LinkAsync(BrokerRoom room, string provider = "up")
    {
        var realm = await room.RealmAsync();
        var alice = (await room.Users.FindByUsernameAsync(realm.Id, "alice"))!;
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutFederatedIdentity(alice.Id, new() { IdentityProvider = provider, UserId = "subject-0", UserName = "una-of-old" })));
    }

    private static async Task<Realm> KeepEventsAsync(BrokerRoom room)
    {
        var realm = await room.RealmAsync();
        var settings = realm.Settings.ShallowCopy();
        settings.EventsEnabled = true;
        await room.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
        return realm;
    }

    private static async Task<string> LinkedAsync(BrokerRoom room) => string.Join(' ', (await room.LinksAsync("alice")).Select(l => $"{l.IdentityProvider}:{l.UserId}:{l.UserName}"));

    [Fact]
    public async Task A_link_is_replaced_when_the_person_says_so()
    {
        await using var room = await OpenAsync();
        var realm = await KeepEventsAsync(room);
        await LinkAsync(room);
        using var browser = await room.ArriveAsync();
        Assert.Equal("login-idp-link-confirm-override", browser.PageId);
        Assert.Contains("You are trying to link your account alice with the up account una. But your account is already linked with different up account una-of-old.", browser.Text, StringComparison.Ordinal);
        Assert.Contains("id=\"loginRestartLink\"", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync();
        Assert.Equal("login-idp-link-confirm-override", browser.PageId);
        Assert.Equal("up:subject-0:una-of-old", await LinkedAsync(room));
        await browser.SubmitAsync(("submitAction", "confirmOverride"));
        Assert.NotNull(browser.Code);
        Assert.Equal("up:subject-1:una", await LinkedAsync(room));

        var events = await room.Server.Services.GetRequiredService<IEventStore>().ListAsync(realm.Id, new EventQuery(), TestContext.Current.CancellationToken);
        var told = Assert.Single(events, e => e.Type == EventTypes.FederatedIdentityOverrideLink);
        Assert.Equal(("up", "una", "una-of-old"), (told.Details!["identity_provider"], told.Details["identity_provider_identity"], told.Details["previous_identity_provider_identity"]));
        Assert.Contains(events, e => e.Type == EventTypes.FederatedIdentityLink);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("second")]
    public async Task Who_has_no_other_account_of_the_provider_is_not_asked(string? other)
    {
        await using var room = await OpenAsync();
        if (other is not null)
        {
            await LinkAsync(room, other);
        }

        using var browser = await room.ArriveAsync();
        Assert.NotNull(browser.Code);
        Assert.Contains("up:subject-1:una", await LinkedAsync(room), StringComparison.Ordinal);
    }

    /// <summary>To say yes is no proof: the steps behind the question still ask for one.</summary>
    [Fact]
    public async Task A_yes_alone_replaces_nothing()
    {
        await using var room = await OpenAsync("R idp-username-password-form");
        await LinkAsync(room);
        using var browser = await room.ArriveAsync();
        await browser.SubmitAsync(("submitAction", "confirmOverride"));
        Assert.Equal("login", browser.PageId);
        await browser.SubmitAsync(("username", "alice"), ("password", "wrong"));
        Assert.Equal("up:subject-0:una-of-old", await LinkedAsync(room));
        await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
        Assert.NotNull(browser.Code);
        Assert.Equal("up:subject-1:una", await LinkedAsync(room));
    }

    /// <summary>An application that has an account linked replaces none: the person was not asked about the other one.</summary>
    [Fact]
    public async Task An_application_replaces_no_link()
    {
        await using var room = await OpenAsync();
        var realm = await KeepEventsAsync(room);
        await LinkAsync(room);
        await room.LetAliceLinkAsync();
        using var browser = room.Server.Browser();
        await browser.OpenAsync(BrokerRoom.RealmName, ("kc_action", "idp_link:up"));
        await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
        Assert.Equal("link-idp-action", browser.PageId);
        await browser.SubmitAsync(("continue", ""));
        room.Up.Nonce = BrokerRoom.Sent(browser, "nonce");
        await browser.GetAsync(room.Answer(browser));
        await browser.FollowAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        Assert.Contains("Your account is already linked to the identity provider up.", browser.Text, StringComparison.Ordinal);
        Assert.Equal("up:subject-0:una-of-old", await LinkedAsync(room));
        var events = await room.Server.Services.GetRequiredService<IEventStore>().ListAsync(realm.Id, new EventQuery(), TestContext.Current.CancellationToken);
        var told = Assert.Single(events, e => e.Type.StartsWith(EventTypes.FederatedIdentityLink, StringComparison.Ordinal));
        Assert.Equal(("identityProviderAlreadyLinkedToCurrentUserMessage", "una"), (told.Error, told.Details!["identity_provider_identity"]));
    }

    /// <summary>Two tabs of one person come back with two accounts at the same moment: one is linked, and the other is told that there is one.</summary>
    [Fact]
    public async Task Of_two_accounts_that_one_person_links_at_once_one_is_linked()
    {
        await using var room = await BrokerRoom.OpenAsync(services => services.AddSingleton<IRealms>(s => new SlowWrites<PutFederatedIdentity>(s.GetRequiredService<RealmCache>())));
        var (services, realm) = (room.Server.Services, await room.RealmAsync());
        var alice = (await room.Users.FindByUsernameAsync(realm.Id, "alice"))!;
        var client = (await services.GetRequiredService<IClients>().FindAsync(realm, "web", TestContext.Current.CancellationToken))!;
        async Task<Linking> Link(string subject) => await services.GetRequiredService<BrokeredUsers>().LinkAsync(new LoginContext
        {
            Realm = realm, Client = client, Services = services.GetRequiredService<LoginServices>(), Request = new LoginRequest(null, room.Server.Base, room.Issuer), Event = new LoginEvent { Type = EventTypes.Login },
            Tab = new AuthenticationTab { RealmId = realm.Id, RootId = "", TabId = "", ClientId = client.Id, Started = 0 }, Ct = TestContext.Current.CancellationToken,
        }, new BrokeredIdentity { Provider = "up", Id = subject, Username = subject }, alice);

        var both = await Task.WhenAll(Task.Run(() => Link("subject-1")), Task.Run(() => Link("subject-2")));
        Assert.Equal([Linking.Done, Linking.ToAnother], both.Order());
        var linked = both[0] == Linking.Done ? "subject-1" : "subject-2";
        Assert.Equal($"up:{linked}:{linked}", await LinkedAsync(room));
    }

    /// <summary>A flow without the question keeps the link that there is, whatever else was proved.</summary>
    [Fact]
    public async Task Where_nobody_asks_the_link_stays()
    {
        await using var room = await OpenAsync(flow: null);
        await LinkAsync(room);
        using var browser = await room.ArriveAsync();
        await browser.SubmitAsync(("submitAction", "linkAccount"));
        await browser.SubmitAsync(("username", "alice"), ("password", BrokerRoom.Password));
        Assert.Null(browser.Code);
        Assert.Equal((HttpStatusCode.Conflict, "error"), (browser.Status, browser.PageId));
        Assert.Contains("Your account is already linked to the identity provider up.", browser.Text, StringComparison.Ordinal);
        Assert.Equal("up:subject-0:una-of-old", await LinkedAsync(room));
    }
}
