using Castellan.Core.Clients;
using Castellan.Core.Realms;

namespace Castellan.Server.Admin.Clients;

/// <summary>Which addresses of applications took a request, and which did not.</summary>
internal sealed class GlobalRequestResult
{
    public List<string>? SuccessRequests { get; set; }

    public List<string>? FailedRequests { get; set; }
}

/// <summary>Requests to applications at their admin URL.</summary>
internal static class Adapters
{
    private const int Page = 500;

    /// <summary>Asks one application.</summary>
    public static ValueTask<GlobalRequestResult> AskAsync(this AdminContext context, Client client, AdapterAction action, long notBefore = 0) => context.AskAsync([client], action, notBefore);

    /// <summary>Asks all applications of the realm.</summary>
    public static async ValueTask<GlobalRequestResult> AskAllAsync(this AdminContext context, AdapterAction action, long notBefore, Predicate<Client> asked)
    {
        var clients = new List<Client>();
        for (int first = 0, read = Page; read == Page; first += Page)
        {
            var page = await context.Store.ListClientsAsync(context.Realm.Id, new ClientQuery(), first, Page, context.Aborted);
            clients.AddRange(page.Select(d => new Client(context.Realm, d)).Where(c => c.Representation.AdminUrl is { Length: > 0 } && asked(c)));
            read = page.Count;
        }

        return await context.AskAsync(clients, action, notBefore);
    }

    /// <summary>The answer, in which a list that would be empty is left out.</summary>
    public static AdminAnswer Answer(GlobalRequestResult result) => AdminAnswer.Json(result, AdminApiJson.Default.GlobalRequestResult);

    private static async ValueTask<GlobalRequestResult> AskAsync(this AdminContext context, IReadOnlyList<Client> clients, AdapterAction action, long notBefore)
    {
        var answers = await context.Service<AdapterActions>().SendAsync(context.Realm, clients, context.ServerAddresses, action, notBefore, context.Aborted);
        return new() { SuccessRequests = answers.Good.Count > 0 ? answers.Good : null, FailedRequests = answers.Bad.Count > 0 ? answers.Bad : null };
    }
}
