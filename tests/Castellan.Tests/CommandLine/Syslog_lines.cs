using System.Net;
using System.Net.Sockets;
using System.Text;
using Castellan.CommandLine;
using Castellan.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Tests.CommandLine;

public sealed class Syslog_lines
{
    private static readonly LogLine s_line = new(new DateTimeOffset(2026, 11, 6, 9, 8, 7, 65, TimeSpan.FromHours(1)), LogLevel.Warning, "org.keycloak.events", "hello", null);

    [Theory]
    [InlineData("tcp", null, null, LogLevel.Warning, "^\\d+ <12>1 2026-11-06T09:08:07\\.065000\\+01:00 [!-~]+ keycloak \\d+ org\\.keycloak\\.events - \uFEFFhello$")]
    [InlineData("tcp", "false", null, LogLevel.Error, "^<11>1 .*hello\n$")]
    [InlineData("udp", null, null, LogLevel.Information, "^<14>1 .*hello$")]
    [InlineData("udp", null, "rfc3164", LogLevel.Debug, "^<15>Nov  6 09:08:07 [!-~]+ keycloak\\[\\d+\\]: hello$")]
    public void Have_a_header(string protocol, string? counting, string? type, LogLevel level, string expected)
    {
        using var syslog = new Syslog(Settings(("KC_LOG_SYSLOG_PROTOCOL", protocol), ("KC_LOG_SYSLOG_COUNTING_FRAMING", counting), ("KC_LOG_SYSLOG_TYPE", type), ("KC_LOG_SYSLOG_ENDPOINT", "127.0.0.1:9")));
        var frame = Encoding.UTF8.GetString(syslog.Frame(s_line with { Level = level }, "hello\n"));
        Assert.Matches(expected, frame);
        if (char.IsAsciiDigit(frame[0]))
        {
            // RFC 6587 §3.4.1: the length in bytes.
            Assert.Equal(Encoding.UTF8.GetByteCount(frame[(frame.IndexOf(' ') + 1)..]), int.Parse(frame[..frame.IndexOf(' ')]));
        }
    }

    [Theory]
    [InlineData("200")]
    [InlineData("1k")]
    public void Are_cut_between_characters(string longest)
    {
        using var syslog = new Syslog(Settings(("KC_LOG_SYSLOG_PROTOCOL", "udp"), ("KC_LOG_SYSLOG_MAX_LENGTH", longest), ("KC_LOG_SYSLOG_ENDPOINT", "127.0.0.1:9")));
        var limit = longest == "1k" ? 1024 : 200;
        for (var shift = 0; shift < 3; shift++)
        {
            var frame = syslog.Frame(s_line, new string('x', shift) + new string('€', 2_000));
            Assert.InRange(frame.Length, limit - 3, limit);
            Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(frame));
        }
    }

    [Fact]
    public async Task Reach_a_receiver_that_comes_later_than_they_do()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var syslog = new Syslog(Settings(("KC_LOG_SYSLOG_ENDPOINT", $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}")));
        syslog.Write(s_line, "one\n");
        syslog.Write(s_line, "two\n");
        using var client = await listener.AcceptTcpClientAsync();
        syslog.Dispose();
        using var reader = new StreamReader(client.GetStream());
        var text = await reader.ReadToEndAsync();
        Assert.Matches("(?s)\\d+ <12>1 .*one\\d+ <12>1 .*two", text);
    }

    [Fact]
    public async Task Go_as_datagrams()
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var syslog = new Syslog(Settings(("KC_LOG_SYSLOG_ENDPOINT", $"127.0.0.1:{((IPEndPoint)receiver.Client.LocalEndPoint!).Port}"), ("KC_LOG_SYSLOG_PROTOCOL", "udp")));
        syslog.Write(s_line, "one\n");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Assert.EndsWith("one", Encoding.UTF8.GetString((await receiver.ReceiveAsync(patience.Token)).Buffer), StringComparison.Ordinal);
    }

    [Fact]
    public void Hold_nobody_up_while_there_is_no_receiver()
    {
        using var syslog = new Syslog(Settings(("KC_LOG_SYSLOG_ENDPOINT", "127.0.0.1:9")));
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        for (var i = 0; i < 20_000; i++)
        {
            syslog.Write(s_line, "text\n");
        }

        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("KC_LOG_SYSLOG_ENDPOINT", "a b:1")]
    [InlineData("KC_LOG_SYSLOG_MAX_LENGTH", "much")]
    public void Are_refused_where_settings_make_no_sense(string variable, string value) => Assert.Throws<CommandException>(() => new Syslog(Settings((variable, value))));

    private static Settings Settings(params (string Name, string? Value)[] environment) => Castellan.CommandLine.Settings.Collect(
        Invocation.Parse("castellan", ["start-dev"]), environment.Where(v => v.Value is not null).ToDictionary(v => v.Name, v => v.Value!), null);
}
