using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

public class Organizations_are_kept
{
    private static async Task<(ConfigurationStore Store, OrganizationStore Organizations)> AcmeAsync(Db db)
    {
        var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(new ChangeSet("r")
            .Add(new PutRealm(new() { Id = "r", Realm = "r" }))
            .Add(new PutUser(new() { Id = "ann", Username = "ann" })).Add(new PutUser(new() { Id = "ben", Username = "ben" }))
            .Add(new PutOrganization(new() { Id = "acme", Name = "acme" })).Add(new PutOrganization(new() { Id = "globex", Name = "globex" }))
            .Add(new PutOrganizationMember("acme", "ann", Managed: true))
            .Add(new PutOrganizationGroup("acme", new() { Id = "team", Name = "team", ParentId = "acme" }))
            .Add(new PutOrganizationGroup("acme", new() { Id = "sub", Name = "sub", ParentId = "team" }))
            .Add(new JoinOrganizationGroup("sub", "ann")).Add(new JoinOrganizationGroup("sub", "ben"))
            .Add(new AddRole(RoleOwner.OrganizationGroup, "sub", "role")));
        return (store, new(db));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Only_members_get_into_groups_and_leave_them_with_the_organization(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, organizations) = await AcmeAsync(db);
        Assert.Equal(["ann"], (await organizations.GroupMembersAsync("r", "sub", 0, -1)).Select(m => m.User.Id));
        Assert.True((await organizations.FindMemberAsync("r", "acme", "ann"))!.Managed);
        Assert.Null(await organizations.FindMemberAsync("r", "acme", "ben"));
        Assert.Equal(["sub"], await organizations.GroupsOfMemberAsync("r", "acme", "ann"));

        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteOrganizationMember("acme", "ann")));
        Assert.Empty(await organizations.GroupsOfMemberAsync("r", "acme", "ann"));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Members_are_listed_and_counted_among_those_who_may_be_seen(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, organizations) = await AcmeAsync(db);
        await store.ApplyAsync(new ChangeSet("r").Add(new PutOrganizationMember("acme", "ben", Managed: false)).Add(new JoinOrganizationGroup("sub", "ben")).Add(new JoinGroup("ben", "g")));
        foreach (var (only, seen) in new (UserRestriction?, string[])[]
        {
            (null, ["ann", "ben"]), (UserRestriction.Nobody, []), (UserRestriction.Nobody with { Ids = ["ann"] }, ["ann"]), (UserRestriction.Nobody with { Groups = ["g"] }, ["ben"]),
            (UserRestriction.Nobody with { All = UserKind.Everybody, NotIds = ["ann"] }, ["ben"]), (UserRestriction.Nobody with { All = UserKind.Ungrouped }, ["ann"]),
        })
        {
            Assert.Equal(seen, (await organizations.MembersAsync("r", "acme", new(Only: only), 0, -1)).Select(m => m.User.Id));
            Assert.Equal(seen.Take(1), (await organizations.MembersAsync("r", "acme", new(Only: only), 0, 1)).Select(m => m.User.Id));
            Assert.Equal(seen.Where(id => id == "ben"), (await organizations.MembersAsync("r", "acme", new("ben", Managed: false, Only: only), 0, -1)).Select(m => m.User.Id));
            Assert.Equal(seen.Length, await organizations.CountMembersAsync("r", "acme", only));
            Assert.Equal(seen, (await organizations.GroupMembersAsync("r", "sub", 0, -1, only)).Select(m => m.User.Id));
        }
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Groups_form_a_tree_with_roles_that_the_realms_own_groups_do_not_show(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, organizations) = await AcmeAsync(db);
        var tree = await organizations.GroupsAsync("r", "acme");
        Assert.Equal("/team/sub", tree.Path(tree.Find("sub")!));
        Assert.Equal(["role"], tree.Find("sub")!.RoleIds);
        Assert.Equal("acme", await organizations.OwnerOfGroupAsync("r", "sub"));
        Assert.Null(await organizations.OwnerOfGroupAsync("another realm", "sub"));
        Assert.Empty((await store.LoadRealmAsync("r"))!.Groups.All);
        await Assert.ThrowsAsync<DuplicateException>(async () =>
            await store.ApplyAsync(new ChangeSet("r").Add(new PutOrganizationGroup("acme", new() { Id = "other", Name = "team", ParentId = "acme" }))));

        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteOrganizationGroup("team")));
        Assert.Empty((await organizations.GroupsAsync("r", "acme")).All);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task An_address_has_one_invitation_and_goes_with_the_organization(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (store, organizations) = await AcmeAsync(db);
        await store.ApplyAsync(new ChangeSet("r")
            .Add(new PutInvitation(new("i1", "acme", "new@acme.example", "New", null, 1000, 2000))).Add(new PutInvitation(new("i2", "globex", "new@acme.example", null, null, 1000, 3000))));
        await Assert.ThrowsAsync<DuplicateException>(async () =>
            await store.ApplyAsync(new ChangeSet("r").Add(new PutInvitation(new("i3", "acme", "new@acme.example", null, null, 1, 2)))));
        Assert.Equal("i1", Assert.Single(await organizations.InvitationsAsync("r", "acme", new(Search: "NEW@"), 0, -1)).Id);
        Assert.Empty(await organizations.InvitationsAsync("r", "acme", new(LiveAt: 2000), 0, -1));
        Assert.Single(await organizations.InvitationsAsync("r", "acme", new(Email: "NEW@acme.example", ExpiredAt: 2000), 0, -1));
        Assert.Null(await organizations.FindInvitationAsync("r", "globex", "i1"));

        await store.ApplyAsync(new ChangeSet("r").Add(new DeleteOrganization("acme")));
        Assert.Empty(await organizations.InvitationsAsync("r", "acme", new(), 0, -1));
        Assert.Single(await organizations.InvitationsAsync("r", "globex", new(), 0, -1));
    }
}
