using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>What stands between entries of a directory and users: one rule of a federation.</summary>
public abstract class LdapMapper(ComponentRepresentation component, LdapFederation federation)
{
    public ComponentRepresentation Component => component;

    public LdapFederation Federation => federation;

    /// <summary>The attributes and members of users that are the directory's.</summary>
    public virtual IEnumerable<string> Attributes => [];

    /// <summary>The attributes of entries that are read.</summary>
    public virtual IEnumerable<string> Reads => [];

    /// <summary>The attributes that every entry must have.</summary>
    public virtual IEnumerable<string> Mandatory => [];

    /// <summary>The condition for a search by a member or attribute, or null when this is not the one who knows it.</summary>
    public virtual LdapFilter? Condition(string name, Func<string, LdapFilter> on) => null;

    /// <summary>What is kept here of an entry, at its import and at each sync.</summary>
    public virtual void Import(LdapEntry entry, UserRepresentation user)
    {
    }

    /// <summary>What is shown of an entry in the place of what is kept.</summary>
    public virtual void Show(LdapEntry entry, UserRepresentation shown)
    {
    }

    /// <summary>What the directory is to hold after a change; <paramref name="before"/> null for an entry that is made.</summary>
    public virtual void Write(UserRepresentation? before, UserRepresentation after, EntryDraft draft)
    {
    }

    /// <summary>What an entry is to hold beside what it was made with, now that the directory has added its own.</summary>
    public virtual void Complete(UserRepresentation made, EntryDraft draft)
    {
    }

    /// <summary>What an entry is to hold beside another password.</summary>
    /// <param name="isTemporary">Whether it has to be changed at the next sign-in.</param>
    public virtual void WriteBesidePassword(UserRepresentation user, bool isTemporary, EntryDraft draft)
    {
    }

    /// <summary>Whether it is the directory that keeps a required action, and nobody here.</summary>
    public virtual bool Keeps(LdapEntry entry, string action) => false;

    /// <summary>Whether a password that the directory refused for this reason was the right one all the same.</summary>
    /// <param name="changed">The user with what has to be done about it.</param>
    public virtual bool Pardons(DirectoryResult refused, UserRepresentation changed) => false;

    /// <summary>The roles and groups that a person has by this mapper.</summary>
    public virtual ValueTask BelongAsync(FederationContext context, DirectoryPicture person, Belongings belongings) => default;

    /// <summary>Memberships that are kept here from the import on.</summary>
    public virtual ValueTask<IReadOnlyList<Change>> ImportMembershipsAsync(FederationContext context, DirectoryPicture person, string userId) => new([]);

    /// <summary>Whether a change of roles or groups is the directory's; then it is made there and not here.</summary>
    /// <exception cref="FederationRefusal">The directory must not be changed.</exception>
    public virtual ValueTask<bool> TakeAsync(FederationContext context, DirectoryPicture person, Change change) => new(false);

    /// <summary>The entries of the members of a role or group that is the directory's; null when it is not.</summary>
    public virtual ValueTask<List<LdapEntry>?> MembersAsync(FederationContext context, string? roleId, string? groupId) => new((List<LdapEntry>?)null);

    /// <summary>Brings in what the directory has beside people; null when there is no such thing.</summary>
    public virtual ValueTask<SyncResult?> FromDirectoryAsync(FederationContext context) => new((SyncResult?)null);

    public virtual ValueTask<SyncResult?> ToDirectoryAsync(FederationContext context) => new((SyncResult?)null);

    protected string? Text(string name) => LdapProvider.Text(component, name);

    protected bool IsTrue(string name) => LdapProvider.IsTrue(component, name);
}

/// <summary>The roles and groups of a person, by id.</summary>
public sealed record Belongings(HashSet<string> RoleIds, HashSet<string> GroupIds)
{
    public static Belongings Of(User user) => new(new(user.RoleIds, StringComparer.Ordinal), new(user.GroupIds, StringComparer.Ordinal));
}
