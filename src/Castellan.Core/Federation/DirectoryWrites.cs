using System.Text;
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
    private readonly Dictionary<string, Person> _known = new(StringComparer.Ordinal);
    private readonly List<(FederationContext Context, string Dn)> _made = [];

    /// <summary>A person of a directory: as kept here, as shown, and the entry; no entry when the directory cannot be asked.</summary>
    private sealed record Person(FederationContext Context, User? Kept, User Seen, DirectoryPicture? Picture)
    {
        public LdapFederation Federation => Context.Federation;
    }

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
            else if (UserOf(change) is not { } id)
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
            else if (await PersonAsync(id) is not { } person || !await TakenAsync(person, change))
            {
                rest.Add(change is SetDirectoryPassword ? throw FederationRefusal.Plain("The directory does not keep this password.") : change);
            }
        }

        return rest;
    }

    /// <summary>Takes back what was made in directories for a set that could not be written.</summary>
    public async ValueTask UndoAsync()
    {
        foreach (var (context, dn) in _made)
        {
            try
            {
                await context.AskAsync(id => LdapRequests.Delete(id, dn));
            }
            catch (DirectoryException)
            {
                // The entry stays; its person is imported when somebody looks for them.
            }
        }
    }

    /// <summary>Whom a change concerns, if it concerns one person.</summary>
    public static string? UserOf(Change change) => change switch
    {
        PutUser c => c.User.Id,
        DeleteUser c => c.Id,
        PutCredential c => c.UserId,
        DeleteCredential c => c.UserId,
        SetDirectoryPassword c => c.UserId,
        JoinGroup c => c.UserId,
        LeaveGroup c => c.UserId,
        PutConsent c => c.UserId,
        DeleteConsent c => c.UserId,
        PutFederatedIdentity c => c.UserId,
        DeleteFederatedIdentity c => c.UserId,
        AddRole { Kind: RoleOwner.User } c => c.OwnerId,
        RemoveRole { Kind: RoleOwner.User } c => c.OwnerId,
        _ => null,
    };

    /// <summary>The person if a directory's; null for one of the realm's own.</summary>
    private async ValueTask<Person?> PersonAsync(string id)
    {
        if (_known.TryGetValue(id, out var known))
        {
            return known;
        }

        if (_federations.Named(id) is var (elsewhere, name))
        {
            return await people.FindVisitorAsync(realm, elsewhere, name, id, ct) is { } visitor && await EntryAsync(elsewhere, visitor) is { } found ? _known[id] = found : null;
        }

        return await stored.FindAsync(realm.Id, id, ct) is { } kept && _federations.Find(kept.Representation.FederationLink) is { } federation
            ? _known[id] = await EntryAsync(federation, kept)
            : null;
    }

    private async ValueTask<Person> EntryAsync(LdapFederation federation, User user)
    {
        var context = people.Context(realm, federation, ct);
        var kept = user.Federated is { IsKept: false } ? null : user;
        var seen = kept is null ? user : await people.SeeAsync(realm, user, ct, anew: true) ?? user;
        return new(context, kept, seen, seen.Federated is { IsAvailable: true } ? await people.EntryAsync(context, user) : null);
    }

    private async ValueTask<Change?> PutAsync(PutUser put, string id)
    {
        var user = put.User;
        if (await PersonAsync(id) is { } person)
        {
            return person.Kept is null ? await PutVisitorAsync(person, user)
                : user.FederationLink != person.Federation.Id ? put
                : person.Picture is null ? PutUnavailable(person, user)
                : new PutUser(await WriteAsync(person, user));
        }

        return _federations.Registering is { } federation && user.FederationLink is null && user.ServiceAccountClientId is null && await stored.FindAsync(realm.Id, id, ct) is null
            ? new PutUser(await RegisterAsync(federation, user)) { IsNew = put.IsNew }
            : put;
    }

    /// <summary>Nothing is changed of somebody of whom nothing is known, but that too many wrong passwords lock them out.</summary>
    private static PutUser PutUnavailable(Person person, UserRepresentation user)
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

    private async ValueTask<Change?> PutVisitorAsync(Person person, UserRepresentation user)
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
    private async ValueTask<UserRepresentation> WriteAsync(Person person, UserRepresentation user)
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

        return written;
    }

    /// <summary>Changes the entry; its name where that became another.</summary>
    private async ValueTask<string?> ChangeAsync(Person person, UserRepresentation user)
    {
        if (person.Federation.Mode != EditMode.Writable || person.Picture is null)
        {
            return null;
        }

        var draft = new EntryDraft();
        foreach (var mapper in person.Federation.Mappers.Reverse())
        {
            mapper.Write(person.Seen.Representation, user, draft);
        }

        var rdn = person.Federation.RdnAttribute;
        var dn = person.Picture.Entry.Dn;
        string? renamed = null;
        if (draft.First(rdn) is { } name && LdapDn.Parse(dn) is { } old && !string.Equals(old.First(rdn), name, StringComparison.Ordinal))
        {
            var next = old.Renamed(rdn, name);
            var result = await person.Context.AskAsync(id => LdapRequests.Rename(id, dn, next.FirstPart));
            renamed = dn = result.Ok ? next.Text
                : result.Code == LdapMessages.EntryAlreadyExists ? throw new DuplicateException(next.Text)
                : throw FederationRefusal.Plain($"The directory did not rename the entry ({result.Code}).");
            draft.Remove(rdn);
        }

        if (draft.Values.Count > 0)
        {
            await person.Context.ChangeAsync(id => LdapRequests.Modify(id, dn, draft.Changes), "The directory did not take the change");
        }

        people.Forget(realm.Id, person.Seen.Id);
        return renamed;
    }

    /// <summary>Makes the entry of somebody who is made here.</summary>
    private async ValueTask<UserRepresentation> RegisterAsync(LdapFederation federation, UserRepresentation user)
    {
        var context = people.Context(realm, federation, ct);
        if (LdapDn.Parse(federation.CreateDn) is not { } parent)
        {
            throw FederationRefusal.Plain("The place for new entries is no name of an entry.");
        }

        var draft = new EntryDraft();
        draft.Set("objectClass", federation.ObjectClasses);
        draft.Set(federation.UsernameAttribute, user.Username!);
        foreach (var mapper in federation.Mappers)
        {
            mapper.Write(null, user, draft);
        }

        foreach (var attribute in federation.Mappers.SelectMany(m => m.Mandatory).Where(a => draft.First(a) is null or ""))
        {
            draft.Set(attribute, EntryDraft.Blank);
        }

        if (draft.First(federation.RdnAttribute) is not { } name || string.IsNullOrWhiteSpace(name))
        {
            draft.Set(federation.RdnAttribute, name = user.Username!);
        }

        var dn = parent.Child(federation.RdnAttribute, name).Text;
        var result = await context.AskAsync(id => LdapRequests.Add(id, dn, draft.Values.Where(v => v.Value.Count > 0)));
        if (!result.Ok)
        {
            throw result.Code == LdapMessages.EntryAlreadyExists ? new DuplicateException(dn) : FederationRefusal.Plain($"The directory did not take the new entry ({result.Code}).");
        }

        _made.Add((context, dn));
        var entry = await context.FirstAsync(new LdapSearch(dn, LdapScope.Base, LdapFilter.Everything, federation.Reads))
            ?? throw FederationRefusal.Plain("The directory does not show the new entry.");
        var registered = UserRepresentations.Copy(user);
        var brought = DirectoryImport.Draft(federation, entry) ?? throw FederationRefusal.Plain("The new entry has no id.");
        registered.FederationLink = federation.Id;
        registered.Attributes = new(registered.Attributes ?? [], StringComparer.Ordinal);
        foreach (var (attribute, values) in brought.Attributes!)
        {
            registered.Attributes[attribute] = values;
        }

        var shown = new User(registered, [], []);
        _known[registered.Id!] = new(context, shown, shown, new DirectoryPicture(entry, 0));
        return registered;
    }

    /// <summary>Whether a change was the directory's, or nobody's.</summary>
    private async ValueTask<bool> TakenAsync(Person person, Change change)
    {
        switch (change)
        {
            case DeleteUser:
                return await DeleteAsync(person);
            case SetDirectoryPassword set:
                await SetPasswordAsync(person, set.Password);
                return true;
            case PutConsent or DeleteConsent or PutFederatedIdentity or DeleteFederatedIdentity or PutCredential or DeleteCredential:
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

        return person.Kept is not null ? false
            : change switch
            {
                AddRole => throw FederationRefusal.RoleNotGiven,
                RemoveRole => throw FederationRefusal.RoleStays,
                _ => throw FederationRefusal.Group("Not possible to change the groups of a user who is not imported"),
            };
    }

    /// <summary>An entry goes with its user where the directory can be written; otherwise only the user goes, to come back with the next sync.</summary>
    private async ValueTask<bool> DeleteAsync(Person person)
    {
        if (person.Federation.Mode == EditMode.Writable)
        {
            if (person.Picture is not { } picture)
            {
                throw FederationRefusal.Unavailable(person.Federation.Name);
            }

            var result = await person.Context.AskAsync(id => LdapRequests.Delete(id, picture.Entry.Dn));
            if (!result.Ok && result.Code != LdapMessages.NoSuchObject)
            {
                throw FederationRefusal.Plain($"The directory did not let the entry go ({result.Code}).");
            }
        }

        people.Forget(realm.Id, person.Seen.Id);
        return person.Kept is null;
    }

    private async ValueTask SetPasswordAsync(Person person, string password)
    {
        if (person.Picture is not { } picture || person.Federation.Mode != EditMode.Writable)
        {
            throw FederationRefusal.Unavailable(person.Federation.Name);
        }

        var dn = picture.Entry.Dn;
        const string Refused = "The directory did not take the password";
        if (person.Federation.IsActiveDirectory)
        {
            // In quotes and as UTF-16: that is how Active Directory wants it, and only over TLS.
            var value = new LdapAttributeChange(LdapModification.Replace, "unicodePwd", [Encoding.Unicode.GetBytes($"\"{password}\"")]);
            await person.Context.ChangeAsync(id => LdapRequests.Modify(id, dn, [value]), Refused);
        }
        else if (person.Federation.UsesPasswordModify)
        {
            await person.Context.ChangeAsync(id => LdapRequests.ModifyPassword(id, dn, password), Refused);
        }
        else
        {
            await person.Context.ChangeAsync(id => LdapRequests.Modify(id, dn, [LdapAttributeChange.Texts(LdapModification.Replace, "userPassword", password)]), Refused);
        }

        people.Forget(realm.Id, person.Seen.Id);
    }
}
