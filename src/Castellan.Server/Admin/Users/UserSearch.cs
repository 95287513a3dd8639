using Castellan.Core.Users;

namespace Castellan.Server.Admin.Users;

/// <summary>Which users a list or a count is asked for.</summary>
internal static class UserSearch
{
    private const string ById = "id:";
    private const int MaxIds = 1_000;

    public static async ValueTask<List<User>> FindAsync(AdminContext context, int otherwise = 100)
    {
        if (Ids(context) is not { } ids)
        {
            return await context.Users.SearchAsync(context.Realm.Id, Query(context), context.First, context.Max(otherwise), context.Aborted);
        }

        var found = new List<User>();
        foreach (var id in ids)
        {
            if (await context.Users.FindAsync(context.Realm.Id, id, context.Aborted) is { } user && context.Rights.Shows(user))
            {
                found.Add(user);
            }
        }

        return [.. context.Page(found, otherwise)];
    }

    public static async ValueTask<int> CountAsync(AdminContext context) =>
        Ids(context) is null
            ? await context.Users.CountAsync(context.Realm.Id, Query(context), context.Aborted)
            : (await FindAsync(context, MaxIds)).Count;

    private static string[]? Ids(AdminContext context) =>
        context.Query("search") is { } search && search.StartsWith(ById, StringComparison.Ordinal)
            ? [.. search[ById.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().Take(MaxIds)]
            : null;

    // Who asks by a single field finds service accounts too; a list, or a search over all fields, leaves them out.
    private static UserQuery Query(AdminContext context)
    {
        var query = Fields(context);
        return query with { Only = context.Rights.ShownUsers, ServiceAccounts = query.Search is null && (query != new UserQuery() || context.Query("exact") is not null) };
    }

    private static UserQuery Fields(AdminContext context) => new(
        Search: Text(context, "search"), Username: Text(context, "username")?.ToLowerInvariant(), Email: Text(context, "email")?.ToLowerInvariant(),
        FirstName: Text(context, "firstName"), LastName: Text(context, "lastName"), Exact: context.Flag("exact"),
        Enabled: context.MaybeFlag("enabled"), EmailVerified: context.MaybeFlag("emailVerified"),
        IdentityProvider: Text(context, "idpAlias"), FederatedUserId: Text(context, "idpUserId"),
        Attributes: Text(context, "q") is { } q && AttributeQuery.Parse(q) is { Count: > 0 } attributes ? attributes : null);

    private static string? Text(AdminContext context, string name) => context.Query(name)?.Trim() is { Length: > 0 } text ? text : null;
}
