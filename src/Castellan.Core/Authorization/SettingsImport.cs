using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Authorization;

/// <summary>
/// Takes authorization settings as files have them into a resource server: what has a name that exists is changed, everything else is added,
/// nothing goes. Names in them become ids.
/// </summary>
/// <param name="clientId">The internal id of the client.</param>
/// <param name="contents">What is there, and afterwards what will be.</param>
public sealed class SettingsImport(string clientId, ResourceServerContents contents, IPrincipals principals)
{
    private readonly List<Change> _changes = [];

    /// <summary>The changes that the settings ask for, or why they cannot be taken.</summary>
    public async ValueTask<Result<List<Change>>> ReadAsync(ResourceServerRepresentation settings, CancellationToken ct = default)
    {
        foreach (var scope in settings.Scopes ?? [])
        {
            if (TakeScope(scope, update: true) is null)
            {
                return Refused("A scope needs a name");
            }
        }

        foreach (var resource in settings.Resources ?? [])
        {
            if (await TakeAsync(resource, ct) is { } refusal)
            {
                return Refused(refusal);
            }
        }

        var open = (settings.Policies ?? []).Where(p => p.Name is not null).GroupBy(p => p.Name!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
        foreach (var name in open.Keys.ToList())
        {
            if (open.Remove(name, out var policy) && await TakeAsync(policy, open, ct) is { } refusal)
            {
                return Refused(refusal);
            }
        }

        return _changes;
    }

    /// <summary>The change that one policy in the general form asks for.</summary>
    /// <param name="before">The policy that is changed; null for a new one.</param>
    public async ValueTask<Result<List<Change>>> ReadAsync(PolicyRepresentation policy, Policy? before, CancellationToken ct = default) =>
        await TakeAsync(policy, [], ct, before) is { } refusal ? Refused(refusal) : _changes;

    private static ProtocolError Refused(string why) => new("invalid_request", why);

    /// <summary>The scope of this name; made when there is none.</summary>
    private ScopeRepresentation? TakeScope(ScopeRepresentation given, bool update)
    {
        if (given.Name is not { Length: > 0 } name)
        {
            return given.Id is { } known ? contents.FindScope(known) : null;
        }

        var existing = contents.Scopes.Find(s => s.Name == name);
        if (existing is not null && !update)
        {
            return existing;
        }

        var scope = new ScopeRepresentation { Id = existing?.Id ?? Given(given.Id), Name = name, DisplayName = given.DisplayName, IconUri = given.IconUri };
        contents.Put(scope);
        _changes.Add(new PutAuthorizationScope(clientId, scope));
        return scope;
    }

    private async ValueTask<string?> TakeAsync(ResourceRepresentation given, CancellationToken ct)
    {
        if (given.Name is not { Length: > 0 } name)
        {
            return "A resource needs a name";
        }

        if (await OwnerAsync(given, ct) is not { } owner)
        {
            return "Owner must be a valid username or user identifier. If the resource server, the client id or null.";
        }

        var existing = contents.Resources.Find(r => r.Name == name && r.OwnerId == owner);
        var scopes = (given.Scopes ?? []).Select(s => TakeScope(s, update: false)?.Id).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var resource = new ProtectedResource(
            new()
            {
                Id = existing?.Id ?? Given(given.Id), Name = name, DisplayName = given.DisplayName, Type = given.Type, IconUri = given.IconUri,
                OwnerManagedAccess = given.OwnerManagedAccess ?? false, Attributes = given.Attributes ?? existing?.Representation.Attributes ?? [],
                Uris = given.Uris ?? (given.Uri is { Length: > 0 } uri ? [uri] : []),
            },
            owner, scopes);
        contents.Put(resource);
        _changes.Add(new PutProtectedResource(clientId, resource));
        return null;
    }

    /// <summary>A name that no user has means the client; an id must be somebody's.</summary>
    private async ValueTask<string?> OwnerAsync(ResourceRepresentation given, CancellationToken ct)
    {
        if (ResourceOwner.NameOf(given) is { } name && await principals.IdAsync(PrincipalKind.User, name, ct) is { } named)
        {
            return named;
        }

        return ResourceOwner.IdOf(given) is not { } id || id == clientId ? clientId : await principals.IdAsync(PrincipalKind.User, id, ct);
    }

    private async ValueTask<string?> TakeAsync(PolicyRepresentation given, Dictionary<string, PolicyRepresentation> open, CancellationToken ct, Policy? before = null)
    {
        if (PolicyTypes.Find(given.Type) is null && given.Type != PolicyTypes.Owners)
        {
            return $"Couldn't find policy provider with type [{given.Type}]";
        }

        var config = given.Config ?? [];
        var existing = before ?? contents.Policies.Find(p => p.Name == given.Name);
        var policyIds = new List<string>();
        foreach (var name in Named(given.Policies, "applyPolicies", existing?.PolicyIds))
        {
            // A policy may stand behind the one that applies it.
            if (contents.FindPolicy(name) is null && open.Remove(name, out var later) && await TakeAsync(later, open, ct) is { } refusal)
            {
                return refusal;
            }

            if (contents.FindPolicy(name) is not { } applied)
            {
                return $"Error while importing policy [{given.Name}].";
            }

            policyIds.Add(applied.Id);
        }

        var resourceIds = new List<string>();
        foreach (var name in Named(given.Resources, "resources", existing?.ResourceIds))
        {
            if (name.Length > 0)
            {
                if (contents.FindResource(clientId, name) is not { } resource)
                {
                    return $"Resource with id or name [{name}] does not exist or is not owned by the resource server";
                }

                resourceIds.Add(resource.Id);
            }
        }

        var scopeIds = new List<string>();
        foreach (var name in Named(given.Scopes, "scopes", existing?.ScopeIds))
        {
            if (contents.FindScope(name) is not { } scope)
            {
                return $"Scope with id or name [{name}] does not exist";
            }

            scopeIds.Add(scope.Id!);
        }

        var policy = new Policy(
            new()
            {
                Id = existing?.Id ?? Given(given.Id), Name = given.Name, Description = given.Description, Type = given.Type,
                Logic = given.Logic ?? "POSITIVE", DecisionStrategy = given.DecisionStrategy ?? "UNANIMOUS",
                Owner = existing is null ? given.Owner : existing.Representation.Owner,
                Config = await ConfigAsync(PolicyTypes.Find(given.Type), config, ct),
            },
            Distinct(resourceIds), Distinct(scopeIds), Distinct(policyIds));
        contents.Put(policy);
        _changes.Add(new PutPolicy(clientId, policy));
        return null;

        // What nobody speaks of stays: a permission that lost its resources by silence would be about all of them.
        IReadOnlyList<string> Named(IReadOnlyList<string>? named, string setting, IReadOnlyList<string>? before) =>
            named ?? (config.GetValueOrDefault(setting) is { } text ? PolicyReferences.Texts(text) : before ?? []);
    }

    private async ValueTask<Dictionary<string, string?>> ConfigAsync(PolicyType? type, Dictionary<string, string?> given, CancellationToken ct)
    {
        var config = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            if (name is "applyPolicies" or "resources" or "scopes")
            {
                continue;
            }

            if (type?.MemberOf(name) is { Kind: PolicyMemberKind.References } member && PolicyReferences.Array(value) is { } list)
            {
                // A role that is not there is left out, as where policies are made one by one; others may come another day.
                var unknown = new List<string>();
                var stored = await PolicyReferences.WithIdsAsync(member, list, principals, unknown.Add, ct);
                if (member.Principal != PrincipalKind.Role)
                {
                    PolicyReferences.Keep(member, stored, list, unknown);
                }

                config[name] = stored.ToJsonString();
            }
            else
            {
                config[name] = value;
            }
        }

        return config;
    }

    private static List<string> Distinct(List<string> ids) => [.. ids.Distinct(StringComparer.Ordinal)];

    private static string Given(string? id) => string.IsNullOrEmpty(id) ? Ids.New() : id;
}
