using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin.ServerInfo;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Admin.Realms;

/// <summary>What a realm demands of its clients: profiles hold demands, policies say who they are made to.</summary>
internal static partial class ClientPolicyRoutes
{
    private const string Executors = "org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProvider";
    private const string Conditions = "org.keycloak.services.clientpolicy.condition.ClientPolicyConditionProvider";
    private static readonly Lazy<List<ClientProfile>> s_global = new(LoadGlobal);

    // They bind those who manage clients, who must not be able to lift them.
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("client-policies/profiles", Permission.ViewRealm, ShowProfiles),
        AdminRoute.Put("client-policies/profiles", Permission.ManageRealm, UpdateProfilesAsync),
        AdminRoute.Get("client-policies/policies", Permission.ViewRealm, ShowPolicies),
        AdminRoute.Put("client-policies/policies", Permission.ManageRealm, UpdatePoliciesAsync),
    ];

    private static ClientProfiles Profiles(Realm realm) => realm.Settings.ClientProfiles?.Deserialize(AdminApiJson.Default.ClientProfiles) ?? new();

    private static ClientPolicies Policies(Realm realm) => realm.Settings.ClientPolicies?.Deserialize(AdminApiJson.Default.ClientPolicies) ?? new();

    private static ValueTask<AdminAnswer> ShowProfiles(AdminContext context)
    {
        var shown = Profiles(context.Realm);
        shown.Profiles ??= [];
        shown.GlobalProfiles = context.Flag("include-global-profiles") ? s_global.Value : null;
        return new(AdminAnswer.Json(shown, AdminApiJson.Default.ClientProfiles));
    }

    private static ValueTask<AdminAnswer> ShowPolicies(AdminContext context)
    {
        var shown = Policies(context.Realm);
        shown.Policies ??= [];
        shown.GlobalPolicies = context.Flag("include-global-policies") ? [] : null;
        return new(AdminAnswer.Json(shown, AdminApiJson.Default.ClientPolicies));
    }

    private static async ValueTask<AdminAnswer> UpdateProfilesAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.ClientProfiles)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (Refuse(given.Profiles ?? []) is { } wrong)
        {
            return wrong;
        }

        // Consoles send them along.
        if (given.GlobalProfiles is { Count: > 0 } global && !JsonElement.DeepEquals(Element(global), Element(s_global.Value)))
        {
            return AdminAnswer.Message(400, "Global profiles cannot be updated");
        }

        given.GlobalProfiles = null;
        return await KeepAsync(context, settings => settings.ClientProfiles = JsonSerializer.SerializeToElement(given, AdminApiJson.Default.ClientProfiles));
    }

    /// <summary>Why a change of a realm may not bring these profiles and policies, or null.</summary>
    public static AdminAnswer? Refuse(Realm realm, RealmRepresentation given)
    {
        try
        {
            var profiles = given.ClientProfiles?.Deserialize(AdminApiJson.Default.ClientProfiles);
            var policies = given.ClientPolicies?.Deserialize(AdminApiJson.Default.ClientPolicies);
            return Refuse(profiles?.Profiles ?? [])
                ?? Refuse(realm, policies?.Policies ?? [], (profiles ?? Profiles(realm)).Profiles ?? []);
        }
        catch (JsonException)
        {
            return AdminAnswer.CannotParse;
        }
    }

    private static AdminAnswer? Refuse(List<ClientProfile> profiles)
    {
        if (profiles.Exists(p => string.IsNullOrEmpty(p.Name)))
        {
            return AdminAnswer.Message(400, "client profile without its name not allowed.");
        }

        if (profiles.DistinctBy(p => p.Name).Count() != profiles.Count)
        {
            return AdminAnswer.Message(400, "proposed client profile name duplicated.");
        }

        if (profiles.Find(p => s_global.Value.Exists(g => g.Name == p.Name)) is { } global)
        {
            return AdminAnswer.Message(400, $"Proposed profile name '{global.Name}' is duplicated as a global profile");
        }

        if (profiles.SelectMany(p => p.Executors ?? []).Any(e => Providers.Find(Executors, e.Executor) is null))
        {
            return AdminAnswer.Message(400, "proposed client profile contains the executor, which does not have valid provider, or has invalid configuration.");
        }

        return null;
    }

    private static async ValueTask<AdminAnswer> UpdatePoliciesAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.ClientPolicies)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given.GlobalPolicies is { Count: > 0 })
        {
            return AdminAnswer.Message(400, "Global policies cannot be updated");
        }

        if (Refuse(context.Realm, given.Policies ?? [], Profiles(context.Realm).Profiles ?? []) is { } wrong)
        {
            return wrong;
        }

        foreach (var policy in given.Policies ??= [])
        {
            policy.Enabled ??= false;
            policy.Conditions ??= [];
            policy.Profiles ??= [];
        }

        given.GlobalPolicies = null;
        return await KeepAsync(context, settings => settings.ClientPolicies = JsonSerializer.SerializeToElement(given, AdminApiJson.Default.ClientPolicies));
    }

    private static AdminAnswer? Refuse(Realm realm, List<ClientPolicy> policies, List<ClientProfile> own)
    {
        if (policies.DistinctBy(p => p.Name).Count() != policies.Count)
        {
            return AdminAnswer.Message(400, "proposed client policy name duplicated");
        }

        var profiles = own.Concat(s_global.Value).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var policy in policies)
        {
            if (policy.Name is null)
            {
                return AdminAnswer.Message(400, "client policy without name not allowed");
            }

            if (policy.Conditions?.Find(c => Providers.Find(Conditions, c.Condition) is null) is { } condition)
            {
                return AdminAnswer.Message(400, $"Policy {policy.Name} contains invalid condition {condition.Condition}");
            }

            if (policy.Conditions?.Select(c => UnknownScopes(realm, c)).FirstOrDefault(scopes => scopes is not null) is { } scopes)
            {
                return AdminAnswer.Message(400, $"Invalid client-scopes configuration - Client scopes not allowed: [{string.Join(", ", scopes)}]");
            }

            if (policy.Profiles is not null && policy.Profiles.Distinct(StringComparer.Ordinal).Count() != policy.Profiles.Count)
            {
                return AdminAnswer.Message(400, $"Policy {policy.Name} contains duplicated profiles");
            }

            if (policy.Profiles?.Find(p => !profiles.Contains(p)) is { } profile)
            {
                return AdminAnswer.Message(400, $"Policy {policy.Name} contains invalid profile {profile}");
            }
        }

        return null;
    }

    /// <summary>The scopes of a condition when the realm does not have all of them.</summary>
    private static IReadOnlyList<string>? UnknownScopes(Realm realm, ClientCondition condition) =>
        condition.Condition == "client-scopes" && new Core.Clients.Policies.PolicySettings(condition.Configuration).Texts("scopes") is { Count: > 0 } scopes
        && scopes.Any(s => realm.Data.Scopes.All(known => known.Name != s)) ? scopes : null;

    private static JsonElement Element(List<ClientProfile> profiles) => JsonSerializer.SerializeToElement(profiles, AdminApiJson.Default.ListClientProfile);

    private static async ValueTask<AdminAnswer> KeepAsync(AdminContext context, Action<RealmRepresentation> change)
    {
        var settings = context.Realm.Settings.Copy(AdminJson.Default.RealmRepresentation);
        change(settings);
        await context.ApplyAsync(new PutRealm(settings));
        await WarnAsync(context);
        return AdminAnswer.NoContent;
    }

    /// <summary>Says of what is kept that it demands nothing: nobody should rely on it.</summary>
    private static async ValueTask WarnAsync(AdminContext context)
    {
        var log = context.Service<ILoggerFactory>().CreateLogger("castellan.policies");
        var realm = (await context.Realms.FindByIdAsync(context.Realm.Id, context.Aborted))!;
        foreach (var (policy, executor) in Core.Clients.Policies.ClientPolicies.Of(realm).WithoutEffect)
        {
            WithoutEffect(log, realm.Name, policy, executor);
        }
    }

    [LoggerMessage(60, LogLevel.Warning, "The client policy '{Policy}' of the realm '{Realm}' names the executor '{Executor}', which has no effect here")]
    private static partial void WithoutEffect(ILogger log, string realm, string policy, string executor);

    private static List<ClientProfile> LoadGlobal() =>
        JsonSerializer.Deserialize(Core.Clients.Policies.ClientPolicies.GlobalProfiles.Span, AdminApiJson.Default.ListClientProfile)!;
}

/// <summary>Client profiles: the realm's own and those that come with the server.</summary>
internal sealed class ClientProfiles
{
    public List<ClientProfile>? Profiles { get; set; }

    public List<ClientProfile>? GlobalProfiles { get; set; }
}

/// <summary>A set of demands on clients.</summary>
internal sealed class ClientProfile
{
    public string? Name { get; set; }

    public string? Description { get; set; }

    public List<ClientExecutor>? Executors { get; set; }
}

/// <summary>One demand.</summary>
internal sealed class ClientExecutor
{
    public string? Executor { get; set; }

    public JsonElement? Configuration { get; set; }
}

/// <summary>Client policies.</summary>
internal sealed class ClientPolicies
{
    public List<ClientPolicy>? Policies { get; set; }

    public List<ClientPolicy>? GlobalPolicies { get; set; }
}

/// <summary>Who must keep to which profiles.</summary>
internal sealed class ClientPolicy
{
    public string? Name { get; set; }

    public string? Description { get; set; }

    public bool? Enabled { get; set; }

    public List<ClientCondition>? Conditions { get; set; }

    public List<string>? Profiles { get; set; }
}

/// <summary>One condition of a policy.</summary>
internal sealed class ClientCondition
{
    public string? Condition { get; set; }

    public JsonElement? Configuration { get; set; }
}
