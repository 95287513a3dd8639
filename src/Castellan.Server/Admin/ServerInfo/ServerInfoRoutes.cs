using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Server.Pages;

namespace Castellan.Server.Admin.ServerInfo;

/// <summary>What the server is and can do; consoles build their forms from it.</summary>
internal static class ServerInfoRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } = [AdminRoute.Get("/admin/serverinfo", Permission.SignedIn, ShowAsync)];

    private static async ValueTask<AdminAnswer> ShowAsync(AdminContext context)
    {
        // Any administration role anywhere opens it; what the machine is like, only administrators of the server see.
        if (!context.Caller.IsServerAdmin && !context.Caller.RolesIn(context.Caller.Realm).IsAdmin && !await IsAdminSomewhereAsync(context))
        {
            return AdminAnswer.Forbidden;
        }

        var info = JsonNode.Parse(Providers.Document.GetRawText())!.AsObject();
        foreach (var (kind, name, locales) in context.Service<ThemeFolder>().List())
        {
            info["themes"]![kind]!.AsArray().Add((JsonNode)new JsonObject { ["name"] = name, ["locales"] = new JsonArray([.. locales.Select(l => (JsonNode)JsonValue.Create(l))]) });
        }

        foreach (var feature in info["features"]!.AsArray())
        {
            if (!context.Service<Features>().Has(Unversioned(feature!["name"]!.GetValue<string>())))
            {
                feature["enabled"] = false;
            }
        }

        AddListeners(info, context.Service<Core.Events.EventLog>().ListenerIds);
        if (context.Caller.IsServerAdmin)
        {
            Add(info, context.Service<TimeProvider>());
        }

        return AdminAnswer.Json(JsonSerializer.SerializeToElement(info, AdminApiJson.Default.JsonObject), AdminApiJson.Default.JsonElement);
    }

    /// <summary>The console offers what is listed here: listeners that the host registered, such as a configured webhook, are among it.</summary>
    private static void AddListeners(JsonObject info, IEnumerable<string> ids)
    {
        var listed = info["providers"]!["eventsListener"]!["providers"]!.AsObject();
        foreach (var id in ids.Where(id => !listed.ContainsKey(id)))
        {
            listed[id] = new JsonObject { ["order"] = 0 };
        }
    }

    private static async ValueTask<bool> IsAdminSomewhereAsync(AdminContext context)
    {
        if (!context.Caller.IsMaster)
        {
            return false;
        }

        foreach (var realm in await context.Realms.ListAsync(context.Aborted))
        {
            if (context.Caller.RolesIn(realm).IsAdmin)
            {
                return true;
            }
        }

        return context.Caller.MayCreateRealms;
    }

    private static void Add(JsonObject info, TimeProvider time)
    {
        var now = time.GetUtcNow();
        using var process = Process.GetCurrentProcess();
        var uptime = now - process.StartTime.ToUniversalTime();
        info["systemInfo"] = new JsonObject
        {
            ["version"] = "26.7.4",
            ["serverTime"] = now.ToString("ddd MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture),
            ["uptime"] = string.Create(CultureInfo.InvariantCulture, $"{uptime.Days} days, {uptime.Hours} hours, {uptime.Minutes} minutes, {uptime.Seconds} seconds"),
            ["uptimeMillis"] = (long)uptime.TotalMilliseconds,
            ["javaVersion"] = Environment.Version.ToString(),
            ["javaVendor"] = "Castellan",
            ["javaVm"] = RuntimeInformation.FrameworkDescription,
            ["javaVmVersion"] = Environment.Version.ToString(),
            ["javaRuntime"] = RuntimeInformation.FrameworkDescription,
            ["javaHome"] = AppContext.BaseDirectory,
            ["osName"] = RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? "Linux" : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "Mac OS X" : "Windows",
            ["osArchitecture"] = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
            ["osVersion"] = Environment.OSVersion.Version.ToString(),
            ["fileEncoding"] = "UTF-8",
            ["userName"] = Environment.UserName,
            ["userDir"] = Environment.CurrentDirectory,
            ["userTimezone"] = "Etc/UTC",
            ["userLocale"] = "en_US",
        };
        info["cpuInfo"] = new JsonObject { ["processorCount"] = Environment.ProcessorCount };
        var memory = GC.GetGCMemoryInfo();
        var (total, used) = (memory.TotalAvailableMemoryBytes, process.WorkingSet64);
        info["memoryInfo"] = new JsonObject
        {
            ["total"] = total,
            ["totalFormated"] = Megabytes(total),
            ["used"] = used,
            ["usedFormated"] = Megabytes(used),
            ["free"] = Math.Max(0, total - used),
            ["freePercentage"] = total == 0 ? 0 : Math.Max(0, (total - used) * 100 / total),
            ["freeFormated"] = Megabytes(Math.Max(0, total - used)),
        };
    }

    /// <summary><c>LOGIN_V2</c> is the second version of the feature <c>login</c>.</summary>
    private static string Unversioned(string name) =>
        (name is [.. var start, '_', 'V', >= '0' and <= '9'] ? start : name).ToLowerInvariant().Replace('_', '-');

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024)} MB");
}
