using System.Globalization;
using Castellan.Core.Events;

namespace Castellan.Server.Admin.Events;

/// <summary>What a realm remembers of its people and of its administrators.</summary>
internal static class EventRoutes
{
    private const int UsualMax = 100;

    private static readonly HashSet<string> s_types = [.. EventTypes.All];
    private static readonly HashSet<string> s_operations = ["CREATE", "UPDATE", "DELETE", "ACTION"];

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("events", Permission.ViewEvents, ListAsync),
        AdminRoute.Delete("events", Permission.ManageEvents, ClearAsync),
        AdminRoute.Get("admin-events", Permission.ViewEvents, ListAdminAsync),
        AdminRoute.Delete("admin-events", Permission.ManageEvents, ClearAdminAsync),
    ];

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context)
    {
        var types = Words(context, "type");
        if (types is not null && types.FirstOrDefault(t => !s_types.Contains(t)) is { } unknown)
        {
            return AdminAnswer.Error(400, $"Unknown event type '{unknown}'");
        }

        if (!Span(context).Ok(out var span, out var refusal))
        {
            return refusal;
        }

        var query = new EventQuery(
            types, context.Query("client"), context.Query("user"), context.Query("ipAddress"), span.From, span.To, span.Ascending, context.First, context.Max(UsualMax));
        return AdminAnswer.Json(await context.Service<IEventStore>().ListAsync(context.Realm.Id, query, context.Aborted), EventJson.Default.ListLoginEvent);
    }

    private static async ValueTask<AdminAnswer> ListAdminAsync(AdminContext context)
    {
        var operations = Words(context, "operationTypes");
        if (operations is not null && operations.FirstOrDefault(o => !s_operations.Contains(o)) is { } unknown)
        {
            return AdminAnswer.Error(400, $"Unknown operation type '{unknown}'");
        }

        if (!Span(context).Ok(out var span, out var refusal))
        {
            return refusal;
        }

        var query = new AdminEventQuery(
            operations, Words(context, "resourceTypes"), context.Query("resourcePath"), context.Query("authRealm"), context.Query("authClient"),
            context.Query("authUser"), context.Query("authIpAddress"), span.From, span.To, span.Ascending, context.First, context.Max(UsualMax));
        return AdminAnswer.Json(await context.Service<IEventStore>().ListAsync(context.Realm.Id, query, context.Aborted), EventJson.Default.ListAdminEvent);
    }

    private static async ValueTask<AdminAnswer> ClearAsync(AdminContext context)
    {
        await context.Service<IEventStore>().DeleteEventsAsync(context.Realm.Id, context.Aborted);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> ClearAdminAsync(AdminContext context)
    {
        await context.Service<IEventStore>().DeleteAdminEventsAsync(context.Realm.Id, context.Aborted);
        return AdminAnswer.NoContent;
    }

    private static IReadOnlyList<string>? Words(AdminContext context, string name) =>
        context.QueryAll(name) is { Count: > 0 } all && all.Any(w => w.Length > 0) ? [.. all.Where(w => w.Length > 0)] : null;

    private static Read<TimeSpanAsked> Span(AdminContext context)
    {
        var direction = context.Query("direction") ?? "desc";
        if (direction is not ("asc" or "desc"))
        {
            return AdminAnswer.Error(400, "Invalid value for sortDirection, expected value is asc or desc");
        }

        var asked = new TimeSpanAsked { Ascending = direction == "asc" };
        if (!Moment(context, "dateFrom", endOfDay: false, out var from, out var refusal) || !Moment(context, "dateTo", endOfDay: true, out var to, out refusal))
        {
            return refusal!;
        }

        return asked with { From = from, To = to };
    }

    /// <summary>A day, with all its milliseconds at its end, or a moment in milliseconds.</summary>
    private static bool Moment(AdminContext context, string name, bool endOfDay, out long? moment, out AdminAnswer? refusal)
    {
        moment = null;
        refusal = null;
        if (context.Query(name) is not { Length: > 0 } text)
        {
            return true;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            var start = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();
            moment = endOfDay ? start + (24 * 3600 * 1000) - 1 : start;
            return true;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            moment = milliseconds;
            return true;
        }

        refusal = AdminAnswer.Error(400, $"Invalid value for '{name}', expected format is yyyy-MM-dd or an Epoch timestamp");
        return false;
    }

    private sealed record TimeSpanAsked
    {
        public long? From { get; init; }

        public long? To { get; init; }

        public bool Ascending { get; init; }
    }
}
