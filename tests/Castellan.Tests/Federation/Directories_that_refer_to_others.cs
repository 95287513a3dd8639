namespace Castellan.Tests.Federation;

/// <summary>References to other directories (RFC 4511 §4.5.3) are followed where that is said.</summary>
public sealed class Directories_that_refer_to_others
{
    [Theory]
    [InlineData("", false)]
    [InlineData("ignore", false)]
    [InlineData("follow", true)]
    public async Task Are_believed_where_that_is_said(string referral, bool finds)
    {
        var world = await WorldAsync(referral, to: "ou=elsewhere");
        await world.AddAsync("uid=dora,ou=elsewhere," + world.Branch, ("objectClass", "inetOrgPerson"), ("cn", "Dora"), ("sn", "Dee"));
        Assert.Equal(finds ? 3 : 2, (await world.SyncAsync())!.Added);
        Assert.Equal(finds, await world.FindAsync("dora") is not null);
    }

    [Fact]
    public async Task That_refer_to_themselves_are_asked_once_more()
    {
        var world = await WorldAsync("follow", to: "ou=people");
        var result = (await world.SyncAsync())!;
        Assert.Equal((2, 2, 0), (result.Added, result.Updated, result.Failed));
    }

    /// <summary>A federation whose directory refers to another place in itself.</summary>
    private static async Task<DirectoryWorld> WorldAsync(string referral, string to)
    {
        var world = await DirectoryWorld.MakeAsync(settings: referral.Length > 0 ? [("referral", referral)] : []);
        await world.AddAsync("ou=elsewhere," + world.Branch, ("objectClass", "organizationalUnit"));
        await world.AddAsync("ou=more," + world.People, ("objectClass", "referral"), ("objectClass", "extensibleObject"), ("ref", $"{await TestSlapd.UrlAsync()}/{to},{world.Branch}??sub"));
        return world;
    }
}
