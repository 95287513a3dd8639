namespace Castellan.Core.Authorization;

/// <summary>What a member of a policy's own form holds.</summary>
public enum PolicyMemberKind
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A truth value.</summary>
    Flag,

    /// <summary>A list of those that the policy is about: users, clients, roles, groups or client scopes.</summary>
    References,
}

/// <summary>A member of a policy's own form, and the setting in its general form that keeps it as a text.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="Setting">The name in the configuration, mostly the same.</param>
/// <param name="Principal">What references name.</param>
/// <param name="Mark">The truth value that goes with each reference; null where references are bare ids.</param>
/// <param name="Always">Whether the member is there even when nobody gave it.</param>
public sealed record PolicyMember(
    string Name, string Setting, PolicyMemberKind Kind = PolicyMemberKind.Text, PrincipalKind Principal = default, string? Mark = null, bool Always = false)
{
    internal static PolicyMember Text(string name) => new(name, name);
}

/// <summary>A type of policy.</summary>
/// <param name="Id">As representations and paths name it.</param>
/// <param name="Name">As consoles name it.</param>
/// <param name="Group">Under which consoles list it.</param>
public sealed record PolicyType(string Id, string Name, string Group, params IReadOnlyList<PolicyMember> Members)
{
    public bool IsPermission => Group == PolicyTypes.Permission;

    /// <summary>The member that keeps its value under a setting.</summary>
    public PolicyMember? MemberOf(string setting) => Members.FirstOrDefault(m => m.Setting == setting);
}

/// <summary>The types of policies. Scripts are off, as in a stock Keycloak; policies of owners (<c>uma</c>) are made through the protection API only.</summary>
public static class PolicyTypes
{
    internal const string Permission = "Permission";
    private const string Identity = "Identity Based";

    /// <summary>The type of policies that owners of resources make.</summary>
    public const string Owners = "uma";

    public static readonly IReadOnlyList<PolicyType> All =
    [
        new("role", "Role", Identity,
            new PolicyMember("roles", "roles", PolicyMemberKind.References, PrincipalKind.Role, "required"), new PolicyMember("fetchRoles", "fetchRoles", PolicyMemberKind.Flag)),
        new("user", "User", Identity, new PolicyMember("users", "users", PolicyMemberKind.References, PrincipalKind.User)),
        new("client", "Client", Identity, new PolicyMember("clients", "clients", PolicyMemberKind.References, PrincipalKind.Client)),
        new("group", "Group", Identity,
            new PolicyMember("groups", "groups", PolicyMemberKind.References, PrincipalKind.Group, "extendChildren"), PolicyMember.Text("groupsClaim")),
        new("client-scope", "Client Scope", Identity, new PolicyMember("clientScopes", "clientScopes", PolicyMemberKind.References, PrincipalKind.ClientScope, "required")),
        new("regex", "Regex", Identity,
            PolicyMember.Text("targetClaim"), PolicyMember.Text("pattern"),
            new PolicyMember("targetContextAttributes", "targetContextAttributes", PolicyMemberKind.Flag, Always: true)),
        new("time", "Time", "Time Based",
            new PolicyMember("notBefore", "nbf"), new PolicyMember("notOnOrAfter", "noa"),
            PolicyMember.Text("dayMonth"), PolicyMember.Text("dayMonthEnd"), PolicyMember.Text("month"), PolicyMember.Text("monthEnd"),
            PolicyMember.Text("year"), PolicyMember.Text("yearEnd"), PolicyMember.Text("hour"), PolicyMember.Text("hourEnd"),
            PolicyMember.Text("minute"), PolicyMember.Text("minuteEnd")),
        new("aggregate", "Aggregated", "Others"),
        new("resource", "Resource-Based", Permission, new PolicyMember("resourceType", "defaultResourceType")),
        new("scope", "Scope-Based", Permission, new PolicyMember("resourceType", "defaultResourceType")),
    ];

    public static PolicyType? Find(string? id) => All.FirstOrDefault(t => t.Id == id);
}
