using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Server.Admin.Users;

/// <summary>How users are shown.</summary>
internal static class UserViews
{
    /// <summary>Users in a list: of users, of members of a group, of holders of a role.</summary>
    /// <param name="access">With what the caller may do with each.</param>
    public static async ValueTask<List<UserRepresentation>> ShowMembersAsync(this AdminContext context, IReadOnlyList<User> users, bool access = true)
    {
        var brief = context.Brief(otherwise: false);
        var shown = new List<UserRepresentation>(users.Count);
        foreach (var user in users)
        {
            var one = brief ? Brief(context, user) : await FullAsync(context, user);
            one.Access = access ? Access(context, user, all: false) : null;
            shown.Add(one);
        }

        return shown;
    }

    /// <summary>One user, with all that the caller may do with it.</summary>
    public static async ValueTask<UserRepresentation> ShowAsync(this AdminContext context, User user)
    {
        var shown = await FullAsync(context, user);
        shown.Access = Access(context, user, all: true);
        if (context.Realm.Data.IdentityProviders.Count > 0)
        {
            shown.FederatedIdentities = await UserLinkRoutes.KnownAsync(context, user);
        }

        return shown;
    }

    internal static UserRepresentation Brief(AdminContext context, User user)
    {
        var stored = user.Representation;
        var profile = UserProfile.Of(context.Realm);
        return new UserRepresentation
        {
            Id = stored.Id, Username = stored.Username, FirstName = Seen(UserProfile.FirstName, stored.FirstName), LastName = Seen(UserProfile.LastName, stored.LastName), Email = Seen(UserProfile.Email, stored.Email),
            EmailVerified = stored.EmailVerified ?? false, Enabled = user.Enabled, CreatedTimestamp = stored.CreatedTimestamp, FederationLink = stored.FederationLink, Origin = stored.FederationLink,
            Attributes = user.Federated is { IsEnabled: true } ? Marks(user) : null,
        };

        string? Seen(string name, string? value) => profile.ShowsMember(name, ProfileContext.Admin, user) ? value : null;
    }

    /// <summary>What ties a user of a directory to it is shown even where attributes are left out.</summary>
    private static Dictionary<string, List<string>> Marks(User user) => (user.Representation.Attributes ?? [])
        .Where(a => ReservedAttributes.OfDirectories.Contains(a.Key)).ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal);

    private static async ValueTask<UserRepresentation> FullAsync(AdminContext context, User user)
    {
        var shown = Brief(context, user);
        var attributes = UserProfile.Of(context.Realm).Visible(ProfileContext.Admin, user);
        shown.Attributes = attributes.Count > 0 ? attributes : null;
        shown.Totp = (await context.Users.CredentialsAsync(context.Realm.Id, user.Id, context.Aborted)).Exists(c => c.Type == "otp");
        shown.DisableableCredentialTypes = [];
        shown.RequiredActions = user.Representation.RequiredActions ?? [];
        shown.NotBefore = user.Representation.NotBefore ?? 0;
        return shown;
    }

    private static Dictionary<string, bool> Access(AdminContext context, User user, bool all)
    {
        var rights = context.Rights;
        var access = new Dictionary<string, bool>(StringComparer.Ordinal) { ["manage"] = rights.On(user, "manage") };
        if (all)
        {
            access["view"] = rights.On(user, "view");
            access["mapRoles"] = rights.On(user, "map-roles");
            access["manageGroupMembership"] = rights.On(user, "manage-group-membership");
            access["resetPassword"] = rights.MayResetPassword(user);
            access["impersonate"] = rights.On(user, "impersonate");
        }

        return access;
    }
}
