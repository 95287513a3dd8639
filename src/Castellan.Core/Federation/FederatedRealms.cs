using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Federation;

/// <summary>The realms, with changes to people of directories going there. Files that are imported are about what is kept here, and go past.</summary>
internal sealed class FederatedRealms(IRealms realms, IUserStore stored, DirectoryPeople people) : IRealms
{
    public ValueTask<Realm?> FindAsync(string name, CancellationToken ct = default) => realms.FindAsync(name, ct);

    public ValueTask<Realm?> FindByIdAsync(string id, CancellationToken ct = default) => realms.FindByIdAsync(id, ct);

    public ValueTask<List<RealmVersion>> ListAsync(CancellationToken ct = default) => realms.ListAsync(ct);

    public async ValueTask ApplyAsync(ChangeSet changes, CancellationToken ct = default)
    {
        if (!changes.Changes.Any(c => ChangedPeople.UserOf(c) is not null || c is DeletePart { Kind: PartKind.Component })
            || changes.Changes.Any(c => c is PutRealm or DeleteRealm)
            || await realms.FindByIdAsync(changes.RealmId, ct) is not { } realm || RealmFederations.Of(realm).None)
        {
            await realms.ApplyAsync(changes, ct);
            return;
        }

        var writes = new DirectoryWrites(realm, stored, people, ct);
        try
        {
            var rest = await writes.TakeAsync(changes);
            if (rest.Changes.Count > 0)
            {
                await realms.ApplyAsync(rest, ct);
            }
        }
        catch (DirectoryException e)
        {
            await writes.UndoAsync();
            people.Reports.Tell($"A change in the realm {realm.Name} could not be brought to its directory. {e.Message}");
            throw FederationRefusal.Plain("The directory cannot be reached. Check the server logs for more details.");
        }
        catch (Exception)
        {
            await writes.UndoAsync();
            throw;
        }
    }

    public ValueTask<ProtocolError?> ApplyAsync(IAsyncEnumerable<Result<ChangeSet>> sets, CancellationToken ct = default) => realms.ApplyAsync(sets, ct);
}
