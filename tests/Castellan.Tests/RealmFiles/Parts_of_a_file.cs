using Castellan.Core.Realms;
using Castellan.Core.Realms.Import;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Tests.RealmFiles;

/// <summary>Partial imports: what comes into a realm that is there already.</summary>
public class Parts_of_a_file
{
    private static PartialImportRepresentation Parts(string policy) => new()
    {
        IfResourceExists = policy,
        Clients = [new() { ClientId = "app", ServiceAccountsEnabled = true }],
        Roles = new() { Realm = [new() { Name = "outer", Composites = new() { Realm = ["inner"] } }, new() { Name = "inner" }], Client = new() { ["app"] = [new() { Name = "reader" }] } },
        Groups = [new() { Name = "staff", RealmRoles = ["outer"], SubGroups = [new() { Name = "night" }] }],
        IdentityProviders = [new() { Alias = "far", ProviderId = "oidc" }],
        IdentityProviderMappers = [new() { Name = "m", IdentityProviderAlias = "far", IdentityProviderMapper = "oidc-hardcoded-role-idp-mapper" }],
        Users = [new() { Username = "Anna", Enabled = true, Groups = ["/staff/night"], ClientRoles = new() { ["app"] = ["reader"] }, Credentials = [new() { Type = "password", Value = "x" }] }],
    };

    private static async Task<(RealmRoom Room, Func<string, Func<Change, bool>?, Task<(List<PartialResult>? Results, string Refusal)>> Import)> OpenAsync()
    {
        var room = await RealmRoom.OpenAsync();
        var (realm, _) = await room.ImportAsync("""{"realm":"r"}""");
        var lookup = new Lookup(room.Users, realm!.Id);
        return (room, async (policy, allowed) =>
        {
            var now = (await room.Realms.FindByIdAsync(realm.Id))!;
            var done = await room.Import.ImportPartsAsync(now, Parts(policy), allowed ?? (_ => true), lookup);
            return done.Ok(out var results, out var error) ? (results, "") : (null, $"{error.Status} {error.Description ?? error.Code}");
        }
        );
    }

    [Fact]
    public async Task Come_in_whole_and_name_what_is_in_the_realm_or_among_themselves()
    {
        var (room, import) = await OpenAsync();
        await using var _ = room;
        var (results, refusal) = await import("FAIL", null);
        Assert.Equal("", refusal);
        Assert.All(results!, r => Assert.Equal("ADDED", r.Action));
        Assert.Equal(8, results!.Count);
        var realm = (await room.Realms.FindAsync("r"))!;
        var anna = (await room.Users.FindByUsernameAsync(realm.Id, "anna"))!;
        Assert.Equal("/staff/night", realm.Groups.Path(realm.Groups.Find(Assert.Single(anna.GroupIds))!));
        Assert.Equal("reader", realm.Roles.Find(Assert.Single(anna.RoleIds))!.Name);
        Assert.Single(await room.Users.CredentialsAsync(realm.Id, anna.Id));
        Assert.Contains(realm.Roles.Expand([realm.Roles.FindRealmRole("outer")!.Id]), r => r.Name == "inner");
        Assert.NotNull(await room.Users.FindByUsernameAsync(realm.Id, "service-account-app"));
    }

    [Fact]
    public async Task Are_passed_over_replaced_or_refused_when_they_are_there()
    {
        var (room, import) = await OpenAsync();
        await using var _ = room;
        await import("FAIL", null);
        var before = (await room.Users.FindByUsernameAsync((await room.Realms.FindAsync("r"))!.Id, "anna"))!.Id;

        Assert.Equal("409 Client id 'app' already exists", (await import("FAIL", null)).Refusal);
        Assert.All((await import("SKIP", null)).Results!, r => Assert.Equal("SKIPPED", r.Action));
        Assert.Equal(before, (await room.Users.FindByUsernameAsync((await room.Realms.FindAsync("r"))!.Id, "anna"))!.Id);
        Assert.Contains(PartialKind.User, (await import("OVERWRITE", null)).Results!.Where(r => r.Action == "OVERWRITTEN").Select(r => r.Kind));
        var realm = (await room.Realms.FindAsync("r"))!;
        Assert.NotEqual(before, (await room.Users.FindByUsernameAsync(realm.Id, "anna"))!.Id);
        Assert.Single(realm.Groups.All, g => g.Name == "night");
        Assert.Equal("400 Cannot parse the JSON", (await import("PERHAPS", null)).Refusal);
    }

    [Fact]
    public async Task Change_nothing_when_one_of_them_may_not_come_in()
    {
        var (room, import) = await OpenAsync();
        await using var _ = room;
        var (_, refusal) = await import("SKIP", change => change is not AddRole { Kind: RoleOwner.User });
        Assert.Equal("403 HTTP 403 Forbidden", refusal);
        var realm = (await room.Realms.FindAsync("r"))!;
        Assert.Null(await room.Users.FindByUsernameAsync(realm.Id, "anna"));
        Assert.Empty(realm.Groups.All);
    }

    [Fact]
    public async Task Take_the_id_of_nobody()
    {
        await using var room = await RealmRoom.OpenAsync();
        var (realm, _) = await room.ImportAsync("""{"realm":"r","users":[{"id":"u","username":"anna"}],"clients":[{"id":"c","clientId":"app"}],"roles":{"realm":[{"id":"o","name":"clerk"}]},"groups":[{"id":"g","name":"staff"}]}""");
        PartialImportRepresentation renewed = new() { Clients = [new() { Id = "c", ClientId = "other" }], Roles = new() { Realm = [new() { Id = "o", Name = "other" }] } };
        Assert.True((await room.Import.ImportPartsAsync(realm!, renewed, _ => true, new Lookup(room.Users, realm!.Id))).Ok(out var made, out _));
        Assert.DoesNotContain(made!, r => r.Id is "c" or "o");
        foreach (var parts in (PartialImportRepresentation[])
        [
            new() { Users = [new() { Id = "u", Username = "bert" }] }, new() { Groups = [new() { Id = "g", Name = "other" }] },
        ])
        {
            Assert.False((await room.Import.ImportPartsAsync(realm!, parts, _ => true, new Lookup(room.Users, realm!.Id))).Ok(out var _, out var error));
            Assert.Equal((409, Refusals.Duplicate), (error!.Status, error.Description));
        }

        Assert.Equal("anna", (await room.Users.FindAsync(realm!.Id, "u"))!.Representation.Username);
    }

    [Theory]
    [InlineData("""{"clients":[{"clientId":"account"},{"clientId":"other-realm"}],"ifResourceExists":"OVERWRITE"}""", "")]
    [InlineData("""{"users":[{"username":"anna"}]}""", "409 User with user name anna already exists.")]
    [InlineData("""{"users":[{"username":"anna","email":"anna@example.org"}],"ifResourceExists":"FAIL"}""", "409 User with user name anna already exists.")]
    [InlineData("""{"roles":{"client":{"nobody":[{"name":"x"}]}}}""", "412 Can not import client roles for nonexistent client named nobody")]
    [InlineData("""{"groups":[{"name":"staff","path":"staff"}]}""", "409 Group 'staff' already exists")]
    [InlineData("""{"groups":[{"name":"staff","path":"staff"}],"ifResourceExists":"SKIP"}""", "SKIPPED staff g")]
    [InlineData("""{"roles":{"client":{"app":[{"name":"reader"}]}},"ifResourceExists":"SKIP"}""", "SKIPPED app-->reader c")]
    [InlineData("""{"roles":{"client":{"app":[{"id":"w","name":"writer"}]}}}""", "ADDED app-->writer c")]
    public async Task Are_found_and_named_as_Keycloak_finds_and_names_them(string json, string outcome)
    {
        await using var room = await RealmRoom.OpenAsync();
        var (realm, _) = await room.ImportAsync(
            """{"realm":"r","users":[{"username":"anna"}],"groups":[{"id":"g","name":"staff"}],"clients":[{"id":"c","clientId":"app"}],"roles":{"client":{"app":[{"name":"reader"}]}}}""");
        var parts = System.Text.Json.JsonSerializer.Deserialize(json, AdminJson.Default.PartialImportRepresentation)!;
        var done = await room.Import.ImportPartsAsync(realm!, parts, _ => true, new Lookup(room.Users, realm!.Id));
        Assert.Equal(outcome, done.Ok(out var results, out var error)
            ? string.Join(", ", results.Select(r => $"{r.Action} {r.Name} {r.Id}"))
            : $"{error.Status} {error.Description ?? error.Code}");
    }

    [Fact]
    public async Task May_replace_what_everybody_has()
    {
        await using var room = await RealmRoom.OpenAsync();
        var (realm, _) = await room.ImportAsync("""{"realm":"r"}""");
        PartialImportRepresentation parts = new() { IfResourceExists = "OVERWRITE", Roles = new() { Realm = [new() { Name = "default-roles-r", Description = "mine" }] } };
        Assert.True((await room.Import.ImportPartsAsync(realm!, parts, _ => true, new Lookup(room.Users, realm!.Id))).Ok(out _, out _));
        var now = (await room.Realms.FindAsync("r"))!;
        Assert.Equal("mine", now.Roles.Find(now.Settings.DefaultRole!.Id!)!.Description);
    }

    private sealed class Lookup(IUserStore users, string realmId) : IUserLookup
    {
        public async ValueTask<string?> FindServiceAccountIdAsync(string clientId, CancellationToken ct) => (await users.FindServiceAccountAsync(realmId, clientId, ct))?.Id;

        public async ValueTask<string?> FindIdAsync(string username, string? email, CancellationToken ct) => (await users.FindByUsernameAsync(realmId, username, ct))?.Id;
    }
}
