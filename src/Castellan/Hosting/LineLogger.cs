using Microsoft.Extensions.Logging;

namespace Castellan.Hosting;

/// <summary>Log lines as Keycloak writes them, to the console, a file, or both.</summary>
internal sealed class LineLoggerProvider(TimeProvider time, IReadOnlyList<LogOutput> outputs) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Line(this, categoryName);

    public void Dispose()
    {
        foreach (var output in outputs)
        {
            output.Dispose();
        }
    }

    private void Write(string category, LogLevel level, string message, Exception? error)
    {
        var line = new LogLine(time.GetLocalNow(), level, category, message, error);
        foreach (var output in outputs)
        {
            if (output.Takes(level))
            {
                output.Write(line);
            }
        }
    }

    private sealed class Line(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Write(category, logLevel, formatter(state, exception), exception);
    }
}

/// <summary>Which lines are written: <c>log-level</c> with its categories, and <c>log-level-CATEGORY</c>.</summary>
internal static class LogLevels
{
    public static void Configure(ILoggingBuilder logging, CommandLine.Settings settings)
    {
        // What the web server says of itself is not news unless asked for.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // As long as this one may say anything, each request is given an activity, whether or not anybody traces.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        foreach (var entry in settings["log-level"]!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = entry.LastIndexOf(':');
            if (at < 0)
            {
                logging.SetMinimumLevel(Read(entry));
            }
            else
            {
                logging.AddFilter(entry[..at], Read(entry[(at + 1)..]));
            }
        }

        foreach (var setting in settings.All.Where(s => s.Name.StartsWith("log-level-", StringComparison.Ordinal)))
        {
            logging.AddFilter(setting.Name["log-level-".Length..].Replace('-', '.'), Read(setting.Value));
        }
    }

    public static LogLevel Read(string word) => word.ToLowerInvariant() switch
    {
        "off" => LogLevel.None,
        "fatal" => LogLevel.Critical,
        "error" => LogLevel.Error,
        "warn" => LogLevel.Warning,
        "debug" => LogLevel.Debug,
        "trace" or "all" => LogLevel.Trace,
        _ => LogLevel.Information,
    };
}
