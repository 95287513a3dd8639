using Castellan.Core;
using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Requesting;
using Castellan.Core.Representations;
using Castellan.Server.Admin;
using Castellan.Server.Admin.Authorization;

namespace Castellan.Server.Protection;

/// <summary>
/// Registration of resources (UMA 2.0 Federated Authorization §3). Whoever registers one owns it; the resource server minds all that it protects, a person
/// what is theirs.
/// </summary>
internal static class ResourceSetRoutes
{
    private static readonly AdminAnswer s_notRemote = AdminAnswer.Error(400, "not_supported", "Remote management is disabled.");

    public static IReadOnlyList<ProtectionRoute> All { get; } =
    [
        new("GET", "/resource_set", ListAsync) { NoCache = true },
        new("POST", "/resource_set", CreateAsync),
        new("GET", "/resource_set/{resource}", One(ShowAsync)),
        new("PUT", "/resource_set/{resource}", One(UpdateAsync)),
        new("DELETE", "/resource_set/{resource}", One(DeleteAsync)),
    ];

    /// <summary>What is somebody else's is not there for a person.</summary>
    private static ProtectionHandler One(Func<ProtectionContext, ProtectedResource, ValueTask<AdminAnswer>> then) => async context =>
        await context.FindResourceAsync(context.Route("resource")) is { } resource && (context.IsServer || resource.OwnerId == context.CallerId)
            ? await then(context, resource)
            : AdminAnswer.NotFoundHere;

    private static bool IsRemote(ProtectionContext context) => context.Client.Representation.AuthorizationSettings?.AllowRemoteResourceManagement is not false;

    private static async ValueTask<AdminAnswer> ListAsync(ProtectionContext context)
    {
        var owner = context.Query("owner") is { } named ? await context.OwnerIdAsync(named) : null;
        if (!context.IsServer)
        {
            if (owner is not null && owner != context.CallerId)
            {
                return AdminAnswer.Json([], ProtectionJson.Default.ListString);
            }

            owner = context.CallerId;
        }

        var found = await ResourceSearch.FindAsync(
            context.Store, context.Realm.Id, context.Client, context.Query, owner, Math.Max(context.Number("first", 0), 0), context.Number("max", -1), context.Aborted,
            patternsOf: context.CallerId);
        if (!context.Flag("deep"))
        {
            return AdminAnswer.Json([.. found.Select(r => r.Id)], ProtectionJson.Default.ListString);
        }

        var scopes = await context.ScopesAsync();
        var shown = new List<ResourceRepresentation>();
        foreach (var resource in found)
        {
            shown.Add(ResourceViews.Show(resource, await context.OwnerNameAsync(resource.OwnerId), scopes));
        }

        return AdminAnswer.Json(shown, ProtectionJson.Default.ListResourceRepresentation);
    }

    private static async ValueTask<AdminAnswer> CreateAsync(ProtectionContext context)
    {
        if (!IsRemote(context))
        {
            return s_notRemote;
        }

        if (!(await context.ReadAsync(ProtectionJson.Default.UmaResourceRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (string.IsNullOrEmpty(given?.Name))
        {
            return AuthorizedClient.NoName;
        }

        if (Unfit(given) is { } unfit)
        {
            return unfit;
        }

        if (await context.Store.FindResourceAsync(context.Realm.Id, context.Client.Id, context.CallerId, given.Name, context.Aborted) is not null)
        {
            return AdminAnswer.Error(409, "invalid_request", $"Resource with name [{given.Name}] already exists.");
        }

        if (!string.IsNullOrEmpty(given.Id) && await context.FindResourceAsync(given.Id) is not null)
        {
            return AdminAnswer.Conflict;
        }

        var id = string.IsNullOrEmpty(given.Id) ? Ids.New() : given.Id;
        var edit = ResourceEdit.Read(context.Client.Id, given.ToResource(), await context.ScopesAsync(), id, context.CallerId, null);
        await context.ApplyAsync(edit.Changes);
        var shown = Show(edit.Resource, edit.Scopes, named: true, await context.OwnerNameAsync(context.CallerId));
        return AdminAnswer.Json(shown, ProtectionJson.Default.UmaResourceRepresentation, 201);
    }

    /// <summary>Each new scope is one more of the resource server's, by its name.</summary>
    private static AdminAnswer? Unfit(UmaResourceRepresentation given)
    {
        List<ScopeRepresentation> scopes = [.. given.ResourceScopes ?? [], .. given.Scopes ?? []];
        return scopes.Count > WantedPermission.MostScopes ? ProtectionContext.Invalid($"A resource has at most {WantedPermission.MostScopes} scopes")
            : null;
    }

    private static async ValueTask<AdminAnswer> ShowAsync(ProtectionContext context, ProtectedResource resource) =>
        AdminAnswer.Json(Show(resource, await context.ScopesAsync(), named: false, null), ProtectionJson.Default.UmaResourceRepresentation);

    private static async ValueTask<AdminAnswer> UpdateAsync(ProtectionContext context, ProtectedResource resource)
    {
        if (!IsRemote(context))
        {
            return s_notRemote;
        }

        if (!(await context.ReadAsync(ProtectionJson.Default.UmaResourceRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given is null)
        {
            return AdminAnswer.CannotParse;
        }

        if (Unfit(given) is { } unfit)
        {
            return unfit;
        }

        var edit = ResourceEdit.Read(context.Client.Id, given.ToResource(), await context.ScopesAsync(), resource.Id, resource.OwnerId, resource);
        await context.ApplyAsync(edit.Changes);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(ProtectionContext context, ProtectedResource resource)
    {
        if (!IsRemote(context))
        {
            return s_notRemote;
        }

        var removal = new DeleteProtectedResource(context.Client.Id, resource.Id);
        await context.ApplyAsync(Removals.With(context.Client.Id, removal, resource.Id, p => p.ResourceIds, await context.PoliciesAsync()));
        return AdminAnswer.NoContent;
    }

    /// <param name="named">With the names of owner and the ids of scopes, as a new one is answered; without, and with attributes, as one that is there.</param>
    private static UmaResourceRepresentation Show(ProtectedResource resource, IReadOnlyList<ScopeRepresentation> all, bool named, string? ownerName)
    {
        var stored = resource.Representation;
        var scopes = ResourceViews.Scopes(resource, all);
        var shown = named ? scopes : [.. scopes.Select(s => new ScopeRepresentation { Name = s.Name })];
        return new()
        {
            Id = resource.Id, Name = resource.Name, DisplayName = stored.DisplayName, Type = resource.Type, IconUri = stored.IconUri,
            OwnerManagedAccess = stored.OwnerManagedAccess ?? false, Uris = stored.Uris ?? [], Owner = ResourceOwner.Show(resource.OwnerId, ownerName),
            Attributes = named && stored.Attributes is not { Count: > 0 } ? null : stored.Attributes ?? [],
            ResourceScopes = shown, Scopes = shown.Count > 0 ? shown : null,
        };
    }
}
