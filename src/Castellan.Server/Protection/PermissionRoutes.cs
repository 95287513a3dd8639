using Castellan.Core;
using Castellan.Core.Authorization;
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

        var scopes = await context.ScopesAsync();
        var wanted = new List<WantedPermission>();
        var claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var request in given)
        {
            if (!(await WantedAsync(context, request, scopes)).Ok(out var permissions, out refusal))
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
        var key = KeyRing.Of(context.Realm).Signing(TicketToken.Algorithm) ?? await context.Service<Keys>().SigningAsync(context.Realm, TicketToken.Algorithm, context.Aborted);
        return AdminAnswer.Json(new PermissionResponse(ticket.Sign(key!, issuer)), ProtectionJson.Default.PermissionResponse, 201);
    }

    private static async ValueTask<Read<List<WantedPermission>>> WantedAsync(ProtectionContext context, PermissionRequest request, List<ScopeRepresentation> scopes)
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
            var ids = resource.ScopeIds.ToHashSet(StringComparer.Ordinal);
            if (resource.Type is { } type)
            {
                // What is of a type has the scopes of the resource server's own resources of it too.
                var ofType = await context.Store.ResourcesAsync(
                    context.Realm.Id, context.Client.Id, new(Owner: context.Client.Id, Type: type, ExactType: true), ct: context.Aborted);
                ids.UnionWith(ofType.SelectMany(r => r.ScopeIds));
            }

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
