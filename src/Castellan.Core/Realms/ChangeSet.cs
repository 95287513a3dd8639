using Castellan.Core.Representations;

namespace Castellan.Core.Realms;

/// <summary>
/// Writes to one realm that become visible together or not at all: one transaction, applied in order. Changes to configuration raise the realm's
/// version; changes to people alone do not. A write that breaks a uniqueness rule throws <see cref="DuplicateException"/> and leaves nothing.
/// </summary>
public sealed class ChangeSet(string realmId)
{
    private readonly List<Change> _changes = [];

    public string RealmId { get; } = realmId;

    public IReadOnlyList<Change> Changes => _changes;

    /// <summary>When given, the set is refused with <see cref="StaleException"/> unless the realm still has this version.</summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>The realms of which pictures go stale: this one when its configuration changes, and one that it replaces.</summary>
    public IEnumerable<string> Stale
    {
        get
        {
            if (_changes.Exists(c => c.IsConfiguration))
            {
                yield return RealmId;
            }

            if (_changes is [DeleteRealm { Replaced: { } replaced }, ..])
            {
                yield return replaced;
            }
        }
    }

    public ChangeSet Add(Change change)
    {
        _changes.Add(change);
        return this;
    }

    public ChangeSet Add(IEnumerable<Change> changes)
    {
        _changes.AddRange(changes);
        return this;
    }
}

/// <summary>One write. The document that is put must have its id; an existing one of that id is replaced.</summary>
public abstract record Change
{
    /// <summary>Whether the change concerns configuration, so that compiled pictures of the realm go stale.</summary>
    public virtual bool IsConfiguration => true;
}

/// <summary>A document of configuration. One that is new takes the place of no other: an id that is there already is a duplicate.</summary>
public abstract record PutDocument : Change
{
    public bool IsNew { get; init; }
}

/// <summary>Settings of the realm itself (lists that live elsewhere must be null). Creates the realm when it is new.</summary>
public sealed record PutRealm(RealmRepresentation Settings) : Change;

/// <summary>
/// The realm with everything in it: configuration, people, sessions, events. With <paramref name="Replaced"/> it is that realm which goes, so that
/// the one of this set takes its place in the same transaction; first in its set.
/// </summary>
public sealed record DeleteRealm(string? Replaced = null) : Change;

/// <summary>Small documents of a realm that are loaded whole with it.</summary>
public enum PartKind
{
    ClientScope, Flow, AuthenticatorConfig, RequiredAction, Component, IdentityProvider, IdentityProviderMapper,
}

/// <summary>A small document; <paramref name="Name"/> is unique within the realm and kind for scopes, flows, required actions and identity providers.</summary>
public sealed record PutPart(PartKind Kind, string Id, string? Name, object Document) : PutDocument;

public sealed record DeletePart(PartKind Kind, string Id) : Change;

/// <summary>A client. Its scope mappings are <see cref="AddRole"/> with the client's id as owner.</summary>
public sealed record PutClient(ClientRepresentation Client) : PutDocument;

/// <summary>A client with its roles, sessions and consents.</summary>
public sealed record DeleteClient(string Id) : Change;

/// <summary>A role; <see cref="RoleRepresentation.ContainerId"/> is the realm's or the client's id. Composites are <see cref="AddRole"/>.</summary>
public sealed record PutRole(RoleRepresentation Role) : PutDocument;

/// <summary>A role and every mapping to it.</summary>
public sealed record DeleteRole(string Id) : Change;

/// <summary>A group; <see cref="GroupRepresentation.ParentId"/> null for a top group, sub-groups and role names are not read from it.</summary>
public sealed record PutGroup(GroupRepresentation Group) : PutDocument;

/// <summary>A group with its sub-groups and memberships.</summary>
public sealed record DeleteGroup(string Id) : Change;

/// <summary>What may own role mappings: a composite role, a group, a user, a client or client scope (its scope mappings), or a group of an organization.</summary>
public enum RoleOwner
{
    Role, Group, User, Client, ClientScope, OrganizationGroup,
}

/// <summary>Maps a role to an owner; a mapping that exists already stays.</summary>
public sealed record AddRole(RoleOwner Kind, string OwnerId, string RoleId) : Change
{
    public override bool IsConfiguration => Kind is not (RoleOwner.User or RoleOwner.OrganizationGroup);
}

public sealed record RemoveRole(RoleOwner Kind, string OwnerId, string RoleId) : Change
{
    public override bool IsConfiguration => Kind is not (RoleOwner.User or RoleOwner.OrganizationGroup);
}

public abstract record UserChange : Change
{
    public override bool IsConfiguration => false;
}

/// <summary>A user without credentials, roles, groups, links and consents. Names and e-mails are lower case already.</summary>
public sealed record PutUser(UserRepresentation User) : UserChange
{
    /// <summary>Takes the place of nobody.</summary>
    public bool IsNew { get; init; }
}

public sealed record DeleteUser(string Id) : UserChange;

/// <summary>A credential with secret and credential data as JSON texts; kept in the order of <see cref="CredentialRepresentation.Priority"/>.</summary>
public sealed record PutCredential(string UserId, CredentialRepresentation Credential) : UserChange;

/// <summary>A password that is the directory's to keep. It never reaches a store.</summary>
public sealed record SetDirectoryPassword(string UserId, string Password) : UserChange
{
    /// <summary>The secret stays out of whatever is written of this.</summary>
    public override string ToString() => $"{nameof(SetDirectoryPassword)} of {UserId}";
}

public sealed record DeleteCredential(string UserId, string Id) : UserChange;

public sealed record JoinGroup(string UserId, string GroupId) : UserChange;

public sealed record LeaveGroup(string UserId, string GroupId) : UserChange;

public sealed record PutFederatedIdentity(string UserId, FederatedIdentityRepresentation Link, string? Token = null) : UserChange;

/// <summary>Another token in the place of one that is kept with a link, if it still is.</summary>
public sealed record RenewFederatedToken(string UserId, string IdentityProvider, string Before, string Token) : UserChange;

public sealed record DeleteFederatedIdentity(string UserId, string IdentityProvider) : UserChange;

/// <summary>A consent; <see cref="UserConsentRepresentation.ClientId"/> holds the client's <em>id</em> here, scopes are ids too.</summary>
public sealed record PutConsent(string UserId, UserConsentRepresentation Consent) : UserChange;

public sealed record DeleteConsent(string UserId, string ClientId) : UserChange;

public abstract record OrganizationChange : UserChange;

/// <summary>An organization; members, groups and providers are changes of their own.</summary>
public sealed record PutOrganization(OrganizationRepresentation Organization) : OrganizationChange;

/// <summary>An organization with its memberships, groups and invitations; the people stay.</summary>
public sealed record DeleteOrganization(string Id) : OrganizationChange;

public sealed record PutOrganizationMember(string OrganizationId, string UserId, bool Managed) : OrganizationChange;

/// <summary>Takes a user out of an organization and so out of its groups.</summary>
public sealed record DeleteOrganizationMember(string OrganizationId, string UserId) : OrganizationChange;

/// <summary>A group of an organization; <see cref="GroupRepresentation.ParentId"/> of one at the top is the organization's id.</summary>
public sealed record PutOrganizationGroup(string OrganizationId, GroupRepresentation Group) : OrganizationChange;

/// <summary>A group of an organization with its sub-groups and memberships.</summary>
public sealed record DeleteOrganizationGroup(string Id) : OrganizationChange;

/// <summary>Only a member of the organization gets into its groups.</summary>
public sealed record JoinOrganizationGroup(string GroupId, string UserId) : OrganizationChange;

public sealed record LeaveOrganizationGroup(string GroupId, string UserId) : OrganizationChange;

public sealed record PutInvitation(Organizations.Invitation Invitation) : OrganizationChange;

public sealed record DeleteInvitation(string OrganizationId, string Id) : OrganizationChange;

/// <summary>A name, an id or an e-mail that must be unique exists already.</summary>
public sealed class DuplicateException(string what, Exception? inner = null) : Exception(what, inner);

/// <summary>The realm was changed by somebody else in between.</summary>
public sealed class StaleException(string realmId) : Exception($"The realm {realmId} was changed in the meantime; read it again and repeat the change.");
