using System.Text.RegularExpressions;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>A value that everybody of the directory has. It is kept from an import on; whether an account is on, or its address verified, holds at once.</summary>
public sealed class HardcodedAttributeMapper(ComponentRepresentation component, LdapFederation federation) : LdapMapper(component, federation)
{
    private string Model => Text("user.model.attribute") ?? "";

    private List<string> Values => [Text("attribute.value") ?? ""];

    public override void Import(LdapEntry entry, UserRepresentation user) => UserMembers.Set(user, Model, Values);

    public override void Show(LdapEntry entry, UserRepresentation shown)
    {
        if (Model is "enabled" or "emailVerified")
        {
            UserMembers.Set(shown, Model, Values);
        }
    }
}

/// <summary>A value that every entry has that is made here. In it, words in <c>${…}</c> stand for themselves, and one of them for chance.</summary>
public sealed partial class HardcodedLdapAttributeMapper(ComponentRepresentation component, LdapFederation federation) : LdapMapper(component, federation)
{
    public override void Write(UserRepresentation? before, UserRepresentation after, EntryDraft draft)
    {
        if (before is null && Text("ldap.attribute.name") is { } attribute)
        {
            draft.Set(attribute, Word().Replace(Text("ldap.attribute.value") ?? "", static m => m.Groups[1].Value is "RANDOM" ? Secret.Text(30) : m.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"\$\{([^}]+)\}")]
    private static partial Regex Word();
}

/// <summary>A role that everybody of the directory has.</summary>
public sealed class HardcodedRoleMapper(ComponentRepresentation component, LdapFederation federation) : LdapMapper(component, federation)
{
    public override ValueTask BelongAsync(FederationContext context, DirectoryPicture person, Belongings belongings)
    {
        if (Find(context.Realm) is { } role)
        {
            belongings.RoleIds.Add(role.Id);
        }

        return default;
    }

    public override ValueTask<bool> TakeAsync(FederationContext context, DirectoryPicture person, Change change) =>
        change is RemoveRole remove && Find(context.Realm)?.Id == remove.RoleId ? throw FederationRefusal.RoleStays : new(false);

    /// <summary>A role of the realm, or <c>client.role</c>; both names may have dots in them.</summary>
    private Role? Find(Realm realm) => Text("role") is not { } name ? null
        : realm.Roles.FindRealmRole(name) ?? realm.Roles.All.FirstOrDefault(r => r.ClientName is { } client && $"{client}.{r.Name}" == name);
}

/// <summary>A group that everybody of the directory is in.</summary>
public sealed class HardcodedGroupMapper(ComponentRepresentation component, LdapFederation federation) : LdapMapper(component, federation)
{
    public override ValueTask BelongAsync(FederationContext context, DirectoryPicture person, Belongings belongings)
    {
        if (Text("group") is { } path && context.Realm.Groups.FindByPath(path) is { } group)
        {
            belongings.GroupIds.Add(group.Id);
        }

        return default;
    }

    public override ValueTask<bool> TakeAsync(FederationContext context, DirectoryPicture person, Change change) =>
        change is LeaveGroup leave && Text("group") is { } path && context.Realm.Groups.FindByPath(path)?.Id == leave.GroupId
            ? throw FederationRefusal.Group("Not possible to delete group. It's hardcoded by LDAP mapper")
            : new(false);
}
