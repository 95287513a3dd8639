using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Castellan.Hosting;

/// <summary>One line of the log before it is written.</summary>
internal readonly record struct LogLine(DateTimeOffset Time, LogLevel Level, string Category, string Message, Exception? Error)
{
    public string Word => Level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARN",
        LogLevel.Error => "ERROR",
        _ => "FATAL",
    };

    public static string Thread => System.Threading.Thread.CurrentThread.Name ?? "executor-thread";
}

/// <summary>
/// The format of a line as Keycloak's operators write it: <c>%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p [%c] (%t) %s%e%n</c>. Taken apart once; conversions that mean
/// something only to a virtual machine are left out.
/// </summary>
internal sealed class LogFormat
{
    private readonly List<Action<StringBuilder, LogLine>> _parts = [];

    public LogFormat(string pattern)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%' || i + 1 == pattern.Length)
            {
                text.Append(pattern[i]);
                continue;
            }

            var (width, left) = Width(pattern, ref i);
            var name = pattern[i];
            var argument = Argument(pattern, ref i);
            if (name == '%')
            {
                text.Append('%');
                continue;
            }

            Take(text);
            var value = Value(name, argument);
            _parts.Add(width == 0 ? (line, entry) => line.Append(value(entry)) : (line, entry) => line.Append(left ? value(entry).PadRight(width) : value(entry).PadLeft(width)));
        }

        Take(text);
    }

    public string Write(LogLine entry)
    {
        var line = new StringBuilder(256);
        foreach (var part in _parts)
        {
            part(line, entry);
        }

        return line.ToString();
    }

    private void Take(StringBuilder text)
    {
        if (text.Length > 0)
        {
            var literal = text.ToString();
            _parts.Add((line, _) => line.Append(literal));
            text.Clear();
        }
    }

    private static (int Width, bool Left) Width(string pattern, ref int i)
    {
        var left = pattern[++i] == '-';
        i += left ? 1 : 0;
        var width = 0;
        var cut = false;
        // The part behind the dot cuts a value in Keycloak; nobody who reads a log wants that.
        for (; i < pattern.Length - 1 && (char.IsAsciiDigit(pattern[i]) || pattern[i] == '.'); i++)
        {
            cut |= pattern[i] == '.';
            width = cut ? width : Math.Min((width * 10) + (pattern[i] - '0'), 200);
        }

        return (width, left);
    }

    private static string? Argument(string pattern, ref int i)
    {
        if (i + 1 >= pattern.Length || pattern[i + 1] != '{' || pattern.IndexOf('}', i) is not (> 0 and var end))
        {
            return null;
        }

        var argument = pattern[(i + 2)..end];
        i = end;
        return argument;
    }

    private static Func<LogLine, string> Value(char name, string? argument) => name switch
    {
        'd' => Date(argument ?? "yyyy-MM-dd HH:mm:ss,SSS"),
        'p' => static e => e.Word,
        'c' => int.TryParse(argument, out var segments) ? e => Last(e.Category, segments) : static e => e.Category,
        't' => static _ => LogLine.Thread,
        's' => static e => e.Message,
        'm' => static e => e.Error is null ? e.Message : $"{e.Message}: {e.Error}",
        'e' => static e => e.Error is null ? "" : $": {e.Error}",
        'n' => static _ => "\n",
        'h' or 'H' => static _ => Environment.MachineName,
        'N' => static _ => Environment.ProcessPath ?? "",
        'i' => static _ => Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        'r' => static _ => Environment.TickCount64.ToString(CultureInfo.InvariantCulture),
        _ => static _ => "",
    };

    // Java's letters; a fraction of a second is S there.
    private static Func<LogLine, string> Date(string pattern)
    {
        var format = pattern.Replace('S', 'f').Replace("XXX", "zzz", StringComparison.Ordinal).Replace('Z', 'z');
        return e => e.Time.ToString(format.Length == 1 ? "%" + format : format, CultureInfo.InvariantCulture);
    }

    private static string Last(string category, int segments)
    {
        var at = category.Length;
        for (var i = 0; i < segments && at > 0; i++)
        {
            at = category.LastIndexOf('.', at - 1);
            if (at < 0)
            {
                return category;
            }
        }

        return category[(at + 1)..];
    }
}
