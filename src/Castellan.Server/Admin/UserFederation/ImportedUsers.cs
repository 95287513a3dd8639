using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Server.Admin.Users;

namespace Castellan.Server.Admin.UserFederation;

/// <summary>The people who came from a directory: taken away with it, or kept as people of the realm.</summary>
internal static class ImportedUsers
{
    private const int Page = 500;

    /// <summary>What the import of a directory writes beside the profile.</summary>
    private static readonly string[] s_marks = ["LDAP_ID", "LDAP_ENTRY_DN"];

    public static async ValueTask<AdminAnswer> RemoveAsync(AdminContext context, ComponentRepresentation directory)
    {
        foreach (var user in await OfAsync(context, directory))
        {
            await UserRoutes.RemoveAsync(context, user);
        }

        return AdminAnswer.NoContent;
    }

    public static async ValueTask<AdminAnswer> UnlinkAsync(AdminContext context, ComponentRepresentation directory)
    {
        foreach (var user in await OfAsync(context, directory))
        {
            var own = UserRepresentations.Copy(user.Representation);
            own.FederationLink = null;
            own.Attributes = own.Attributes?.Where(a => !s_marks.Contains(a.Key)).ToDictionary();
            await context.ApplyAsync(new PutUser(own));
        }

        return AdminAnswer.NoContent;
    }

    /// <summary>Found before anything changes, so that no page moves under the reader.</summary>
    private static async ValueTask<List<User>> OfAsync(AdminContext context, ComponentRepresentation directory)
    {
        var found = new List<User>();
        for (var first = 0; ; first += Page)
        {
            var users = await context.Users.SearchAsync(context.Realm.Id, new UserQuery(), first, Page, context.Aborted);
            found.AddRange(users.Where(u => u.Representation.FederationLink == directory.Id));
            if (users.Count < Page)
            {
                return found;
            }
        }
    }
}
