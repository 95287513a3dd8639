using Castellan.Core.Realms;

namespace Castellan.Core.Authorization;

/// <summary>What goes with a resource or a scope.</summary>
public static class Removals
{
    /// <summary>The changes that take it away, and permissions that are about nothing else: without it they would cover everything.</summary>
    /// <param name="about">What a permission is about, of which the id may be one.</param>
    public static List<Change> With(string clientId, Change removal, string id, Func<Policy, IReadOnlyList<string>> about, IEnumerable<Policy> policies) =>
        [removal, .. policies.Where(p => p.IsPermission && about(p) is [var only] && only == id).Select(p => new DeletePolicy(clientId, p.Id))];
}
