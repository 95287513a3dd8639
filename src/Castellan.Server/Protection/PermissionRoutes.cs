using Castellan.Core;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Authorization.Requesting;
using Castellan.Core.Keys;
using Castellan.Core.Representations;
using Castellan.Server.Admin;
using Castellan.Server.Http;

namespace Castellan.Server.Protection;

/// <summary>Permission tickets (UMA 2.0 Federated Authorization §4): what a resource server tells a client to ask for.</summary>
internal static class PermissionRoutes
{
    public static IReadOnlyList<ProtectionRoute> All { get; } = [new("POST", "/permission", CreateAsync)];

    private static async ValueTask<AdminAnswer> CreateAsync(ProtectionContext context)
    {
        if (!(await context.ReadAsync(ProtectionJson.Default.ListPermissionRequest)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given is null or { Count: 0 } || given.Contains(null!))
        {
            return AdminAnswer.Error(400, "invalid_permission_request", "Invalid permission request.");
        }

        if (given.Count > WantedPermission.Most || given.Exists(r => r.Scopes?.Count > WantedPermission.MostScopes))
        {
            return AdminAnswer.Error(
                400, "invalid_permission_request", $"Too many permissions: at most {WantedPermission.Most}, with {WantedPermission.MostScopes} scopes each");
        }

        var scopes = await context.ScopesAsync();
        var requests = new PermissionRequests(context.Store, context.Realm.Id, context.Client.Id, scopes);
        var wanted = new List<WantedPermission>();
        var claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var request in given)
        {
            if (!(await WantedAsync(context, request, scopes, requests)).Ok(out var permissions, out refusal))
            {
                return refusal;
            }

            wanted.AddRange(permissions);
            foreach (var (name, values) in request.Claims ?? [])
            {
                claims[name] = values;
            }
        }

        var issuer = context.Service<ServerUrls>().Issuer(context.Http, context.Realm);
        var token = context.Token.Token;
        var ticket = new TicketToken(Ids.New(), context.Client.ClientId, context.Token.User.Id, wanted, claims, token.IssuedAt, token.Expires);
        var key = await context.Service<Keys>().SigningAsync(context.Realm, TicketToken.Algorithm, context.Aborted);
        return AdminAnswer.Json(new PermissionResponse(ticket.Sign(key!, issuer)), ProtectionJson.Default.PermissionResponse, 201);
    }

    private static async ValueTask<Read<List<WantedPermission>>> WantedAsync(
        ProtectionContext context, PermissionRequest request, List<ScopeRepresentation> scopes, PermissionRequests requests)
    {
        var names = (request.Scopes ?? []).Distinct(StringComparer.Ordinal).ToList();
        if (request.ResourceId is null)
        {
            return names.Count == 0 ? AdminAnswer.Error(400, "invalid_resource_id", "Resource id or name not provided.")
                : names.Find(n => !scopes.Exists(s => s.Name == n)) is { } unknown ? Invalid(unknown)
                : new List<WantedPermission> { new(null, names) };
        }

        var wanted = new List<WantedPermission>();
        foreach (var resource in await context.ResourcesAsync(request.ResourceId))
        {
            // Another resource of the type may lend its scopes even to one of the resource server's own here: that none is granted by it is for later to say.
            var ids = resource.ScopeIds.ToHashSet(StringComparer.Ordinal);
            ids.UnionWith(resource.Type is { } type ? (await requests.OwnOfTypeAsync(type, context.Aborted)).SelectMany(r => r.ScopeIds) : []);
            if (names.Find(n => !scopes.Exists(s => s.Name == n && ids.Contains(s.Id!))) is { } foreign)
            {
                return Invalid(foreign);
            }

            wanted.Add(new(resource.Id, names));
        }

        return wanted.Count > 0 ? wanted
            : AdminAnswer.Error(400, "invalid_resource_id", $"Resource set with id [{request.ResourceId}] does not exists in this server.");
    }

    private static AdminAnswer Invalid(string scope) => AdminAnswer.Error(400, "invalid_scope", $"Scope [{scope}] is invalid");
}
