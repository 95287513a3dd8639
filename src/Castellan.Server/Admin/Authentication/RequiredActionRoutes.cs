using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Mail;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authentication;

/// <summary>What users may be asked to do at their next sign-in.</summary>
internal static class RequiredActionRoutes
{
    private static readonly AdminAnswer s_unknown = AdminAnswer.NotFound("Failed to find required action");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("authentication/required-actions", Permission.Any("view-realm", "manage-realm", "view-users", "manage-users"), List),
        AdminRoute.Get("authentication/unregistered-required-actions", Permission.ViewRealm, Unregistered),
        AdminRoute.Post("authentication/register-required-action", Permission.ManageRealm, RegisterAsync, noCache: true),
        AdminRoute.Get("authentication/required-actions/{alias}", Permission.ViewRealm, One((_, action) => new(AdminAnswer.Json(action, AdminJson.Default.RequiredActionProviderRepresentation)))),
        AdminRoute.Put("authentication/required-actions/{alias}", Permission.ManageRealm, One(UpdateAsync)),
        AdminRoute.Delete("authentication/required-actions/{alias}", Permission.ManageRealm, One(DeleteAsync)),
        AdminRoute.Post("authentication/required-actions/{alias}/raise-priority", Permission.ManageRealm, One((c, action) => MoveAsync(c, action, -1))),
        AdminRoute.Post("authentication/required-actions/{alias}/lower-priority", Permission.ManageRealm, One((c, action) => MoveAsync(c, action, +1))),
        AdminRoute.Get("authentication/required-actions/{alias}/config", Permission.ViewRealm, Configurable((_, action) => new(AdminAnswer.Json(new RequiredActionConfig { Config = action.Config ?? [] }, AdminApiJson.Default.RequiredActionConfig)))),
        AdminRoute.Put("authentication/required-actions/{alias}/config", Permission.ManageRealm, Configurable(ConfigureAsync)),
        AdminRoute.Delete("authentication/required-actions/{alias}/config", Permission.ManageRealm, Configurable(ForgetConfigAsync)),
        AdminRoute.Get("authentication/required-actions/{alias}/config-description", Permission.ViewRealm, One(Described)),
    ];

    private static AdminHandler One(Func<AdminContext, RequiredActionProviderRepresentation, ValueTask<AdminAnswer>> then) => context =>
        context.Realm.Data.RequiredActions.FirstOrDefault(a => a.Alias == context.Route("alias")) is { } action ? then(context, action) : new(s_unknown);

    private static AdminHandler Configurable(Func<AdminContext, RequiredActionProviderRepresentation, ValueTask<AdminAnswer>> then) =>
        One((context, action) => IsConfigurable(action) ? then(context, action) : new(AdminAnswer.Error(400, "RequiredAction is not configurable")));

    /// <summary>Every action can ask for a fresh sign-in first, but the one that always does.</summary>
    internal static bool IsConfigurable(RequiredActionProviderRepresentation action) => action.ProviderId != DefaultRequiredActions.DeleteAccount;

    private static IOrderedEnumerable<RequiredActionProviderRepresentation> Sorted(AdminContext context) => context.Realm.Data.RequiredActions.OrderBy(a => a.Priority ?? 0);

    private static ValueTask<AdminAnswer> List(AdminContext context) =>
        new(AdminAnswer.Json([.. Sorted(context)], AdminJson.Default.ListRequiredActionProviderRepresentation));

    private static ValueTask<AdminAnswer> Unregistered(AdminContext context)
    {
        var known = context.Realm.Data.RequiredActions.Select(a => a.ProviderId).ToHashSet(StringComparer.Ordinal);
        return new(AdminAnswer.Json(
            [.. DefaultRequiredActions.Make().Where(a => !known.Contains(a.ProviderId)).Select(a => new Dictionary<string, string>(StringComparer.Ordinal) { ["providerId"] = a.ProviderId!, ["name"] = a.Name! })],
            AdminApiJson.Default.ListDictionaryStringString));
    }

    private static async ValueTask<AdminAnswer> RegisterAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.DictionaryStringString)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var id = given.GetValueOrDefault("providerId");
        if (DefaultRequiredActions.Make().Find(a => a.ProviderId == id) is not { } action)
        {
            return AdminAnswer.Error(400, "Required Action Provider with given providerId not found");
        }

        if (context.Realm.Data.RequiredActions.Any(a => a.Alias == action.Alias))
        {
            return AdminAnswer.Error(400, "A Required Action Provider with given alias already exists.");
        }

        action.Name = given.GetValueOrDefault("name") ?? action.Name;
        (action.Enabled, action.DefaultAction, action.Config) = (true, false, []);
        action.Priority = context.Realm.Data.RequiredActions.Select(a => a.Priority ?? 0).DefaultIfEmpty(0).Max() + 1;
        await context.ApplyAsync(Put(context, action));
        await context.RecordAsync("CREATE", "REQUIRED_ACTION", "authentication/register-required-action", given, AdminJson.Default.DictionaryStringString);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, RequiredActionProviderRepresentation action)
    {
        if (!(await context.ReadAsync(AdminJson.Default.RequiredActionProviderRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var changed = action.Copy(AdminJson.Default.RequiredActionProviderRepresentation);
        changed.Name = given.Name ?? changed.Name;
        changed.Priority = given.Priority ?? 0;
        changed.Config = given.Config?.Where(c => c.Value is not null).ToDictionary(StringComparer.Ordinal) ?? changed.Config;
        (changed.Enabled, changed.DefaultAction) = (given.Enabled ?? false, given.DefaultAction ?? false);
        await context.ApplyAsync(Put(context, changed));
        await context.RecordAsync("UPDATE", "REQUIRED_ACTION", $"authentication/required-actions/{action.Alias}", given, AdminJson.Default.RequiredActionProviderRepresentation);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, RequiredActionProviderRepresentation action)
    {
        await context.ApplyAsync(new DeletePart(PartKind.RequiredAction, PartIds.RequiredAction(context.Realm.Id, action.Alias!)));
        await context.RecordAsync("DELETE", "REQUIRED_ACTION", $"authentication/required-actions/{action.Alias}");
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> MoveAsync(AdminContext context, RequiredActionProviderRepresentation action, int by)
    {
        var all = Sorted(context).ToList();
        var other = all.IndexOf(action) + by;
        if (other >= 0 && other < all.Count)
        {
            var (one, two) = (action.Copy(AdminJson.Default.RequiredActionProviderRepresentation), all[other].Copy(AdminJson.Default.RequiredActionProviderRepresentation));
            (one.Priority, two.Priority) = (two.Priority, one.Priority);
            await context.ApplyAsync(Put(context, one), Put(context, two));
        }

        await context.RecordAsync("UPDATE", "REQUIRED_ACTION", context.PathInRealm);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> ConfigureAsync(AdminContext context, RequiredActionProviderRepresentation action)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.RequiredActionConfig)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        await SetConfigAsync(context, action, given.Config ?? []);
        await context.RecordAsync("UPDATE", "REQUIRED_ACTION_CONFIG", $"authentication/required-actions/{action.Alias}/config", given, AdminApiJson.Default.RequiredActionConfig);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> ForgetConfigAsync(AdminContext context, RequiredActionProviderRepresentation action)
    {
        await SetConfigAsync(context, action, []);
        await context.RecordAsync("DELETE", "REQUIRED_ACTION_CONFIG", $"authentication/required-actions/{action.Alias}/config");
        return AdminAnswer.NoContent;
    }

    private static ValueTask SetConfigAsync(AdminContext context, RequiredActionProviderRepresentation action, Dictionary<string, string?> config)
    {
        var changed = action.Copy(AdminJson.Default.RequiredActionProviderRepresentation);
        changed.Config = config;
        return context.ApplyAsync(Put(context, changed));
    }

    private static PutPart Put(AdminContext context, RequiredActionProviderRepresentation action) =>
        new(PartKind.RequiredAction, PartIds.RequiredAction(context.Realm.Id, action.Alias!), action.Alias, action);

    private static readonly ConfigProperty s_maxAge = new()
    {
        Name = "max_auth_age", Label = "Maximum Age of Authentication",
        HelpText = "How old a sign-in may be, in seconds, for this action to go ahead without a new one.",
        Type = "String", DefaultValue = "300",
    };

    private static readonly ConfigProperty s_forceVerify = new()
    {
        Name = "verifyEmail", Label = "Force Email Verification",
        HelpText = "Whether a new address must be verified even where the realm does not verify addresses.",
        Type = "boolean", DefaultValue = false,
    };

    private static readonly ConfigProperty s_pause = new()
    {
        Name = ResendPause.Setting, Label = "Cooldown Between Email Resend (seconds)",
        HelpText = "How many seconds must pass before a person is sent this mail again.",
        Type = "String", DefaultValue = ResendPause.Default.ToString(CultureInfo.InvariantCulture),
    };

    private static ValueTask<AdminAnswer> Described(AdminContext context, RequiredActionProviderRepresentation action)
    {
        if (!IsConfigurable(action))
        {
            return new(AdminAnswer.NotFound("Could not find configurable RequiredAction provider"));
        }

        List<ConfigProperty> properties = action.ProviderId switch
        {
            "VERIFY_EMAIL" => [s_maxAge, s_pause],
            "UPDATE_EMAIL" => [s_maxAge, s_forceVerify, s_pause],
            _ => [s_maxAge],
        };
        return new(AdminAnswer.Json(new RequiredActionConfigInfo { Properties = properties }, AdminApiJson.Default.RequiredActionConfigInfo));
    }
}

/// <summary>The settings of a required action.</summary>
internal sealed class RequiredActionConfig
{
    public Dictionary<string, string?>? Config { get; set; }
}

/// <summary>Which settings a required action has.</summary>
internal sealed class RequiredActionConfigInfo
{
    public List<ConfigProperty>? Properties { get; set; }
}

/// <summary>A setting as forms show it.</summary>
internal sealed class ConfigProperty
{
    public string? Name { get; set; }

    public string? Label { get; set; }

    public string? HelpText { get; set; }

    public string? Type { get; set; }

    public JsonNode? DefaultValue { get; set; }

    public bool Required { get; set; }

    public bool ReadOnly { get; set; }

    public bool Secret { get; set; }
}
