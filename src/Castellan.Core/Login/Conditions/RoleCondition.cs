using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Core.Users;

namespace Castellan.Core.Login.Conditions;

/// <summary>The person has a role, directly, by a group or inside another role.</summary>
public sealed class RoleCondition : ILoginCondition
{
    public string Id => "conditional-user-role";

    public ValueTask<bool> HoldsAsync(LoginContext context) => new(
        context.User is { } user && context.Execution!.Setting("condUserRole") is { } role && Find(context.Realm, role) is not null
        && Has(context.Realm, user, role) != context.Execution.Flag("negate"));

    /// <summary>Whether the person has the role <c>name</c> or <c>client.name</c>. A role that does not exist is nobody's.</summary>
    public static bool Has(Realm realm, User user, string role) =>
        Find(realm, role) is { } id && realm.Roles.Find(id) is { } found && GrantedRoles.Of(realm, user).Contains(found);

    /// <summary>The id of the role <c>name</c> or <c>client.name</c>; null when there is none.</summary>
    public static string? Find(Realm realm, string role)
    {
        if (realm.Roles.FindRealmRole(role) is { } found)
        {
            return found.Id;
        }

        // Both parts may have dots in them.
        for (var dot = role.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = role.IndexOf('.', dot + 1))
        {
            var (client, name) = (role[..dot], role[(dot + 1)..]);
            if (realm.Roles.OfClientNamed(client).FirstOrDefault(r => r.Name == name) is { } inner)
            {
                return inner.Id;
            }
        }

        return null;
    }
}
