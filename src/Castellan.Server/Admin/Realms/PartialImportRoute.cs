using Castellan.Core.Realms;
using Castellan.Core.Realms.Import;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Server.Admin.Roles;

namespace Castellan.Server.Admin.Realms;

/// <summary>What became of each part, and how many of each there were.</summary>
internal sealed class PartialImportResults
{
    public int Overwritten { get; set; }

    public int Added { get; set; }

    public int Skipped { get; set; }

    public List<PartialImportResult> Results { get; set; } = [];
}

/// <summary>What became of one part.</summary>
internal sealed class PartialImportResult
{
    public string? Action { get; set; }

    public string? ResourceType { get; set; }

    public string? ResourceName { get; set; }

    public string? Id { get; set; }
}

/// <summary>Brings parts of a realm file into a realm.</summary>
internal static class PartialImportRoute
{
    private const long MaxFile = 256 * 1024 * 1024;

    // Kind, its name in results, the path that events of the realm name it by. Some paths are of nothing else, but tools know them.
    private static readonly Dictionary<PartialKind, (string Name, string Path)> s_kinds = new()
    {
        [PartialKind.Client] = ("CLIENT", "clients"),
        [PartialKind.RealmRole] = ("REALM_ROLE", "realms"),
        [PartialKind.ClientRole] = ("CLIENT_ROLE", "clients"),
        [PartialKind.IdentityProvider] = ("IDP", "identity-provider-settings"),
        [PartialKind.IdentityProviderMapper] = ("IDP_MAPPER", "mappers"),
        [PartialKind.Group] = ("GROUP", "groups"),
        [PartialKind.User] = ("USER", "users"),
    };

    public static AdminRoute Route { get; } = AdminRoute.Post("partialImport", Permission.ManageRealm, ImportAsync) with { MaxBody = MaxFile };

    private static async ValueTask<AdminAnswer> ImportAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.PartialImportRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var done = await context.Service<RealmImport>().ImportPartsAsync(context.Realm, given, change => IsAllowed(context, change), new Lookup(context), context.Aborted);
        if (!done.Ok(out var results, out var error))
        {
            return error.Description is null || error.Code == "unknown_error"
                ? AdminAnswer.Error(error.Status, error.Code, error.Description)
                : AdminAnswer.Message(error.Status, error.Description);
        }

        foreach (var result in results.Where(r => r.Action != "SKIPPED"))
        {
            await context.RecordAsync(result.Action == "ADDED" ? "CREATE" : "UPDATE", "REALM", $"{s_kinds[result.Kind].Path}/{result.Id}", Text(result.Part));
        }

        var shown = new PartialImportResults
        {
            Added = results.Count(r => r.Action == "ADDED"), Skipped = results.Count(r => r.Action == "SKIPPED"), Overwritten = results.Count(r => r.Action == "OVERWRITTEN"),
            Results = results.ConvertAll(r => new PartialImportResult { Action = r.Action, ResourceType = s_kinds[r.Kind].Name, ResourceName = r.Name, Id = r.Id }),
        };
        return AdminAnswer.Json(shown, AdminApiJson.Default.PartialImportResults);
    }

    /// <summary>A part as events show it: without secrets and passwords.</summary>
    private static string Text(object part) => part switch
    {
        ClientRepresentation client => AdminEvents.Text(WithoutSecrets(client), AdminJson.Default.ClientRepresentation),
        RoleRepresentation role => AdminEvents.Text(role, AdminJson.Default.RoleRepresentation),
        IdentityProviderRepresentation provider => AdminEvents.Text(IdentityProviders.IdentityProviderEdits.Masked(provider), AdminJson.Default.IdentityProviderRepresentation),
        IdentityProviderMapperRepresentation mapper => AdminEvents.Text(mapper, AdminJson.Default.IdentityProviderMapperRepresentation),
        GroupRepresentation group => AdminEvents.Text(group, AdminJson.Default.GroupRepresentation),
        UserRepresentation user => AdminEvents.Text(WithoutCredentials(user), AdminJson.Default.UserRepresentation),
        _ => throw new ArgumentException($"Nobody imports a {part.GetType().Name}.", nameof(part)),
    };

    private static ClientRepresentation WithoutSecrets(ClientRepresentation client)
    {
        var shown = client.Copy(AdminJson.Default.ClientRepresentation);
        shown.Secret = shown.Secret is null ? null : Masks.Secret;
        shown.RegistrationAccessToken = null;
        return shown;
    }

    private static UserRepresentation WithoutCredentials(UserRepresentation user)
    {
        var shown = user.ShallowCopy();
        shown.Credentials = null;
        return shown;
    }

    /// <summary>Whoever manages a realm neither gives away roles nor takes them from everybody that are not theirs to give.</summary>
    private static bool IsAllowed(AdminContext context, Change change) => change switch
    {
        AddRole { Kind: RoleOwner.User or RoleOwner.Group or RoleOwner.Role } add => context.Realm.Roles.Find(add.RoleId) is not { } role || context.MayGrant(role),
        DeleteRole gone => context.Realm.Roles.Find(gone.Id) is not { } role || context.MayAbolish(role),
        JoinGroup join => context.Realm.Groups.Find(join.GroupId) is not { } group || Users.UserGroupRoutes.MayJoin(context, group),
        _ => true,
    };

    private sealed class Lookup(AdminContext context) : IUserLookup
    {
        public async ValueTask<string?> FindIdAsync(string username, string? email, CancellationToken ct)
        {
            var found = await context.Users.FindByUsernameAsync(context.Realm.Id, username, ct)
                ?? (email is null ? null : await context.Users.FindByEmailAsync(context.Realm.Id, email, ct));
            return found?.Id;
        }

        public async ValueTask<string?> FindServiceAccountIdAsync(string clientId, CancellationToken ct) =>
            (await context.Users.FindServiceAccountAsync(context.Realm.Id, clientId, ct))?.Id;
    }
}
