using Castellan.Core.Authorization;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Clients;

namespace Castellan.Server.Admin.Authorization;

/// <summary>A client with authorization services, as the routes below it see it.</summary>
internal sealed class AuthorizedClient(AdminContext context, Client client)
{
    private const string Prefix = "clients/{client}/authz/resource-server";

    /// <summary>Who may look: those who may see clients see this of them too.</summary>
    public static readonly Permission View = Permission.Any("view-authorization", "manage-authorization", "view-clients", "manage-clients");

    public static readonly Permission Manage = Permission.Any("manage-authorization", "manage-clients");

    /// <summary>What Keycloak answers where a name is missing.</summary>
    public static readonly AdminAnswer NoName = AdminAnswer.Error(409, "conflict", "Duplicate resource error");

    /// <summary>What it answers where the permissions of administrators do not go with something.</summary>
    public static readonly AdminAnswer NotForAdministrators = AdminAnswer.Error(400, "unknown_error");

    public AdminContext Context => context;

    public Client Client => client;

    public IAuthorizationStore Store => context.Service<IAuthorizationStore>();

    public RealmPrincipals Principals { get; } = new(context.Realm, context.Users, context.Clients);

    /// <summary>Whether this client holds the fine-grained permissions of administrators.</summary>
    public bool IsOfAdministrators => client.Id == context.Realm.Settings.AdminPermissionsClient?.Id && context.Realm.Settings.AdminPermissionsEnabled is true;

    /// <summary>Whether this client was made to hold them, though they may be off by now.</summary>
    public bool WasMadeForAdministrators => client.Id == context.Realm.Settings.AdminPermissionsClient?.Id;

    /// <summary>The path of a route below the resource server.</summary>
    public static string Path(string below) => below.Length == 0 ? Prefix : $"{Prefix}/{below}";

    /// <summary>A handler for the client that the path names, if it has authorization services.</summary>
    public static AdminHandler One(Func<AuthorizedClient, ValueTask<AdminAnswer>> then) => ClientRoutes.One((context, client) =>
        client.Representation.AuthorizationServicesEnabled is true ? then(new(context, client)) : new(AdminAnswer.NotFoundHere));

    /// <summary>A handler that leaves alone what permissions of administrators are made of, whatever the path names.</summary>
    public static AdminHandler NotForAdministratorsElse(AdminHandler then) => One(of => of.WasMadeForAdministrators ? new(NotForAdministrators) : then(of.Context));

    public ValueTask<ResourceServerContents> LoadAsync() => ResourceServerContents.LoadAsync(Store, context.Realm.Id, client.Id, context.Aborted);

    /// <summary>Scopes and policies alone; resources may be many.</summary>
    public async ValueTask<ResourceServerContents> LoadWithoutResourcesAsync() =>
        new(await Store.ScopesAsync(context.Realm.Id, client.Id, context.Aborted), [], await Store.PoliciesAsync(context.Realm.Id, client.Id, context.Aborted));

    public ValueTask<List<ScopeRepresentation>> ScopesAsync() => Store.ScopesAsync(context.Realm.Id, client.Id, context.Aborted);

    public ValueTask<List<Policy>> PoliciesAsync() => Store.PoliciesAsync(context.Realm.Id, client.Id, context.Aborted);

    public ValueTask<List<ProtectedResource>> ResourcesAsync(ResourceQuery query, int first = 0, int max = -1) =>
        Store.ResourcesAsync(context.Realm.Id, client.Id, query, first, max, context.Aborted);

    public ValueTask<ProtectedResource?> FindResourceAsync(string id) => Store.FindResourceAsync(context.Realm.Id, client.Id, id, context.Aborted);

    /// <summary>A resource by its id, or the client's own of that name.</summary>
    public async ValueTask<ProtectedResource?> ResourceAsync(string nameOrId) =>
        await FindResourceAsync(nameOrId) ?? await Store.FindResourceAsync(context.Realm.Id, client.Id, client.Id, nameOrId, context.Aborted);

    /// <summary>Tells of a change to what the path names, or to what was made below it.</summary>
    public ValueTask RecordAsync(string operation, string resourceType, string representation, string? made = null) =>
        context.RecordAsync(operation, resourceType, made is null ? context.PathInRealm : $"{context.PathInRealm}/{made}", representation);

    /// <summary>The changes that take a resource or scope away, and permissions that are about nothing else.</summary>
    public async ValueTask<List<Change>> WithoutAsync(Change removal, string id, Func<Policy, IReadOnlyList<string>> about) =>
        Removals.With(client.Id, removal, id, about, await PoliciesAsync());
}
