using System.Text.Json.Serialization.Metadata;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Server.Admin;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Account;

/// <summary>Who calls the account API.</summary>
/// <param name="Client">The client that the token was issued to.</param>
/// <param name="Roles">The roles of the client <c>account</c> in the token.</param>
/// <param name="Origins">The origins that the token lets call from browsers.</param>
/// <param name="Scope">The scopes that the token speaks of.</param>
/// <param name="Level">The level of authentication that the token speaks of; <see cref="Levels.None"/> when it speaks of none.</param>
public sealed record AccountCaller(User User, Client Client, UserSession? Session, IReadOnlySet<string> Roles, IReadOnlyList<string> Origins, string? Scope, int Level);

/// <summary>Finds out who calls.</summary>
public interface IAccountCallers
{
    /// <summary>The bearer of a valid token of this realm that is meant for the client <c>account</c>, or null.</summary>
    ValueTask<AccountCaller?> FindAsync(HttpContext http, Realm realm, string token, CancellationToken ct);
}

/// <summary>One call of the account API.</summary>
internal sealed class AccountContext(HttpContext http, Realm realm, AccountCaller caller)
{
    private const long MaxBody = 256 * 1024;

    public HttpContext Http => http;

    public Realm Realm => realm;

    public User User => caller.User;

    public AccountCaller Caller => caller;

    public CancellationToken Aborted => http.RequestAborted;

    public IUserStore Users => Service<IUserStore>();

    public IClients Clients => Service<IClients>();

    public ISessions Sessions => Service<ISessions>();

    public long Now => Service<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();

    public T Service<T>() where T : notnull => http.RequestServices.GetRequiredService<T>();

    public string Route(string name) => (string?)http.Request.RouteValues[name] ?? "";

    /// <summary>Tells where the pages beside this one of a long list are (RFC 8288).</summary>
    public void LinkPage(string relation, int first, int max) =>
        http.Response.Headers.Append("Link", $"<{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}{http.Request.Path}?first={first}&max={max}>; rel=\"{relation}\"");

    public string? Query(string name) => http.Request.Query[name] is { Count: > 0 } values ? values[0] : null;

    public ValueTask<Read<T>> ReadAsync<T>(JsonTypeInfo<T> type) => AdminJsonReader.ReadAsync(http.Request, type, MaxBody, Aborted);

    public ValueTask ApplyAsync(params Change[] changes) => Service<IRealms>().ApplyAsync(new ChangeSet(realm.Id).Add(changes), Aborted);

    /// <summary>Records what the person did to the account.</summary>
    public ValueTask RecordAsync(LoginEvent happened)
    {
        // Keycloak's events name the API's own client, not the one that the token was issued to, and no session.
        happened.ClientId = "account";
        happened.UserId = caller.User.Id;
        happened.IpAddress = http.Connection.RemoteIpAddress?.MapToIPv4().ToString();
        return Service<IEvents>().RecordAsync(realm, happened, Aborted);
    }
}
