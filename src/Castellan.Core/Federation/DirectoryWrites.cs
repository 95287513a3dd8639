using Castellan.Core.Federation.Mappers;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>One set of changes to people of a realm with federations: what belongs into a directory goes there first, the rest is what is written here.</summary>
internal sealed class DirectoryWrites(Realm realm, IUserStore stored, DirectoryPeople people, CancellationToken ct)
{
    private readonly RealmFederations _federations = RealmFederations.Of(realm);
    private readonly ChangedPeople _changed = new(realm, stored, people, ct);
    private readonly NewEntries _new = new();

    /// <summary>What is left to be written here.</summary>
    /// <exception cref="FederationRefusal">A directory, or the settings of its federation, do not allow a change.</exception>
    /// <exception cref="DuplicateException">A directory has somebody of that name.</exception>
    public async ValueTask<ChangeSet> TakeAsync(ChangeSet set)
    {
        var rest = new ChangeSet(set.RealmId) { ExpectedVersion = set.ExpectedVersion };
        foreach (var change in set.Changes)
        {
            if (change is DeletePart { Kind: PartKind.Component } part && _federations.Find(part.Id) is { } gone)
            {
                await FederatedPeople.RemoveAsync(people.Context(realm, gone, ct), stored);
                rest.Add(change);
            }
            else if (ChangedPeople.UserOf(change) is not { } id)
            {
                rest.Add(change);
            }
            else if (change is PutUser put)
            {
                if (await PutAsync(put, id) is { } kept)
                {
                    rest.Add(kept);
                }
            }
            else if (await _changed.FindAsync(id) is not { } person || !await TakenAsync(person, change, set))
            {
                rest.Add(Here(id, change));
            }
        }

        return rest;
    }

    /// <summary>Takes back what was made in directories for a set that could not be written.</summary>
    public ValueTask UndoAsync() => _new.UndoAsync();

    private async ValueTask<Change?> PutAsync(PutUser put, string id)
    {
        var user = put.User;
        if (await _changed.FindAsync(id) is { } person)
        {
            return person.Kept is not null
                ? user.FederationLink != person.Federation.Id ? put : person.Picture is null ? PutUnavailable(person, user) : new PutUser(await WriteAsync(person, user))
                : put.IsNew ? throw new DuplicateException(person.Seen.Username)
                : await PutVisitorAsync(person, user);
        }

        return _federations.Registering(id) is { } federation && user.FederationLink is null && user.ServiceAccountClientId is null && await stored.FindAsync(realm.Id, id, ct) is null
            ? await RegisterAsync(federation, user) is { } registered ? new PutUser(registered) { IsNew = put.IsNew } : null
            : Here(id, put);
    }

    /// <summary>What is written here. Who is in a directory that cannot be asked has no row here, and must not get one.</summary>
    private Change Here(string id, Change change) =>
        _federations.Named(id) is var (federation, _) ? throw FederationRefusal.Unavailable(federation.Name)
        : change is SetDirectoryPassword ? throw FederationRefusal.Plain("The directory does not keep this password.")
        : change;

    /// <summary>Nothing is changed of somebody of whom nothing is known, but that too many wrong passwords lock them out.</summary>
    private static PutUser PutUnavailable(DirectoryPerson person, UserRepresentation user)
    {
        const string Reason = Users.LoginFailures.BruteForceGuard.DisabledReason;
        if (user.Attributes?.GetValueOrDefault(Reason) is not { } reason || person.Kept!.Attribute(Reason) is not null)
        {
            throw FederationRefusal.Unavailable(person.Federation.Name);
        }

        var locked = UserRepresentations.Copy(person.Kept.Representation);
        locked.Enabled = false;
        (locked.Attributes ??= new(StringComparer.Ordinal))[Reason] = reason;
        return new(locked);
    }

    private async ValueTask<Change?> PutVisitorAsync(DirectoryPerson person, UserRepresentation user)
    {
        var seen = person.Seen.Representation;
        if ((user.RequiredActions ?? []).Except(seen.RequiredActions ?? []).FirstOrDefault() is { } action)
        {
            throw FederationRefusal.Plain($"The user is read-only. Not possible to write 'required action {action}' when updating user '{seen.Username}'.");
        }

        if (user.Enabled != seen.Enabled)
        {
            throw FederationRefusal.Plain($"The user is read-only. Not possible to write 'enabled' when updating user '{seen.Username}'.");
        }

        await ChangeAsync(person, user);
        return null;
    }

    /// <summary>Writes what is the directory's; what is to be kept here: all that was changed, and of what was only shown nothing.</summary>
    private async ValueTask<UserRepresentation> WriteAsync(DirectoryPerson person, UserRepresentation user)
    {
        var (kept, seen) = (person.Kept!.Representation, person.Seen.Representation);
        var written = UserMerge.Of(kept, seen, user);
        if (person.Federation.Mode == EditMode.ReadOnly)
        {
            (written.Username, written.Email, written.FirstName, written.LastName) = (kept.Username, kept.Email, kept.FirstName, kept.LastName);
        }
        else if (await ChangeAsync(person, user) is { } dn)
        {
            (written.Attributes ??= new(StringComparer.Ordinal))[ReservedAttributes.LdapEntryDn] = [dn];
        }

        written.RequiredActions = NewEntries.Actions(person.Federation, person.Picture!.Entry, written.RequiredActions, kept.RequiredActions);
        return written;
    }

    /// <summary>Changes the entry; its name where that became another.</summary>
    private async ValueTask<string?> ChangeAsync(DirectoryPerson person, UserRepresentation user)
    {
        var renamed = await DirectoryEntries.ChangeAsync(person, user);
        if (person.Picture is { } picture)
        {
            Written(person, renamed ?? picture.Entry.Dn);
        }

        return renamed;
    }

    /// <summary>What is to be kept of somebody who is made in a directory; null for nothing.</summary>
    private async ValueTask<UserRepresentation?> RegisterAsync(LdapFederation federation, UserRepresentation user)
    {
        var person = await _new.RegisterAsync(people.Context(realm, federation, ct), user);
        _changed.Add(user.Id!, person);
        return person.Kept?.Representation;
    }

    private async ValueTask SetPasswordAsync(DirectoryPerson person, string password, ChangeSet whole)
    {
        // Who is changed in the same set, before or after, is here as they will be.
        var id = person.Seen.Id;
        var put = whole.Changes.OfType<PutUser>().LastOrDefault(p => p.User.Id == id)?.User;
        await DirectoryEntries.SetPasswordAsync(
            person, password, put ?? person.Seen.Representation, isTemporary: put?.RequiredActions?.Contains(Login.Actions.UpdatePassword.Id) == true);
        Written(person, person.Picture!.Entry.Dn);
    }

    private void Written(DirectoryPerson person, string dn)
    {
        people.Forget(realm.Id, person.Seen.Id);
        _changed.Written(person.Seen.Id, dn);
    }

    /// <summary>Whether a change was the directory's, or nobody's.</summary>
    private async ValueTask<bool> TakenAsync(DirectoryPerson person, Change change, ChangeSet whole)
    {
        switch (change)
        {
            case DeleteUser:
                await DirectoryEntries.DeleteAsync(person);
                people.Forget(realm.Id, person.Seen.Id);
                return person.Kept is null;
            case SetDirectoryPassword set:
                await SetPasswordAsync(person, set.Password, whole);
                return true;
            case PutConsent or DeleteConsent or PutFederatedIdentity or RenewFederatedToken or DeleteFederatedIdentity or PutCredential or DeleteCredential:
                // Who has no row here can have nothing that hangs on it.
                return person.Kept is null;
        }

        foreach (var mapper in person.Federation.Mappers)
        {
            if (mapper is MembershipMapper { Mode: not MembershipMode.Import } && person.Picture is null)
            {
                throw FederationRefusal.Unavailable(person.Federation.Name);
            }

            if (person.Picture is { } picture && await mapper.TakeAsync(person.Context, picture, change))
            {
                people.Forget(realm.Id, person.Seen.Id);
                return true;
            }
        }

        // A new person has the roles and groups that everybody has, and no others are kept.
        return person.Kept is not null ? false
            : _new.IsVisitor(person.Seen.Id) ? true
            : change switch
            {
                AddRole => throw FederationRefusal.RoleNotGiven,
                RemoveRole => throw FederationRefusal.RoleStays,
                _ => throw FederationRefusal.Group("Not possible to change the groups of a user who is not imported"),
            };
    }
}
