using Castellan.Core;
using Castellan.Core.Credentials;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Federation;

/// <summary>Whether an account is on, and whether its password has to be changed, as directories of Microsoft's keep it.</summary>
public sealed class Accounts_of_Active_Directory
{
    private const string UpdatePassword = "UPDATE_PASSWORD";
    private const string SomeTime = "133000000000000000";

    private static readonly (string, string)[] s_writable = [("editMode", "WRITABLE"), ("syncRegistrations", "true")];

    [Theory]
    [InlineData("WRITABLE", "512", "0", true)]
    [InlineData("WRITABLE", "66048", "0", true)]
    [InlineData("WRITABLE", "512", SomeTime, false)]
    [InlineData("WRITABLE", "8389120", SomeTime, true)]
    [InlineData("READ_ONLY", "512", "0", false)]
    [InlineData("READ_ONLY", "8389120", SomeTime, false)]
    public async Task A_password_has_to_be_changed_where_it_can_be(string mode, string control, string set, bool required)
    {
        var world = await WorldAsync([("editMode", mode)], ("userAccountControl", control), ("pwdLastSet", set));
        Assert.Equal(required, (await world.FindAsync("anna"))!.Representation.RequiredActions!.Contains(UpdatePassword));
    }

    [Fact]
    public async Task Switching_an_account_leaves_the_rest_of_it_as_it_is()
    {
        var world = await WorldAsync(s_writable, ("userAccountControl", "66048"), ("pwdLastSet", SomeTime));
        await world.ChangeAsync((await world.FindAsync("anna"))!, user => user.Enabled = false);
        Assert.Equal("66050", await ValueAsync(world, "anna", "userAccountControl"));
        Assert.False((await world.FindAsync("anna"))!.Enabled);
        await world.ChangeAsync((await world.FindAsync("anna"))!, user => user.Enabled = true);
        Assert.Equal("66048", await ValueAsync(world, "anna", "userAccountControl"));
    }

    [Fact]
    public async Task That_a_password_has_to_be_changed_is_kept_there_alone()
    {
        var world = await WorldAsync(s_writable, ("userAccountControl", "512"), ("pwdLastSet", SomeTime));
        await world.ChangeAsync((await world.FindAsync("anna"))!, user => user.RequiredActions = [UpdatePassword, "VERIFY_EMAIL"]);
        Assert.Equal("0", await ValueAsync(world, "anna", "pwdLastSet"));
        Assert.Equal(["VERIFY_EMAIL"], (await world.KeptAsync("anna"))!.Representation.RequiredActions!);
        await world.ChangeAsync((await world.FindAsync("anna"))!, user => user.RequiredActions = []);
        Assert.Equal("-1", await ValueAsync(world, "anna", "pwdLastSet"));
        Assert.Empty((await world.FindAsync("anna"))!.Representation.RequiredActions!);
    }

    [Theory]
    [InlineData(false, "-1")]
    [InlineData(true, "0")]
    public async Task A_password_that_is_set_makes_an_account_a_usual_one(bool temporary, string set)
    {
        var world = await WorldAsync(s_writable, ("userAccountControl", "8389152"), ("pwdLastSet", "0"));
        var anna = (await world.FindAsync("anna"))!;
        var changed = UserRepresentations.Copy(anna.Representation);
        changed.RequiredActions = temporary ? [UpdatePassword] : [];
        await world.ApplyAsync([.. (await Passwords(world).ReplaceAsync(await world.Realm.NowAsync(), anna, "another-secret")).Changes, new PutUser(changed)]);
        Assert.Equal(("512", set, "\"another-secret\""), (await ValueAsync(world, "anna", "userAccountControl"), await ValueAsync(world, "anna", "pwdLastSet"), await PasswordAsync(world, "anna")));
    }

    [Theory]
    [InlineData(true, "544", null)]
    [InlineData(true, "512", "first-secret")]
    [InlineData(false, "546", null)]
    public async Task A_new_account_is_switched_on_once_it_is_there(bool enabled, string control, string? password)
    {
        var world = await WorldAsync(s_writable, ("userAccountControl", "512"), ("pwdLastSet", SomeTime));
        // What Active Directory writes itself.
        await world.MapAsync("hardcoded-ldap-attribute-mapper", ("ldap.attribute.name", "userAccountControl"), ("ldap.attribute.value", "546"));
        await world.MapAsync("hardcoded-ldap-attribute-mapper", ("ldap.attribute.name", "pwdLastSet"), ("ldap.attribute.value", "0"));
        var user = new UserRepresentation { Id = Ids.New(), Username = "ulla", FirstName = "F", LastName = "L", Enabled = enabled, CreatedTimestamp = 1 };
        var first = password is null ? [] : (await Passwords(world).FirstAsync(await world.Realm.NowAsync(), user.Id, "ulla", null, password)).Changes;
        await world.ApplyAsync([new PutUser(user), .. first]);
        Assert.Equal(control, await ValueAsync(world, "ulla", "userAccountControl"));
        Assert.Equal(password is null ? "0" : "-1", await ValueAsync(world, "ulla", "pwdLastSet"));
        Assert.Equal(enabled, (await world.FindAsync("ulla"))!.Enabled);
    }

    [Theory]
    [InlineData("READ_ONLY", false)]
    [InlineData("UNSYNCED", true)]
    public async Task Whether_an_account_is_on_is_read_always_or_with_each_sync(string mode, bool until)
    {
        var world = await WorldAsync([("editMode", mode)], ("userAccountControl", "512"), ("pwdLastSet", SomeTime));
        Assert.True((await world.FindAsync("anna"))!.Enabled);
        await world.SetAsync(world.Dn("anna"), "userAccountControl", "514");
        Assert.Equal(until, (await world.FindAsync("anna"))!.Enabled);
        await world.SyncAsync();
        Assert.False((await world.FindAsync("anna"))!.Enabled);
        Assert.False((await world.KeptAsync("anna"))!.Enabled);
    }

    [Fact]
    public async Task Who_is_locked_out_here_for_good_is_not_let_in_by_the_directory()
    {
        var world = await WorldAsync([], ("userAccountControl", "512"), ("pwdLastSet", SomeTime));
        await world.ChangeAsync((await world.FindAsync("anna"))!, user => (user.Enabled, user.Attributes!["disabledReason"]) = (false, ["permanentLockout"]));
        Assert.False((await world.FindAsync("anna"))!.Enabled);
        await world.SyncAsync();
        Assert.False((await world.FindAsync("anna"))!.Enabled);
    }

    [Theory]
    [InlineData(SomeTime, "TRUE")]
    [InlineData("0", null)]
    public async Task The_lightweight_one_switches_accounts_that_have_a_password(string set, string? disabled)
    {
        var world = await WorldAsync([.. s_writable, ("vendor", "other")], ("pwdLastSet", set));
        await world.MapAsync("msad-lds-user-account-control-mapper", ("always.read.enabled.value.from.ldap", "false"));
        var anna = (await world.FindAsync("anna"))!;
        Assert.Equal(set == "0", anna.Representation.RequiredActions!.Contains(UpdatePassword));
        await world.ChangeAsync(anna, user => user.Enabled = false);
        Assert.Equal(disabled, await ValueAsync(world, "anna", "msDS-UserAccountDisabled"));
        Assert.False((await world.FindAsync("anna"))!.Enabled);
        await world.ChangeAsync((await world.FindAsync("anna"))!, user => user.Enabled = true);
        await world.ApplyAsync([.. (await Passwords(world).ReplaceAsync(await world.Realm.NowAsync(), anna, "another-secret")).Changes]);
        Assert.Equal(("-1", "FALSE"), (await ValueAsync(world, "anna", "pwdLastSet"), await ValueAsync(world, "anna", "msDS-UserAccountDisabled")));
    }

    /// <summary>A directory of accounts, with <c>anna</c>.</summary>
    private static async Task<DirectoryWorld> WorldAsync((string, string)[] settings, params (string, string)[] account)
    {
        var world = await DirectoryWorld.MakeAsync(settings: [("vendor", "ad"), ("userObjectClasses", "inetOrgPerson, testAccount"), .. settings]);
        await world.AddAsync(world.Dn("anna"), [("objectClass", "inetOrgPerson"), ("objectClass", "testAccount"), ("cn", "Anna"), ("sn", "Ash"), .. account]);
        return world;
    }

    private static PasswordChanges Passwords(DirectoryWorld world) => world.Realm.Server.Services.GetRequiredService<PasswordChanges>();

    private static async Task<string?> ValueAsync(DirectoryWorld world, string uid, string attribute) => (await world.EntryAsync(world.Dn(uid)))!.Text(attribute);

    private static async Task<string> PasswordAsync(DirectoryWorld world, string uid) =>
        System.Text.Encoding.Unicode.GetString((await world.EntryAsync(world.Dn(uid)))!.Values("unicodePwd")[0]);
}
