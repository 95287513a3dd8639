using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Server.Admin.Users;

/// <summary>Which users a list or a count is asked for.</summary>
internal static class UserSearch
{
    private const string ById = "id:";
    private const int MaxIds = 1_000;
    private static readonly string[] s_fields = [UserProfile.Email, UserProfile.FirstName, UserProfile.LastName];

    public static async ValueTask<List<User>> FindAsync(AdminContext context, int otherwise = 100)
    {
        if (Ids(context) is not { } ids)
        {
            return await context.Users.SearchAsync(context.Realm.Id, Query(context), context.First, context.Max(otherwise), context.Aborted);
        }

        // Who names those they want gets them, all on one page.
        var found = new List<User>();
        foreach (var id in ids.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(MaxIds))
        {
            if (await FindAsync(context, id) is { } user)
            {
                found.Add(user);
            }
        }

        return found;
    }

    /// <summary>Whether a search over all fields is one for names: some of the others may not be seen by administrators.</summary>
    public static bool IsForNamesAlone(AdminContext context) => !s_fields.All(f => UserProfile.Of(context.Realm).IsSearchable(f, ProfileContext.Admin));

    public static async ValueTask<int> CountAsync(AdminContext context) =>
        Ids(context) is not { } id ? await context.Users.CountAsync(context.Realm.Id, Query(context), context.Aborted)
        : await FindAsync(context, id) is null ? 0 : 1;

    private static async ValueTask<User?> FindAsync(AdminContext context, string id) =>
        await context.Users.FindAsync(context.Realm.Id, id, context.Aborted) is { } user && context.Rights.Shows(user) ? user : null;

    private static string? Ids(AdminContext context) =>
        context.Query("search") is { } search && search.StartsWith(ById, StringComparison.Ordinal) ? search[ById.Length..].Trim() : null;

    private static UserQuery Query(AdminContext context)
    {
        var asked = Asked(context);
        return asked with { Only = AsksForUnseen(context, asked) ? UserRestriction.Nobody : context.Rights.ShownUsers };
    }

    /// <summary>Whether a search goes by what the profile lets no administrator see.</summary>
    private static bool AsksForUnseen(AdminContext context, UserQuery asked)
    {
        var profile = UserProfile.Of(context.Realm);
        return new[] { (UserProfile.Email, asked.Email), (UserProfile.FirstName, asked.FirstName), (UserProfile.LastName, asked.LastName) }
            .Where(member => member.Item2 is not null).Select(member => member.Item1).Concat(asked.Attributes?.Keys ?? [])
            .Any(name => !profile.IsSearchable(name, ProfileContext.Admin));
    }

    /// <summary>
    /// A search over all fields takes no note of single ones. Who asks by those, be it for anything in them, finds service accounts too; a list, or a
    /// search over all fields, leaves them out.
    /// </summary>
    private static UserQuery Asked(AdminContext context)
    {
        var (enabled, verified) = (context.MaybeFlag("enabled"), context.MaybeFlag("emailVerified"));
        if (context.Query("search") is { } search)
        {
            if (IsForNamesAlone(context))
            {
                return new(Username: search.Trim('*', '"', ' '), Enabled: enabled, EmailVerified: verified);
            }

            return new(Search: search, Enabled: enabled, EmailVerified: verified);
        }

        var exact = context.MaybeFlag("exact");
        var asked = AttributeQuery.Parse(context.Query("q") ?? "");

        // What is no attribute, but a member of its own, may be asked for like one.
        var query = new UserQuery(
            Username: Member(UserProfile.Username), Email: Member(UserProfile.Email), FirstName: Member(UserProfile.FirstName), LastName: Member(UserProfile.LastName),
            Enabled: enabled, EmailVerified: verified, IdentityProvider: context.Query("idpAlias"), FederatedUserId: context.Query("idpUserId"));
        query = query with { Attributes = asked.Count > 0 ? asked : null };
        return query == new UserQuery() && exact is null ? query
            // Attributes have to fit whole unless it is said that they need not.
            : query with { Exact = exact is true, AttributesInPart = exact is false, ServiceAccounts = true };

        string? Member(string name) => asked.Remove(name, out var value) ? value : context.Query(name);
    }
}
