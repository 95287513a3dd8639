using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Realms;

namespace Castellan.Core.Authorization.Sharing;

/// <summary>
/// What an owner gives one person of one resource: the granted tickets, and a policy of the owner's that says the same to the evaluation. The policy follows
/// from the tickets, so its id does too: two who give at once write the same one.
/// </summary>
public static class Shares
{
    /// <summary>The changes that bring the policy and the tickets of a requester at a resource in step.</summary>
    /// <param name="clientId">The resource server's internal id.</param>
    /// <param name="after">All tickets of this requester at this resource as they are to be.</param>
    /// <param name="gone">Those that go.</param>
    /// <param name="policies">The policies of the resource server.</param>
    public static List<Change> Follow(
        string clientId, ProtectedResource resource, string requesterId, IReadOnlyList<PermissionTicket> after, IReadOnlyList<PermissionTicket> gone, IEnumerable<Policy> policies)
    {
        var changes = new List<Change>(gone.Select(t => new DeletePermissionTicket(clientId, t.Id)));
        var granted = after.Where(t => t.IsGranted).ToList();
        var (id, condition) = (Derive(resource.Id, requesterId, "share"), Derive(resource.Id, requesterId, "condition"));
        var before = policies.FirstOrDefault(p => p.Id == id);
        if (granted.Count == 0)
        {
            // A policy that no ticket hangs on any more is one that its owner has made their own.
            var hung = after.Concat(gone).Any(t => t.PolicyId == id);
            changes.AddRange(after.Select(t => new PutPermissionTicket(clientId, t with { PolicyId = null })));
            changes.AddRange(before is not null && hung ? OwnerPolicies.Remove(clientId, before) : []);
            return changes;
        }

        var users = new JsonArray(JsonValue.Create(requesterId)).ToJsonString();
        changes.Add(new PutPolicy(clientId, new(
            new()
            {
                Id = condition, Name = condition, Type = "user", Logic = "POSITIVE", DecisionStrategy = "UNANIMOUS", Owner = resource.OwnerId,
                Config = new() { ["users"] = users },
            },
            [], [], [])));
        changes.Add(new PutPolicy(clientId, new(
            new() { Id = id, Name = id, Type = PolicyTypes.Owners, Logic = "POSITIVE", DecisionStrategy = "UNANIMOUS", Owner = resource.OwnerId, Config = [] },
            [resource.Id], [.. granted.Select(t => t.ScopeId).OfType<string>()], [condition])));
        changes.AddRange((before?.PolicyIds ?? []).Where(c => c != condition).Select(c => new DeletePolicy(clientId, c)));
        changes.AddRange(after.Select(t => new PutPermissionTicket(clientId, t with { PolicyId = t.IsGranted ? id : null })));
        return changes;
    }

    private static string Derive(string resourceId, string requesterId, string what) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{what}\n{resourceId}\n{requesterId}")).AsSpan(0, 16)).ToString();
}
