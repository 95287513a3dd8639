using System.Globalization;
using System.Xml;

namespace Castellan.Core.Workflows;

/// <summary>How long steps wait: seconds, <c>500ms</c>, <c>5m</c>, <c>12h</c>, <c>90d</c>, or ISO 8601.</summary>
public static class WorkflowDurations
{
    /// <summary>The time that a text means; null when it means none.</summary>
    public static TimeSpan? Parse(string text)
    {
        var unit = text.Length - text.AsSpan().TrimEnd("msMShHdD").Length;
        try
        {
            if (long.TryParse(text[..^unit], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return text[^unit..].ToLowerInvariant() switch
                {
                    "" or "s" => TimeSpan.FromSeconds(number),
                    "ms" => TimeSpan.FromMilliseconds(number),
                    "m" => TimeSpan.FromMinutes(number),
                    "h" => TimeSpan.FromHours(number),
                    "d" => TimeSpan.FromDays(number),
                    _ => null,
                };
            }

            return XmlConvert.ToTimeSpan(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
