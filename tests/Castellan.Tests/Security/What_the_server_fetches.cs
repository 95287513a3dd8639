using System.Net;
using System.Text;
using Castellan.Core.Clients;
using Castellan.Core.Outbound;
using Castellan.Core.Authorize;
using Castellan.Protocol.Jose;
using Castellan.Tests.AspNetCore;
using Castellan.Tests.Rfc7515;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Security;

/// <summary>
/// CVE-2026-1180, CVE-2026-4366, CVE-2026-4874, CVE-2025-67494, CVE-2026-27945, CVE-2026-55671, CVE-2024-49753, CVE-2024-21643: addresses that strangers
/// chose lead neither back to this machine nor anywhere by a detour, and no token names one that is followed.
/// </summary>
public sealed class What_the_server_fetches
{
    /// <summary>This machine and its segment in every spelling, the service of clouds that hands out keys among them.</summary>
    public static TheoryData<string> Own =>
    [
        "127.0.0.1", "127.0.0.53", "127.255.255.254", "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:0.0.0.0",
        "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "2002:7f00:1::", "2002:a9fe:a9fe::1", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1",
    ];

    [Theory, MemberData(nameof(Own))]
    public void An_address_of_this_machine_is_known_in_every_spelling(string address) => Assert.True(OwnAddresses.Contains(IPAddress.Parse(address)));

    [Theory, InlineData("192.0.2.1"), InlineData("10.0.0.1"), InlineData("192.168.1.1"), InlineData("8.8.8.8"), InlineData("2001:db8::1"), InlineData("::ffff:192.0.2.1"), InlineData("64:ff9b::8.8.8.8"), InlineData("fd00::1")]
    public void Other_addresses_are_not(string address) => Assert.False(OwnAddresses.Contains(IPAddress.Parse(address)));

    [Fact]
    public async Task Nothing_is_fetched_from_this_machine()
    {
        var seen = 0;
        await using var app = Listener(http => { seen++; return http.Response.WriteAsync("secret"); });
        var port = new Uri(await Loopback.StartAsync(app)).Port;
        using (var open = new Fetch(allowLoopback: true))
        {
            Assert.Equal("secret"u8.ToArray(), await open.GetAsync($"http://127.0.0.1:{port}/", "*/*", 100));
        }

        seen = 0;
        using var fetch = new Fetch(allowLoopback: false);
        foreach (var host in (string[])["127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "user:pw@127.0.0.1", "127.0.0.1."])
        {
            Assert.Null(await fetch.GetAsync($"http://{host}:{port}/", "*/*", 100));
            Assert.Null(await fetch.PostFormAsync($"http://{host}:{port}/", []));
        }

        Assert.Equal(0, seen);
    }

    [Theory]
    [InlineData("file:///etc/passwd"), InlineData("ftp://192.0.2.1/"), InlineData("gopher://192.0.2.1/"), InlineData("unix:/run/x"), InlineData("jar:http://192.0.2.1/x"), InlineData("//192.0.2.1/"), InlineData("/etc/passwd"), InlineData("")]
    public async Task Only_the_web_is_asked(string address)
    {
        using var fetch = new Fetch(allowLoopback: true);
        Assert.Null(await fetch.GetAsync(address, "*/*", 100));
        Assert.Null(await fetch.PostFormAsync(address, []));
    }

    [Theory, InlineData(301), InlineData(302), InlineData(303), InlineData(307), InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        var paths = new List<string>();
        await using var app = Listener(http =>
        {
            paths.Add(http.Request.Path);
            http.Response.StatusCode = http.Request.Path == "/there" ? 200 : status;
            http.Response.Headers.Location = "/there";
            return Task.CompletedTask;
        });
        var url = await Loopback.StartAsync(app);
        using var fetch = new Fetch(allowLoopback: true);
        Assert.Null(await fetch.GetAsync(url + "/here", "*/*", 100));
        Assert.Equal(["/here"], paths);
    }

    [Fact]
    public async Task More_than_was_asked_for_is_not_read_whether_it_is_announced_or_not()
    {
        await using var app = Listener(async http =>
        {
            if (http.Request.Path == "/announced")
            {
                http.Response.ContentLength = 1_000_000;
            }

            await http.Response.BodyWriter.WriteAsync(new byte[1_000_000], http.RequestAborted);
        });
        var url = await Loopback.StartAsync(app);
        using var fetch = new Fetch(allowLoopback: true);
        Assert.Null(await fetch.GetAsync(url + "/announced", "*/*", 1000));
        Assert.Null(await fetch.GetAsync(url + "/silent", "*/*", 1000));
    }

    [Fact]
    public async Task A_body_that_trickles_is_left()
    {
        await using var app = Listener(async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.BodyWriter.WriteAsync("x"u8.ToArray());
                await Task.Delay(200);
            }
        });
        var url = await Loopback.StartAsync(app);
        using var fetch = new Fetch(allowLoopback: true);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Null(await fetch.GetAsync(url, "*/*", 1_000_000));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 60);
    }

    [Fact]
    public async Task A_header_that_names_an_address_is_not_followed()
    {
        var seen = 0;
        await using var app = Listener(http => { seen++; return http.Response.WriteAsync("{}"); });
        var url = await Loopback.StartAsync(app);
        var realm = await (await TestServer.OneAsync()).RealmAsync();
        var client = (await realm.Server.Services.GetRequiredService<IClients>().FindAsync(await realm.NowAsync(), "api"))!;
        using var fetch = new Fetch(allowLoopback: true);
        var reader = new RequestObjectReader(new ClientKeys(new RemoteKeys(fetch, TimeProvider.System)), TimeProvider.System);
        var key = new SigningKey(TestKeys.Rsa(), SignatureAlgorithm.RS256, "k");
        foreach (var member in (string[])["jku", "x5u"])
        {
            var input = $"{Encode($$"""{"alg":"RS256","kid":"k","{{member}}":"{{url}}"}""")}.{Encode("""{"client_id":"api"}""")}";
            var signature = new byte[key.SignatureLength];
            key.Sign(Encoding.ASCII.GetBytes(input), signature);
            Assert.Null(await reader.ReadAsync(client, $"{input}.{StrictBase64Url.Encode(signature)}"));
        }

        Assert.Equal(0, seen);
    }

    private static WebApplication Listener(RequestDelegate answer)
    {
        var app = Loopback.Build(_ => { });
        app.Run(answer);
        return app;
    }

    private static string Encode(string text) => StrictBase64Url.Encode(Encoding.UTF8.GetBytes(text));
}
