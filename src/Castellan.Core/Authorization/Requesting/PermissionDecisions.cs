using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Authorization.Requesting;

/// <summary>What is asked of a resource server, and under which circumstances.</summary>
/// <param name="Wanted">What is named; nothing: everything that there is.</param>
/// <param name="FurtherScopes">Scopes that are asked for beside those that are named.</param>
/// <param name="Earlier">What an earlier requesting party token held.</param>
/// <param name="Pushed">What the client says of the circumstances.</param>
/// <param name="MatchingUris">Whether an address may be one that a pattern covers.</param>
/// <param name="Limit">The most resources to evaluate; null for all.</param>
public sealed record PermissionQuestion(
    Realm Realm, Client Server, RequestingParty Party, IReadOnlyList<WantedPermission> Wanted, IReadOnlyList<string> FurtherScopes, IReadOnlyList<WantedPermission> Earlier,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Pushed, bool MatchingUris = false, int? Limit = null);

/// <summary>Everything that was asked, found and answered.</summary>
/// <param name="Scopes">The resource server's.</param>
/// <param name="Named">The ids of the resources that each wanted permission means.</param>
public sealed record PermissionVerdict(IReadOnlyList<PermissionAnswer> Answers, IReadOnlyList<ScopeRepresentation> Scopes, IReadOnlyList<IReadOnlySet<string>> Named);

/// <summary>Decides what somebody may do with the resources of a resource server, as all who ask with a token of their own do.</summary>
public sealed class PermissionDecisions(IAuthorizationStore store, IPermissionTickets tickets, IClients clients, TimeProvider time)
{
    public async ValueTask<Result<PermissionVerdict>> DecideAsync(PermissionQuestion question, CancellationToken ct)
    {
        var (realm, server, party) = (question.Realm, question.Server, question.Party);
        var scopes = await store.ScopesAsync(realm.Id, server.Id, ct);
        var policies = await store.PoliciesAsync(realm.Id, server.Id, ct);
        var requests = new PermissionRequests(store, realm.Id, server.Id, scopes);
        var selection = new PermissionSelection(new(realm.Id, server.Id, scopes), store, tickets, requests, party.Id, question.MatchingUris, question.Limit);
        if (question is { Wanted.Count: 0, Earlier.Count: 0 })
        {
            await selection.AddAllAsync(ct);
        }

        foreach (var wanted in question.Wanted)
        {
            if (await selection.AddAsync(wanted, question.FurtherScopes, ct) is { } unknown)
            {
                return unknown;
            }
        }

        await selection.AddEarlierAsync(question.Earlier, ct);
        var evaluation = new PermissionEvaluation(
            new(server.Id, server.Representation.AuthorizationSettings ?? new(), policies, requests.OwnOfTypeAsync),
            new() { Realm = realm, Clients = clients, User = party.User, Claims = party.Claims, Attributes = question.Pushed, Now = time.GetLocalNow() });
        var answers = new List<PermissionAnswer>();
        foreach (var asked in selection.Asked)
        {
            if (await evaluation.AnswerAsync(asked, ct) is { } answer)
            {
                answers.Add(answer);
            }
        }

        return new PermissionVerdict(answers, scopes, selection.Named);
    }
}
