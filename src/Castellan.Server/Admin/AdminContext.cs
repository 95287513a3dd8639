using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Castellan.Core.Authorization.Administration;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Server.Admin.Delegation;
using Castellan.Server.Admin.Roles;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Admin;

/// <summary>One call of the admin API: what was asked, where, and by whom.</summary>
public sealed class AdminContext(HttpContext http, AdminRoute route, AdminCaller caller, Realm? realm, AdminRoles roles, DelegatedPermissions? delegated = null)
{
    private AdminRights? _rights;

    public HttpContext Http => http;

    public AdminCaller Caller => caller;

    /// <summary>The realm that is administered.</summary>
    public Realm Realm => realm ?? throw new InvalidOperationException($"The route {route.Template} belongs to no realm.");

    /// <summary>The caller's roles in that realm.</summary>
    public AdminRoles Roles => roles;

    /// <summary>What the caller may do with single objects of that realm.</summary>
    public AdminRights Rights => _rights ??= new(roles, delegated, this.MayActOn);

    /// <summary>The same call, about another realm.</summary>
    public async ValueTask<AdminContext> InAsync(Realm other)
    {
        var there = caller.RolesIn(other);
        return new(http, route, caller, other, there, await Delegations.OfAsync(http, caller, other, there));
    }

    public CancellationToken Aborted => http.RequestAborted;

    public IRealms Realms => Service<IRealms>();

    public IClients Clients => Service<IClients>();

    public IConfigurationStore Store => Service<IConfigurationStore>();

    public IUserStore Users => Service<IUserStore>();

    public long Now => Service<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();

    public T Service<T>() where T : notnull => http.RequestServices.GetRequiredService<T>();

    /// <summary>The address of the admin API's server.</summary>
    public string BaseUrl => Service<Http.ServerUrls>().Admin(http);

    /// <summary>The bases that addresses of clients may be relative to.</summary>
    public ServerAddresses ServerAddresses => Service<Http.ServerUrls>().Addresses(http, Realm);

    /// <summary>The address of a resource in this realm, from its path below the realm.</summary>
    public string Address(string path) => $"{BaseUrl}/admin/realms/{Escape(Realm.Name)}/{path}";

    /// <summary>The address of a resource directly below the one that was called.</summary>
    public string AddressBelow(string id) => $"{BaseUrl}{http.Request.Path.Value!.TrimEnd('/')}/{Escape(id)}";

    /// <summary>The path that was called, below the realm; what events name.</summary>
    public string PathInRealm
    {
        get
        {
            var path = http.Request.Path.Value!.TrimEnd('/');
            var root = "/admin/realms/" + (string?)http.Request.RouteValues["realm"];
            return path.Length > root.Length ? path[(root.Length + 1)..] : "";
        }
    }

    /// <summary>A segment of a path; a colon stays, as it does in Keycloak's addresses.</summary>
    public static string Escape(string segment) => Uri.EscapeDataString(segment).Replace("%3A", ":", StringComparison.Ordinal);

    /// <summary>A part of the path. The router leaves an escaped slash alone, since it could not tell it from a real one.</summary>
    public string Route(string name) => ((string?)http.Request.RouteValues[name] ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>A parameter of the query; null when absent.</summary>
    public string? Query(string name) => http.Request.Query[name] is { Count: > 0 } values ? values[0] : null;

    /// <summary>Every value of a parameter of the query.</summary>
    public IReadOnlyList<string> QueryAll(string name) => [.. http.Request.Query[name].OfType<string>()];

    public bool Flag(string name, bool otherwise = false) =>
        Query(name) is { } value ? string.Equals(value, "true", StringComparison.OrdinalIgnoreCase) : otherwise;

    public bool? MaybeFlag(string name) => Query(name) is { } value ? string.Equals(value, "true", StringComparison.OrdinalIgnoreCase) : null;

    public int? Number(string name) =>
        int.TryParse(Query(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>The first result that is asked for.</summary>
    public int First => Math.Max(Number("first") ?? 0, 0);

    /// <summary>The most results that are asked for; negative for all.</summary>
    public int Max(int otherwise = -1) => Number("max") ?? otherwise;

    /// <summary>The page that <c>first</c> and <c>max</c> cut out.</summary>
    public IEnumerable<T> Page<T>(IEnumerable<T> all, int otherwise = -1)
    {
        var rest = First > 0 ? all.Skip(First) : all;
        return Max(otherwise) is >= 0 and var max ? rest.Take(max) : rest;
    }

    /// <summary>Whether a representation may leave out what is seldom needed.</summary>
    public bool Brief(bool otherwise) => Flag("briefRepresentation", otherwise);

    /// <summary>The body as JSON.</summary>
    public ValueTask<Read<T>> ReadAsync<T>(JsonTypeInfo<T> type) => AdminJsonReader.ReadAsync(http.Request, type, route.MaxBody, Aborted);

    public ValueTask<Read<byte[]>> ReadBytesAsync() => AdminJsonReader.ReadBytesAsync(http.Request, route.MaxBody, Aborted);

    /// <summary>Applies changes to the realm; when this returns they are durable and seen by whoever asks.</summary>
    public async ValueTask ApplyAsync(params Change[] changes)
    {
        if (changes.Length > 0)
        {
            await Realms.ApplyAsync(new ChangeSet(Realm.Id).Add(changes), Aborted);
        }
    }

    public ValueTask ApplyAsync(IEnumerable<Change> changes) => ApplyAsync(changes.ToArray());
}
