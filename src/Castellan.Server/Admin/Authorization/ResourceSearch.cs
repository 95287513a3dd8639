using Castellan.Core.Authorization;
using Castellan.Core.Clients;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>Finding resources, as administrators and resource servers do.</summary>
internal static class ResourceSearch
{
    public static async ValueTask<AdminAnswer> ListAsync(AuthorizedClient of)
    {
        var context = of.Context;
        var owner = Given("owner") is { } named ? await ResourceOwner.FindAsync(named, of.Client, of.Principals, context.Aborted) : null;
        var found = await FindAsync(of.Store, context.Realm.Id, of.Client, Given, owner, context.First, context.Max(), context.Aborted);
        return AdminAnswer.Json(await of.ShowAsync(found, context.Flag("deep", otherwise: true)), AdminJson.Default.ListResourceRepresentation);

        string? Given(string name) => context.Query(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
    }

    /// <summary>What the parameters of a request search for among the resources of a client.</summary>
    /// <param name="given">A parameter; null where it is absent or blank.</param>
    /// <param name="owner">The id of whoever owns them.</param>
    /// <param name="patternsOf">Whose resources an address may belong to by a pattern: the client's, unless the caller may see none but their own.</param>
    public static async ValueTask<List<ProtectedResource>> FindAsync(
        IAuthorizationStore store, string realmId, Client client, Func<string, string?> given, string? owner, int first, int max, CancellationToken ct, string? patternsOf = null)
    {
        var scopeIds = given("scope") is { } scope
            ? (await store.ScopesAsync(realmId, client.Id, ct)).Where(s => s.Name!.Contains(scope, StringComparison.OrdinalIgnoreCase)).Select(s => s.Id!).ToList()
            : null;
        var query = new ResourceQuery(given("_id"), given("name"), Flag("exactName"), given("uri"), owner, given("type"), ScopeIds: scopeIds);
        var found = await store.ResourcesAsync(realmId, client.Id, query, first, max, ct);
        if (found.Count > 0 || query.Uri is not { } uri || !Flag("matchingUri"))
        {
            return found;
        }

        // Nothing else that was asked for counts then: which resource an address belongs to, its pattern says.
        return UriPatterns.Best(await store.ResourcesAsync(realmId, client.Id, new(Owner: patternsOf ?? client.Id, HasUris: true), first, max, ct), uri) is { } matching ? [matching] : [];

        bool Flag(string name) => string.Equals(given(name), "true", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The client's own resource of a name.</summary>
    public static async ValueTask<AdminAnswer> FindAsync(AuthorizedClient of)
    {
        if (of.Context.Query("name") is not { } name)
        {
            return AdminAnswer.Bodyless(400);
        }

        return await of.Store.FindResourceAsync(of.Context.Realm.Id, of.Client.Id, of.Client.Id, name, of.Context.Aborted) is { } resource
            ? AdminAnswer.Json(await of.ShowAsync(resource, await of.ScopesAsync()), AdminJson.Default.ResourceRepresentation)
            : AdminAnswer.NoContent;
    }
}
