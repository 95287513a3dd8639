using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.OidcCore;

/// <summary>The mapper <c>oidc-organization-group-membership-mapper</c>: what it adds to the claim <c>organization</c>.</summary>
public sealed class Groups_of_organizations_in_tokens
{
    private static async Task<TestRealm> RealmAsync(bool withRoles = false, string membership = "String", bool id = false)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync(file =>
        {
            file.OrganizationsEnabled = true;
            file.Roles = new() { Realm = [new() { Name = "smith" }], Client = new() { ["web"] = [new() { Name = "seller" }] } };
        });
        var now = await realm.NowAsync();
        var alice = (await realm.Server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(now.Id, "alice"))!.Id;
        var scope = now.FindScope("organization")!.Representation;
        scope = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(scope, AdminJson.Default.ClientScopeRepresentation), AdminJson.Default.ClientScopeRepresentation)!;
        scope.ProtocolMappers![0].Config!["jsonType.label"] = membership;
        scope.ProtocolMappers[0].Config!["addOrganizationId"] = id ? "true" : "false";
        // In front of the mapper that it completes, and yet behind it.
        scope.ProtocolMappers.Insert(0, new()
        {
            Id = "groups-" + realm.Name, Name = "groups", Protocol = "openid-connect", ProtocolMapper = "oidc-organization-group-membership-mapper",
            Config = new() { ["access.token.claim"] = "true", ["addGroupRoleMappings"] = withRoles ? "true" : "false" },
        });
        string Own(string id) => $"{id}-{realm.Name}";
        await realm.Server.Realms.ApplyAsync(new ChangeSet(now.Id)
            .Add(new PutPart(PartKind.ClientScope, scope.Id!, scope.Name, scope))
            .Add(new PutOrganization(new() { Id = Own("acme"), Name = "Acme", Alias = "acme", Enabled = true })).Add(new PutOrganization(new() { Id = Own("globex"), Name = "Globex", Alias = "globex", Enabled = true }))
            .Add(new PutOrganizationMember(Own("acme"), alice, Managed: false)).Add(new PutOrganizationMember(Own("globex"), alice, Managed: false))
            .Add(new PutOrganizationGroup(Own("acme"), new() { Id = Own("team"), Name = "team", ParentId = Own("acme") }))
            .Add(new PutOrganizationGroup(Own("acme"), new() { Id = Own("night"), Name = "night", ParentId = Own("team") }))
            .Add(new PutOrganizationGroup(Own("acme"), new() { Id = Own("others"), Name = "others", ParentId = Own("acme") }))
            .Add(new JoinOrganizationGroup(Own("night"), alice))
            .Add(new AddRole(RoleOwner.OrganizationGroup, Own("night"), now.Roles.FindRealmRole("smith")!.Id))
            .Add(new AddRole(RoleOwner.OrganizationGroup, Own("night"), now.Roles.All.Single(r => r.ClientName == "web" && r.Name == "seller").Id)));
        return realm;
    }

    private static async Task<JsonElement> ClaimAsync(TestRealm realm, string scope)
    {
        var tokens = await realm.SignInAsync(scope);
        Assert.Equal(200, tokens.Status);
        return tokens.Claims("access_token").GetProperty("organization");
    }

    [Fact]
    public async Task Groups_stand_as_paths_below_each_organization_that_is_asked_for()
    {
        var realm = await RealmAsync();
        Assert.Equal("""{"acme":{"groups":["/team/night"]},"globex":{"groups":[]}}""", (await ClaimAsync(realm, "openid organization:*")).GetRawText());
        Assert.Equal("""{"globex":{"groups":[]}}""", (await ClaimAsync(realm, "openid organization:globex")).GetRawText());
        // Two organizations and no choice: nothing to tell.
        Assert.Equal("{}", (await ClaimAsync(realm, "openid organization")).GetRawText());
    }

    [Fact]
    public async Task Roles_of_the_groups_come_along_when_wanted_and_are_no_roles_of_the_user()
    {
        var realm = await RealmAsync(withRoles: true);
        var claim = await ClaimAsync(realm, "openid organization:acme");
        Assert.Equal(["smith"], claim.GetProperty("acme").GetProperty("realm_access").GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal(["seller"], claim.GetProperty("acme").GetProperty("resource_access").GetProperty("web").GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        Assert.DoesNotContain("smith", (await realm.SignInAsync("openid organization:acme")).Claims("access_token").GetProperty("realm_access").GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>What it adds makes an object of the claim, whatever type the claim is said to be.</summary>
    [Theory]
    [InlineData("JSON")]
    [InlineData("String")]
    public async Task What_the_other_mapper_says_of_an_organization_stays(string membership)
    {
        var realm = await RealmAsync(membership: membership, id: true);
        var acme = (await ClaimAsync(realm, "openid organization:acme")).GetProperty("acme");
        Assert.Equal(($"acme-{realm.Name}", "/team/night"), (acme.GetProperty("id").GetString(), acme.GetProperty("groups")[0].GetString()));
    }
}
