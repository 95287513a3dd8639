using Castellan.Core.Federation.Mappers;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Federation;

/// <summary>How people of directories are shown.</summary>
internal static class DirectoryViews
{
    /// <summary>Shows somebody over whom the directory cannot be asked: nobody may sign in whom it might have thrown out.</summary>
    public static User Unavailable(User user, LdapFederation federation)
    {
        var shown = user.Representation.ShallowCopy();
        shown.Enabled = false;
        return user with { Representation = shown, Federated = Federated(federation, isAvailable: false, isKept: true) };
    }

    public static async ValueTask<User> ShowAsync(FederationContext context, User user, DirectoryPicture picture)
    {
        var belongings = Belongings.Of(user);
        foreach (var mapper in context.Federation.Mappers)
        {
            await mapper.BelongAsync(context, picture, belongings);
        }

        return Show(context.Federation, user, picture) with { RoleIds = [.. belongings.RoleIds], GroupIds = [.. belongings.GroupIds] };
    }

    public static User Show(LdapFederation federation, User user, DirectoryPicture picture)
    {
        var shown = user.Representation.ShallowCopy();
        shown.Attributes = new(shown.Attributes ?? [], StringComparer.Ordinal) { [ReservedAttributes.LdapEntryDn] = [picture.Entry.Dn] };
        foreach (var mapper in federation.Mappers)
        {
            mapper.Show(picture.Entry, shown);
        }

        return user with { Representation = shown, Federated = Federated(federation, isAvailable: true, isKept: true) };
    }

    public static async ValueTask<User?> VisitorAsync(FederationContext context, DirectoryPicture picture)
    {
        var (federation, realm) = (context.Federation, context.Realm);
        if (DirectoryImport.Draft(federation, picture.Entry) is not { } user)
        {
            return null;
        }

        user.Id = RealmFederations.IdOf(federation, picture.Entry.Text(federation.UsernameAttribute)!);
        user.RequiredActions = DirectoryImport.DefaultActions(realm);
        user.CreatedTimestamp = DirectoryImport.MadeAt(user);
        var belongings = new Belongings(new(StringComparer.Ordinal), [.. realm.DefaultGroups.Select(g => g.Id)]);
        if (realm.Settings.DefaultRole?.Id is { } role)
        {
            belongings.RoleIds.Add(role);
        }

        foreach (var mapper in federation.Mappers)
        {
            mapper.Show(picture.Entry, user);
            await mapper.BelongAsync(context, picture, belongings);
        }

        return new User(user, [.. belongings.RoleIds], [.. belongings.GroupIds]) { Federated = Federated(federation, isAvailable: true, isKept: false) };
    }

    private static Federated Federated(LdapFederation federation, bool isAvailable, bool isKept) => new(
        federation.Id, federation.Name, federation.IsEnabled, isAvailable, federation.Mode == EditMode.ReadOnly, isKept, federation.Attributes,
        federation.Mode switch { EditMode.Writable => PasswordPlace.Directory, EditMode.ReadOnly => PasswordPlace.Nowhere, _ => PasswordPlace.Here }, federation.ChecksPasswordPolicy);
}
