using System.Buffers.Text;
using System.Net;
using System.Text;
using Castellan.Core;
using Castellan.Core.Mail;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Security;

/// <summary>Links of invitations: they count for one organization and one address, once (CVE-2026-1529).</summary>
public sealed class Invitations_lead_into_one_organization
{
    private const string Password = "Correct-horse-1";
    private const string There = "https://acme.example/hello";

    private const string RealmFile = $$"""
        {
          "realm": "shop", "enabled": true, "organizationsEnabled": true, "eventsEnabled": true,
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "credentials": [{"type": "password", "value": "{{Password}}"}]},
                    {"username": "bob", "enabled": true, "email": "bob@example.org", "firstName": "B", "lastName": "B"}]
        }
        """;

    /// <summary>A realm with two organizations, and what invites into them.</summary>
    private sealed class Room(SignInServer server, Realm realm) : IAsyncDisposable
    {
        public SignInServer Server => server;

        public Realm Realm => realm;

        public ActionTokens Tokens => server.Services.GetRequiredService<ActionTokens>();

        public IOrganizationStore Organizations => server.Services.GetRequiredService<IOrganizationStore>();

        public string Issuer => $"{server.Base}/realms/shop";

        public static async Task<Room> OpenAsync()
        {
            var server = await SignInServer.StartAsync(RealmFile);
            var room = new Room(server, (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!);
            await room.ApplyAsync(new PutOrganization(new() { Id = "acme", Name = "Acme", Alias = "acme", Enabled = true }), new PutOrganization(new() { Id = "globex", Name = "Globex", Alias = "globex", Enabled = true }));
            return room;
        }

        public async Task ApplyAsync(params Change[] changes) => await server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(changes));

        public async Task<User> UserAsync(string name) => (await server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, name))!;

        /// <summary>An invitation that stands, and its token.</summary>
        public async Task<ActionToken> InviteAsync(string email, string? userId = null, string organization = "acme", int seconds = 300)
        {
            var expires = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + (seconds * 1000);
            var invitation = new Invitation(Ids.New(), organization, email, null, null, expires - 1000, expires);
            await ApplyAsync(new PutInvitation(invitation));
            return new(ActionTypes.Invitation, userId ?? "", email, expires / 1000) { Nonce = invitation.Id, Client = "account", Organization = organization, RedirectUri = There };
        }

        public async Task<TestBrowser> FollowAsync(ActionToken token) => await FollowAsync(await Tokens.IssueAsync(realm, token, Issuer), token.UserId.Length == 0);

        public async Task<TestBrowser> FollowAsync(string text, bool newcomer)
        {
            var browser = server.Browser();
            await browser.GetAsync(newcomer ? $"/realms/shop/protocol/openid-connect/registrations?response_type=code&client_id=account&token={text}" : $"/realms/shop/login-actions/action-token?key={text}");
            return browser;
        }

        /// <summary>Who is in which organization.</summary>
        public async Task<string> MembersAsync()
        {
            var all = new List<string>();
            foreach (var organization in (string[])["acme", "globex"])
            {
                all.AddRange((await Organizations.MembersAsync(realm.Id, organization, new(), 0, -1)).Select(m => $"{organization}:{m.User.Username}{(m.Managed ? " managed" : "")}"));
            }

            return string.Join(' ', all);
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }

    private static (string, string)[] Person(string name, string email) =>
        [("username", name), ("email", email), ("firstName", "N"), ("lastName", "N"), ("password", Password), ("password-confirm", Password)];

    [Fact]
    public async Task Who_has_an_account_confirms_and_is_a_member_but_not_signed_in()
    {
        await using var room = await Room.OpenAsync();
        var token = await room.InviteAsync("bob@example.org", (await room.UserAsync("bob")).Id);
        using var browser = await room.FollowAsync(token);
        Assert.Equal(("info", ""), (browser.PageId, await room.MembersAsync()));
        await browser.GetAsync(browser.Links.Single());
        Assert.Equal((There, "acme:bob"), (browser.Location, await room.MembersAsync()));
        Assert.DoesNotContain("KEYCLOAK_IDENTITY", browser.Cookies.Keys);
        Assert.Empty(await room.Organizations.InvitationsAsync(room.Realm.Id, "acme", new(), 0, -1));

        using var again = await room.FollowAsync(token);
        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.Contains("You are already a member of the Acme organization.", again.Text, StringComparison.Ordinal);
        // Nor does it bring back who was taken out.
        await room.ApplyAsync(new DeleteOrganizationMember("acme", (await room.UserAsync("bob")).Id));
        using var later = await room.FollowAsync(token);
        Assert.Contains("no longer valid", later.Text, StringComparison.Ordinal);
        Assert.Equal("", await room.MembersAsync());
    }

    [Fact]
    public async Task That_somebody_is_a_member_already_or_the_invitation_is_gone_is_told()
    {
        await using var room = await Room.OpenAsync();
        var bob = await room.UserAsync("bob");
        await room.ApplyAsync(new PutOrganization(new() { Id = "acme", Name = "Acme", Alias = "acme", Enabled = true, RedirectUrl = There }));
        var gone = await room.InviteAsync("bob@example.org", bob.Id);
        await room.ApplyAsync(new DeleteInvitation("acme", gone.Nonce));
        using var stale = await room.FollowAsync(gone);
        Assert.Contains("no longer valid", stale.Text, StringComparison.Ordinal);

        await room.ApplyAsync(new PutOrganizationMember("acme", bob.Id, false));
        using var member = await room.FollowAsync(gone);
        Assert.Contains($"href=\"{There}\"", member.Text, StringComparison.Ordinal);
        Assert.Equal(
            ["INVITE_ORG_ERROR invalid_token", "INVITE_ORG_ERROR user_org_member_already"],
            await FormsRealm.EventsAsync(room.Server));
        Assert.All(await FormsRealm.EventsAsync(room.Server, "org_id", "email", "username"), e => Assert.EndsWith(" org_id=acme email=bob@example.org username=bob", e, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_is_new_registers_with_the_address_that_was_invited_though_nobody_else_may()
    {
        await using var room = await Room.OpenAsync();
        var token = await room.InviteAsync("nora@example.org");
        using var browser = await room.FollowAsync(token);
        Assert.Equal("register", browser.PageId);
        Assert.Contains(">Create an account to join the Acme organization</h1>", browser.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"nora@example.org\"", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(Person("eve", "eve@example.org"));
        Assert.Equal("register", browser.PageId);
        Assert.Contains("Email does not match the invitation", browser.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(Person("nora", "Nora@Example.org"));
        Assert.StartsWith(There, browser.Location, StringComparison.Ordinal);
        Assert.Equal("acme:nora managed", await room.MembersAsync());
        Assert.False((await room.UserAsync("nora")).Representation.EmailVerified ?? false);

        using var again = await room.FollowAsync(token);
        Assert.Equal((HttpStatusCode.BadRequest, "info"), (again.Status, again.PageId));
        using var uninvited = room.Server.Browser();
        await uninvited.GetAsync("/realms/shop/protocol/openid-connect/registrations?response_type=code&client_id=web");
        Assert.Contains("Registration not allowed", uninvited.Text, StringComparison.Ordinal);
        // The mark of an invitation is the server's to set.
        await uninvited.GetAsync($"/realms/shop/protocol/openid-connect/registrations?response_type=code&client_id=web&organization-invitation=x");
        Assert.Contains("Registration not allowed", uninvited.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_browsers_with_the_same_link_one_registers()
    {
        await using var room = await Room.OpenAsync();
        var token = await room.InviteAsync("nora@example.org");
        using var first = await room.FollowAsync(token);
        using var second = await room.FollowAsync(token);
        await Task.WhenAll(first.SubmitAsync(Person("nora", "nora@example.org")), second.SubmitAsync(Person("norb", "nora@example.org")));
        Assert.Single(new[] { first, second }, b => b.Location?.StartsWith(There, StringComparison.Ordinal) ?? false);
        Assert.Single((await room.MembersAsync()).Split("acme:", StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_forged_invitation_joins_no_other_organization()
    {
        await using var room = await Room.OpenAsync();
        var bob = await room.UserAsync("bob");
        var alice = await room.UserAsync("alice");
        var known = await room.InviteAsync("bob@example.org", bob.Id);
        var newcomer = await room.InviteAsync("nora@example.org");
        foreach (var forged in new[]
        {
            // Another organization, address or person than the invitation's; no invitation; another type of token.
            known with { Organization = "globex" }, newcomer with { Organization = "globex" }, known with { Organization = null }, known with { Nonce = Ids.New() },
            newcomer with { Nonce = known.Nonce }, newcomer with { Email = "eve@example.org" }, known with { UserId = alice.Id },
            known with { UserId = alice.Id, Email = alice.Email }, known with { Type = ActionTypes.VerifyEmail }, newcomer with { Type = ActionTypes.VerifyEmail },
            newcomer with { UserId = bob.Id, Email = bob.Email }, newcomer with { Client = "web" }, newcomer with { Expires = newcomer.Expires - 600 },
        })
        {
            using var browser = await room.FollowAsync(forged);
            await LeadAsync(browser);
            using var other = await room.FollowAsync(await room.Tokens.IssueAsync(room.Realm, forged, room.Issuer), newcomer: true);
            Assert.Equal((HttpStatusCode.BadRequest, ""), (other.Status, await room.MembersAsync()));
        }

        // What was signed, with another organization written in afterwards.
        foreach (var token in new[] { known, newcomer })
        {
            var parts = (await room.Tokens.IssueAsync(room.Realm, token, room.Issuer)).Split('.');
            var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])).Replace("\"org_id\":\"acme\"", "\"org_id\":\"globex\"", StringComparison.Ordinal);
            var changed = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims));
            Assert.NotEqual(parts[1], changed);
            foreach (var text in (string[])[$"{parts[0]}.{changed}.{parts[2]}", $"{Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{changed}."])
            {
                using var browser = await room.FollowAsync(text, token == newcomer);
                Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
            }
        }

        Assert.Equal("", await room.MembersAsync());

        static async Task LeadAsync(TestBrowser browser)
        {
            foreach (var link in browser.Links.Where(l => l.Contains("action-token", StringComparison.Ordinal)))
            {
                await browser.GetAsync(link);
            }
        }
    }

    /// <summary>CVE-2025-64708: an invitation ends by the clock, whoever clears up.</summary>
    [Fact]
    public async Task An_invitation_that_was_taken_back_or_ran_out_or_whose_organization_is_off_leads_nowhere()
    {
        await using var room = await Room.OpenAsync();
        var gone = await room.InviteAsync("gone@example.org");
        using var waiting = await room.FollowAsync(gone);
        Assert.Equal("register", waiting.PageId);
        await room.ApplyAsync(new DeleteInvitation("acme", gone.Nonce));
        await waiting.SubmitAsync(Person("gone", "gone@example.org"));
        Assert.Equal((HttpStatusCode.BadRequest, "info"), (waiting.Status, waiting.PageId));

        var off = await room.InviteAsync("off@example.org");
        var late = await room.InviteAsync("late@example.org", seconds: -1);
        await room.ApplyAsync(new PutOrganization(new() { Id = "acme", Name = "Acme", Alias = "acme", Enabled = false }));
        foreach (var token in new[] { gone, off, late, late with { Expires = late.Expires + 600 } })
        {
            using var browser = await room.FollowAsync(token);
            Assert.Equal((HttpStatusCode.BadRequest, "info"), (browser.Status, browser.PageId));
        }

        Assert.Equal("", await room.MembersAsync());
    }

    [Fact]
    public async Task An_invitation_to_an_address_that_the_person_no_longer_has_is_not_followed()
    {
        await using var room = await Room.OpenAsync();
        var bob = await room.UserAsync("bob");
        var token = await room.InviteAsync("bob@example.org", bob.Id);
        var moved = UserRepresentations.Copy(bob.Representation);
        moved.Email = "elsewhere@example.org";
        await room.ApplyAsync(new PutUser(moved));
        using var browser = await room.FollowAsync(token);
        Assert.Equal((HttpStatusCode.BadRequest, ""), (browser.Status, await room.MembersAsync()));
    }
}
