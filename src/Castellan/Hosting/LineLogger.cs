using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Castellan.Hosting;

/// <summary>Log lines as Keycloak writes them: one line an event on the standard output, or one JSON object.</summary>
internal sealed class LineLoggerProvider(TimeProvider time, bool json, string serviceName) : ILoggerProvider
{
    private readonly Lock _writing = new();
    private readonly Stream _output = Console.OpenStandardOutput();
    private long _sequence;

    public ILogger CreateLogger(string categoryName) => new Line(this, categoryName);

    public void Dispose() => _output.Dispose();

    private void Write(string category, LogLevel level, string message, Exception? error)
    {
        var text = json ? Json(category, level, message, error) : Plain(category, level, message, error);
        lock (_writing)
        {
            _output.Write(Encoding.UTF8.GetBytes(text));
            _output.Flush();
        }
    }

    private string Plain(string category, LogLevel level, string message, Exception? error) => string.Create(CultureInfo.InvariantCulture,
        $"{time.GetLocalNow():yyyy-MM-dd HH:mm:ss,fff} {Word(level),-5} [{category}] ({Thread.CurrentThread.Name ?? "executor-thread"}) {message}{(error is null ? "" : $": {error}")}\n");

    private string Json(string category, LogLevel level, string message, Exception? error)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("timestamp", time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture));
            writer.WriteNumber("sequence", Interlocked.Increment(ref _sequence));
            writer.WriteString("loggerClassName", "org.jboss.logging.Logger");
            writer.WriteString("loggerName", category);
            writer.WriteString("level", Word(level));
            writer.WriteString("message", message);
            writer.WriteString("threadName", Thread.CurrentThread.Name ?? "executor-thread");
            writer.WriteNumber("threadId", Environment.CurrentManagedThreadId);
            writer.WriteStartObject("mdc");
            writer.WriteEndObject();
            writer.WriteString("ndc", "");
            writer.WriteString("hostName", Environment.MachineName);
            writer.WriteString("processName", Environment.ProcessPath);
            writer.WriteNumber("processId", Environment.ProcessId);
            writer.WriteString("service.name", serviceName);
            if (error is not null)
            {
                writer.WriteStartObject("exception");
                writer.WriteString("exceptionType", error.GetType().FullName);
                writer.WriteString("message", error.Message);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARN",
        LogLevel.Error => "ERROR",
        _ => "FATAL",
    };

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

    private static LogLevel Read(string word) => word.ToLowerInvariant() switch
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
