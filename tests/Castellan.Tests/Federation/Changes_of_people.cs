using Castellan.Core.Credentials;
using Castellan.Core.Federation;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Federation;

/// <summary>What is changed of people of a directory goes there, or is refused, or stays here: as the federation is set.</summary>
public sealed class Changes_of_people
{
    private static readonly (string, string)[] s_writable = [("editMode", "WRITABLE"), ("syncRegistrations", "true")];

    [Fact]
    public async Task Go_to_a_directory_that_can_be_written()
    {
        var world = await DirectoryWorld.MakeAsync(settings: s_writable);
        await world.ChangeAsync((await world.FindAsync("lara"))!, user => (user.LastName, user.Email) = ("Larsen", "larsen@example.org"));
        var entry = (await world.EntryAsync(world.Dn("lara")))!;
        Assert.Equal(("Larsen", "larsen@example.org"), (entry.Text("sn"), entry.Text("mail")));
        await world.ChangeAsync((await world.FindAsync("lara"))!, user => user.Username = "larissa");
        Assert.Null(await world.EntryAsync(world.Dn("lara")));
        Assert.Equal(world.Dn("larissa"), (await world.FindAsync("larissa"))!.Attribute("LDAP_ENTRY_DN"));
        Assert.Equal(200, (await world.SignInAsync("larissa", "lara-secret")).Status);
    }

    [Theory]
    [InlineData("Toll, dc=example")]
    [InlineData("a+cn=b")]
    public async Task Cannot_name_another_entry(string name)
    {
        var world = await DirectoryWorld.MakeAsync(settings: s_writable);
        await world.ApplyAsync(new PutUser(New(name)));
        var dn = Protocol.Ldap.LdapDn.Parse((await world.KeptAsync(name.ToLowerInvariant()))!.Attribute("LDAP_ENTRY_DN")!)!;
        Assert.Equal(Protocol.Ldap.LdapDn.Parse(world.People)!.Parts.Count + 1, dn.Parts.Count);
        Assert.Equal(name.ToLowerInvariant(), dn.First("uid"));
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task Passwords_are_the_directory_s(string extended)
    {
        var world = await DirectoryWorld.MakeAsync(settings: [.. s_writable, ("usePasswordModifyExtendedOp", extended)]);
        var lara = (await world.FindAsync("lara"))!;
        await world.ApplyAsync([.. (await ChangeAsync(world, lara, "another-secret")).Changes]);
        Assert.True(await world.AcceptsAsync(world.Dn("lara"), "another-secret"));
        Assert.Equal(200, (await world.SignInAsync("lara", "another-secret")).Status);
        Assert.DoesNotContain(await world.Federations.Stored.CredentialsAsync((await world.Realm.NowAsync()).Id, lara.Id), c => c.Type == "password");
    }

    [Fact]
    public async Task Who_is_made_here_is_made_there_and_goes_there_too()
    {
        var world = await DirectoryWorld.MakeAsync(settings: s_writable);
        var user = New("ulla");
        user.Email = "ulla@example.org";
        var passwords = world.Realm.Server.Services.GetRequiredService<PasswordChanges>();
        var first = await passwords.FirstAsync(await world.Realm.NowAsync(), user.Id!, user.Username, null, "ulla-secret");
        await world.ApplyAsync([new PutUser(user), .. first.Changes]);
        Assert.NotNull(await world.EntryAsync(world.Dn("ulla")));
        Assert.Equal(200, (await world.SignInAsync("ulla", "ulla-secret")).Status);
        await Assert.ThrowsAsync<DuplicateException>(() => world.ApplyAsync(new PutUser(New("ulla"))));
        await world.ApplyAsync(new DeleteUser(user.Id!));
        Assert.Null(await world.EntryAsync(world.Dn("ulla")));
    }

    [Theory]
    [InlineData("read.only", "true", null)]
    [InlineData("read.only", "false", "blue")]
    public async Task What_is_only_read_is_given_to_no_new_entry(string setting, string value, string? written)
    {
        var world = await DirectoryWorld.MakeAsync(settings: s_writable);
        await world.MapAsync("user-attribute-ldap-mapper", ("user.model.attribute", "colour"), ("ldap.attribute", "description"), (setting, value));
        var user = New("ulla");
        user.Attributes = new(StringComparer.Ordinal) { ["colour"] = ["blue"] };
        await world.ApplyAsync(new PutUser(user));
        Assert.Equal(written, (await world.EntryAsync(world.Dn("ulla")))!.Text("description"));
    }

    [Theory]
    [InlineData("", "", " ")]
    [InlineData("attribute.force.default", "true", " ")]
    [InlineData("attribute.force.default", "false", null)]
    [InlineData("attribute.default.value", "none", "none")]
    public async Task What_is_mandatory_and_has_no_value_gets_one(string setting, string value, string? written)
    {
        var world = await DirectoryWorld.MakeAsync(settings: s_writable);
        await world.SetAsync(world.Dn("lara"), "description", "blue");
        await world.MapAsync(
            "user-attribute-ldap-mapper", [("user.model.attribute", "colour"), ("ldap.attribute", "description"), ("is.mandatory.in.ldap", "true"), .. setting.Length > 0 ? [(setting, value)] : Array.Empty<(string, string)>()]);
        await world.ChangeAsync((await world.FindAsync("lara"))!, user => user.Attributes!.Remove("colour"));
        Assert.Equal(written, (await world.EntryAsync(world.Dn("lara")))!.Text("description"));
    }

    [Theory]
    [InlineData("", "", " ")]
    [InlineData("attribute.force.default", "false", null)]
    [InlineData("attribute.default.value", "none", "none")]
    public async Task Who_is_made_without_what_is_mandatory_is_refused_or_gets_what_stands_for_it(string setting, string value, string? written)
    {
        var world = await DirectoryWorld.MakeAsync(settings: s_writable);
        await world.MapAsync(
            "user-attribute-ldap-mapper", [("user.model.attribute", "colour"), ("ldap.attribute", "description"), ("is.mandatory.in.ldap", "true"), .. setting.Length > 0 ? [(setting, value)] : Array.Empty<(string, string)>()]);
        if (written is null)
        {
            Assert.Contains("[description]", (await Assert.ThrowsAsync<FederationRefusal>(() => world.ApplyAsync(new PutUser(New("ulla"))))).Error, StringComparison.Ordinal);
        }
        else
        {
            await world.ApplyAsync(new PutUser(New("ulla")));
        }

        Assert.Equal(written, (await world.EntryAsync(world.Dn("ulla")))?.Text("description"));
    }

    [Fact]
    public async Task Who_is_made_where_nobody_is_imported_lives_in_the_directory_alone()
    {
        var world = await DirectoryWorld.MakeAsync(settings: [.. s_writable, ("importEnabled", "false")]);
        var realm = await world.Realm.NowAsync();
        var user = New("ulla");
        user.Id = RealmFederations.Of(realm).NewId("ulla");
        user.Email = "ulla@example.org";
        user.RequiredActions = ["VERIFY_EMAIL"];
        var first = await world.Realm.Server.Services.GetRequiredService<PasswordChanges>().FirstAsync(realm, user.Id, user.Username, null, "ulla-secret");
        var role = realm.Settings.DefaultRole!.Id!;
        await world.ApplyAsync([new PutUser(user) { IsNew = true }, new AddRole(RoleOwner.User, user.Id, role), .. first.Changes]);
        Assert.Equal("L", (await world.EntryAsync(world.Dn("ulla")))!.Text("sn"));
        Assert.Null(await world.KeptAsync("ulla"));
        var answer = await world.SignInAsync("ulla", "ulla-secret");
        Assert.Equal($"f:{world.Id}:ulla", answer.Claims("id_token").GetProperty("sub").GetString());
        Assert.Contains(role, (await world.FindAsync("ulla"))!.RoleIds);

        // Somebody who takes the name at the same time gets no way into this account.
        await Assert.ThrowsAsync<DuplicateException>(() => world.ApplyAsync([new PutUser(user) { IsNew = true }, new SetDirectoryPassword(user.Id, "stolen")]));
        Assert.True(await world.AcceptsAsync(world.Dn("ulla"), "ulla-secret"));
        await world.ApplyAsync(new DeleteUser(user.Id));
        Assert.Null(await world.EntryAsync(world.Dn("ulla")));
    }

    [Fact]
    public async Task Of_somebody_in_a_directory_alone_nothing_is_written_here_while_it_is_down()
    {
        var world = await DirectoryWorld.MakeAsync(settings: [("editMode", "WRITABLE"), ("importEnabled", "false")]);
        var lara = (await world.FindAsync("lara"))!;
        await world.FederateAsync(("editMode", "WRITABLE"), ("importEnabled", "false"), ("connectionUrl", "ldap://127.0.0.1:1"));
        await Assert.ThrowsAsync<FederationRefusal>(() => world.ChangeAsync(lara, user => user.LastName = "Larsen"));
        await Assert.ThrowsAsync<FederationRefusal>(() => world.ApplyAsync(new DeleteUser(lara.Id)));
        Assert.Null(await world.KeptAsync("lara"));
    }

    [Fact]
    public async Task Passwords_that_the_directory_does_not_take_are_asked_for_again()
    {
        var world = await DirectoryWorld.MakeAsync(settings: s_writable);
        var lara = (await world.FindAsync("lara"))!;
        var changes = (await ChangeAsync(world, lara, "too-weak-for-it")).Changes;
        Assert.Equal("invalidPasswordGenericMessage", (await Assert.ThrowsAsync<FederationRefusal>(() => world.ApplyAsync([.. changes]))).Error);
        await world.ChangeAsync(lara, user => user.RequiredActions = ["UPDATE_PASSWORD"]);
        using var browser = new Login.TestBrowser(world.Realm.Server.Url);
        await browser.GetAsync($"{world.Realm.Issuer}/protocol/openid-connect/auth?client_id=web&redirect_uri={Uri.EscapeDataString(Login.SignInServer.Callback)}&scope=openid&response_type=code");
        await browser.FollowAsync();
        await browser.SubmitAsync(("username", "lara"), ("password", "lara-secret"));
        await browser.SubmitAsync(("password-new", "too-weak-for-it"), ("password-confirm", "too-weak-for-it"));
        Assert.Equal("login-update-password", browser.PageId);
        Assert.Contains("password policies", browser.Text, StringComparison.Ordinal);
        Assert.True(await world.AcceptsAsync(world.Dn("lara"), "lara-secret"));
        await browser.SubmitAsync(("password-new", "strong-enough"), ("password-confirm", "strong-enough"));
        Assert.NotNull(browser.Code);
        Assert.True(await world.AcceptsAsync(world.Dn("lara"), "strong-enough"));
    }

    [Fact]
    public async Task Who_registers_with_a_password_that_the_directory_does_not_take_is_asked_for_another()
    {
        var world = await DirectoryWorld.MakeAsync(realm => realm.RegistrationAllowed = true, s_writable);
        using var browser = await RegisterAsync(world, "nora", "too-weak-for-it");
        Assert.Equal("login-update-password", browser.PageId);
        Assert.NotNull(await world.EntryAsync(world.Dn("nora")));
        Assert.False(await world.AcceptsAsync(world.Dn("nora"), "too-weak-for-it"));
        await browser.SubmitAsync(("password-new", "strong-enough"), ("password-confirm", "strong-enough"));
        Assert.NotNull(browser.Code);
        Assert.True(await world.AcceptsAsync(world.Dn("nora"), "strong-enough"));
    }

    [Fact]
    public async Task Who_registers_while_the_directory_takes_nobody_is_not_told_of_a_name_in_use()
    {
        var world = await DirectoryWorld.MakeAsync(realm => realm.RegistrationAllowed = true, [.. s_writable, ("usersDn", "ou=nowhere," + TestSlapd.Suffix)]);
        using var browser = await RegisterAsync(world, "nora", "strong-enough");
        Assert.Equal("register", browser.PageId);
        Assert.Contains("internal server error", browser.Text, StringComparison.Ordinal);
        Assert.Null(await world.KeptAsync("nora"));
    }

    private static async Task<Login.TestBrowser> RegisterAsync(DirectoryWorld world, string name, string password)
    {
        var browser = new Login.TestBrowser(world.Realm.Server.Url);
        await browser.GetAsync($"{world.Realm.Issuer}/protocol/openid-connect/registrations?client_id=web&redirect_uri={Uri.EscapeDataString(Login.SignInServer.Callback)}&scope=openid&response_type=code");
        await browser.FollowAsync();
        await browser.SubmitAsync(("username", name), ("email", name + "@example.org"), ("firstName", "N"), ("lastName", "N"), ("password", password), ("password-confirm", password));
        return browser;
    }

    [Fact]
    public async Task Another_name_and_a_password_come_in_one_set()
    {
        var world = await DirectoryWorld.MakeAsync(settings: s_writable);
        var lara = (await world.FindAsync("lara"))!;
        var renamed = UserRepresentations.Copy(lara.Representation);
        renamed.Username = "larissa";
        await world.ApplyAsync([new PutUser(renamed), .. (await ChangeAsync(world, lara, "another-secret")).Changes]);
        Assert.True(await world.AcceptsAsync(world.Dn("larissa"), "another-secret"));
    }

    [Theory]
    [InlineData("ou=new")]
    [InlineData(" ou=new, ")]
    public async Task New_entries_have_a_place_of_their_own(string place)
    {
        var world = await DirectoryWorld.MakeAsync(settings: [.. s_writable, ("relativeCreateDn", place)]);
        await world.AddAsync("ou=new," + world.People, ("objectClass", "organizationalUnit"));
        await world.MapAsync("hardcoded-ldap-attribute-mapper", ("ldap.attribute.name", "description"), ("ldap.attribute.value", "a-${RANDOM}-${b}"));
        await world.ApplyAsync(new PutUser(New("ulla")));
        Assert.Matches("^a-[A-Za-z0-9]{30}-b$", (await world.EntryAsync("uid=ulla,ou=new," + world.People))!.Text("description"));
    }

    [Fact]
    public async Task Of_a_set_that_cannot_be_written_nothing_stays_in_the_directory()
    {
        var world = await DirectoryWorld.MakeAsync(settings: s_writable);
        var user = New("ulla");
        user.Email = "alice@example.org";
        await Assert.ThrowsAsync<DuplicateException>(() => world.ApplyAsync(new PutUser(user)));
        Assert.Null(await world.EntryAsync(world.Dn("ulla")));
    }

    [Fact]
    public async Task Are_refused_where_the_directory_is_only_read()
    {
        var world = await DirectoryWorld.MakeAsync();
        var lara = (await world.FindAsync("lara"))!;
        var values = new Dictionary<string, List<string>>(StringComparer.Ordinal)
        {
            ["username"] = ["lara"], ["email"] = ["lara@example.org"], ["firstName"] = ["Lara"], ["lastName"] = ["Larsen"],
        };
        var outcome = await world.Realm.Server.Services.GetRequiredService<UserProfiles>().ApplyAsync(await world.Realm.NowAsync(), new ProfileRequest(ProfileContext.Admin, lara, values));
        Assert.Equal(("lastName", "error-user-attribute-read-only"), (Assert.Single(outcome.Errors).Attribute, outcome.Errors[0].Message));
        Assert.Equal(PasswordRefusal.ReadOnly, (await ChangeAsync(world, lara, "another-secret")).Refusal);
        await world.ChangeAsync(lara, user => (user.LastName, user.Enabled) = ("Larsen", false));
        Assert.Equal(("Lind", false), ((await world.FindAsync("lara"))!.Representation.LastName, (await world.FindAsync("lara"))!.Enabled));
        await world.ApplyAsync(new DeleteUser(lara.Id));
        Assert.NotNull(await world.EntryAsync(world.Dn("lara")));
    }

    [Fact]
    public async Task Stay_here_where_they_are_not_to_be_synchronized()
    {
        var world = await DirectoryWorld.MakeAsync(settings: ("editMode", "UNSYNCED"));
        var lara = (await world.FindAsync("lara"))!;
        await world.ApplyAsync([.. (await ChangeAsync(world, lara, "another-secret")).Changes]);
        Assert.Equal(200, (await world.SignInAsync("lara", "another-secret")).Status);
        Assert.NotEqual(200, (await world.SignInAsync("lara", "lara-secret")).Status);
        Assert.True(await world.AcceptsAsync(world.Dn("lara"), "lara-secret"));
    }

    [Fact]
    public async Task Wait_for_a_directory_that_is_down()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.SyncAsync();
        await world.FederateAsync(("connectionUrl", "ldap://127.0.0.1:1"));
        var refusal = await Assert.ThrowsAsync<FederationRefusal>(async () => await world.ChangeAsync((await world.FindAsync("lara"))!, user => user.RequiredActions = []));
        Assert.Contains("currently unavailable", refusal.Error, StringComparison.Ordinal);
        Assert.True((await world.KeptAsync("lara"))!.Enabled);
        await world.ApplyAsync(new PutUser(New("walt")));
        Assert.Null((await world.FindAsync("walt"))!.Federated);
    }

    [Fact]
    public async Task With_the_federation_its_people_go_and_others_stay()
    {
        var world = await DirectoryWorld.MakeAsync(settings: s_writable);
        await world.SyncAsync();
        await world.ApplyAsync(new DeletePart(PartKind.Component, world.Id));
        Assert.Equal(["alice"], await world.ListAsync(new UserQuery()));
        Assert.NotNull(await world.EntryAsync(world.Dn("lara")));
    }

    [Fact]
    public void A_secret_is_in_no_text()
    {
        Assert.DoesNotContain("hush", new SetDirectoryPassword("u", "hush").ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", new DirectorySettings("r", "ldap://x", "cn=x", "hush", false, default, default, 0).ToString(), StringComparison.Ordinal);
    }

    private static UserRepresentation New(string name) => new()
    {
        Id = Core.Ids.New(), Username = name.ToLowerInvariant(), FirstName = "F", LastName = "L", Enabled = true, CreatedTimestamp = 1,
    };

    private static async Task<PasswordChange> ChangeAsync(DirectoryWorld world, User user, string password) =>
        await world.Realm.Server.Services.GetRequiredService<PasswordChanges>().ReplaceAsync(await world.Realm.NowAsync(), user, password);
}
