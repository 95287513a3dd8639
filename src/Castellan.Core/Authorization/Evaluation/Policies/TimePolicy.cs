using System.Globalization;

namespace Castellan.Core.Authorization.Evaluation.Policies;

/// <summary>The moment lies between two others, and in every range that is given; one without an end is that value alone.</summary>
internal sealed class TimePolicy : IPolicyRule
{
    private const string Format = "yyyy-MM-dd HH:mm:ss";

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

    /// <summary>Whether a text is a moment as such policies write it.</summary>
    public static bool IsMoment(string text) => Moment(text) is not null;

    private static DateTime? Moment(string? text) =>
        DateTime.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? moment : null;
}
