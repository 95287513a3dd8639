using Castellan.Core.Authorization;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>The settings of a resource server, as they are and as a file.</summary>
internal static class ResourceServerRoutes
{
    private const string Kind = "AUTHORIZATION_RESOURCE_SERVER";

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get(AuthorizedClient.Path(""), AuthorizedClient.View, AuthorizedClient.One(Show), noCache: false),
        AdminRoute.Put(AuthorizedClient.Path(""), AuthorizedClient.Manage, AuthorizedClient.NotForAdministratorsElse(AuthorizedClient.One(UpdateAsync))),
        AdminRoute.Get(AuthorizedClient.Path("settings"), AuthorizedClient.Manage, AuthorizedClient.NotForAdministratorsElse(AuthorizedClient.One(ExportAsync)), noCache: false),
        AdminRoute.Post(AuthorizedClient.Path("import"), AuthorizedClient.Manage, AuthorizedClient.NotForAdministratorsElse(AuthorizedClient.One(ImportAsync))),
        .. ScopeRoutes.All,
        .. ResourceRoutes.All,
        .. PolicyRoutes.All,
    ];

    /// <summary>Why the words in settings cannot be, or null.</summary>
    public static AdminAnswer? Refuse(ResourceServerRepresentation settings) =>
        (settings.PolicyEnforcementMode is { } mode && !DecisionStrategies.EnforcementModes.Contains(mode))
        || (settings.DecisionStrategy is { } strategy && !DecisionStrategies.OfServers.Contains(strategy))
            ? AdminAnswer.CannotParse
            : null;

    /// <summary>The three settings as they will stand in the client's document.</summary>
    public static ResourceServerRepresentation Merge(ResourceServerRepresentation? before, ResourceServerRepresentation given) => new()
    {
        AllowRemoteResourceManagement = given.AllowRemoteResourceManagement ?? before?.AllowRemoteResourceManagement ?? true,
        PolicyEnforcementMode = given.PolicyEnforcementMode ?? before?.PolicyEnforcementMode ?? "ENFORCING",
        DecisionStrategy = given.DecisionStrategy ?? before?.DecisionStrategy ?? "UNANIMOUS",
        AuthorizationSchema = before?.AuthorizationSchema,
    };

    private static ValueTask<AdminAnswer> Show(AuthorizedClient of) => new(AdminAnswer.Json(Shown(of, of.Client.Representation.AuthorizationSettings), AdminJson.Default.ResourceServerRepresentation));

    private static ResourceServerRepresentation Shown(AuthorizedClient of, ResourceServerRepresentation? settings)
    {
        var shown = Merge(settings, new());
        (shown.Id, shown.ClientId, shown.Name) = (of.Client.Id, of.Client.Id, of.Client.ClientId);
        (shown.Resources, shown.Policies, shown.Scopes) = ([], [], []);
        shown.AuthorizationSchema = of.IsOfAdministrators ? shown.AuthorizationSchema : null;
        return shown;
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AuthorizedClient of)
    {
        if (!(await of.Context.ReadAsync(AdminJson.Default.ResourceServerRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if ((Refuse(given) ?? (given.DecisionStrategy is null ? AdminAnswer.Conflict : null)) is { } wrong)
        {
            return wrong;
        }

        await of.Context.ApplyAsync(Settings(of, given));
        await RecordAsync(of, given);
        return AdminAnswer.NoContent;
    }

    private static PutClient Settings(AuthorizedClient of, ResourceServerRepresentation given)
    {
        var client = of.Client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        client.AuthorizationSettings = Whole(of, given);
        return new(client);
    }

    /// <summary>The settings that are sent, all of them: one that is missing goes back to how it was made.</summary>
    private static ResourceServerRepresentation Whole(AuthorizedClient of, ResourceServerRepresentation given) =>
        Merge(new() { AuthorizationSchema = of.Client.Representation.AuthorizationSettings?.AuthorizationSchema }, given);

    private static ValueTask RecordAsync(AuthorizedClient of, ResourceServerRepresentation given) =>
        of.RecordAsync("UPDATE", Kind, AdminEvents.Text(Shown(of, Whole(of, given)), AdminJson.Default.ResourceServerRepresentation));

    private static async ValueTask<AdminAnswer> ExportAsync(AuthorizedClient of)
    {
        var settings = await new SettingsExport(of.Client.Representation, await of.LoadAsync(), of.Principals).WriteAsync(of.Context.Aborted);
        settings.AuthorizationSchema = null;
        return AdminAnswer.Json(settings, AdminJson.Default.ResourceServerRepresentation);
    }

    private static async ValueTask<AdminAnswer> ImportAsync(AuthorizedClient of)
    {
        if (!(await of.Context.ReadAsync(AdminJson.Default.ResourceServerRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (Refuse(given) is { } wrong)
        {
            return wrong;
        }

        var read = await new SettingsImport(of.Client.Id, await of.LoadAsync(), of.Principals).ReadAsync(given, of.Context.Aborted);
        if (!read.Ok(out var changes, out var error))
        {
            return AdminAnswer.Error(400, error.Code, error.Description);
        }

        await of.Context.ApplyAsync([Settings(of, given), .. changes]);
        await RecordAsync(of, given);
        return AdminAnswer.NoContent;
    }
}
