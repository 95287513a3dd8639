using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Federation;

/// <summary>The people of directories whom a set of changes concerns, each looked up once.</summary>
internal sealed class ChangedPeople(Realm realm, IUserStore stored, DirectoryPeople people, CancellationToken ct)
{
    private readonly RealmFederations _federations = RealmFederations.Of(realm);
    private readonly Dictionary<string, DirectoryPerson> _known = new(StringComparer.Ordinal);

    /// <summary>The names of entries that were written since they were read.</summary>
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);

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
        RenewFederatedToken c => c.UserId,
        DeleteFederatedIdentity c => c.UserId,
        AddRole { Kind: RoleOwner.User } c => c.OwnerId,
        RemoveRole { Kind: RoleOwner.User } c => c.OwnerId,
        _ => null,
    };

    /// <summary>Somebody whose entry was just made.</summary>
    public void Add(string id, DirectoryPerson person) => _known[id] = person;

    /// <summary>Somebody's entry was written, and is asked for again before what comes next.</summary>
    public void Written(string id, string dn) => _written[id] = dn;

    /// <summary>The person if a directory's; null for one of the realm's own.</summary>
    public async ValueTask<DirectoryPerson?> FindAsync(string id)
    {
        if (_known.TryGetValue(id, out var known))
        {
            return !_written.Remove(id, out var dn) ? known
                : await DirectoryEntries.ReadAsync(known.Context, dn) is { } now ? _known[id] = known with { Picture = new(now, 0) }
                : known;
        }

        if (_federations.Named(id) is var (elsewhere, name))
        {
            return await people.FindVisitorAsync(realm, elsewhere, name, id, ct) is { } visitor ? _known[id] = await EntryAsync(elsewhere, visitor) : null;
        }

        return await stored.FindAsync(realm.Id, id, ct) is { } kept && _federations.Find(kept.Representation.FederationLink) is { } federation
            ? _known[id] = await EntryAsync(federation, kept)
            : null;
    }

    private async ValueTask<DirectoryPerson> EntryAsync(LdapFederation federation, User user)
    {
        var context = people.Context(realm, federation, ct);
        var kept = user.Federated is { IsKept: false } ? null : user;
        var seen = kept is null ? user : await people.SeeAsync(realm, user, ct, anew: true) ?? user;
        return new(context, kept, seen, seen.Federated is { IsAvailable: true } ? await people.EntryAsync(context, user) : null);
    }
}
