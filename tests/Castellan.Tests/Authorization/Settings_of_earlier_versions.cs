using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Authorization;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Storage;
using Castellan.Tests.Admin;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Authorization;

public sealed class Settings_of_earlier_versions
{
    [Fact]
    public async Task Move_from_the_document_of_the_client_into_rows_once()
    {
        var server = await TestServer.OneAsync();
        var realm = await server.RealmAsync();
        await realm.SetClientAsync("api", client =>
        {
            client.AuthorizationServicesEnabled = true;
            client.AuthorizationSettings = new()
            {
                PolicyEnforcementMode = "PERMISSIVE", Scopes = [new() { Name = "read" }],
                Resources = [new() { Name = "thing", Uris = ["/thing"], Scopes = [new() { Name = "read" }] }],
                Policies =
                [
                    new() { Name = "alice alone", Type = "user", Config = new() { ["users"] = "[\"alice\"]" } },
                    new() { Name = "to read", Type = "scope", Config = new() { ["scopes"] = "[\"read\"]", ["applyPolicies"] = "[\"alice alone\"]" } },
                ],
            };
        });
        var now = await realm.NowAsync();
        var clients = server.Services.GetRequiredService<IClients>();
        var id = (await clients.FindAsync(now, "api"))!.Id;
        var db = server.Services.GetRequiredService<Db>();
        await db.WriteAsync($"INSERT INTO authorization_to_move (client_id, realm_id) VALUES ({id}, {now.Id}), ({"gone"}, {now.Id}), ({"gone, too"}, {"a realm that is gone"})");

        var store = server.Services.GetRequiredService<IAuthorizationStore>();
        var configuration = server.Services.GetRequiredService<IConfigurationStore>();
        var move = new SettingsMove(configuration, server.Realms, clients, server.Services.GetRequiredService<IUserStore>(), store);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => move.RunAsync().AsTask()))), Assert.Empty);
        Assert.Empty(await configuration.AuthorizationToMoveAsync());

        var contents = await ResourceServerContents.LoadAsync(store, now.Id, id, default);
        Assert.Equal("read", Assert.Single(contents.Scopes).Name);
        Assert.Equal([contents.Scopes[0].Id!], Assert.Single(contents.Resources).ScopeIds);
        var policy = contents.FindPolicy("alice alone")!;
        Assert.Equal([(await realm.AliceAsync()).Id], PolicyReferences.Texts(policy.Config("users")));
        Assert.Equal([policy.Id], contents.FindPolicy("to read")!.PolicyIds);
        var settings = (await clients.FindAsync(await realm.NowAsync(), "api"))!.Representation.AuthorizationSettings!;
        Assert.Equal("PERMISSIVE", settings.PolicyEnforcementMode);
        Assert.Null(settings.Policies);

        // A second start has nothing to do, and takes nothing twice.
        Assert.Empty(await move.RunAsync());
        Assert.Single((await ResourceServerContents.LoadAsync(store, now.Id, id, default)).Resources);
    }

    [Theory]
    [InlineData("""{"authorizationServicesEnabled":true,"description":"x"}""", true)]
    [InlineData("""{"authorizationServicesEnabled":false}""", false)]
    [InlineData("""{"description":"x"}""", false)]
    [InlineData("""{"authorizationServicesEnabled":true,"publicClient":true}""", false)]
    public async Task A_client_that_does_not_say_that_they_are_on_has_none(string put, bool on)
    {
        var world = await AdminWorld.MakeAsync();
        var id = world.Thing("clients/{client}");
        var body = JsonNode.Parse(put)!.AsObject();
        body["clientId"] = "guarded";
        var address = $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/clients/{id}";
        Assert.Equal(204, (await world.CallAsync("PUT", address, new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"))).Status);
        Assert.Equal(on ? 200 : 404, (await world.CallAsync("GET", address + "/authz/resource-server")).Status);
        Assert.Equal(on ? 1 : 0, await world.Realm.Server.Services.GetRequiredService<Db>().ScalarAsync($"SELECT count(*) FROM authorization_resource WHERE client_id = {id}"));
    }
}
