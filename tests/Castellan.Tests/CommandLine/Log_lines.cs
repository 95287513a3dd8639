using Castellan.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Tests.CommandLine;

public sealed class Log_lines
{
    private static readonly LogLine s_line = new(new DateTimeOffset(2026, 11, 26, 9, 8, 7, 65, TimeSpan.FromHours(1)), LogLevel.Warning, "org.keycloak.events", "hello", null);

    [Theory]
    [InlineData("%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p [%c] %s%e%n", "2026-11-26 09:08:07,065 WARN  [org.keycloak.events] hello\n")]
    [InlineData("%d{HH:mm:ss} %5p|%c{1}|%c{2}|%s", "09:08:07  WARN|events|keycloak.events|hello")]
    [InlineData("100%% %s", "100% hello")]
    [InlineData("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX}", "2026-11-26T09:08:07.065+01:00")]
    [InlineData("%K{level}%s", "hello")]
    [InlineData("%-20.20c{1}.%s%", "events              .hello%")]
    public void A_format_says_how_a_line_looks(string format, string expected) => Assert.Equal(expected, new LogFormat(format).Write(s_line));

    [Fact]
    public void An_error_stands_behind_the_message()
    {
        var line = s_line with { Error = new InvalidOperationException("broken") };
        Assert.StartsWith("hello: System.InvalidOperationException: broken", new LogFormat("%s%e%n").Write(line), StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_takes_what_is_grave_enough_for_it()
    {
        using var written = new MemoryStream();
        using var output = new LogOutput(new StreamTarget(written), new LogFormat("%s"), LogLevel.Warning, "castellan");
        Assert.False(output.Takes(LogLevel.Information));
        Assert.True(output.Takes(LogLevel.Warning));
        output.Write(s_line);
        Assert.Equal("hello"u8.ToArray(), written.ToArray());
    }
}
