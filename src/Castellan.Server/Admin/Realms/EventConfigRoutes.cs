using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Realms;

/// <summary>Which events a realm keeps, and who is told of them.</summary>
internal sealed class RealmEventsConfig
{
    public bool? EventsEnabled { get; set; }

    public long? EventsExpiration { get; set; }

    public List<string>? EventsListeners { get; set; }

    public List<string>? EnabledEventTypes { get; set; }

    public bool? AdminEventsEnabled { get; set; }

    public bool? AdminEventsDetailsEnabled { get; set; }
}

/// <summary>The settings for events.</summary>
internal static class EventConfigRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("events/config", Permission.ViewEvents, Show),
        AdminRoute.Put("events/config", Permission.ManageEvents, UpdateAsync),
    ];

    private static ValueTask<AdminAnswer> Show(AdminContext context)
    {
        var settings = context.Realm.Settings;
        return new(AdminAnswer.Json(
            new RealmEventsConfig
            {
                EventsEnabled = settings.EventsEnabled ?? false,
                EventsExpiration = settings.EventsExpiration is > 0 ? settings.EventsExpiration : null,
                EventsListeners = settings.EventsListeners ?? [],
                EnabledEventTypes = settings.EnabledEventTypes is { Count: > 0 } types ? types : [.. EventTypes.Kept],
                AdminEventsEnabled = settings.AdminEventsEnabled ?? false,
                AdminEventsDetailsEnabled = settings.AdminEventsDetailsEnabled ?? false,
            },
            AdminApiJson.Default.RealmEventsConfig));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.RealmEventsConfig)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var known = context.Service<EventLog>().ListenerIds;
        if (given.EventsListeners?.Exists(l => !known.Contains(l)) is true)
        {
            return AdminAnswer.Error(400, "Unknown event listener");
        }

        var settings = context.Realm.Settings.Copy(AdminJson.Default.RealmRepresentation);
        settings.EventsEnabled = given.EventsEnabled ?? false;
        settings.EventsExpiration = given.EventsExpiration ?? 0;
        settings.EventsListeners = given.EventsListeners ?? settings.EventsListeners;
        settings.EnabledEventTypes = given.EnabledEventTypes ?? settings.EnabledEventTypes;
        settings.AdminEventsEnabled = given.AdminEventsEnabled ?? settings.AdminEventsEnabled;
        settings.AdminEventsDetailsEnabled = given.AdminEventsDetailsEnabled ?? settings.AdminEventsDetailsEnabled;
        await context.ApplyAsync(new PutRealm(settings));
        given.EventsEnabled ??= false;
        await context.RecordAsync("UPDATE", "REALM", "events/config", given, AdminApiJson.Default.RealmEventsConfig);
        return AdminAnswer.NoContent;
    }
}
