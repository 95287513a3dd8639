using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Server.Admin.Users;

/// <summary>The accounts at identity providers that a user is linked to.</summary>
internal static class UserLinkRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("users/{user}/federated-identity", Permission.ViewUsers, UserRoutes.One(ListAsync)),
        AdminRoute.Post("users/{user}/federated-identity/{provider}", Permission.ManageUsers, UserRoutes.One(AddAsync), noCache: true),
        AdminRoute.Delete("users/{user}/federated-identity/{provider}", Permission.ManageUsers, UserRoutes.One(DeleteAsync), noCache: true),
    ];

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context, User user) =>
        AdminAnswer.Json(await KnownAsync(context, user), AdminJson.Default.ListFederatedIdentityRepresentation);

    /// <summary>The user's accounts at providers that the realm has.</summary>
    internal static async ValueTask<List<FederatedIdentityRepresentation>> KnownAsync(AdminContext context, User user)
    {
        var known = context.Realm.Data.IdentityProviders.Select(p => p.Alias).ToHashSet(StringComparer.Ordinal);
        return (await LinksAsync(context, user)).FindAll(l => known.Contains(l.IdentityProvider));
    }

    private static async ValueTask<AdminAnswer> AddAsync(AdminContext context, User user)
    {
        if (!(await context.ReadAsync(AdminJson.Default.FederatedIdentityRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var provider = context.Route("provider");
        if (context.Realm.Data.IdentityProviders.All(p => p.Alias != provider))
        {
            // Nothing that could be kept.
            return AdminAnswer.NoContent;
        }

        if ((await LinksAsync(context, user)).Exists(l => l.IdentityProvider == provider))
        {
            return AdminAnswer.Message(409, "User is already linked with provider");
        }

        var link = new FederatedIdentityRepresentation { IdentityProvider = provider, UserId = given.UserId, UserName = given.UserName };
        await context.ApplyAsync(new PutFederatedIdentity(user.Id, link));
        await context.RecordAsync("CREATE", "USER", $"users/{user.Id}/federated-identity/{provider}", given, AdminJson.Default.FederatedIdentityRepresentation);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, User user)
    {
        var provider = context.Route("provider");
        if (context.Realm.Data.IdentityProviders.All(p => p.Alias != provider))
        {
            return AdminAnswer.NoContent;
        }

        if (!(await LinksAsync(context, user)).Exists(l => l.IdentityProvider == provider))
        {
            return AdminAnswer.NotFound("Link not found");
        }

        await context.ApplyAsync(new DeleteFederatedIdentity(user.Id, provider));
        await context.RecordAsync("DELETE", "USER", $"users/{user.Id}/federated-identity/{provider}");
        return AdminAnswer.NoContent;
    }

    private static ValueTask<List<FederatedIdentityRepresentation>> LinksAsync(AdminContext context, User user) =>
        context.Users.FederatedIdentitiesAsync(context.Realm.Id, user.Id, context.Aborted);
}
