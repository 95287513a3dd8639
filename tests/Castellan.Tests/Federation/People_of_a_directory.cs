using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Tests.Federation;

/// <summary>Who lives in a directory signs in as if they lived here.</summary>
public sealed class People_of_a_directory
{
    [Theory]
    [InlineData("lara", "lara-secret")]
    [InlineData("LARA", "lara-secret")]
    [InlineData("lara@example.org", "lara-secret")]
    [InlineData("alice", "correct-horse")]
    public async Task Sign_in_by_name_and_address(string name, string password)
    {
        var world = await DirectoryWorld.MakeAsync();
        Assert.Equal(200, (await world.SignInAsync(name, password)).Status);
    }

    [Theory]
    [InlineData("lara", "wrong")]
    [InlineData("lara", "")]
    [InlineData("lara", " ")]
    [InlineData("l*", "lara-secret")]
    [InlineData("*", "lara-secret")]
    [InlineData("lara)(uid=*", "lara-secret")]
    [InlineData("*)(objectClass=*", "lara-secret")]
    [InlineData("lara)(|(uid=*))", "lara-secret")]
    [InlineData("\\6cara", "lara-secret")]
    [InlineData("lara\0", "lara-secret")]
    [InlineData("nobody", "lara-secret")]
    public async Task Nobody_gets_in_otherwise(string name, string password)
    {
        var world = await DirectoryWorld.MakeAsync();
        Assert.NotEqual(200, (await world.SignInAsync(name, password)).Status);
    }

    [Fact]
    public async Task They_are_kept_with_what_the_directory_says()
    {
        var world = await DirectoryWorld.MakeAsync();
        var milo = (await world.FindAsync("milo"))!;
        Assert.Equal(("milo@example.org", "Milo", "Marsh", false, world.Id),
            (milo.Email, milo.Representation.FirstName, milo.Representation.LastName, milo.Representation.EmailVerified ?? false, milo.Representation.FederationLink));
        Assert.Equal(world.Dn("milo"), milo.Attribute("LDAP_ENTRY_DN"));
        Assert.NotEmpty(milo.RoleIds);
        Assert.Equal(milo.Id, (await world.KeptAsync("milo"))!.Id);
    }

    [Fact]
    public async Task What_is_always_read_follows_the_directory_at_once_and_the_rest_with_a_sync()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.SyncAsync();
        await world.SetAsync(world.Dn("lara"), "sn", "Lindgren");
        await world.SetAsync(world.Dn("lara"), "mail", "new@example.org");
        var lara = (await world.FindAsync("lara"))!;
        Assert.Equal(("Lindgren", "lara@example.org"), (lara.Representation.LastName, lara.Email));
        Assert.Equal((0, 2, 0), Counts(await world.SyncAsync()));
        Assert.Equal("new@example.org", (await world.FindAsync("lara"))!.Email);
    }

    [Fact]
    public async Task Lists_bring_in_whom_they_find_behind_those_who_are_here()
    {
        var world = await DirectoryWorld.MakeAsync();
        Assert.Equal(["alice", "lara"], await world.ListAsync(new UserQuery(), max: 2));
        Assert.Equal(["alice", "lara", "milo"], await world.ListAsync(new UserQuery()));
        Assert.Equal(["milo"], await world.ListAsync(new UserQuery(Search: "mar")));
        Assert.Equal(["lara"], await world.ListAsync(new UserQuery(LastName: "lin")));
        Assert.Empty(await world.ListAsync(new UserQuery(Username: "l*", Exact: true)));
        Assert.Equal(3, await world.Users.CountAsync((await world.Realm.NowAsync()).Id, new UserQuery()));
    }

    [Fact]
    public async Task Whom_the_directory_lost_is_gone_here()
    {
        var world = await DirectoryWorld.MakeAsync();
        Assert.Equal(200, (await world.SignInAsync("lara", "lara-secret")).Status);
        await world.DeleteAsync(world.Dn("lara"));
        (await world.SignInAsync("lara", "lara-secret")).Refuses(400, "invalid_grant", "Invalid user credentials");
        Assert.Null(await world.KeptAsync("lara"));
    }

    [Fact]
    public async Task A_wrong_place_for_people_makes_nobody_go()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.SyncAsync();
        await world.FederateAsync(("usersDn", "ou=nowhere," + world.Branch));
        Assert.False((await world.FindAsync("lara"))!.Enabled);
        Assert.NotNull(await world.KeptAsync("lara"));
    }

    [Fact]
    public async Task Answers_that_the_directory_cuts_off_make_nobody_go()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.SyncAsync();
        await world.FederateAsync(("bindDn", TestSlapd.Limited));
        Assert.Equal(["alice", "lara", "milo"], await world.ListAsync(new UserQuery()));
        Assert.NotNull(await world.KeptAsync("milo"));
    }

    [Fact]
    public async Task Whom_nothing_ties_to_an_entry_is_gone_from_lists_too()
    {
        var world = await DirectoryWorld.MakeAsync();
        foreach (var name in (string[])["one", "two"])
        {
            await world.Federations.Realms.ApplyAsync(new Core.Realms.ChangeSet((await world.Realm.NowAsync()).Id).Add(new Core.Realms.PutUser(new() { Id = name + world.Id, Username = name, FederationLink = world.Id })));
        }

        Assert.Equal(["alice", "lara", "milo"], await world.ListAsync(new UserQuery()));
    }

    [Theory]
    [InlineData("connectionUrl", "ldap://127.0.0.1:1")]
    [InlineData("connectionUrl", "ldap://$(sys:HOST):$(sys:PORT)")]
    [InlineData("bindCredential", "wrong")]
    [InlineData("bindCredential", "")]
    [InlineData("customUserSearchFilter", "(broken")]
    [InlineData("enabled", "false")]
    [InlineData("startTls", "true")]
    public async Task While_the_directory_cannot_be_asked_its_people_are_disabled_and_others_sign_in(string setting, string value)
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.SyncAsync();
        await world.FederateAsync((setting, value));
        (await world.SignInAsync("lara", "lara-secret")).Refuses(400, "invalid_grant");
        Assert.NotEqual(200, (await world.SignInAsync("nobody", "x")).Status);
        Assert.Equal(200, (await world.SignInAsync("alice", "correct-horse")).Status);
        Assert.False((await world.FindAsync("lara"))!.Enabled);
        Assert.False((await world.Users.SearchAsync((await world.Realm.NowAsync()).Id, new UserQuery(Username: "lara", Exact: true), 0, 10)).Single().Enabled);
        Assert.True((await world.KeptAsync("lara"))!.Enabled);
        await world.FederateAsync();
        Assert.Equal(200, (await world.SignInAsync("lara", "lara-secret")).Status);
    }

    [Theory]
    [InlineData("alice", "other@example.org")]
    [InlineData("alicia", "alice@example.org")]
    [InlineData("alicia", "ALICE@example.org")]
    [InlineData("alice@example.org", "other@example.org")]
    public async Task Whose_name_or_address_is_taken_is_not_brought_in(string uid, string mail)
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.AddPersonAsync(uid, "Alicia", "Arroyo", mail);
        Assert.Equal((2, 0, 1), Counts(await world.SyncAsync()));
        Assert.NotEqual(200, (await world.SignInAsync(uid, $"{uid}-secret")).Status);
        Assert.Equal(200, (await world.SignInAsync("alice", "correct-horse")).Status);
        Assert.Null((await world.FindAsync("alice"))!.Federated);
    }

    [Fact]
    public async Task Of_two_federations_the_first_by_priority_is_asked_first()
    {
        var world = await DirectoryWorld.MakeAsync();
        var realm = await world.Realm.NowAsync();
        var other = realm.Data.Components.First(c => c.Id == world.Id);
        var copy = new ComponentRepresentation
        {
            Id = "other", Name = "other", ProviderId = other.ProviderId, ProviderType = other.ProviderType, ParentId = other.ParentId,
            Config = new(other.Config!, StringComparer.Ordinal) { ["priority"] = ["-1"] },
        };
        await world.ApplyAsync(new Core.Realms.PutPart(Core.Realms.PartKind.Component, "other", "other", copy));
        Assert.Equal("other", (await world.FindAsync("lara"))!.Representation.FederationLink);
    }

    [Fact]
    public async Task Who_is_not_imported_signs_in_too_and_is_not_kept()
    {
        var world = await DirectoryWorld.MakeAsync(settings: ("importEnabled", "false"));
        var answer = await world.SignInAsync("lara", "lara-secret");
        Assert.Equal($"f:{world.Id}:lara", answer.Claims("id_token").GetProperty("sub").GetString());
        Assert.Equal(200, (await world.Realm.UserInfoAsync(answer.Access)).Status);
        Assert.Equal(200, (await world.Realm.RefreshAsync(answer.Refresh)).Status);
        Assert.Null(await world.KeptAsync("lara"));
    }

    [Fact]
    public async Task What_is_believed_for_a_while_is_not_asked_for_again()
    {
        var world = await DirectoryWorld.MakeAsync(settings: ("cachePolicy", "DEFAULT"));
        Assert.Equal("Lind", (await world.FindAsync("lara"))!.Representation.LastName);
        await world.SetAsync(world.Dn("lara"), "sn", "Lindgren");
        Assert.Equal("Lind", (await world.FindAsync("lara"))!.Representation.LastName);
        await world.SyncAsync();
        Assert.Equal("Lindgren", (await world.FindAsync("lara"))!.Representation.LastName);
    }

    [Fact]
    public async Task Large_directories_come_page_by_page()
    {
        var world = await DirectoryWorld.MakeAsync(settings: [("pagination", "true"), ("batchSizeForSync", "2")]);
        foreach (var i in Enumerable.Range(0, 5))
        {
            await world.AddPersonAsync($"p{i}", "P", "Q", null);
        }

        Assert.Equal((7, 0, 0), Counts(await world.SyncAsync()));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("1", false)]
    [InlineData("2", true)]
    public async Task Places_below_count_unless_only_one_is_meant(string? scope, bool finds)
    {
        var world = await DirectoryWorld.MakeAsync(settings: scope is null ? [] : [("searchScope", scope)]);
        await world.AddAsync("ou=deeper," + world.People, ("objectClass", "organizationalUnit"));
        await world.AddAsync("uid=dora,ou=deeper," + world.People, ("objectClass", "inetOrgPerson"), ("cn", "Dora"), ("sn", "Dee"));
        Assert.Equal(finds, await world.FindAsync("dora") is not null);
    }

    [Fact]
    public async Task Who_does_not_pass_a_narrower_filter_is_not_gone_for_that()
    {
        var world = await DirectoryWorld.MakeAsync();
        await world.FindAsync("lara");
        await world.FederateAsync(("customUserSearchFilter", " (uid=somebody) "));
        Assert.Equal(["alice", "lara"], await world.ListAsync(new UserQuery()));
        Assert.True((await world.FindAsync("lara"))!.Enabled);
        Assert.Null(await world.FindAsync("milo"));
        // But the filter says who may sign in.
        (await world.SignInAsync("lara", "lara-secret")).Refuses(400, "invalid_grant", "Invalid user credentials");
        await world.FederateAsync(("customUserSearchFilter", "(uid=lara)"));
        Assert.Equal(200, (await world.SignInAsync("lara", "lara-secret")).Status);
    }

    [Fact]
    public async Task The_name_of_an_entry_finds_its_person()
    {
        var world = await DirectoryWorld.MakeAsync();
        Assert.Equal(["milo"], await ListAsync(world.Dn("milo")));
        Assert.Empty(await ListAsync(world.Dn("nobody")));
        Assert.Empty(await ListAsync("uid=lara,ou=elsewhere," + world.Branch));

        // CVE-2026-16071: the name of an entry is no way around where people are looked for.
        await world.AddAsync("ou=deeper," + world.People, ("objectClass", "organizationalUnit"));
        await world.AddAsync("uid=dora,ou=deeper," + world.People, ("objectClass", "inetOrgPerson"), ("cn", "Dora"), ("sn", "Dee"));
        await world.FederateAsync(("searchScope", "1"));
        Assert.Empty(await ListAsync("uid=dora,ou=deeper," + world.People));
        await world.FederateAsync(("searchScope", "2"));
        Assert.Equal(["dora"], await ListAsync("uid=dora,ou=deeper," + world.People));

        Task<List<string>> ListAsync(string dn) => world.ListAsync(new UserQuery(Attributes: new Dictionary<string, string>(StringComparer.Ordinal) { ["LDAP_ENTRY_DN"] = dn }, Exact: true));
    }

    private static (int, int, int) Counts(Core.Federation.SyncResult? result) => (result!.Added, result.Updated, result.Failed);
}
