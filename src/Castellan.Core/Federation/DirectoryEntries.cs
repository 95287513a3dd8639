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
    private const string Refused = "The directory did not take the change";

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

        if (federation.Mappers.SelectMany(m => m.Mandatory).Where(a => string.IsNullOrEmpty(draft.First(a))).ToList() is { Count: > 0 } missing)
        {
            throw FederationRefusal.Plain($"LDAPObject cannot be committed because some mandatory attributes are not set: [{string.Join(", ", missing).ToLowerInvariant()}]");
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

    /// <summary>The entry that was just made, with what mappers add once the directory has added its own.</summary>
    public static async ValueTask<LdapEntry> CompleteAsync(FederationContext context, string dn, UserRepresentation user)
    {
        var made = await ReadAsync(context, dn) ?? throw FederationRefusal.Plain("The directory does not show the new entry.");
        var draft = new EntryDraft(made);
        foreach (var mapper in context.Federation.Mappers)
        {
            mapper.Complete(user, draft);
        }

        return await WriteAsync(context, dn, draft) ? await ReadAsync(context, dn) ?? made : made;
    }

    /// <summary>An entry by its name; null when it is not there.</summary>
    public static ValueTask<LdapEntry?> ReadAsync(FederationContext context, string dn) =>
        context.FirstAsync(new LdapSearch(dn, LdapScope.Base, LdapFilter.Everything, context.Federation.Reads));

    /// <summary>Changes the entry; its name where that became another.</summary>
    public static async ValueTask<string?> ChangeAsync(DirectoryPerson person, UserRepresentation user)
    {
        if (person.Federation.Mode != EditMode.Writable || person.Picture is null)
        {
            return null;
        }

        var draft = new EntryDraft(person.Picture.Entry);
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

        await WriteAsync(person.Context, dn, draft);
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

    /// <param name="user">The person as they will be.</param>
    /// <param name="isTemporary">Whether the password has to be changed at the next sign-in.</param>
    public static async ValueTask SetPasswordAsync(DirectoryPerson person, string password, UserRepresentation user, bool isTemporary)
    {
        if (person.Picture is not { } picture || person.Federation.Mode != EditMode.Writable)
        {
            throw FederationRefusal.Unavailable(person.Federation.Name);
        }

        var dn = picture.Entry.Dn;
        var result = await person.Context.AskAsync(Password(person.Federation, dn, password));
        if (!result.Ok)
        {
            throw result.Code is LdapMessages.ConstraintViolation or LdapMessages.UnwillingToPerform ? FederationRefusal.Password
                : FederationRefusal.Plain($"The directory did not take the password ({result.Code}).");
        }

        var draft = new EntryDraft(picture.Entry);
        foreach (var mapper in person.Federation.Mappers)
        {
            mapper.WriteBesidePassword(user, isTemporary, draft);
        }

        await WriteAsync(person.Context, dn, draft);
    }

    private static Func<int, byte[]> Password(LdapFederation federation, string dn, string password) =>
        // In quotes and as UTF-16: that is how Active Directory wants it, and only over TLS.
        federation.IsActiveDirectory ? id => LdapRequests.Modify(id, dn, [new(LdapModification.Replace, "unicodePwd", [Encoding.Unicode.GetBytes($"\"{password}\"")])])
        : federation.UsesPasswordModify ? id => LdapRequests.ModifyPassword(id, dn, password)
        : id => LdapRequests.Modify(id, dn, [LdapAttributeChange.Texts(LdapModification.Replace, "userPassword", password)]);

    private static async ValueTask<bool> WriteAsync(FederationContext context, string dn, EntryDraft draft)
    {
        if (draft.Values.Count == 0)
        {
            return false;
        }

        await context.ChangeAsync(id => LdapRequests.Modify(id, dn, draft.Changes), Refused);
        return true;
    }
}
