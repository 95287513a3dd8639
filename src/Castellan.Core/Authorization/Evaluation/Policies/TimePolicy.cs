using System.Globalization;

namespace Castellan.Core.Authorization.Evaluation.Policies;

/// <summary>The moment lies between two others, and in every range that is given; one without an end is that value alone.</summary>
public sealed class TimePolicy : IPolicyRule
{
    /// <summary>A day alone is its beginning.</summary>
    private static readonly string[] s_formats = ["yyyy-M-d H:m:s", "yyyy-MM-dd"];

    public string Type => "time";

    public ValueTask<bool?> HoldsAsync(Policy policy, PolicyContext context, Func<string, ValueTask<bool?>> decide, CancellationToken ct)
    {
        var now = context.Now;
        var second = now.DateTime.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        return new(
            (Moment(policy.Config("nbf")) is not { } from || second >= from)
            && (Moment(policy.Config("noa")) is not { } until || second <= until)
            && InRange("dayMonth", now.Day) && InRange("month", now.Month) && InRange("year", now.Year) && InRange("hour", now.Hour) && InRange("minute", now.Minute));

        bool InRange(string name, int value)
        {
            if (!int.TryParse(policy.Config(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var start))
            {
                return true;
            }

            var end = int.TryParse(policy.Config(name + "End"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var given) ? given : start;
            return value >= start && value <= end;
        }
    }

    /// <summary>The moment that such a policy writes; null for anything else.</summary>
    public static DateTime? Moment(string? text) =>
        DateTime.TryParseExact(text?.Trim(), s_formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? moment : null;
}
