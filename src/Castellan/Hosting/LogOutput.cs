using System.Globalization;
using System.Text;
using System.Text.Json;
using Castellan.CommandLine;
using Microsoft.Extensions.Logging;

namespace Castellan.Hosting;

/// <summary>Where lines are put down.</summary>
internal interface ILogTarget : IDisposable
{
    void Write(LogLine line, string text);
}

/// <summary>The console or a file.</summary>
internal sealed class StreamTarget(Stream stream) : ILogTarget
{
    private readonly Lock _writing = new();

    public void Write(LogLine line, string text)
    {
        lock (_writing)
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush();
        }
    }

    public void Dispose() => stream.Dispose();
}

/// <summary>One place that lines go to, which lines, and in what form.</summary>
/// <param name="format">Null writes JSON.</param>
internal sealed class LogOutput(ILogTarget target, LogFormat? format, LogLevel least, string serviceName) : IDisposable
{
    private long _sequence;

    /// <summary>The places that <c>log</c> names.</summary>
    /// <exception cref="CommandException">A file cannot be written.</exception>
    public static List<LogOutput> Open(Settings settings)
    {
        var outputs = new List<LogOutput>();
        foreach (var handler in settings["log"]!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct())
        {
            var prefix = $"log-{handler}-";
            var format = settings[prefix + "output"] == "json" ? null : new LogFormat(settings[prefix + "format"]!);
            ILogTarget target = handler switch { "syslog" => new Syslog(settings), "file" => new StreamTarget(OpenFile(settings)), _ => new StreamTarget(Console.OpenStandardOutput()) };
            outputs.Add(new(target, format, LogLevels.Read(settings[prefix + "level"]!), settings["log-service-name"]!));
        }

        return outputs;
    }

    public bool Takes(LogLevel level) => level >= least;

    public void Write(LogLine line) => target.Write(line, format?.Write(line) ?? Json(line));

    public void Dispose() => target.Dispose();

    // Beside the data unless somebody said where. It grows until whoever rotates it moves it away and starts us anew.
    private static FileStream OpenFile(Settings settings)
    {
        var path = settings.Given("log-file") ?? Path.Combine(settings["data-dir"]!, "log", "keycloak.log");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"log-file: {error.Message}");
        }
    }

    private string Json(LogLine line)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("timestamp", line.Time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture));
            writer.WriteNumber("sequence", Interlocked.Increment(ref _sequence));
            writer.WriteString("loggerClassName", "org.jboss.logging.Logger");
            writer.WriteString("loggerName", line.Category);
            writer.WriteString("level", line.Word);
            writer.WriteString("message", line.Message);
            writer.WriteString("threadName", LogLine.Thread);
            writer.WriteNumber("threadId", Environment.CurrentManagedThreadId);
            writer.WriteStartObject("mdc");
            writer.WriteEndObject();
            writer.WriteString("ndc", "");
            writer.WriteString("hostName", Environment.MachineName);
            writer.WriteString("processName", Environment.ProcessPath);
            writer.WriteNumber("processId", Environment.ProcessId);
            writer.WriteString("service.name", serviceName);
            if (line.Error is { } error)
            {
                writer.WriteStartObject("exception");
                writer.WriteString("exceptionType", error.GetType().FullName);
                writer.WriteString("message", error.Message);
                writer.WriteString("stackTrace", error.ToString());
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }
}
