using System.Text;
using Castellan.Core.Federation.Mappers;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>The entries of people, as they are written: made, changed, given another password, taken away.</summary>
internal static class DirectoryEntries
{
    private const string PasswordRefused = "The directory did not take the password";

    /// <summary>Makes the entry of somebody who is made here; its name.</summary>
    public static async ValueTask<string> AddAsync(FederationContext context, UserRepresentation user)
    {
        var federation = context.Federation;
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
        return result.Ok ? dn
            : result.Code == LdapMessages.EntryAlreadyExists ? throw new DuplicateException(dn)
            : throw FederationRefusal.Plain($"The directory did not take the new entry ({result.Code}).");
    }

    /// <summary>The entry that was just made.</summary>
    public static async ValueTask<LdapEntry> ReadAsync(FederationContext context, string dn) =>
        await context.FirstAsync(new LdapSearch(dn, LdapScope.Base, LdapFilter.Everything, context.Federation.Reads))
            ?? throw FederationRefusal.Plain("The directory does not show the new entry.");

    /// <summary>Changes the entry; its name where that became another.</summary>
    public static async ValueTask<string?> ChangeAsync(DirectoryPerson person, UserRepresentation user)
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

        return renamed;
    }

    /// <summary>An entry goes with its user where the directory can be written; otherwise only the user goes, to come back with the next sync.</summary>
    public static async ValueTask DeleteAsync(DirectoryPerson person)
    {
        if (person.Federation.Mode != EditMode.Writable)
        {
            return;
        }

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

    public static ValueTask SetPasswordAsync(DirectoryPerson person, string password)
    {
        if (person.Picture is not { } picture || person.Federation.Mode != EditMode.Writable)
        {
            throw FederationRefusal.Unavailable(person.Federation.Name);
        }

        var dn = picture.Entry.Dn;
        if (person.Federation.IsActiveDirectory)
        {
            // In quotes and as UTF-16: that is how Active Directory wants it, and only over TLS.
            var value = new LdapAttributeChange(LdapModification.Replace, "unicodePwd", [Encoding.Unicode.GetBytes($"\"{password}\"")]);
            return person.Context.ChangeAsync(id => LdapRequests.Modify(id, dn, [value]), PasswordRefused);
        }

        return person.Federation.UsesPasswordModify
            ? person.Context.ChangeAsync(id => LdapRequests.ModifyPassword(id, dn, password), PasswordRefused)
            : person.Context.ChangeAsync(id => LdapRequests.Modify(id, dn, [LdapAttributeChange.Texts(LdapModification.Replace, "userPassword", password)]), PasswordRefused);
    }
}
