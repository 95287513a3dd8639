using Castellan.Core.Authorization.Administration;
using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Mappers;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Authorization;
using Castellan.Server.Admin.Roles;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Admin.Clients;

/// <summary>Clients: list, make, change, remove; and what hangs on one of them in files of their own.</summary>
internal static class ClientRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("clients", Permission.QueryClients, ListAsync),
        AdminRoute.Post("clients", Permission.ManageClients, CreateAsync),
        AdminRoute.Get("clients/{client}", Permission.ViewClients, One(Show)),
        AdminRoute.Put("clients/{client}", Permission.ManageClients, One(UpdateAsync)),
        AdminRoute.Delete("clients/{client}", Permission.ManageClients, One(DeleteAsync), noCache: true),
        AdminRoute.Get("clients/{client}/service-account-user", Permission.ViewClients, One(ServiceAccounts.ShowAsync)),
        AdminRoute.Get("clients/{client}/management/permissions", Permission.ViewClients, One((_, _) => new(AdminAnswer.NotEnabled))),
        AdminRoute.Put("clients/{client}/management/permissions", Permission.ManageClients, One((_, _) => new(AdminAnswer.NotEnabled))),
        .. ClientSecretRoutes.All,
        .. ClientSessionRoutes.All,
        .. CertificateRoutes.All,
        .. RegistrationTokenRoutes.All,
        .. InstallationRoutes.All,
        .. EvaluateRoutes.All,
        .. Authorization.ResourceServerRoutes.All,
        .. ClientScopeLinkRoutes.All,
        .. ProtocolMapperRoutes.OfClients(),
        .. MappingRoutes.Under("clients/{client}/scope-mappings", Permission.ViewClients, Permission.ManageClients, ScopeAsync),
    ];

    /// <summary>A handler for the client that the path names.</summary>
    public static AdminHandler One(Func<AdminContext, Client, ValueTask<AdminAnswer>> then) => async context =>
        (await context.FindClientAsync()).Ok(out var client, out var refusal) ? await then(context, client) : refusal;

    private static async ValueTask<Read<MappingOwner>> ScopeAsync(AdminContext context) =>
        (await context.FindClientAsync()).Ok(out var client, out var refusal)
            ? new MappingOwner(RoleOwner.Client, client.Id, client.ScopeRoleIds, client.ScopeRoleIds) { HasAll = client.FullScopeAllowed }
            : refusal;

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context)
    {
        if (!context.Rights.ListsAny(AdminObjects.Clients))
        {
            return AdminAnswer.Json([], AdminJson.Default.ListClientRepresentation);
        }

        var attributes = context.Query("q") is { Length: > 0 } q ? AttributeQuery.Parse(q) : null;
        var query = new ClientQuery(context.Query("clientId") is { Length: > 0 } id ? id : null, context.Flag("search"), attributes, context.Rights.Shown(AdminObjects.Clients));
        var found = await context.Store.ListClientsAsync(context.Realm.Id, query, context.First, context.Max(), context.Aborted);
        return AdminAnswer.Json([.. found.Select(d => context.Show(new Client(context.Realm, d)))], AdminJson.Default.ListClientRepresentation);
    }

    private static ValueTask<AdminAnswer> Show(AdminContext context, Client client)
    {
        var shown = context.Show(client);
        if (!context.Rights.All(AdminObjects.Clients, "view"))
        {
            // Who may view this client alone may not view client scopes.
            (shown.DefaultClientScopes, shown.OptionalClientScopes) = ([], []);
        }

        return new(AdminAnswer.Json(shown, AdminJson.Default.ClientRepresentation));
    }

    /// <summary>What is against the mappers that it has, or is to have.</summary>
    private static async ValueTask<AdminAnswer?> UnfitAsync(AdminContext context, ClientRepresentation client) =>
        await context.Http.RequestServices.GetRequiredService<MapperCompletion>().CheckAsync(client, context.Aborted) is { } error
            ? AdminAnswer.Error(400, "invalid_input", error.Description!)
            : null;

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminJson.Default.ClientRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (ClientValidation.Refuse(given, context.Realm) is { } wrong)
        {
            return AdminAnswer.Error(400, "invalid_input", wrong);
        }

        if (await UnfitAsync(context, given) is { } unfit)
        {
            return unfit;
        }

        if ((given.ClientId is { } clientId && await context.Clients.FindAsync(context.Realm, clientId, context.Aborted) is not null) || ProtocolMapperRoutes.HaveTwins(given.ProtocolMappers))
        {
            return AdminAnswer.Message(409, $"Client {given.ClientId} already exists");
        }

        if (BadOverride(context.Realm, given) is { } bad)
        {
            return bad;
        }

        var client = ClientEdits.Make(context.Realm, given, context.Now);
        if (RefuseByPolicy(context, client, given, null) is { } demanded)
        {
            return demanded;
        }

        var account = await ServiceAccounts.FollowAsync(context, null, client);
        if (!(await AuthorizationSwitch.FollowAsync(context, null, client, given.AuthorizationSettings, account)).Ok(out var authorization, out refusal))
        {
            return refusal;
        }

        await context.ApplyAsync([new PutClient(client) { IsNew = true }, .. account, .. authorization]);
        given.Id = client.Id;
        await context.RecordAsync("CREATE", "CLIENT", $"clients/{client.Id}", given, AdminJson.Default.ClientRepresentation);
        return AdminAnswer.Created(context.AddressBelow(client.Id!));
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, Client client)
    {
        var holdsPermissions = client.Id == context.Realm.Settings.AdminPermissionsClient?.Id;
        if (holdsPermissions ? !context.IsWholeAdmin() : !context.MayManage(client))
        {
            return AdminAnswer.Forbidden;
        }

        if (!(await context.ReadAsync(AdminJson.Default.ClientRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (BadOverride(context.Realm, given) is { } bad)
        {
            return bad;
        }

        var changed = ClientEdits.Update(client.Representation, given, context.Now);

        // Whoever does not say that they are on switches them off, with everything in them: so does Keycloak.
        changed.AuthorizationServicesEnabled = given.AuthorizationServicesEnabled is true && changed is { PublicClient: not true, BearerOnly: not true } ? true : null;
        if (holdsPermissions)
        {
            // Its name and what it is for are not to be changed: the permissions would be lost.
            (changed.ClientId, changed.AuthorizationServicesEnabled) = (client.ClientId, true);
        }

        if (ClientValidation.Refuse(changed, context.Realm) is { } wrong)
        {
            return AdminAnswer.Error(400, "invalid_input", wrong);
        }

        if (await UnfitAsync(context, changed) is { } unfit)
        {
            return unfit;
        }

        if (changed.ClientId != client.ClientId && await context.Clients.FindAsync(context.Realm, changed.ClientId!, context.Aborted) is not null)
        {
            return AdminAnswer.Conflict;
        }

        if (ProtocolMapperRoutes.HaveTwins(given.ProtocolMappers))
        {
            return AdminAnswer.Message(409, "Client already exists");
        }

        if (changed.Protocol != client.Representation.Protocol)
        {
            // The scopes of another protocol are of no use to it.
            var fresh = ClientEdits.Make(context.Realm, new() { ClientId = changed.ClientId, Protocol = changed.Protocol }, context.Now);
            (changed.DefaultClientScopes, changed.OptionalClientScopes) = (fresh.DefaultClientScopes, fresh.OptionalClientScopes);
        }

        if (RefuseByPolicy(context, changed, given, client.Representation) is { } demanded)
        {
            return demanded;
        }

        var account = await ServiceAccounts.FollowAsync(context, client, changed);
        if (!(await AuthorizationSwitch.FollowAsync(context, client, changed, null, account)).Ok(out var authorization, out refusal))
        {
            return refusal;
        }

        await context.ApplyAsync([new PutClient(changed), .. account, .. authorization]);
        await context.RecordAsync("UPDATE", "CLIENT", $"clients/{client.Id}", given, AdminJson.Default.ClientRepresentation);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, Client client)
    {
        if (client.Id == context.Realm.Settings.AdminPermissionsClient?.Id)
        {
            return AdminAnswer.Error(400, "invalid_request", "Could not delete client");
        }

        if (!new RoleContainer(client).MayChange(context) || (client.ClientId == "realm-management" && !context.Roles.Has("realm-admin")))
        {
            return AdminAnswer.Forbidden;
        }

        var changes = new List<Change> { new DeleteClient(client.Id) };
        if (await context.Users.FindServiceAccountAsync(context.Realm.Id, client.Id, context.Aborted) is { } account)
        {
            changes.Add(new DeleteUser(account.Id));
        }

        await context.ApplyAsync(changes);
        await context.RecordAsync(
            "DELETE", "CLIENT", $"clients/{client.Id}",
            new ClientRepresentation { Id = client.Id, ClientId = client.ClientId },
            AdminJson.Default.ClientRepresentation);
        return AdminAnswer.NoContent;
    }

    /// <summary>What the realm's policies demand of a client. They may change it by themselves.</summary>
    private static AdminAnswer? RefuseByPolicy(AdminContext context, ClientRepresentation client, ClientRepresentation given, ClientRepresentation? existing)
    {
        var occasion = new ClientChangeOccasion(context.Realm, client, given, existing, ClientSource.AuthenticatedUser)
        {
            User = context.Caller.User, Address = Http.Callers.Address(context.Http),
        };
        return ClientPolicies.Of(context.Realm).Change(occasion) is { } demanded ? AdminAnswer.Error(demanded.Status, demanded.Code, demanded.Description) : null;
    }

    /// <summary>An override names a flow of the realm by its id.</summary>
    private static AdminAnswer? BadOverride(Realm realm, ClientRepresentation given)
    {
        foreach (var (binding, flow) in given.AuthenticationFlowBindingOverrides ?? [])
        {
            if (!string.IsNullOrEmpty(flow) && realm.Data.Flows.All(f => f.Id != flow))
            {
                return AdminAnswer.Error(400, "invalid_input", $"Unable to resolve auth flow binding override for: {binding}");
            }
        }

        return null;
    }
}
