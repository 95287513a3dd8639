using Castellan.Core;
using Castellan.Core.Authorization;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>The resources of a resource server.</summary>
internal static class ResourceRoutes
{
    private const string Kind = "AUTHORIZATION_RESOURCE";

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get(AuthorizedClient.Path("resource"), AuthorizedClient.View, AuthorizedClient.One(ResourceSearch.ListAsync)),
        AdminRoute.Post(AuthorizedClient.Path("resource"), AuthorizedClient.Manage, AuthorizedClient.NotForAdministratorsElse(AuthorizedClient.One(CreateAsync)), noCache: true),
        AdminRoute.Get(AuthorizedClient.Path("resource/search"), AuthorizedClient.View, AuthorizedClient.One(ResourceSearch.FindAsync)),
        AdminRoute.Get(AuthorizedClient.Path("resource/{resource}"), AuthorizedClient.View, One(ShowAsync)),
        AdminRoute.Put(AuthorizedClient.Path("resource/{resource}"), AuthorizedClient.Manage, AuthorizedClient.NotForAdministratorsElse(One(UpdateAsync))),
        AdminRoute.Delete(AuthorizedClient.Path("resource/{resource}"), AuthorizedClient.Manage, AuthorizedClient.NotForAdministratorsElse(One(DeleteAsync))),
        AdminRoute.Get(AuthorizedClient.Path("resource/{resource}/scopes"), AuthorizedClient.View, One(ScopesAsync)),
        AdminRoute.Get(AuthorizedClient.Path("resource/{resource}/permissions"), AuthorizedClient.View, One(PermissionsAsync)),
        AdminRoute.Get(AuthorizedClient.Path("resource/{resource}/attributes"), AuthorizedClient.View, One((_, resource) =>
            new(AdminAnswer.Json(resource.Representation.Attributes ?? [], AdminJson.Default.DictionaryStringListString)))),
    ];

    private static AdminHandler One(Func<AuthorizedClient, ProtectedResource, ValueTask<AdminAnswer>> then) => AuthorizedClient.One(async of =>
        await of.FindResourceAsync(of.Context.Route("resource")) is { } resource ? await then(of, resource) : AdminAnswer.NotFoundHere);

    private static async ValueTask<AdminAnswer> ShowAsync(AuthorizedClient of, ProtectedResource resource) =>
        AdminAnswer.Json(await of.ShowAsync(resource, await of.ScopesAsync()), AdminJson.Default.ResourceRepresentation);

    private static async ValueTask<AdminAnswer> CreateAsync(AuthorizedClient of)
    {
        if (!(await of.Context.ReadAsync(AdminJson.Default.ResourceRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (string.IsNullOrEmpty(given.Name))
        {
            return AuthorizedClient.NoName;
        }

        if (given.Owner is not null && ResourceOwner.IdOf(given) is null)
        {
            return AdminAnswer.Error(400, "invalid_request", "You must specify the resource owner.");
        }

        if (await OwnerAsync(of, given) is not { } owner)
        {
            return AdminAnswer.Error(400, "invalid_request", "Owner must be a valid username or user identifier. If the resource server, the client id or null.");
        }

        if (await of.Store.FindResourceAsync(of.Context.Realm.Id, of.Client.Id, owner, given.Name, of.Context.Aborted) is { } taken)
        {
            // Who names the owner as people do changes what is there, as in Keycloak, which looks for owners by their ids alone.
            return ResourceOwner.IdOf(given) is { } named && named != owner
                ? await SaveAsync(of, given, taken.Id, owner, taken, made: true)
                : AdminAnswer.Error(409, "invalid_request", $"Resource with name [{given.Name}] already exists.");
        }

        if (!string.IsNullOrEmpty(given.Id) && await of.FindResourceAsync(given.Id) is not null)
        {
            return AdminAnswer.Conflict;
        }

        return await SaveAsync(of, given, string.IsNullOrEmpty(given.Id) ? Ids.New() : given.Id, owner, null, made: true);
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AuthorizedClient of, ProtectedResource resource) =>
        (await of.Context.ReadAsync(AdminJson.Default.ResourceRepresentation)).Ok(out var given, out var refusal)
            ? await SaveAsync(of, given, resource.Id, resource.OwnerId, resource, made: false)
            : refusal;

    private static async ValueTask<AdminAnswer> SaveAsync(AuthorizedClient of, ResourceRepresentation given, string id, string owner, ProtectedResource? before, bool made)
    {
        var edit = ResourceEdit.Read(of.Client.Id, given, await of.ScopesAsync(), id, owner, before);
        await of.Context.ApplyAsync(edit.Changes);
        var shown = await of.ShowAsync(edit.Resource, edit.Scopes);
        await of.RecordAsync(made ? "CREATE" : "UPDATE", Kind, AdminEvents.Text(shown, AdminJson.Default.ResourceRepresentation), made ? id : null);
        return made ? AdminAnswer.Json(shown, AdminJson.Default.ResourceRepresentation, 201) : AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AuthorizedClient of, ProtectedResource resource)
    {
        var shown = await of.ShowAsync(resource, await of.ScopesAsync());
        await of.Context.ApplyAsync(await of.WithoutAsync(new DeleteProtectedResource(of.Client.Id, resource.Id), resource.Id, p => p.ResourceIds));
        await of.RecordAsync("DELETE", Kind, AdminEvents.Text(shown, AdminJson.Default.ResourceRepresentation));
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> ScopesAsync(AuthorizedClient of, ProtectedResource resource)
    {
        var all = await of.ScopesAsync();
        var shown = ResourceViews.Scopes(resource, all);
        if (resource is { Type: { } type } && resource.OwnerId != of.Client.Id)
        {
            var ofType = (await of.ResourcesAsync(new(Owner: of.Client.Id, Type: type, ExactType: true))).SelectMany(r => ResourceViews.Scopes(r, all, icons: true));
            shown.AddRange(ofType.ExceptBy(shown.Select(s => s.Id), s => s.Id).DistinctBy(s => s.Id));
        }

        return AdminAnswer.Json(shown, AdminJson.Default.ListScopeRepresentation);
    }

    private static async ValueTask<AdminAnswer> PermissionsAsync(AuthorizedClient of, ProtectedResource resource)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal) { resource.Id };
        var type = resource.OwnerId == of.Client.Id ? null : resource.Type;
        if (type is not null)
        {
            // What covers the resource server's own resources of a type covers those of people.
            ids.UnionWith((await of.ResourcesAsync(new(Owner: of.Client.Id, Type: type, ExactType: true))).Select(r => r.Id));
        }

        var found = (await of.PoliciesAsync()).Where(p => p.Type != PolicyTypes.Owners && (p.ResourceIds.Any(ids.Contains) || (type is not null && p.ResourceType == type)
            || (p is { Type: "scope", ResourceIds.Count: 0, ResourceType: null } && p.ScopeIds.Any(resource.ScopeIds.Contains))));
        return AdminAnswer.Json([.. found.Select(PolicyViews.Named)], AdminJson.Default.ListPolicyRepresentation);
    }

    private static async ValueTask<string?> OwnerAsync(AuthorizedClient of, ResourceRepresentation given) => ResourceOwner.IdOf(given) is not { } owner || owner == of.Client.Id
        ? of.Client.Id
        : await of.Principals.IdAsync(PrincipalKind.User, owner, of.Context.Aborted);
}
