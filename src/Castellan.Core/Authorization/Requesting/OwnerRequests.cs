using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Realms;

namespace Castellan.Core.Authorization.Requesting;

/// <summary>What came of a ticket too early: its owner is asked, so that a later attempt may go well (UMA 2.0 Grant §3.3.6, <c>request_submitted</c>).</summary>
public sealed class OwnerRequests(IRealms realms, IAuthorizationStore store, TimeProvider time)
{
    /// <summary>
    /// Keeps what the party wants of other people's resources, as far as no owner's policy gives it. What was asked before, or given, stays as it is; nobody
    /// asks the resource server, and no client asks for itself.
    /// </summary>
    public async ValueTask NoteAsync(PermissionQuestion question, PermissionVerdict verdict, CancellationToken ct)
    {
        if (question.Party.IsClient)
        {
            return;
        }

        var (realm, server, party) = (question.Realm, question.Server, question.Party);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var requests = new PermissionRequests(store, realm.Id, server.Id, verdict.Scopes);
        var changes = new List<Change>();
        foreach (var wanted in question.Wanted)
        {
            if (wanted.Resource is not { } id || await store.FindResourceAsync(realm.Id, server.Id, id, ct) is not { Representation.OwnerManagedAccess: true } resource
                || resource.OwnerId == server.Id || resource.OwnerId == party.Id)
            {
                continue;
            }

            var whole = await requests.OfAsync(resource, [], ct);
            foreach (var scope in Lacking(wanted, whole, verdict))
            {
                changes.Add(new PutPermissionTicket(server.Id, new(Ids.New(), resource.Id, scope, resource.OwnerId, party.Id, null, now, null)));
            }
        }

        if (changes.Count > 0)
        {
            await realms.ApplyAsync(new ChangeSet(realm.Id).Add(changes), ct);
        }
    }

    /// <summary>The ids of the scopes that are wanted and that no owner's policy gives; null stands for the resource itself.</summary>
    /// <param name="whole">The resource with all its scopes.</param>
    private static IEnumerable<string?> Lacking(WantedPermission wanted, AskedPermission whole, PermissionVerdict verdict)
    {
        var given = verdict.Answers.Where(a => a.Resource?.Id == whole.Resource!.Id).SelectMany(a => a.Decisions)
            .Where(d => d is { Permits: true, Permission.Type: PolicyTypes.Owners }).ToList();
        var scopes = wanted.Scopes.Select(name => verdict.Scopes.FirstOrDefault(s => s.Name == name)?.Id).OfType<string>()
            .Where(scope => !given.Exists(d => d.Permission.ScopeIds.Contains(scope))).ToList();
        if (scopes.Count > 0)
        {
            return scopes;
        }

        return given.Count > 0 || wanted.Scopes.Count > 0 ? [] : whole.Scopes.Select(s => s.Id).DefaultIfEmpty(null);
    }
}
