using Castellan.Core;
using Castellan.Core.Authorization;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>The scopes of a resource server. An unknown one is answered without a body, unlike everything else.</summary>
internal static class ScopeRoutes
{
    private const string Kind = "AUTHORIZATION_SCOPE";

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get(AuthorizedClient.Path("scope"), AuthorizedClient.View, AuthorizedClient.One(ListAsync)),
        AdminRoute.Post(AuthorizedClient.Path("scope"), AuthorizedClient.Manage, AuthorizedClient.NotForAdministratorsElse(AuthorizedClient.One(CreateAsync)), noCache: true),
        AdminRoute.Get(AuthorizedClient.Path("scope/search"), AuthorizedClient.View, AuthorizedClient.One(SearchAsync)),
        AdminRoute.Get(AuthorizedClient.Path("scope/{scope}"), AuthorizedClient.View, One((_, scope) => new(AdminAnswer.Json(Show(scope), AdminJson.Default.ScopeRepresentation)))),
        AdminRoute.Put(AuthorizedClient.Path("scope/{scope}"), AuthorizedClient.Manage, AuthorizedClient.NotForAdministratorsElse(One(UpdateAsync))),
        AdminRoute.Delete(AuthorizedClient.Path("scope/{scope}"), AuthorizedClient.Manage, AuthorizedClient.NotForAdministratorsElse(One(DeleteAsync))),
        AdminRoute.Get(AuthorizedClient.Path("scope/{scope}/resources"), AuthorizedClient.View, One(ResourcesAsync)),
        AdminRoute.Get(AuthorizedClient.Path("scope/{scope}/permissions"), AuthorizedClient.View, One(PermissionsAsync)),
    ];

    public static ScopeRepresentation Show(ScopeRepresentation scope) =>
        new() { Id = scope.Id, Name = scope.Name, DisplayName = Text(scope.DisplayName), IconUri = Text(scope.IconUri) };

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static AdminHandler One(Func<AuthorizedClient, ScopeRepresentation, ValueTask<AdminAnswer>> then) => AuthorizedClient.One(async of =>
        (await of.ScopesAsync()).Find(s => s.Id == of.Context.Route("scope")) is { } scope ? await then(of, scope) : AdminAnswer.Bodyless(404));

    private static async ValueTask<AdminAnswer> ListAsync(AuthorizedClient of)
    {
        var (name, id) = (of.Context.Query("name"), of.Context.Query("scopeId"));
        var found = (await of.ScopesAsync()).Where(s =>
            (string.IsNullOrWhiteSpace(name) || s.Name!.Contains(name, StringComparison.OrdinalIgnoreCase)) && (string.IsNullOrWhiteSpace(id) || s.Id == id));
        return AdminAnswer.Json([.. of.Context.Page(found).Select(Show)], AdminJson.Default.ListScopeRepresentation);
    }

    private static async ValueTask<AdminAnswer> SearchAsync(AuthorizedClient of) => of.Context.Query("name") is not { } name
        ? AdminAnswer.Bodyless(400)
        : (await of.ScopesAsync()).Find(s => s.Name == name) is { } scope ? AdminAnswer.Json(Show(scope), AdminJson.Default.ScopeRepresentation) : AdminAnswer.NoContent;

    private static async ValueTask<AdminAnswer> CreateAsync(AuthorizedClient of)
    {
        if (!(await of.Context.ReadAsync(AdminJson.Default.ScopeRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (string.IsNullOrEmpty(given.Name))
        {
            return AuthorizedClient.NoName;
        }

        // Whoever makes a scope that is there changes it.
        var existing = (await of.ScopesAsync()).Find(s => s.Name == given.Name);
        var scope = Show(given);
        scope.Id = existing?.Id ?? (string.IsNullOrEmpty(given.Id) ? Ids.New() : given.Id);
        return await SaveAsync(of, scope, "CREATE", scope.Id, AdminAnswer.Json(Show(scope), AdminJson.Default.ScopeRepresentation, 201));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AuthorizedClient of, ScopeRepresentation scope)
    {
        if (!(await of.Context.ReadAsync(AdminJson.Default.ScopeRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var changed = Show(given);
        (changed.Id, changed.Name) = (scope.Id, string.IsNullOrEmpty(given.Name) ? scope.Name : given.Name);
        return await SaveAsync(of, changed, "UPDATE", null, AdminAnswer.NoContent);
    }

    private static async ValueTask<AdminAnswer> SaveAsync(AuthorizedClient of, ScopeRepresentation scope, string operation, string? made, AdminAnswer answer)
    {
        await of.Context.ApplyAsync(new PutAuthorizationScope(of.Client.Id, scope));
        await of.RecordAsync(operation, Kind, AdminEvents.Text(scope, AdminJson.Default.ScopeRepresentation), made);
        return answer;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AuthorizedClient of, ScopeRepresentation scope)
    {
        if ((await of.ResourcesAsync(new(ScopeIds: [scope.Id!]), max: 1)).Count > 0)
        {
            return AdminAnswer.Message(400, "Scopes can not be removed while associated with resources.");
        }

        await of.Context.ApplyAsync(await of.WithoutAsync(new DeleteAuthorizationScope(of.Client.Id, scope.Id!), scope.Id!, p => p.ScopeIds));
        await of.RecordAsync("DELETE", Kind, AdminEvents.Text(Show(scope), AdminJson.Default.ScopeRepresentation));
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> ResourcesAsync(AuthorizedClient of, ScopeRepresentation scope) => AdminAnswer.Json(
        [.. (await of.ResourcesAsync(new(ScopeIds: [scope.Id!]))).Select(ResourceViews.Named)], AdminJson.Default.ListResourceRepresentation);

    private static async ValueTask<AdminAnswer> PermissionsAsync(AuthorizedClient of, ScopeRepresentation scope) => AdminAnswer.Json(
        [.. (await of.PoliciesAsync()).Where(p => p.Type != PolicyTypes.Owners && p.ScopeIds.Contains(scope.Id!)).Select(PolicyViews.Named)], AdminJson.Default.ListPolicyRepresentation);
}
