using Castellan.Core.Authorization;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authorization;

/// <summary>Finding resources.</summary>
internal static class ResourceSearch
{
    public static async ValueTask<AdminAnswer> ListAsync(AuthorizedClient of)
    {
        var context = of.Context;
        var scopeIds = Given("scope") is { } scope
            ? (await of.ScopesAsync()).Where(s => s.Id == scope || s.Name!.Contains(scope, StringComparison.OrdinalIgnoreCase)).Select(s => s.Id!).ToList()
            : null;
        var query = new ResourceQuery(
            Given("_id"), Given("name"), context.Flag("exactName"), Given("uri"), Given("owner") is { } owner ? await OwnerAsync(of, owner) : null, Given("type"), ScopeIds: scopeIds);
        var found = await of.ResourcesAsync(query, context.First, context.Max());
        if (found.Count == 0 && query.Uri is { } uri && context.Flag("matchingUri"))
        {
            found = UriPatterns.Best(await of.ResourcesAsync(query with { Uri = null, HasUris = true }), uri) is { } matching ? [matching] : [];
        }

        return AdminAnswer.Json(await of.ShowAsync(found, context.Flag("deep", otherwise: true)), AdminJson.Default.ListResourceRepresentation);

        string? Given(string name) => context.Query(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
    }

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

    private static async ValueTask<string> OwnerAsync(AuthorizedClient of, string owner) =>
        owner == of.Client.ClientId ? of.Client.Id : await of.Principals.IdAsync(PrincipalKind.User, owner, of.Context.Aborted) ?? owner;
}
