using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Server.Admin;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Protection;

/// <summary>
/// A call of the protection API: which resource server is meant, and who calls: the resource server itself, or a person by a token that was issued to it. It
/// speaks for everything that it protects; a person speaks for what is theirs.
/// </summary>
internal sealed class ProtectionContext(HttpContext http, Realm realm, ValidToken token)
{
    /// <summary>No body of this API is longer.</summary>
    private const long MaxBody = 1024 * 1024;

    public HttpContext Http => http;

    public Realm Realm => realm;

    public ValidToken Token => token;

    /// <summary>The resource server.</summary>
    public Client Client => token.Client;

    /// <summary>Whether it is the resource server that calls.</summary>
    public bool IsServer => token.User.Representation.ServiceAccountClientId == token.Client.Id;

    /// <summary>The id under which the caller owns resources.</summary>
    public string CallerId => IsServer ? Client.Id : token.User.Id;

    public CancellationToken Aborted => http.RequestAborted;

    public IAuthorizationStore Store => Service<IAuthorizationStore>();

    public IPermissionTickets Tickets => Service<IPermissionTickets>();

    public IUserStore Users => Service<IUserStore>();

    public RealmPrincipals Principals { get; } = new(realm, http.RequestServices.GetRequiredService<IUserStore>(), http.RequestServices.GetRequiredService<IClients>());

    public long Now => Service<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();

    public T Service<T>() where T : notnull => http.RequestServices.GetRequiredService<T>();

    public string Route(string name) => (string?)http.Request.RouteValues[name] ?? "";

    /// <summary>A parameter of the query; null when it is absent or blank.</summary>
    public string? Query(string name) => http.Request.Query[name] is [{ } value, ..] && !string.IsNullOrWhiteSpace(value) ? value : null;

    public bool Flag(string name) => string.Equals(Query(name), "true", StringComparison.OrdinalIgnoreCase);

    public int Number(string name, int otherwise) =>
        int.TryParse(Query(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    public ValueTask<Read<T>> ReadAsync<T>(JsonTypeInfo<T> type) => AdminJsonReader.ReadAsync(http.Request, type, MaxBody, Aborted, Invalid);

    public static AdminAnswer Invalid(string why) => AdminAnswer.Error(400, "invalid_request", why);

    public ValueTask<List<ScopeRepresentation>> ScopesAsync() => Store.ScopesAsync(realm.Id, Client.Id, Aborted);

    public ValueTask<List<Policy>> PoliciesAsync() => Store.PoliciesAsync(realm.Id, Client.Id, Aborted);

    public ValueTask<ProtectedResource?> FindResourceAsync(string id) => Store.FindResourceAsync(realm.Id, Client.Id, id, Aborted);

    /// <summary>A resource by its id, or by its name among the caller's own and those of the resource server.</summary>
    public async ValueTask<List<ProtectedResource>> ResourcesAsync(string nameOrId)
    {
        if (await FindResourceAsync(nameOrId) is { } byId)
        {
            return [byId];
        }

        var found = new List<ProtectedResource>();
        foreach (var owner in new[] { CallerId, Client.Id }.Distinct(StringComparer.Ordinal))
        {
            if (await Store.FindResourceAsync(realm.Id, Client.Id, owner, nameOrId, Aborted) is { } resource)
            {
                found.Add(resource);
            }
        }

        return found;
    }

    /// <summary>The scopes that a resource has, its type's among them.</summary>
    public async ValueTask<IReadOnlyList<ScopeRepresentation>> ScopesOfAsync(ProtectedResource resource, IReadOnlyList<ScopeRepresentation> scopes) =>
        (await new PermissionRequests(Store, realm.Id, Client.Id, scopes).OfAsync(resource, [], Aborted)).Scopes;

    /// <summary>The id of a person by id or name, or of the resource server; what names nobody stays.</summary>
    public ValueTask<string> OwnerIdAsync(string nameOrId) => ResourceOwner.FindAsync(nameOrId, Client, Principals, Aborted);

    /// <summary>The name of an owner: a person's, or the resource server's.</summary>
    public async ValueTask<string?> OwnerNameAsync(string ownerId) =>
        ownerId == Client.Id ? Client.ClientId : await Principals.NameAsync(PrincipalKind.User, ownerId, Aborted);

    public ValueTask ApplyAsync(IEnumerable<Change> changes) => Service<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(changes), Aborted);
}
