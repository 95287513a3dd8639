using System.Collections.Concurrent;
using Castellan.Core.Clients;
using Castellan.Core.Mappers;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Roles;

namespace Castellan.Core.Tokens;

/// <summary>The client scopes of a grant, with what was asked for.</summary>
/// <param name="Client">The client that they were granted to.</param>
/// <param name="Active">The scopes whose mappers and role mappings count.</param>
/// <param name="Requested">The names in the scope parameter, in their order; <c>openid</c> among them when asked for.</param>
public sealed record GrantedScopes(Client Client, IReadOnlyList<ClientScope> Active, IReadOnlyList<string> Requested)
{
    private const int MostKept = 64;

    private readonly ConcurrentDictionary<IReadOnlySet<Role>, GrantedScopes> _permitted = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<IReadOnlySet<Role>, GrantedRoles> _roles = new(ReferenceEqualityComparer.Instance);
    private string? _shown;
    private string? _full;
    private MapperPlan? _mappers;

    public bool OpenId { get; } = Requested.Contains("openid");

    /// <summary>The forms of the scope <c>organization</c> with a parameter that were asked for.</summary>
    public IReadOnlyList<string> OrganizationForms { get; } = [.. Requested.Where(OrganizationScope.Asks)];

    /// <summary>Whether organizations are spoken of. Who belongs to one changes without the user's record, so that nothing made from it may be kept.</summary>
    public bool NamesOrganizations { get; } = Active.Any(s => s.Name == OrganizationScope.Name);

    public bool OfflineAccess { get; } = Requested.Contains("offline_access") && Active.Any(s => s.Name == "offline_access");

    /// <summary>The scope as access tokens and answers show it: <c>openid</c>, then every scope that does not hide its name.</summary>
    public string Shown => _shown ??= Join(hidden: false);

    /// <summary>The scope with the hidden names too, as the refresh token keeps it.</summary>
    public string Full => _full ??= Join(hidden: true);

    /// <summary>The mappers of the client and of these scopes, in the order in which they run.</summary>
    public MapperPlan Mappers => _mappers ??= MapperPlan.For(Client, Active);

    /// <summary>Without the scopes for which the user has none of the roles that they are bound to.</summary>
    public GrantedScopes For(IReadOnlySet<Role> roles) => _permitted.TryGetValue(roles, out var known) ? known : Keep(_permitted, roles, Permitted(roles));

    /// <summary>The same for a token that is narrowed to some clients: roles of other clients open no scope then. Null is no such wish.</summary>
    public GrantedScopes For(IReadOnlySet<Role> roles, IReadOnlyList<string>? audience) => audience is null ? For(roles)
        : Permitted(roles.Where(r => r.ClientName is null || audience.Contains(r.ClientName)).ToHashSet<Role>(ReferenceEqualityComparer.Instance));

    /// <summary>What a token of these scopes may carry of the roles that its user has (<see cref="GrantedRoles.Of"/>).</summary>
    public GrantedRoles Roles(IReadOnlySet<Role> roles) => _roles.TryGetValue(roles, out var known) ? known
        : Keep(_roles, roles, new GrantedRoles(GrantedRoles.Within(Client.Realm, Client, this, roles)));

    /// <summary>Beside those sets alone that come again as the same set.</summary>
    private static T Keep<T>(ConcurrentDictionary<IReadOnlySet<Role>, T> kept, IReadOnlySet<Role> roles, T made)
    {
        if (roles.Count > RoleGraph.LargestKept)
        {
            return made;
        }

        if (kept.Count >= MostKept)
        {
            kept.Clear();
        }

        return kept.GetOrAdd(roles, made);
    }

    private GrantedScopes Permitted(IReadOnlySet<Role> roles)
    {
        foreach (var scope in Active)
        {
            if (!IsPermitted(scope, roles))
            {
                return new(Client, [.. Active.Where(s => IsPermitted(s, roles))], Requested);
            }
        }

        return this;
    }

    /// <summary>With these forms of the scope <c>organization</c> alone; without that scope when there are none.</summary>
    public GrantedScopes ForOrganizations(IReadOnlyList<string> forms) => forms.Count == OrganizationForms.Count ? this : new(
        Client, forms.Count > 0 ? Active : [.. Active.Where(s => s.Name != OrganizationScope.Name)],
        [.. Requested.Where(name => !OrganizationScope.IsForm(name) || forms.Contains(name))]);

    private bool IsPermitted(ClientScope scope, IReadOnlySet<Role> roles) =>
        scope.RoleIds.Count == 0 || Client.Realm.Roles.Expand(scope.RoleIds).Overlaps(roles);

    private string Join(bool hidden)
    {
        var names = Active.Where(s => hidden || s.Attribute("include.in.token.scope") != "false")
            .SelectMany(s => s.Name == OrganizationScope.Name && OrganizationForms.Count > 0 ? OrganizationForms : [s.Name]);
        return string.Join(' ', OpenId ? names.Prepend("openid") : names);
    }
}

/// <summary>From a scope parameter (RFC 6749 §3.3) to client scopes.</summary>
public static class Scopes
{
    private const int MaxKept = 256;
    private const int LongestKept = 512;

    /// <summary>A longer scope parameter is refused before it is taken apart.</summary>
    public const int MaxLength = 4_000;

    /// <summary>
    /// The scopes that a request gets: the client's default ones, and the optional ones that it names. Null when it names one that the client does
    /// not have.
    /// </summary>
    public static GrantedScopes? Resolve(Client client, string? parameter)
    {
        var known = client.Compiled(static _ => new Known());
        if (known.ByParameter.TryGetValue(parameter ?? "", out var granted))
        {
            return granted;
        }

        var names = Split(parameter);
        foreach (var name in names)
        {
            if (name != "openid" && !Has(client.DefaultScopes, name) && !Has(client.OptionalScopes, name) && !IsOrganizationForm(client, name))
            {
                return null;
            }
        }

        granted = Grant(client, names);
        if (known.ByParameter.Count < MaxKept && (parameter?.Length ?? 0) <= LongestKept)
        {
            known.ByParameter.TryAdd(parameter ?? "", granted);
        }

        return granted;
    }

    /// <summary>The scopes of a token that was issued before: names that the client has no longer are left out.</summary>
    public static GrantedScopes Restore(Client client, string? scope) => Resolve(client, scope) ?? Grant(client, Split(scope));

    /// <summary>A scope parameter with those that the client gets without asking, as far as people are told of them.</summary>
    public static string WithShown(Client client, string parameter) =>
        string.Join(' ', Split(parameter).Union(client.DefaultScopes.Where(s => IsOurs(s) && Login.Consents.IsShown(s)).Select(s => s.Name)));

    /// <summary>Whether what was granted offline still counts: the client has the scope <c>offline_access</c>, and the user a role that it is bound to.</summary>
    public static bool MayBeOffline(Client client, IReadOnlySet<Role> roles) => Restore(client, "offline_access").For(roles).OfflineAccess;

    /// <summary>
    /// Whether a scope parameter names a scope without letters: it is empty, or begins with a space or has two of them beside each other. Spaces at its end
    /// stand for nothing (RFC 6749 §3.3 has one space between two names).
    /// </summary>
    public static bool HasEmptyName(string parameter) =>
        parameter.Length == 0 || (parameter.TrimEnd(' ') is { Length: > 0 } names && (names[0] == ' ' || names.Contains("  ", StringComparison.Ordinal)));

    /// <summary>The names in a scope parameter.</summary>
    public static string[] Split(string? parameter) =>
        parameter?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToArray() ?? [];

    private static GrantedScopes Grant(Client client, string[] names)
    {
        var active = new List<ClientScope>(client.DefaultScopes.Where(IsOurs));
        foreach (var scope in client.OptionalScopes)
        {
            if (IsOurs(scope) && IsNamed(scope, names) && !active.Contains(scope))
            {
                active.Add(scope);
            }
        }

        return new(client, active, names);
    }

    /// <summary>Whether a name is a form of the scope <c>organization</c> that this client may ask for. Whether there is such an organization is another question.</summary>
    public static bool IsOrganizationForm(Client client, string name) => client.Realm.Settings.OrganizationsEnabled is true && OrganizationScope.IsForm(name)
        && (Has(client.DefaultScopes, OrganizationScope.Name) || Has(client.OptionalScopes, OrganizationScope.Name));

    private static bool IsNamed(ClientScope scope, string[] names) =>
        names.Contains(scope.Name) || (scope.Name == OrganizationScope.Name && names.Any(OrganizationScope.Asks));

    /// <summary>SAML scopes may stand among a client's default scopes; they mean nothing here.</summary>
    private static bool IsOurs(ClientScope scope) => scope.Representation.Protocol is null or "openid-connect";

    private static bool Has(IReadOnlyList<ClientScope> scopes, string name)
    {
        foreach (var scope in scopes)
        {
            if (scope.Name == name && IsOurs(scope))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Known
    {
        public ConcurrentDictionary<string, GrantedScopes> ByParameter { get; } = new(StringComparer.Ordinal);
    }
}
