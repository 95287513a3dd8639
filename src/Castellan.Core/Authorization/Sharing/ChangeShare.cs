using System.Text.Json.Nodes;

namespace Castellan.Core.Authorization.Sharing;

/// <summary>
/// A change to what an owner gives one person of one resource: the tickets, and the policy of the owner's in which the granted ones stand and which says the
/// same to the evaluation. What else is granted, and in which policy, is looked up where the change is written: of several at once none takes back what
/// another gives, or gives again what another takes back. Where the resource, or a ticket that is to be granted, is gone it is a <see cref="Realms.StaleException"/>.
/// </summary>
/// <param name="ClientId">The resource server's internal id.</param>
public sealed record ChangeShare(string ClientId, ProtectedResource Resource, string RequesterId) : AuthorizationChange
{
    /// <summary>Tickets to add. Where there is one for the same scope it is a <see cref="Realms.DuplicateException"/>, unless <see cref="Exactly"/> is said.</summary>
    public IReadOnlyList<PermissionTicket> New { get; init; } = [];

    /// <summary>Whether the new tickets are all that the person is to have: what is there for the same scopes is granted, everything else goes.</summary>
    public bool Exactly { get; init; }

    /// <summary>The id of a ticket that is granted from now on.</summary>
    public string? Granted { get; init; }

    /// <summary>The id of a ticket that goes.</summary>
    public string? Gone { get; init; }

    /// <summary>To whom a first grant gives: the condition of its policy.</summary>
    public Policy Condition { get; } = new(
        new()
        {
            Id = Ids.New(), Name = Ids.New(), Type = "user", Logic = "POSITIVE", DecisionStrategy = "UNANIMOUS", Owner = Resource.OwnerId,
            Config = new() { ["users"] = new JsonArray(JsonValue.Create(RequesterId)).ToJsonString() },
        },
        [], [], []);

    /// <summary>The policy of a first grant. Its scopes are those of the tickets; nobody can foretell, and so take, its name.</summary>
    public Policy Policy { get; } = new(
        new() { Id = Ids.New(), Name = Ids.New(), Type = PolicyTypes.Owners, Logic = "POSITIVE", DecisionStrategy = "UNANIMOUS", Owner = Resource.OwnerId, Config = [] },
        [Resource.Id], [], []);
}
