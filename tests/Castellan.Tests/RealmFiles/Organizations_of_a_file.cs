namespace Castellan.Tests.RealmFiles;

public class Organizations_of_a_file
{
    [Fact]
    public async Task Come_back_with_groups_roles_and_who_is_in_them()
    {
        await using var room = await RealmRoom.OpenAsync();
        var (realm, refusal) = await room.ImportAsync(
            """
            {"realm":"r","organizationsEnabled":true,"roles":{"realm":[{"name":"manager"}]},"users":[{"username":"anna","enabled":true}],
             "organizations":[{"name":"acme","groups":[{"name":"team","subGroups":[{"name":"sub","realmRoles":["manager"],"attributes":{"floor":["3"]}}]}],
               "members":[{"username":"anna","membershipType":"MANAGED","groups":["/team/sub"]}]}]}
            """);
        Assert.Equal("", refusal);
        var acme = (await room.ExportAsync(realm!))["organizations"]![0]!;
        var sub = acme["groups"]![0]!["subGroups"]![0]!;
        Assert.Equal(("/team/sub", "manager", "3"), ((string?)sub["path"], (string?)sub["realmRoles"]![0], (string?)sub["attributes"]!["floor"]![0]));
        Assert.Equal(("MANAGED", "/team/sub"), ((string?)acme["members"]![0]!["membershipType"], (string?)acme["members"]![0]!["groups"]![0]));
    }

    [Fact]
    public async Task A_member_of_a_group_that_is_not_there_is_refused()
    {
        await using var room = await RealmRoom.OpenAsync();
        var (_, refusal) = await room.ImportAsync(
            """{"realm":"r","organizationsEnabled":true,"users":[{"username":"anna"}],"organizations":[{"name":"acme","members":[{"username":"anna","groups":["/nowhere"]}]}]}""");
        Assert.Equal("400 There is no group '/nowhere' in the organization", refusal);
    }
}
