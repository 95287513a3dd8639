using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>The entries that one set of changes makes.</summary>
internal sealed class NewEntries
{
    private readonly List<(FederationContext Context, string Dn)> _made = [];

    /// <summary>The ids of those who have no row here.</summary>
    private readonly HashSet<string> _visitors = new(StringComparer.Ordinal);

    public bool IsVisitor(string id) => _visitors.Contains(id);

    /// <summary>Makes the entry of somebody who is made here. Where nobody is imported, nothing is to be kept of them.</summary>
    public async ValueTask<DirectoryPerson> RegisterAsync(FederationContext context, UserRepresentation user)
    {
        var federation = context.Federation;
        var dn = await DirectoryEntries.AddAsync(context, user);
        _made.Add((context, dn));
        var picture = new DirectoryPicture(await DirectoryEntries.CompleteAsync(context, dn, user), 0);
        var brought = DirectoryImport.Draft(federation, picture.Entry) ?? throw FederationRefusal.Plain("The new entry has no id.");
        if (!federation.Imports)
        {
            _visitors.Add(user.Id!);
            brought.Id = user.Id;
            return new(context, null, new User(brought, [], []), picture);
        }

        var registered = UserRepresentations.Copy(user);
        registered.FederationLink = federation.Id;
        registered.RequiredActions = Actions(federation, picture.Entry, user.RequiredActions, []);
        registered.Attributes = new(registered.Attributes ?? [], StringComparer.Ordinal);
        foreach (var (attribute, values) in brought.Attributes!)
        {
            registered.Attributes[attribute] = values;
        }

        var shown = new User(registered, [], []);
        return new(context, shown, shown, picture);
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

    /// <summary>Required actions without those that the directory keeps, unless they were kept here before.</summary>
    public static List<string>? Actions(LdapFederation federation, LdapEntry entry, List<string>? actions, List<string>? kept) =>
        actions?.FindAll(a => kept?.Contains(a) == true || !federation.Mappers.Any(m => m.Keeps(entry, a)));
}
