using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Server.Admin.Users;

/// <summary>How users are shown in lists of members and of holders of a role.</summary>
internal static class MemberViews
{
    public static async ValueTask<List<UserRepresentation>> ShowMembersAsync(this AdminContext context, IReadOnlyList<User> users)
    {
        var manage = Permission.ManageUsers.Allows(context.Roles);
        var shown = new List<UserRepresentation>(users.Count);
        foreach (var user in users)
        {
            var stored = user.Representation;
            var one = new UserRepresentation
            {
                Id = stored.Id, Username = stored.Username, FirstName = stored.FirstName, LastName = stored.LastName, Email = stored.Email,
                EmailVerified = stored.EmailVerified ?? false, Enabled = user.Enabled, CreatedTimestamp = stored.CreatedTimestamp,
                FederationLink = stored.FederationLink, Access = new(StringComparer.Ordinal) { ["manage"] = manage },
            };
            if (!context.Brief(otherwise: false))
            {
                var credentials = await context.Users.CredentialsAsync(context.Realm.Id, user.Id, context.Aborted);
                one.Totp = credentials.Any(c => c.Type == "otp");
                one.DisableableCredentialTypes = [];
                one.RequiredActions = stored.RequiredActions ?? [];
                one.NotBefore = stored.NotBefore ?? 0;
                one.Attributes = stored.Attributes is { Count: > 0 } ? stored.Attributes : null;
            }

            shown.Add(one);
        }

        return shown;
    }
}
