namespace Castellan.Core.Authorization;

/// <summary>Whom or what policies can be about.</summary>
public enum PrincipalKind
{
    User, Client, Role, Group, ClientScope,
}

/// <summary>
/// Names and ids of those that policies are about. Policies are stored with ids; files and people may name users and clients by their names,
/// roles as <c>role</c> or <c>client/role</c>, groups by their paths.
/// </summary>
public interface IPrincipals
{
    /// <summary>The id of whoever has this name or id.</summary>
    ValueTask<string?> IdAsync(PrincipalKind kind, string nameOrId, CancellationToken ct = default);

    /// <summary>The name of whoever has this id.</summary>
    ValueTask<string?> NameAsync(PrincipalKind kind, string id, CancellationToken ct = default);
}
