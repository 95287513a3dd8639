using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Http;

/// <summary>What addresses of clients are relative to.</summary>
public sealed class Addresses_of_clients
{
    [Theory]
    [InlineData(null, "/cb", "https://idp.example/cb")]
    [InlineData("", "/cb", "https://idp.example/cb")]
    [InlineData("https://app.example/base/", "/cb", "https://app.example/base/cb")]
    [InlineData("${authBaseUrl}", "/realms/shop/account/*", "https://idp.example/auth/realms/shop/account/*")]
    [InlineData("${authAdminUrl}", "/admin/shop/console/*", "https://admin.example/sso/admin/shop/console/*")]
    [InlineData("https://app.example", "https://other.example/cb", "https://other.example/cb")]
    [InlineData("https://app.example", "*", "*")]
    public async Task Are_made_whole(string? root, string address, string whole)
    {
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        await realm.SetClientAsync("web", client => client.RootUrl = root);
        var client = (await realm.Server.Services.GetRequiredService<IClients>().FindAsync(await realm.NowAsync(), "web"))!;
        Assert.Equal(whole, new ServerAddresses("https://idp.example/auth", "https://admin.example/sso").Absolute(client, address));
    }
}
