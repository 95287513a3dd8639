using Castellan.Core;
using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Mappers;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Server.Admin;
using Castellan.Server.Admin.Clients;
using Castellan.Server.Admin.Clients.Installation;
using Castellan.Server.Http;
using Castellan.Server.Oidc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Registration;

/// <summary>
/// Clients that register themselves (RFC 7591, OpenID Connect Dynamic Client Registration) and look after themselves (RFC 7592): as client metadata, or
/// as the administration's representation.
/// </summary>
internal sealed class RegistrationEndpoints(
    IRealms realms, IClients clients, IConfigurationStore store, IUserStore users, IAdminCallers callers, IClientAuthentication authentication, RegistrationTokens tokens, MapperCompletion mappers, IEvents events,
    ServerUrls urls, TimeProvider time)
{
    private const long MaxBody = 1024 * 1024;
    private const string Prefix = "/clients-registrations";

    private static readonly AdminAnswer s_notYours = RegistrationCaller.Unauthorized("Not authorized to view client. Not valid token or client credentials provided.");
    private static readonly AdminAnswer s_notYoursToChange = RegistrationCaller.Unauthorized("Not authorized to update client. Maybe missing token or bad token type.");
    private static readonly AdminAnswer s_notInitial = RegistrationCaller.Unauthorized("Not initial access token allowed");
    private static readonly AdminAnswer s_forbidden = AdminAnswer.Error(403, "insufficient_scope", "Forbidden");

    private static readonly RegistrationForm[] s_forms = [new MetadataForm(), new RepresentationForm(), new DescriptorForm()];

    private readonly RegisteredClients _registered = new(realms, clients, users, time);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var own = ActivatorUtilities.CreateInstance<RegistrationEndpoints>(endpoints.ServiceProvider);
        foreach (var form in s_forms)
        {
            own.Map(endpoints, Prefix + form.Path, "POST", (http, realm) => own.CreateAsync(http, realm, form));
            if (form.OnlyRegisters)
            {
                continue;
            }

            endpoints.Map("/realms/{realm}" + Prefix + form.Path + "/{client}", endpoints.WithRealm((http, realm) => own.AnswerAsync(http, realm, http.Request.Method switch
            {
                "GET" => () => own.ReadAsync(http, realm, form),
                "PUT" => () => own.UpdateAsync(http, realm, form),
                "DELETE" => () => own.DeleteAsync(http, realm),
                _ => () => new(AdminAnswer.Error(405, "HTTP 405 Method Not Allowed")),
            }, "GET, PUT, DELETE")));
        }

        own.Map(endpoints, Prefix + "/install/{client}", "GET", own.InstallAsync);
    }

    private void Map(IEndpointRouteBuilder endpoints, string path, string method, Func<HttpContext, Realm, ValueTask<AdminAnswer>> handler) =>
        endpoints.Map("/realms/{realm}" + path, endpoints.WithRealm((http, realm) => AnswerAsync(
            http, realm, () => http.Request.Method == method ? handler(http, realm) : new(AdminAnswer.Error(405, "HTTP 405 Method Not Allowed")), method)));

    private async Task AnswerAsync(HttpContext http, Realm realm, Func<ValueTask<AdminAnswer>> handler, string methods)
    {
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            await Cors.PreflightAsync(http, methods);
            return;
        }

        AdminAnswer answer;
        try
        {
            answer = realm.Enabled ? await handler() : AdminAnswer.Error(403, "access_denied", "Realm not enabled");
        }
        catch (DuplicateException)
        {
            answer = AdminAnswer.Error(400, "invalid_client_metadata", "Client Identifier in use");
        }

        if (http.Features.Get<LoginEvent>() is { } refused && Word(answer.Status) is { } word)
        {
            await events.RecordAsync(realm, refused.With("reason", answer.Status == StatusCodes.Status401Unauthorized ? answer.Description : null).Failed(word), http.RequestAborted);
        }

        await answer.SendAsync(http, realm);
    }

    /// <summary>The word of the event for who may not do it; null for what is recorded as done, or is only malformed.</summary>
    private static string? Word(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "invalid_token",
        StatusCodes.Status403Forbidden => "not_allowed",
        StatusCodes.Status404NotFound => "client_not_found",
        _ => null,
    };

    private static void Begin(HttpContext http, string type, string? clientId = null) =>
        http.Features.Set(new LoginEvent { Type = type, ClientId = clientId, IpAddress = Callers.Address(http) });

    /// <summary>The answer for whom a policy is in the way of, and its name for the event.</summary>
    private static AdminAnswer Refuse(HttpContext http, PolicyRefusal refusal)
    {
        http.Features.Get<LoginEvent>()?.With("client_registration_policy", refusal.Policy);
        return AdminAnswer.Error(403, "insufficient_scope", refusal.Description);
    }

    private async ValueTask<AdminAnswer> CreateAsync(HttpContext http, Realm realm, RegistrationForm form)
    {
        Begin(http, EventTypes.ClientRegister);
        var ct = http.RequestAborted;
        if (!(await CallerAsync(http, realm)).Ok(out var caller, out var refusal))
        {
            return refusal;
        }

        if (caller.Right == RegistrationRight.RegistrationAccess)
        {
            // The token of one client says nothing for another: whoever shows it is nobody here.
            caller = RegistrationCaller.Nobody;
        }

        if (caller.Right == RegistrationRight.Bearer && !Permission.CreateClients.Allows(caller.Roles))
        {
            return s_forbidden;
        }

        if (caller.Right == RegistrationRight.InitialAccess && _registered.RefuseAccess(realm, caller) is { } spent)
        {
            return spent;
        }

        if (!(await form.ReadAsync(http, MaxBody, existing: null)).Ok(out var given, out refusal))
        {
            return refusal;
        }

        var asked = given.Copy(AdminJson.Default.ClientRepresentation);
        if (await RefuseAsync(http, realm, caller, given, existing: null) is { } refused)
        {
            return refused;
        }

        if (given.ClientId is { } clientId && await clients.FindAsync(realm, clientId, ct) is not null)
        {
            return AdminAnswer.Error(400, "invalid_client_metadata", "Client Identifier in use");
        }

        var client = _registered.Make(realm, given);
        RegistrationPolicies.Shape(realm, caller.Policies, client);
        if (ClientPolicies.Of(realm).Change(new(realm, client, asked, null, Source(caller)) { Address = Callers.Address(http), User = caller.User, IsDynamic = true }) is { } demanded)
        {
            return AdminAnswer.Error(demanded.Status, demanded.Code, demanded.Description);
        }

        client.RegistrationAccessToken = Ids.New();
        if (!(await _registered.ChangesAsync(realm, null, client, asked.DefaultRoles, ct)).Ok(out var changes, out refusal))
        {
            return refusal;
        }

        if (await _registered.StoreAsync(realm, caller, changes, ct) is { } lost)
        {
            return lost;
        }

        await RecordAsync(http, realm, EventTypes.ClientRegister, client.ClientId!);
        return await ShowAsync(http, realm, form, client.Id!, caller, isNew: true);
    }

    private async ValueTask<AdminAnswer> ReadAsync(HttpContext http, Realm realm, RegistrationForm form)
    {
        Begin(http, EventTypes.ClientInfo);
        if (!(await OwnAsync(http, realm, Permission.ViewClients, s_notYours)).Ok(out var own, out var refusal))
        {
            return refusal;
        }

        if (!form.Takes(own.Client))
        {
            return AdminAnswer.Error(400, "invalid_client", "Wrong client protocol.");
        }

        await RecordAsync(http, realm, EventTypes.ClientInfo, own.Client.ClientId);
        return await ShowAsync(http, realm, form, own.Client.Id, own.Caller, isNew: false);
    }

    private async ValueTask<AdminAnswer> UpdateAsync(HttpContext http, Realm realm, RegistrationForm form)
    {
        Begin(http, EventTypes.ClientUpdate, Name(http));
        if (!(await OwnAsync(http, realm, Permission.ManageClients, s_notYoursToChange)).Ok(out var own, out var refusal)
            || !(await form.ReadAsync(http, MaxBody, own.Client)).Ok(out var given, out refusal))
        {
            return refusal;
        }

        // RFC 7592 §2.2: the request must name the client.
        if (given.ClientId != own.Client.ClientId)
        {
            return AdminAnswer.Error(400, "invalid_client_metadata", "Client Identifier modified");
        }

        var asked = given.Copy(AdminJson.Default.ClientRepresentation);
        var existing = own.Client.Representation;
        var changed = ClientEdits.Update(existing, given, time.GetUtcNow().ToUnixTimeMilliseconds());
        // Its permissions are for those to switch on and off who administer them.
        changed.AuthorizationServicesEnabled = existing.AuthorizationServicesEnabled;
        (changed.DefaultClientScopes, changed.OptionalClientScopes) = (given.DefaultClientScopes ?? changed.DefaultClientScopes, given.OptionalClientScopes ?? changed.OptionalClientScopes);
        if (await RefuseAsync(http, realm, own.Caller, changed, existing) is { } refused)
        {
            return refused;
        }

        var occasion = new ClientChangeOccasion(realm, changed, asked, existing, Source(own.Caller)) { Address = Callers.Address(http), User = own.Caller.User, IsDynamic = true };
        if (ClientPolicies.Of(realm).Change(occasion) is { } demanded)
        {
            return AdminAnswer.Error(demanded.Status, demanded.Code, demanded.Description);
        }

        // RFC 7592 §2.2 lets the token change with the client; an earlier one is of no use from here on.
        changed.RegistrationAccessToken = own.Caller.Right == RegistrationRight.RegistrationAccess && !occasion.KeepsRegistrationToken ? Ids.New() : changed.RegistrationAccessToken;
        if (!(await _registered.ChangesAsync(realm, own.Client, changed, asked.DefaultRoles, http.RequestAborted)).Ok(out var changes, out refusal))
        {
            return refusal;
        }

        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(changes), http.RequestAborted);
        await RecordAsync(http, realm, EventTypes.ClientUpdate, own.Client.ClientId);
        return await ShowAsync(http, realm, form, own.Client.Id, own.Caller, isNew: false);
    }

    private async ValueTask<AdminAnswer> DeleteAsync(HttpContext http, Realm realm)
    {
        Begin(http, EventTypes.ClientDelete, Name(http));
        if (!(await OwnAsync(http, realm, Permission.ManageClients, s_notYoursToChange)).Ok(out var own, out var refusal))
        {
            return refusal;
        }

        var changes = new List<Change> { new DeleteClient(own.Client.Id) };
        if (await users.FindServiceAccountAsync(realm.Id, own.Client.Id, http.RequestAborted) is { } account)
        {
            changes.Add(new DeleteUser(account.Id));
        }

        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(changes), http.RequestAborted);
        await RecordAsync(http, realm, EventTypes.ClientDelete, own.Client.ClientId);
        return AdminAnswer.NoContent;
    }

    /// <summary>The configuration file of an application. One that can keep a secret must show it, since the file has it; or else the token of who may see it.</summary>
    private async ValueTask<AdminAnswer> InstallAsync(HttpContext http, Realm realm)
    {
        Begin(http, EventTypes.ClientInfo);
        var client = await clients.FindAsync(realm, Name(http), http.RequestAborted);
        if (client is { IsPublic: false } && Bearer.Text(http) is null)
        {
            if (await WhyNotAsync(http, realm, client) is { } why)
            {
                return RegistrationCaller.Unauthorized(why);
            }
        }
        else if (client is not { IsPublic: true })
        {
            if (!(await OwnAsync(http, realm, Permission.ViewClients, s_notYours)).Ok(out var own, out var refusal))
            {
                return refusal;
            }

            client = own.Client;
        }

        await RecordAsync(http, realm, EventTypes.ClientInfo, client.ClientId);
        return AdminAnswer.Text(OidcInstallation.Json(realm, client, urls.Frontend(http, realm), forRegistration: true), "application/json;charset=UTF-8");
    }

    /// <summary>Why a client that shows no token is not this one; null when it is.</summary>
    private async ValueTask<string?> WhyNotAsync(HttpContext http, Realm realm, Client client)
    {
        var proof = OidcRoutes.Proof(http, realm, new([]), urls, new LoginEvent { Type = EventTypes.ClientInfo }, ClientEndpoint.Token);
        return !(await authentication.AuthenticateAsync(proof, http.RequestAborted)).Ok(out var shown, out _) ? "Failed to authenticate client"
            : shown.Client.Id != client.Id ? "Different client authenticated"
            : null;
    }

    private ValueTask<Read<RegistrationCaller>> CallerAsync(HttpContext http, Realm realm) => RegistrationCaller.FindAsync(http, realm, callers, urls, time);

    /// <summary>The client of the path, for whoever holds its token or may administer it.</summary>
    private async ValueTask<Read<OwnClient>> OwnAsync(HttpContext http, Realm realm, Permission permission, AdminAnswer otherwise)
    {
        if (!(await CallerAsync(http, realm)).Ok(out var caller, out var refusal))
        {
            return refusal;
        }

        var client = await clients.FindAsync(realm, Name(http), http.RequestAborted);
        if (caller.Right == RegistrationRight.Bearer)
        {
            return !permission.Allows(caller.Roles) ? s_forbidden : client is null ? AdminAnswer.Error(404, "invalid_request", "Client not found") : new OwnClient(client, caller);
        }

        if (client is null || caller.Right != RegistrationRight.RegistrationAccess || client.Representation.RegistrationAccessToken is not { } token || caller.TokenId is not { } shown
            || !Secret.Equal(shown, token))
        {
            return otherwise == s_notYours && caller.Right == RegistrationRight.InitialAccess ? s_notInitial : otherwise;
        }

        return await RegistrationPolicies.RefuseHostAsync(realm, caller.Policies, Callers.Address(http), http.RequestAborted) is { } wrong
            ? Refuse(http, wrong)
            : new OwnClient(client, caller);
    }

    private async ValueTask<AdminAnswer?> RefuseAsync(HttpContext http, Realm realm, RegistrationCaller caller, ClientRepresentation given, ClientRepresentation? existing)
    {
        if (ClientValidation.Refuse(given, realm) is { } wrong)
        {
            return AdminAnswer.Error(400, wrong.StartsWith("A redirect URI", StringComparison.Ordinal) ? "invalid_redirect_uri" : "invalid_client_metadata", wrong);
        }

        var refused = await RegistrationPolicies.RefuseAsync(
            realm, caller.Policies, given, existing, Callers.Address(http), async () => (await store.ListClientsAsync(realm.Id, new(), ct: http.RequestAborted)).Count, http.RequestAborted);
        return refused is not null ? Refuse(http, refused)
            : await mappers.CheckAsync(given, http.RequestAborted) is { } unfit ? AdminAnswer.Error(400, "invalid_client_metadata", unfit.Description!)
            : null;
    }

    private async ValueTask<AdminAnswer> ShowAsync(HttpContext http, Realm realm, RegistrationForm form, string id, RegistrationCaller caller, bool isNew)
    {
        var now = await realms.FindByIdAsync(realm.Id, http.RequestAborted) ?? realm;
        var client = (await clients.FindByIdAsync(now, id, http.RequestAborted))!;
        var issuer = urls.Issuer(http, realm);
        // Who registers a client gets its token, and who comes with it one anew; an administrator has a token of their own.
        var token = (isNew || caller.Right == RegistrationRight.RegistrationAccess) && client.Representation.RegistrationAccessToken is { } jti
            ? await tokens.SignAsync(now, issuer, jti, RegistrationTokens.RegistrationAccess, registration: caller.Policies, origins: caller.Origins, ct: http.RequestAborted)
            : null;
        var address = $"{issuer}{Prefix}{form.Path}/{AdminContext.Escape(client.ClientId)}";
        return form.Show(now, client, token, address, isNew ? time.GetUtcNow().ToUnixTimeSeconds() : null);
    }

    private static ClientSource Source(RegistrationCaller caller) => caller.Right switch
    {
        RegistrationRight.InitialAccess => ClientSource.InitialAccessToken,
        RegistrationRight.RegistrationAccess => ClientSource.RegistrationAccessToken,
        RegistrationRight.Bearer => ClientSource.AuthenticatedUser,
        _ => ClientSource.Anonymous,
    };

    private static string Name(HttpContext http) => ((string?)http.Request.RouteValues["client"] ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private ValueTask RecordAsync(HttpContext http, Realm realm, string type, string clientId) =>
        events.RecordAsync(realm, new LoginEvent { Type = type, ClientId = clientId, IpAddress = Callers.Address(http) }, http.RequestAborted);

    private sealed record OwnClient(Client Client, RegistrationCaller Caller);
}
