using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Federation;

/// <summary>All people whom a federation has brought in: taken away, or made people of the realm. The directory hears nothing of it.</summary>
internal static class FederatedPeople
{
    private const int Page = 500;

    private static readonly string[] s_marks = [ReservedAttributes.LdapId, ReservedAttributes.LdapEntryDn, "createTimestamp", "modifyTimestamp", "KERBEROS_PRINCIPAL"];

    public static async ValueTask RemoveAsync(FederationContext context, IUserStore stored)
    {
        foreach (var chunk in (await OfAsync(context, stored)).Chunk(Page))
        {
            await context.ApplyAsync([.. chunk.Select(u => new DeleteUser(u.Id))]);
        }
    }

    public static async ValueTask UnlinkAsync(FederationContext context, IUserStore stored)
    {
        foreach (var chunk in (await OfAsync(context, stored)).Chunk(Page))
        {
            await context.ApplyAsync([.. chunk.Select(Unlinked)]);
        }
    }

    private static PutUser Unlinked(User user)
    {
        var own = UserRepresentations.Copy(user.Representation);
        own.FederationLink = null;
        own.Attributes = own.Attributes?.Where(a => !s_marks.Contains(a.Key)).ToDictionary();
        return new(own);
    }

    /// <summary>Found before anything changes, so that no page moves under the reader.</summary>
    private static async ValueTask<List<User>> OfAsync(FederationContext context, IUserStore stored)
    {
        var found = new List<User>();
        for (var first = 0; ; first += Page)
        {
            var users = await stored.SearchAsync(context.Realm.Id, new UserQuery(), first, Page, context.Ct);
            found.AddRange(users.Where(u => u.Representation.FederationLink == context.Federation.Id));
            if (users.Count < Page)
            {
                return found;
            }
        }
    }
}
