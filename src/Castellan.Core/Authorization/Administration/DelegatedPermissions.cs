using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Clients;
using Castellan.Core.Groups;
using Castellan.Core.Realms;
using Castellan.Core.Roles;
using Castellan.Core.Users;

namespace Castellan.Core.Authorization.Administration;

/// <summary>
/// What a realm's fine-grained permissions decide for one administrator. A permission on an object goes before one on its whole type; what a group's
/// permissions say of its members counts for users. Where permissions of one rank differ, the one that denies counts.
/// </summary>
public sealed class DelegatedPermissions
{
    /// <summary>What permissions decided, by the type, the object (the type itself for all of its objects) and the scope that they are about.</summary>
    private readonly Dictionary<(string Type, string Name, string Scope), bool> _decided = [];

    private readonly List<(PermissionDecision Decision, List<string> Names)> _all = [];

    private readonly GroupTree _groups;

    private DelegatedPermissions(GroupTree groups) => _groups = groups;

    /// <summary>All permissions, decided for whoever <paramref name="context"/> is about.</summary>
    /// <param name="clientId">The internal id of the client that holds the realm's permissions.</param>
    public static async ValueTask<DelegatedPermissions> LoadAsync(IAuthorizationStore store, string clientId, PolicyContext context, CancellationToken ct)
    {
        var contents = await ResourceServerContents.LoadAsync(store, context.Realm.Id, clientId, ct);
        var names = contents.Resources.ToDictionary(r => r.Id, r => r.Name, StringComparer.Ordinal);
        var scopes = contents.Scopes.ToDictionary(s => s.Id!, s => s.Name!, StringComparer.Ordinal);
        var policies = new PolicyDecisions(contents.Policies, context);
        var permissions = new DelegatedPermissions(context.Realm.Groups);
        foreach (var permission in contents.Policies.Where(p => p is { Type: "scope", ResourceType: not null }))
        {
            if (await policies.DecideAsync(permission, ct) is not { } decision)
            {
                continue;
            }

            // What came since the names were read has none yet.
            var about = permission.ResourceIds.Select(r => names.GetValueOrDefault(r)).OfType<string>().ToList();
            permissions._all.Add((decision, about));
            foreach (var key in from name in about from scope in permission.ScopeIds where scopes.ContainsKey(scope) select (permission.ResourceType!, name, scopes[scope]))
            {
                permissions._decided[key] = decision.Permits && permissions._decided.GetValueOrDefault(key, true);
            }
        }

        return permissions;
    }

    /// <summary>The circumstances of an administrator who acts: policies see the roles that count for the caller, not those that a token happens to name.</summary>
    /// <param name="roles">The roles that count.</param>
    /// <param name="scope">The scope of the caller's token.</param>
    public static PolicyContext ContextOf(Realm realm, IClients clients, User user, Client client, IEnumerable<Role> roles, string? scope, DateTimeOffset now)
    {
        var token = new JsonObject
        {
            ["sub"] = user.Id, ["azp"] = client.ClientId, ["preferred_username"] = user.Username, ["email"] = user.Email, ["scope"] = scope,
            ["given_name"] = user.Representation.FirstName, ["family_name"] = user.Representation.LastName,
        };
        var access = new JsonObject();
        foreach (var owned in roles.GroupBy(r => r.ClientName))
        {
            var named = new JsonObject { ["roles"] = new JsonArray([.. owned.Select(r => (JsonNode)JsonValue.Create(r.Name))]) };
            (owned.Key is null ? token : access)[owned.Key ?? "realm_access"] = named;
        }

        token["resource_access"] = access;
        return new() { Realm = realm, Clients = clients, User = user, Claims = JsonElement.Parse(token.ToJsonString()), Now = now };
    }

    /// <summary>What is decided about all objects of a type; null when no permission says anything.</summary>
    public bool? OfType(string type, string scope) => Decided(type, type, scope);

    /// <summary>What is decided about an object; null when no permission says anything.</summary>
    public bool? Of(string type, string id, string scope) => Decided(type, id, scope) ?? OfType(type, scope);

    /// <summary>What is decided about a user.</summary>
    /// <param name="groupIds">The groups that the user is directly in.</param>
    public bool? OfUser(string id, IReadOnlyList<string> groupIds, string scope)
    {
        var alone = Decided(AdminObjects.Users, id, scope);
        var groups = groupIds.Select(_groups.Find).OfType<Group>().Select(g => OfMembersOf(g, scope)).ToList();
        if (alone is false || groups.Contains(false))
        {
            return false;
        }

        var (all, grouped) = (OfType(AdminObjects.Users, scope), groups.Count > 0 ? OfMembers(AdminObjects.Groups, scope) : null);
        return alone is true ? true
            : all is false ? false
            : groups.Contains(true) ? true
            : grouped is false ? false
            : all ?? grouped;
    }

    /// <summary>The permissions that have a word about an object, whatever the scope.</summary>
    /// <param name="groupIds">The groups that the object is in, where it is a user.</param>
    public IEnumerable<PermissionDecision> About(string type, string id, IReadOnlyList<string> groupIds)
    {
        var groups = groupIds.Select(_groups.Find).OfType<Group>().SelectMany(_groups.Lineage).Select(g => g.Id).ToHashSet(StringComparer.Ordinal);
        return _all.Where(p => p.Names.Any(name => p.Decision.Permission.ResourceType == type
            ? name == id || name == type
            : groups.Count > 0 && p.Decision.Permission.ResourceType == AdminObjects.Groups && (name == AdminObjects.Groups || groups.Contains(name)))).Select(p => p.Decision);
    }

    /// <summary>The objects of a type about which a scope is permitted, as a restriction of a search.</summary>
    public Restriction Objects(string type, string scope)
    {
        var alone = Alone(type, scope);
        return new(OfType(type, scope) is true, [.. alone[true]], [.. alone[false]]);
    }

    /// <summary>The users about whom a scope is permitted, as a restriction of a search.</summary>
    public UserRestriction Users(string scope)
    {
        var alone = Alone(AdminObjects.Users, scope);
        var groups = AdminObjects.OfMembers.TryGetValue(scope, out var ofMembers) && _decided.Keys.Any(k => k.Type == AdminObjects.Groups && k.Scope == ofMembers)
            ? _groups.All.Select(g => (g.Id, Decision: OfMembersOf(g, scope))).Where(g => g.Decision is not null).ToLookup(g => g.Decision!.Value, g => g.Id)
            : Array.Empty<string>().ToLookup(_ => true);
        var (all, grouped) = (OfType(AdminObjects.Users, scope), OfMembers(AdminObjects.Groups, scope));
        return new(
            all is not true ? UserKind.Nobody : grouped is false ? UserKind.Ungrouped : UserKind.Everybody,
            AnyGroup: all is null && grouped is true,
            Ids: [.. alone[true]],
            Groups: all is false ? [] : [.. groups[true]],
            NotIds: [.. alone[false]],
            NotGroups: [.. groups[false]]);
    }

    private ILookup<bool, string> Alone(string type, string scope) =>
        _decided.Where(d => d.Key.Type == type && d.Key.Scope == scope && d.Key.Name != type).ToLookup(d => d.Value, d => d.Key.Name);

    /// <summary>What permissions on a group say of those who are in it: those on the group itself, else those on groups above.</summary>
    private bool? OfMembersOf(Group group, string scope)
    {
        if (OfMembers(group.Id, scope) is { } own)
        {
            return own;
        }

        var above = _groups.Lineage(group).Where(g => g.Id != group.Id).Select(g => OfMembers(g.Id, scope)).ToList();
        return above.Contains(false) ? false : above.Contains(true) ? true : null;
    }

    private bool? OfMembers(string name, string scope) =>
        AdminObjects.OfMembers.TryGetValue(scope, out var ofMembers) ? Decided(AdminObjects.Groups, name, ofMembers) : null;

    private bool? Decided(string type, string name, string scope) => _decided.TryGetValue((type, name, scope), out var permits) ? permits : null;
}
